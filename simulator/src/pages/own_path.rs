//! Where a page leads when it is done: a path of this very instance, so that no link to a login can
//! send a person elsewhere.
//!
//! The parameter is observed in clients (`/login.do?sysparm_goto_url=…`, `/logout.do?sysparm_goto_url=…`);
//! which values an instance follows is *assumed*.

use super::with_values;
use crate::api;

/// Bytes of a path that is followed: as many as the edge accepts (wire-core 1.6).
const LONGEST: usize = 8192;

/// A path of this instance with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnPath(String);

impl OwnPath {
    /// The parameter that carries it.
    pub(crate) const PARAMETER: &str = "sysparm_goto_url";

    /// The path, unless it leads elsewhere, or to a page that would lead here again.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        let leads_back = {
            let path = text.split(['?', '#']).next().unwrap_or_default();
            api::is_login(path) || api::is_logout(path)
        };
        let is_own = printable && is_path && !leads_back && text.len() <= LONGEST;
        is_own.then(|| Self(text.to_owned()))
    }

    /// The path that a form or a query names.
    pub(crate) fn named_in(form: &str) -> Option<Self> {
        Self::read(&api::form_value(form, Self::PARAMETER)?)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a person is asked for consent there.
    pub(crate) fn leads_to_consent(&self) -> bool {
        let path = self.0.split('?').next().unwrap_or_default();
        api::is_consent(path)
    }

    /// It as the parameter of another page's address, if that is not too long for one.
    pub(crate) fn after(&self, page: &str) -> Option<String> {
        let address = format!("{page}?{}", with_values(&[(Self::PARAMETER, &self.0)]));
        (address.len() <= LONGEST).then_some(address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    const BASE: &str = "https://dev10001.instance.test/login.do";

    #[test]
    fn only_own_paths_are_followed() {
        for own in [
            "/",
            "/navpage.do",
            "/oauth_auth.do?client_id=a&redirect_uri=https%3A%2F%2Fx.test",
            "/x//y",
            "/..//evil.test",
        ] {
            assert!(OwnPath::read(own).is_some(), "{own}");
        }
        for other in [
            "",
            "navpage.do",
            "https://evil.test/",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "/\t/evil.test",
            "/a b",
            "/\u{e9}",
            "javascript:alert(1)",
            "/login.do",
            "/login_redirect.do?x=1",
            "/logout.do",
            "/x\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(OwnPath::read(other), None, "{other}");
        }
        assert_eq!(OwnPath::read(&format!("/{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn it_travels_as_a_parameter() {
        let path = OwnPath::read("/oauth_auth.do?state=a%26b&x=1").unwrap();
        let address = path.after("/login_redirect.do").unwrap();
        let (_, query) = address.split_once('?').unwrap();
        assert_eq!(OwnPath::named_in(query), Some(path));
        let long = OwnPath::read(&format!("/{}", "%".repeat(4000))).unwrap();
        assert_eq!(long.after("/login.do"), None);
    }

    proptest! {
        #[test]
        fn whatever_is_followed_stays_here(text in "[/\\\\.:@?#%a-z\t ]{0,12}|\\PC{0,12}") {
            let base = Url::parse(BASE).unwrap();
            for text in [text.clone(), format!("/{text}")] {
                if let Some(path) = OwnPath::read(&text) {
                    let reached = base.join(path.as_str()).unwrap();
                    prop_assert_eq!(reached.origin(), base.origin());
                }
            }
        }
    }
}
