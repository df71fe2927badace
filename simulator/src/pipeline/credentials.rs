//! What a request shows of who sends it. Which of several counts is *assumed*: the `Authorization`
//! header before an API key, a key before the client certificate, and each of them before a
//! session's cookie.

use std::borrow::Cow;

use http::header::AUTHORIZATION;

use super::admission::Proof;
use super::stage::{ClientCertificate, Exchange};
use crate::api;
use crate::policy::{KeyParameter, OidcProvider, Policy};
use crate::setup::AuthScheme;

/// What a request shows of who sends it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials<'a> {
    /// Nothing but, at most, a session's cookie.
    None,
    /// The `Authorization` header.
    Header(Option<AuthScheme>),
    /// An ID token of this provider, by what it claims.
    IdToken {
        /// The provider.
        provider: &'a OidcProvider,
        /// The token.
        token: &'a str,
    },
    /// An API key.
    Key {
        /// What carries it.
        parameter: &'a KeyParameter,
        /// The key.
        token: Cow<'a, str>,
    },
    /// A client certificate that the edge could verify, by its fingerprint.
    Certificate(&'a str),
}

impl<'a> Credentials<'a> {
    pub(super) fn of(exchange: &'a Exchange<'_>, policy: &'a Policy) -> Self {
        if let Some(header) = exchange.headers.get(AUTHORIZATION) {
            let scheme = header.to_str().ok().and_then(|text| text.split_once(' '));
            return match scheme {
                Some((name, _)) if name.eq_ignore_ascii_case("basic") => {
                    Self::Header(Some(AuthScheme::Basic))
                }
                Some((name, token)) if name.eq_ignore_ascii_case("bearer") => {
                    let token = token.trim();
                    match policy.oidc_provider_of(token) {
                        Some(provider) => Self::IdToken { provider, token },
                        None => Self::Header(Some(AuthScheme::Oauth)),
                    }
                }
                _ => Self::Header(None),
            };
        }
        for parameter in policy.key_parameters() {
            if let Some(token) = key(exchange, parameter) {
                return Self::Key { parameter, token };
            }
        }
        match exchange.client_certificate {
            ClientCertificate::Accepted { fingerprint } => Self::Certificate(fingerprint),
            ClientCertificate::None | ClientCertificate::Refused { .. } => Self::None,
        }
    }

    /// The scheme, where it is one that access policies know.
    pub(super) const fn scheme(&self) -> Option<AuthScheme> {
        match self {
            Self::None => None,
            Self::Header(scheme) => *scheme,
            Self::IdToken { .. } => Some(AuthScheme::IdToken),
            Self::Key { .. } => Some(AuthScheme::ApiKey),
            Self::Certificate(_) => Some(AuthScheme::MutualTls),
        }
    }

    /// What these show once they are accepted. Of an access token its grantee must be known as well.
    pub(super) fn proof(&self) -> Option<Proof> {
        let parameter = match self {
            Self::Key { parameter, .. } => Some(parameter.sys_id.clone()),
            _ => None,
        };
        let scheme = self.scheme()?;
        Some(Proof::Credentials { scheme, parameter })
    }
}

/// The key that a request carries in this parameter; an empty one is none.
fn key<'a>(exchange: &'a Exchange<'_>, parameter: &KeyParameter) -> Option<Cow<'a, str>> {
    let value: Cow<'a, str> = if parameter.in_query {
        api::form_value(exchange.query, &parameter.name)?.into()
    } else {
        let value = exchange.headers.get(parameter.name.as_str())?;
        String::from_utf8_lossy(value.as_bytes())
    };
    let key = match parameter.prefix.trim() {
        "" => value,
        prefix => value.strip_prefix(prefix)?.trim_start().to_owned().into(),
    };
    (!key.is_empty()).then_some(key)
}
