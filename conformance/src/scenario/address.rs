//! The forms in which people write the URL of an instance, right ones and mistakes.
//!
//! The shapes are those of wire-failures 8, the names that exist nowhere end in `.invalid`
//! (RFC 6761).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the URL that a subject is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// `https://127.0.0.1:PORT`.
    #[default]
    Usual,
    /// The same with a slash at its end.
    TrailingSlash,
    /// Copied from a browser: `/nav_to.do?uri=…` follows.
    WithPath,
    /// Copied from a newer interface: `/now/nav/ui/home` follows.
    WithUiPath,
    /// `/api/now/v2` follows, as some connectors want it.
    WithApiPath,
    /// `http://`, and a port that does not speak TLS.
    Http,
    /// A domain that is nearly the one of instances: `https://devNNNNN.service-now.invalid`.
    WrongDomain,
    /// A name of the customer's own: `https://localhost:PORT`.
    Vanity,
    /// A name that does not resolve: `https://devNNNNN.instance.invalid`.
    UnknownName,
    /// `https://127.0.0.1:PORT` with a port on which nobody listens.
    ClosedPort,
    /// The domain of the government's instances: `https://devNNNNN.servicenowservices.com`. It leads
    /// to the instance only where a proxy does.
    GovernmentCloud,
    /// `/api/now/table` follows: the API's own path, which connectors append once more.
    WithTablePath,
    /// Host and port without a scheme: `127.0.0.1:PORT`.
    BareHost,
    /// The placeholder of a guide, left as it was: `https://<your-instance>.service-now.invalid`.
    Placeholder,
}

impl Address {
    /// Whether no request can be right: the URL is to be refused before a byte leaves.
    #[must_use]
    pub const fn is_hopeless(self) -> bool {
        matches!(self, Self::Http | Self::WrongDomain | Self::Placeholder)
    }

    /// Whether it names another host or port, and nothing else: parts of a URL can say so as well.
    #[must_use]
    pub const fn is_said_by_host_and_port(self) -> bool {
        matches!(
            self,
            Self::Usual
                | Self::WrongDomain
                | Self::Vanity
                | Self::UnknownName
                | Self::ClosedPort
                | Self::GovernmentCloud
        )
    }

    /// Whether it is to lead nowhere, although a proxy leads every name to the instance.
    #[must_use]
    pub const fn is_undone_by_a_proxy(self) -> bool {
        matches!(
            self,
            Self::WrongDomain | Self::UnknownName | Self::ClosedPort | Self::Placeholder
        )
    }

    /// What is odd about it, in plain words; none where nothing is.
    #[must_use]
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::TrailingSlash => Some("the instance URL ends in a slash"),
            Self::WithPath => Some("the instance URL goes on with `/nav_to.do?uri=…`"),
            Self::WithUiPath => Some("the instance URL goes on with `/now/nav/ui/home`"),
            Self::WithApiPath => Some("the instance URL goes on with `/api/now/v2`"),
            Self::Http => Some("the instance URL begins with `http://`"),
            Self::WrongDomain => {
                Some("the instance URL names nearly the domain of instances: `service-now.invalid`")
            }
            Self::Vanity => Some("the instance URL names the instance by another host name"),
            Self::UnknownName => Some("the instance URL names a host that does not exist"),
            Self::ClosedPort => Some("the instance URL names a port on which nobody listens"),
            Self::GovernmentCloud => {
                Some("the instance URL is of the government's cloud: `servicenowservices.com`")
            }
            Self::WithTablePath => Some("the instance URL goes on with `/api/now/table`"),
            Self::BareHost => Some("the instance URL has no scheme"),
            Self::Placeholder => {
                Some("the instance URL still holds the placeholder of a guide: `<your-instance>`")
            }
        }
    }

    /// The URL, made from that of the instance, the instance's name, a port without TLS and one on
    /// which nobody listens.
    #[must_use]
    pub fn url(self, base: &str, instance: &str, plain: u16, closed: u16) -> String {
        let port = base
            .rsplit_once(':')
            .map(|(_, port)| port)
            .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
            .unwrap_or("443");
        match self {
            Self::Usual => base.to_owned(),
            Self::TrailingSlash => format!("{base}/"),
            Self::WithPath => format!("{base}/nav_to.do?uri=%2Fhome.do"),
            Self::WithUiPath => format!("{base}/now/nav/ui/home"),
            Self::WithApiPath => format!("{base}/api/now/v2"),
            Self::Http => format!("http://127.0.0.1:{plain}"),
            Self::WrongDomain => format!("https://{instance}.service-now.invalid"),
            Self::Vanity => format!("https://localhost:{port}"),
            Self::UnknownName => format!("https://{instance}.instance.invalid"),
            Self::ClosedPort => format!("https://127.0.0.1:{closed}"),
            Self::GovernmentCloud => format!("https://{instance}.servicenowservices.com"),
            Self::WithTablePath => format!("{base}/api/now/table"),
            Self::BareHost => base.trim_start_matches("https://").to_owned(),
            Self::Placeholder => "https://<your-instance>.service-now.invalid".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_written_as_people_write_it() {
        for (form, url) in [
            (Address::Usual, "https://127.0.0.1:8443"),
            (Address::TrailingSlash, "https://127.0.0.1:8443/"),
            (
                Address::WithPath,
                "https://127.0.0.1:8443/nav_to.do?uri=%2Fhome.do",
            ),
            (
                Address::WithUiPath,
                "https://127.0.0.1:8443/now/nav/ui/home",
            ),
            (Address::WithApiPath, "https://127.0.0.1:8443/api/now/v2"),
            (Address::Http, "http://127.0.0.1:8080"),
            (Address::WrongDomain, "https://dev1.service-now.invalid"),
            (Address::Vanity, "https://localhost:8443"),
            (Address::UnknownName, "https://dev1.instance.invalid"),
            (Address::ClosedPort, "https://127.0.0.1:9"),
            (
                Address::GovernmentCloud,
                "https://dev1.servicenowservices.com",
            ),
            (
                Address::WithTablePath,
                "https://127.0.0.1:8443/api/now/table",
            ),
            (Address::BareHost, "127.0.0.1:8443"),
            (
                Address::Placeholder,
                "https://<your-instance>.service-now.invalid",
            ),
        ] {
            let written = form.url("https://127.0.0.1:8443", "dev1", 8080, 9);
            assert_eq!(written, url, "{form:?}");
            assert_eq!(form.words().is_none(), form == Address::Usual);
        }
    }
}
