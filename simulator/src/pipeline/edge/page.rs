//! The pages of the edge, and the headers under which it sends them.
//!
//! Of the hibernation page title, heading, sentence, button and its link are observed; the markup
//! between them and the second paragraph are *assumed* (wire-failures 6.1). Of the offline page
//! the heading is documented (6.1); the rest is *assumed*. That the edge answers for a name that
//! belongs to no instance is *assumed* (6.2 has the status alone). The pages for 404, 502, 503 and 504 follow
//! the skeleton that is observed for 400 (wire-failures 3); their words are *assumed*, and so is the
//! status 504: after five minutes the edge is documented to answer 500 (6.2). Of the developer site
//! and of an identity provider nothing but the page's purpose is known.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_TYPE, LOCATION, RETRY_AFTER, SERVER, STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::clock::Now;
use crate::journal::{Condition, RefusedUntil};
use crate::pipeline::stage::View;
use crate::reply::{Origin, Reply};

const HIBERNATING: &str = include_str!("hibernating.html");
pub(super) const OFFLINE: &str = include_str!("offline.html");
pub(super) const IDENTITY_PROVIDER: &str = include_str!("identity_provider.html");

macro_rules! skeleton {
    ($title:literal) => {
        concat!(
            "<html>\n<head><title>",
            $title,
            "</title></head>\n<body>\n<center><h1>",
            $title,
            "</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n"
        )
    };
}

pub(super) const URI_TOO_LONG: &str = skeleton!("414 Request-URI Too Large");
pub(super) const NOT_ALLOWED: &str = skeleton!("405 Not Allowed");
pub(super) const EXPECT_FAILED: &str = skeleton!("417 Expectation Failed");
pub(super) const NO_INSTANCE: &str = skeleton!("404 Not Found");
pub(super) const OUTLASTED: &str = skeleton!("500 Internal Server Error");
pub(super) const BAD_GATEWAY: &str = skeleton!("502 Bad Gateway");
pub(super) const UNAVAILABLE: &str = skeleton!("503 Service Temporarily Unavailable");
pub(super) const GATEWAY_TIMEOUT: &str = skeleton!("504 Gateway Time-out");

/// As observed where a client certificate was self-signed or issued by an internal authority
/// (wire-failures 3, KB0960308).
pub(super) const CERTIFICATE_ERROR: &str = "<html><head><title>400 The SSL certificate error</title></head><body><center><h1>400 Bad Request</h1></center><center>The SSL certificate error</center><hr><center>snow_adc</center></body></html>";

/// In the same skeleton; the words are *assumed*.
pub(super) const NO_CERTIFICATE: &str = "<html><head><title>400 No required SSL certificate was sent</title></head><body><center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center><hr><center>snow_adc</center></body></html>";

/// The developer site, where a set-up has none of its own, and the page on which a sleeping instance
/// is woken (wire-failures 6.1).
const REAL_SITE: &str = "https://developer.servicenow.com";
const WAKING_PAGE: &str = "/dev.do#!/home?wu=true";

/// A page with the edge's own headers: no cookies, no transaction (wire-failures 0.1).
pub(super) fn bare(
    status: StatusCode,
    html: &'static str,
    condition: Condition,
    reason: &str,
) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(SERVER, HeaderValue::from_static("snow_adc"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    Reply {
        status,
        headers,
        body: Bytes::from_static(html.as_bytes()),
        origin: Origin::Edge,
        condition: Some(condition),
        reason: reason.to_owned(),
        served: None,
        served_in_batch: Vec::new(),
        refused_until: None,
        unmodelled: Vec::new(),
        token_call: None,
    }
}

/// Of the page, `http.400` and the exception are observed (wire-failures 7); the markup around them
/// is *assumed*.
const HEADERS_TOO_LARGE: &str = "<!doctype html><html lang=\"en\"><head><title>HTTP Status 400 \u{2013} http.400</title></head><body><h1>HTTP Status 400 \u{2013} http.400</h1><hr class=\"line\" /><p><b>Type</b> Exception Report</p><p><b>Message</b> Request header is too large</p><p><b>Exception</b></p><pre>java.lang.IllegalArgumentException: Request header is too large</pre></body></html>";

/// The application server could not read the headers, so that no application signs the answer.
pub(super) fn headers_too_large() -> Reply {
    let mut reply = bare(
        StatusCode::BAD_REQUEST,
        HEADERS_TOO_LARGE,
        Condition::RequestTooLong,
        "the head is larger than the node reads: 32 KiB or 96 lines of headers unless it is set up otherwise",
    );
    let kind = HeaderValue::from_static("text/html;charset=utf-8");
    reply.headers.insert(CONTENT_TYPE, kind);
    reply
}

/// Why a sleeping instance answers as it does.
const ASLEEP: &str = "the instance hibernates";

/// The page of a sleeping instance; its button leads to the developer site of the set-up, where there
/// is one.
pub(super) fn hibernating(site: Option<&str>) -> Reply {
    let mut reply = bare(StatusCode::OK, HIBERNATING, Condition::Hibernating, ASLEEP);
    if let Some(site) = site {
        reply.body = HIBERNATING.replace(REAL_SITE, site).into();
    }
    reply
}

/// The redirect that only a mock is known to send (wire-failures 6.1).
pub(super) fn to_developer_site(site: Option<&str>) -> Reply {
    let mut reply = bare(StatusCode::FOUND, "", Condition::Hibernating, ASLEEP);
    let page = format!("{}{WAKING_PAGE}", site.unwrap_or(REAL_SITE));
    let real = const { HeaderValue::from_static("https://developer.servicenow.com/") };
    let location = HeaderValue::try_from(page).unwrap_or(real);
    reply.headers.insert(LOCATION, location);
    reply
}

/// A page of a site that is no instance: no header says that it was one.
pub(super) fn of_site(html: &'static str, reason: &str) -> Reply {
    let mut reply = bare(StatusCode::OK, html, Condition::AnotherSite, reason);
    reply.headers.remove(SERVER);
    reply
}

/// Says when to come back, if the instance does.
pub(super) fn state_wait(reply: &mut Reply, now: Now, view: &View<'_>) {
    let Some(wait) = view.switches.unavailable_retry_after else {
        return;
    };
    let wait = wait.effective;
    let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    reply.headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    let ends = now.elapsed + Duration::from_secs(secs);
    reply.refused_until = Some(RefusedUntil {
        rule: "edge".to_owned(),
        window_ends_ns: u64::try_from(ends.as_nanos()).unwrap_or(u64::MAX),
        retry_after: Some(secs.to_string()),
        reset_unix: None,
    });
}
