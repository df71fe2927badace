//! The diagnostics pages: `/stats.do`, `/xmlstats.do` and `/threads.do`, open to everybody unless
//! `glide.security.diag_txns_acl` is true (wire-core 4.10). What they say is *assumed*, but for the
//! names of the build.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use crate::policy::Policy;
use crate::reply::Reply;

/// A diagnostics page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Stats,
    XmlStats,
    Threads,
}

/// The page at this path, if it is one that is open.
pub(super) fn page(path: &str, policy: &Policy) -> Option<Reply> {
    let page = match path.trim_start_matches('/') {
        "stats.do" => Page::Stats,
        "xmlstats.do" => Page::XmlStats,
        "threads.do" => Page::Threads,
        _ => return None,
    };
    let closed = policy.property("glide.security.diag_txns_acl");
    if closed.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return None;
    }
    let property = |name| escaped(policy.property(name).unwrap_or_default());
    let (name, tag) = (
        property("glide.buildname"),
        property("glide.buildname.full"),
    );
    let (kind, body) = match page {
        Page::Stats => (
            "text/html;charset=UTF-8",
            format!(
                "<html><head><title>Statistics</title></head><body>Build name: {name}<br/>Build tag: {tag}<br/></body></html>"
            ),
        ),
        Page::XmlStats => (
            "text/xml;charset=UTF-8",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><xmlstats><glide.build.name>{name}</glide.build.name><glide.build.tag>{tag}</glide.build.tag></xmlstats>"
            ),
        ),
        Page::Threads => (
            "text/html;charset=UTF-8",
            "<html><head><title>Threads</title></head><body><pre></pre></body></html>".to_owned(),
        ),
    };
    let kind = HeaderValue::from_static(kind);
    let mut reply = Reply::application(StatusCode::OK, kind, Bytes::from(body));
    "a diagnostics page is open to everybody".clone_into(&mut reply.reason);
    Some(reply)
}

/// Whether a path is a diagnostics page, open or not.
pub(super) fn is_one(path: &str) -> bool {
    matches!(
        path.trim_start_matches('/'),
        "stats.do" | "xmlstats.do" | "threads.do"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
