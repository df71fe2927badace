//! The table of routes (wire-core 1.1, 4.1).

use std::sync::OnceLock;

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;

use super::{Api, Target};
use crate::setup::Operation;

impl Api {
    /// Every API that has a title of its own.
    const TITLED: [Self; 12] = [
        Self::Table,
        Self::Aggregate,
        Self::Attachment,
        Self::Batch,
        Self::ImportSet,
        Self::CmdbInstance,
        Self::CmdbMeta,
        Self::IdentifyReconcile,
        Self::Email,
        Self::CurrentUser,
        Self::TinyUrl,
        Self::TableNames,
    ];

    /// Its path as access policies name it, such as `now/table`; those of the Table and Attachment
    /// API are documented, the others *assumed* alike.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Table => "now/table",
            Self::Aggregate => "now/stats",
            Self::Attachment => "now/attachment",
            Self::Batch => "now/batch",
            Self::ImportSet => "now/import",
            Self::CmdbInstance => "now/cmdb/instance",
            Self::CmdbMeta => "now/cmdb/meta",
            Self::IdentifyReconcile => "now/identifyreconcile",
            Self::Email => "now/email",
            Self::CurrentUser => "now/ui/user",
            Self::TinyUrl => "now/tinyurl",
            Self::TableNames => "now/doc/table/schema",
            Self::OauthToken | Self::Unknown => "",
        }
    }
}

/// The titles of all APIs.
pub(crate) fn titles() -> Vec<&'static str> {
    Api::TITLED.iter().map(|api| api.title()).collect()
}

impl Target {
    /// The resource as access policies name it, such as `/now/table/{tableName}/{sys_id}`.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("/now{}", self.route.replace("{table}", "{tableName}"))
    }
}

/// Every route below `/api/now` or `/api/now/vN`.
const ROUTES: &[(&str, Api)] = &[
    ("/table/{table}", Api::Table),
    ("/table/{table}/{sys_id}", Api::Table),
    ("/stats/{table}", Api::Aggregate),
    ("/attachment", Api::Attachment),
    ("/attachment/file", Api::Attachment),
    ("/attachment/upload", Api::Attachment),
    ("/attachment/{sys_id}", Api::Attachment),
    ("/attachment/{sys_id}/file", Api::Attachment),
    ("/attachment/{sys_id}/attributes", Api::Attachment),
    ("/attachment/{sys_id}/attributes/{key}", Api::Attachment),
    ("/batch", Api::Batch),
    ("/import/{table}", Api::ImportSet),
    ("/import/{table}/insertMultiple", Api::ImportSet),
    ("/import/{table}/{sys_id}", Api::ImportSet),
    ("/cmdb/instance/{table}", Api::CmdbInstance),
    ("/cmdb/instance/{table}/{sys_id}", Api::CmdbInstance),
    (
        "/cmdb/instance/{table}/{sys_id}/relation",
        Api::CmdbInstance,
    ),
    (
        "/cmdb/instance/{table}/{sys_id}/relation/{key}",
        Api::CmdbInstance,
    ),
    ("/cmdb/meta/{table}", Api::CmdbMeta),
    ("/identifyreconcile", Api::IdentifyReconcile),
    ("/identifyreconcile/enhanced", Api::IdentifyReconcile),
    ("/identifyreconcile/query", Api::IdentifyReconcile),
    ("/identifyreconcile/queryEnhanced", Api::IdentifyReconcile),
    ("/email", Api::Email),
    ("/email/{sys_id}", Api::Email),
    ("/ui/user/current_user", Api::CurrentUser),
    ("/tinyurl", Api::TinyUrl),
    ("/doc/table/schema", Api::TableNames),
];

/// Where tokens are asked for.
pub(super) const TOKEN: &str = "/oauth_token.do";
/// Where tokens are revoked.
pub(super) const REVOCATION: &str = "/oauth_revoke_token.do";

fn router() -> &'static Router<(&'static str, Api)> {
    static ROUTER: OnceLock<Router<(&'static str, Api)>> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let mut router = Router::new();
        for (route, api) in ROUTES {
            // A conflict would leave the route out; the tests below reach each one.
            let _ = router.insert(*route, (*route, *api));
        }
        router
    })
}

pub(super) fn target(method: &Method, path: &str) -> Target {
    let unknown = Target {
        api: Api::Unknown,
        version: None,
        table: None,
        sys_id: None,
        route: "",
        key: None,
        operation: operation(method),
    };
    let Some(below) = path.strip_prefix("/api/now") else {
        let route = match first_segment(path) {
            Some("oauth_token.do") => TOKEN,
            Some("oauth_revoke_token.do") => REVOCATION,
            _ => return unknown,
        };
        return Target {
            api: Api::OauthToken,
            route,
            ..unknown
        };
    };
    let below = below.strip_suffix('/').unwrap_or(below);
    let (version, below) = split_version(below);
    let Ok(found) = router().at(below) else {
        return unknown;
    };
    let (route, api) = *found.value;
    let decoded = |name| {
        let part = found.params.get(name)?;
        Some(percent_decode_str(part).decode_utf8_lossy().into_owned())
    };
    Target {
        api,
        version,
        table: decoded("table"),
        sys_id: decoded("sys_id"),
        route,
        key: decoded("key"),
        ..unknown
    }
}

/// The version that a path names first, and what follows it.
fn split_version(below: &str) -> (Option<u8>, &str) {
    let segment = below.strip_prefix('/').unwrap_or("");
    let (first, _) = segment.split_once('/').unwrap_or((segment, ""));
    match version(first) {
        Some(version) => (Some(version), &below[1 + first.len()..]),
        None => (None, below),
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

/// Whether a path is the login page, and not a way to it.
pub(super) fn is_login_form(path: &str) -> bool {
    first_segment(path) == Some("login.do")
}

/// Whether a path is that of the logout.
pub(super) fn is_logout(path: &str) -> bool {
    first_segment(path) == Some("logout.do")
}

/// Whether a path is that of the page on which a person lets an application use an account.
pub(super) fn is_consent(path: &str) -> bool {
    first_segment(path) == Some("oauth_auth.do")
}

/// The first segment of a path, without its parameters.
fn first_segment(path: &str) -> Option<&str> {
    let first = path.split('/').find(|segment| !segment.is_empty())?;
    Some(first.split(';').next().unwrap_or(first))
}

/// Whether a real instance has an API or page at a path that is not modelled here: what a caller
/// does there cannot be judged.
pub(super) fn is_known_elsewhere(path: &str) -> bool {
    const APIS: &[&str] = &[
        "ui",
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
        assert!(is_logout("/logout.do") && !is_logout("/login.do"));
        assert!(is_consent("//oauth_auth.do/x") && !is_consent("/oauth_token.do"));
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
        let token = at("/oauth_token.do");
        assert_eq!((token.api, token.route), (Api::OauthToken, TOKEN));
        let revocation = at("/oauth_revoke_token.do");
        assert_eq!(
            (revocation.api, revocation.route),
            (Api::OauthToken, REVOCATION)
        );
    }

    #[test]
    fn every_route_is_found_with_and_without_a_version() {
        for (route, api) in ROUTES {
            let path = route.replace("{table}", "t").replace("{sys_id}", "s");
            let path = path.replace("{key}", "k");
            for (version, base) in [(None, "/api/now"), (Some(1), "/api/now/v1")] {
                let found = target(&Method::GET, &format!("{base}{path}"));
                assert_eq!(
                    (found.api, found.route, found.version),
                    (*api, *route, version)
                );
                assert_eq!(found.key.is_some(), route.contains("{key}"), "{route}");
            }
        }
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
            "/api/now/pa/scorecards",
            "/api/now/v1/interaction",
            "/oauth_auth.do",
            "/",
        ] {
            assert!(is_known_elsewhere(known), "{known}");
        }
        for nonsense in ["/api/now/nonsense", "/api/v2/tickets", "/health"] {
            assert!(!is_known_elsewhere(nonsense), "{nonsense}");
        }
    }
}
