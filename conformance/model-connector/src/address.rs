//! The instance's URL as the user typed it: put right where its meaning is plain, refused where it
//! is not (wire-failures 8).
//!
//! Paths that are copied from a browser or from documentation are dropped. What would send the
//! password in clear, or to a host that is nearly the right one, is refused before a byte leaves.

use std::collections::BTreeMap;

use reqwest::Url;
use snowproof_protocol::Parameter;

use crate::diagnosis::{BAD_URL, Failure, quoted};
use crate::policy::{Domains, PlainHttp, Policy, UrlPath};

/// How the URL is to look.
const FORM: &str = "`https://yourinstance.service-now.com`";

/// Where instances live; others are custom names of the customer's own.
const DOMAINS: [&str; 2] = [".service-now.com", GOVERNMENT];

/// The domain of the government's cloud.
const GOVERNMENT: &str = ".servicenowservices.com";

/// How people remember those domains.
const NEARLY: [&str; 3] = ["service-now", "servicenow", "servicenowservices"];

/// Scheme, host and port of the instance, and what was put right.
///
/// # Errors
///
/// When no request with this URL can be right.
pub(crate) fn read(
    parameters: &BTreeMap<Parameter, String>,
    policy: &Policy,
) -> Result<(Url, Option<String>), Failure> {
    let typed = typed(parameters)?;
    // A password may stand before an `@`.
    let shown = match typed.rsplit_once('@') {
        Some((_, after)) => quoted(after),
        None => quoted(&typed),
    };
    let refused =
        |why: &str| Failure::permanent(BAD_URL, format!("instance URL {shown}: {why}; use {FORM}"));
    let mut url = Url::parse(&typed).map_err(|error| refused(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::permanent(
            BAD_URL,
            format!("the instance URL must not hold a user name or a password; use {FORM}"),
        ));
    }
    let in_clear = url.scheme() == "http" && policy.plain_http != PlainHttp::Refuse;
    if url.scheme() != "https" && !in_clear {
        return Err(refused(
            "the scheme must be `https`, or the password would travel in clear",
        ));
    }
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    if host.is_empty() {
        return Err(refused("it names no host"));
    }
    if is_nearly_right(&host) {
        return Err(refused(
            "instances live under `service-now.com` or `servicenowservices.com`",
        ));
    }
    if policy.domains == Domains::WithoutGovernment && host.ends_with(GOVERNMENT) {
        return Err(refused("instances live under `service-now.com`"));
    }
    if policy.url_path == UrlPath::KeepSlash && typed.ends_with('/') && is_bare(&url) {
        url.set_path(&format!("{}/", url.path()));
        return Ok((url, None));
    }
    if policy.url_path == UrlPath::Keep || (url.path() == "/" && is_bare(&url)) {
        return Ok((url, None));
    }
    if !is_of_an_instance(url.path()) {
        return Err(refused("it must end after the host"));
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    let note = format!(
        "the instance URL {shown} goes on after the host; {} is used",
        quoted(url.as_str().trim_end_matches('/'))
    );
    Ok((url, Some(note)))
}

fn typed(parameters: &BTreeMap<Parameter, String>) -> Result<String, Failure> {
    if let Some(text) = parameters.get(&Parameter::BaseUrl) {
        return Ok(text.trim().to_owned());
    }
    let Some(host) = parameters.get(&Parameter::Host) else {
        let why = format!("no instance URL is configured; use {FORM}");
        return Err(Failure::permanent(BAD_URL, why));
    };
    let port = parameters.get(&Parameter::Port);
    Ok(format!(
        "https://{host}:{}",
        port.map_or("443", String::as_str)
    ))
}

fn is_bare(url: &Url) -> bool {
    url.query().is_none() && url.fragment().is_none()
}

/// Whether the domain itself is misspelled. A customer's own name, such as
/// `servicenow.example.com`, is not.
fn is_nearly_right(host: &str) -> bool {
    let mut labels = host.rsplit('.').skip(1);
    labels.next().is_some_and(|domain| NEARLY.contains(&domain))
        && !DOMAINS.iter().any(|domain| host.ends_with(domain))
}

/// Pages and APIs of the platform itself, whose host is the instance.
fn is_of_an_instance(path: &str) -> bool {
    let first = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    ["", "now", "api", "navpage", "sp"].contains(&first)
        || std::path::Path::new(first)
            .extension()
            .is_some_and(|extension| extension == "do")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(url: &str, policy: &Policy) -> Result<(Url, Option<String>), Failure> {
        read(&[(Parameter::BaseUrl, url.to_owned())].into(), policy)
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_the_right_form() {
        for url in [
            "",
            "dev12345",
            "http://dev12345.service-now.com",
            "https://dev12345.service-now.com/tenant/7",
            "https://user:pw@dev12345.service-now.com",
            "https://user:pw@",
            "ftp://dev12345.service-now.com",
            "https://",
            "https://dev12345.servicenow.com",
            "https://dev12345.service-now.org",
            "https://dev12345.service-now.invalid",
            "https://service-now.com",
        ] {
            let failure = read_with(url, &Policy::default()).unwrap_err();
            assert_eq!(failure.cause, BAD_URL, "{url}");
            assert!(failure.message.contains(FORM), "{}", failure.message);
            assert!(!failure.message.contains("pw"), "{}", failure.message);
        }
    }

    #[test]
    fn what_is_meant_plainly_is_put_right_and_said() {
        for (path, says) in [
            ("", false),
            ("/", false),
            ("/nav_to.do?uri=%2Fhome.do", true),
            ("/now/nav/ui/home", true),
            ("/api/now/v2", true),
            ("/login.do#x", true),
        ] {
            let url = format!("https://dev12345.service-now.com{path}");
            let (base, note) = read_with(&url, &Policy::default()).unwrap();
            assert_eq!(base.as_str(), "https://dev12345.service-now.com/", "{url}");
            assert_eq!(note.is_some(), says, "{url}");
        }
    }

    #[test]
    fn government_and_custom_names_are_accepted() {
        for host in [
            "agency.servicenowservices.com",
            "support.example.com",
            "servicenow.example.com",
            "localhost:8443",
            "127.0.0.1:8443",
            "[::1]:8443",
        ] {
            assert!(
                read_with(&format!("https://{host}"), &Policy::default()).is_ok(),
                "{host}"
            );
        }
    }

    #[test]
    fn careless_policies_take_what_is_typed() {
        let in_clear = Policy {
            plain_http: PlainHttp::Send,
            ..Policy::default()
        };
        assert!(read_with("http://127.0.0.1:80", &in_clear).is_ok());
        let keeps = Policy {
            url_path: UrlPath::Keep,
            ..Policy::default()
        };
        let (base, note) = read_with("https://h.test/api/now/v2", &keeps).unwrap();
        assert_eq!((base.path(), note), ("/api/now/v2", None));
        let keeps_slash = Policy {
            url_path: UrlPath::KeepSlash,
            ..Policy::default()
        };
        for (url, path) in [("https://h.test", "/"), ("https://h.test/", "//")] {
            assert_eq!(read_with(url, &keeps_slash).unwrap().0.path(), path);
        }
        let knows_one = Policy {
            domains: Domains::WithoutGovernment,
            ..Policy::default()
        };
        assert!(read_with("https://agency.servicenowservices.com", &knows_one).is_err());
        assert!(read_with("https://dev1.service-now.com", &knows_one).is_ok());
    }
}
