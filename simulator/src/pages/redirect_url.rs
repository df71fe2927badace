//! The URL to which a person is sent back from the consent: the registered one with parameters
//! added, and the source by which a browser lets a form lead there.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a value as it is (RFC 3986, 2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What no header can carry, or no URL can hold; a registered URL is otherwise sent as it is.
const UNSENDABLE: &AsciiSet = &CONTROLS.add(b' ');

/// A registered URL with parameters in its query, before its fragment if it has one.
pub(crate) fn with_parameters(registered: &str, parameters: &[(&str, &str)]) -> String {
    let (before, fragment) = match registered.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (registered, None),
    };
    let mut url = utf8_percent_encode(before, UNSENDABLE).to_string();
    if !url.contains('?') {
        url.push('?');
    } else if !url.ends_with(['?', '&']) {
        url.push('&');
    }
    url.push_str(&with_values(parameters));
    if let Some(fragment) = fragment {
        url.push('#');
        url.extend(utf8_percent_encode(fragment, UNSENDABLE));
    }
    url
}

/// Parameters as a query.
pub(crate) fn with_values(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, VALUE)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Its origin as a source of a content security policy: scheme, host and port, or the scheme alone
/// where a policy cannot name the host.
pub(super) fn source(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let plain = |text: &str, others: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.as_bytes().contains(&byte))
    };
    let starts_well = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    if !starts_well || !plain(scheme, "+-.") {
        return None;
    }
    let authority = rest
        .strip_prefix("//")
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .filter(|authority| !authority.is_empty() && plain(authority, "-.:"));
    let is_web = matches!(scheme, "http" | "https");
    Some(match authority.filter(|_| is_web) {
        Some(authority) => format!("{scheme}://{authority}"),
        None => format!("{scheme}:"),
    })
}

/// What a person is told of where the page leads.
pub(super) fn shown(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    &url[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn parameters_are_added_where_they_belong() {
        let of = |url| with_parameters(url, &[("code", "a b"), ("state", "x&y=z")]);
        let added = "code=a%20b&state=x%26y%3Dz";
        assert_eq!(
            of("https://a.test/cb"),
            format!("https://a.test/cb?{added}")
        );
        assert_eq!(
            of("https://a.test/cb?k=v"),
            format!("https://a.test/cb?k=v&{added}")
        );
        assert_eq!(of("app://x?"), format!("app://x?{added}"));
        assert_eq!(
            of("https://a.test/#f"),
            format!("https://a.test/?{added}#f")
        );
        assert!(http::HeaderValue::try_from(of("https://a.test/\u{e9}\r\nX: y")).is_ok());
    }

    #[test]
    fn a_policy_names_the_origin() {
        let cases = [
            ("https://a.test/cb?x=1", Some("https://a.test")),
            ("http://127.0.0.1:8080/cb", Some("http://127.0.0.1:8080")),
            ("http://[::1]:8080/cb", Some("http:")),
            ("https://a.test; script-src *", Some("https:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("vscode://ext/cb", Some("vscode:")),
            ("1a:x", None),
            ("no url", None),
            ("a b:c", None),
        ];
        for (url, expected) in cases {
            assert_eq!(source(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_is_added_arrives_and_the_place_stays(state in "\\PC{0,40}", query in "([a-z]=[a-z])?") {
            let registered = format!("https://a.test:8443/cb?{query}");
            let url = Url::parse(&with_parameters(&registered, &[("state", &state)])).unwrap();
            let there = Url::parse(&registered).unwrap();
            prop_assert_eq!(url.origin(), there.origin());
            prop_assert_eq!(url.path(), there.path());
            let sent = url.query_pairs().last().unwrap();
            prop_assert_eq!(sent, ("state".into(), state.into()));
        }

        #[test]
        fn a_source_is_one_word(url in "\\PC{0,40}") {
            if let Some(source) = source(&url) {
                prop_assert!(!source.contains([' ', ';', ',', '\'']), "{}", source);
            }
        }
    }
}
