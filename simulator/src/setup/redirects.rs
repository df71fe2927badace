//! Where the edge sends requests on to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the edge sends every request on, whatever it asks for and whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirects {
    /// Where to. Default: requests are not sent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<RedirectTo>,
    /// The status of the answer. Default `302`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RedirectStatus>,
    /// With `to: another_instance`: its name in the set-up. Default: the first other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// Where requests are sent on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedirectTo {
    /// To the login page and from there back, for ever.
    Loop,
    /// To the same address again: of three requests in a row two are sent on and one is answered.
    Chain,
    /// To the same path of another instance of the set-up, under another host name.
    AnotherInstance,
    /// To the same path without TLS, where a plain listener is open.
    PlainHttp,
    /// To the login form of an identity provider: the other instance of the set-up whose state is
    /// `identity_provider`, under another host name.
    IdentityProvider,
}

impl RedirectTo {
    /// The place in plain words, as it follows `sent on`.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Loop => "to the login page and back, for ever",
            Self::Chain => "to itself, twice",
            Self::AnotherInstance => "to another host",
            Self::PlainHttp => "to the same address without TLS",
            Self::IdentityProvider => "to an identity provider",
        }
    }
}

/// The status of a redirect. By 301, 302 and 303 many callers turn a POST into a GET, by 307 and 308
/// they must not (RFC 9110, 15.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
pub enum RedirectStatus {
    /// 301 Moved Permanently.
    MovedPermanently,
    /// 302 Found.
    #[default]
    Found,
    /// 303 See Other.
    SeeOther,
    /// 307 Temporary Redirect.
    TemporaryRedirect,
    /// 308 Permanent Redirect.
    PermanentRedirect,
}

impl RedirectStatus {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::MovedPermanently => 301,
            Self::Found => 302,
            Self::SeeOther => 303,
            Self::TemporaryRedirect => 307,
            Self::PermanentRedirect => 308,
        }
    }
}

impl From<RedirectStatus> for u16 {
    fn from(status: RedirectStatus) -> Self {
        status.code()
    }
}

/// A number that is the status of no redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status of a redirect; legal are 301, 302, 303, 307 and 308")]
pub struct NoRedirect(u16);

impl TryFrom<u16> for RedirectStatus {
    type Error = NoRedirect;

    fn try_from(status: u16) -> Result<Self, NoRedirect> {
        Ok(match status {
            301 => Self::MovedPermanently,
            302 => Self::Found,
            303 => Self::SeeOther,
            307 => Self::TemporaryRedirect,
            308 => Self::PermanentRedirect,
            other => return Err(NoRedirect(other)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_written_as_its_number_and_no_other_is_read() {
        for status in [301, 302, 303, 307, 308] {
            let read: RedirectStatus = serde_json::from_value(status.into()).unwrap();
            assert_eq!(read.code(), status);
            assert_eq!(serde_json::to_value(read).unwrap(), status);
        }
        let error = serde_json::from_value::<RedirectStatus>(200.into()).unwrap_err();
        assert!(error.to_string().contains("legal are 301"), "{error}");
    }
}
