//! The table of routes (wire-core 1.1, 4.1).

use std::sync::OnceLock;

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;

use super::{Api, Target};
use crate::setup::Operation;

/// Routes of modelled APIs, and whether the version is a segment of them.
fn router() -> &'static Router<Api> {
    static ROUTER: OnceLock<Router<Api>> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let mut router = Router::new();
        for (route, api) in [
            ("/api/now/table/{table}", Api::Table),
            ("/api/now/table/{table}/{sys_id}", Api::Table),
            ("/api/now/{version}/table/{table}", Api::Table),
            ("/api/now/{version}/table/{table}/{sys_id}", Api::Table),
            ("/api/now/stats/{table}", Api::Aggregate),
            ("/api/now/{version}/stats/{table}", Api::Aggregate),
        ] {
            // A conflict would leave the route out; the tests below reach each one.
            let _ = router.insert(route, api);
        }
        router
    })
}

pub(super) fn target(method: &Method, path: &str) -> Target {
    let path = path.strip_suffix('/').unwrap_or(path);
    let unknown = Target {
        api: Api::Unknown,
        version: None,
        table: None,
        sys_id: None,
        operation: operation(method),
    };
    let Ok(found) = router().at(path) else {
        return unknown;
    };
    let version = match found.params.get("version").map(version) {
        Some(None) => return unknown,
        Some(version) => version,
        None => None,
    };
    let decoded = |name| {
        let part = found.params.get(name)?;
        Some(percent_decode_str(part).decode_utf8_lossy().into_owned())
    };
    Target {
        api: *found.value,
        version,
        table: decoded("table"),
        sys_id: decoded("sys_id"),
        ..unknown
    }
}

fn version(segment: &str) -> Option<u8> {
    match segment {
        "v1" => Some(1),
        "v2" => Some(2),
        _ => None,
    }
}

fn operation(method: &Method) -> Operation {
    match *method {
        Method::POST => Operation::Create,
        Method::PUT | Method::PATCH => Operation::Write,
        Method::DELETE => Operation::Delete,
        _ => Operation::Read,
    }
}

/// Whether a path is a page of the user interface (wire-failures 8): the root, the frames and logins
/// of the classic one, and all of the newer one. What follows such a page in the path does not make
/// it another one.
pub(super) fn is_page(path: &str) -> bool {
    const PAGES: [&str; 6] = [
        "nav_to.do",
        "navpage.do",
        "home.do",
        "welcome.do",
        "login.do",
        "login_redirect.do",
    ];
    first_segment(path).is_none_or(|first| first == "now" || PAGES.contains(&first))
}

/// Whether a path is the login page itself.
pub(super) fn is_login(path: &str) -> bool {
    first_segment(path).is_some_and(|first| matches!(first, "login.do" | "login_redirect.do"))
}

/// The first segment of a path, without its parameters.
fn first_segment(path: &str) -> Option<&str> {
    let first = path.split('/').find(|segment| !segment.is_empty())?;
    Some(first.split(';').next().unwrap_or(first))
}

/// Whether a real instance has an API or page at a path that is not modelled here: what a caller
/// does there cannot be judged.
pub(super) fn is_known_elsewhere(path: &str) -> bool {
    const APIS: [&str; 22] = [
        "attachment",
        "batch",
        "import",
        "cmdb",
        "email",
        "identifyreconcile",
        "ui",
        "tinyurl",
        "doc",
        "pa",
        "interaction",
        "case",
        "contact",
        "account",
        "consumer",
        "push",
        "context_doc_url",
        "globalsearch",
        "graphql",
        "mobile",
        "events",
        "webhook",
    ];
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (Some("api"), Some("now" | "global")) => {
            let mut name = segments.next();
            if name.and_then(version).is_some() {
                name = segments.next();
            }
            name.is_some_and(|name| APIS.contains(&name))
        }
        (Some("api"), Some(scope)) => scope.starts_with("sn_"),
        (Some(page), _) => {
            let name = page.split(['?', ';']).next().unwrap_or(page);
            std::path::Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "do")
        }
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_apis_and_from_other_services() {
        for page in [
            "/",
            "/nav_to.do",
            "/nav_to.do/api/now/table/incident",
            "//now/nav/ui/home",
            "/login.do;x=1",
        ] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/api/now/table/x", "/incident.do", "/stats.do", "/nowhere"] {
            assert!(!is_page(other), "{other}");
        }
        assert!(is_login("/login_redirect.do") && !is_login("/home.do"));
    }

    #[test]
    fn every_route_leads_to_its_api() {
        let at = |path| target(&Method::GET, path);
        let table = at("/api/now/table/incident");
        assert_eq!(
            (table.api, table.version, table.sys_id),
            (Api::Table, None, None)
        );
        let record = at("/api/now/v2/table/incident/6816f79cc0a8016401c5a33be04be441");
        assert_eq!((record.api, record.version), (Api::Table, Some(2)));
        assert_eq!(record.sys_id.unwrap(), "6816f79cc0a8016401c5a33be04be441");
        assert_eq!(at("/api/now/v1/table/x/").version, Some(1));
        assert_eq!(at("/api/now/stats/incident").api, Api::Aggregate);
        assert_eq!(at("/api/now/v1/stats/incident").table.unwrap(), "incident");
        assert_eq!(at("/api/now/v3/table/incident").api, Api::Unknown);
        assert_eq!(at("/api/now/table").api, Api::Unknown);
        assert_eq!(at("/").api, Api::Unknown);
    }

    #[test]
    fn the_method_says_what_is_done() {
        let of = |method| target(&method, "/api/now/table/incident").operation;
        assert_eq!(of(Method::HEAD), Operation::Read);
        assert_eq!(of(Method::POST), Operation::Create);
        assert_eq!(of(Method::PATCH), Operation::Write);
        assert_eq!(of(Method::DELETE), Operation::Delete);
    }

    #[test]
    fn what_a_real_instance_has_is_told_from_nonsense() {
        for known in [
            "/api/now/attachment/file",
            "/api/now/v1/batch",
            "/oauth_token.do",
            "/",
        ] {
            assert!(is_known_elsewhere(known), "{known}");
        }
        for nonsense in ["/api/now/nonsense", "/api/v2/tickets", "/health"] {
            assert!(!is_known_elsewhere(nonsense), "{nonsense}");
        }
    }
}
