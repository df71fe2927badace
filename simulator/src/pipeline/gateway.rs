//! The gateway of the customer's own before the instance, where there is one: a request that its
//! rules do not know goes no further.
//!
//! The statuses are those of RFC 9110 (15.5.6, 15.5.7 and 15.5.16), and with 405 comes `Allow`; the
//! pages, the `Server` header and that credentials are not looked at are *assumed*.

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONNECTION, CONTENT_TYPE, SERVER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};

macro_rules! page {
    ($title:literal) => {
        concat!(
            "<html>\r\n<head><title>",
            $title,
            "</title></head>\r\n<body>\r\n<center><h1>",
            $title,
            "</h1></center>\r\n</body>\r\n</html>\r\n"
        )
    };
}

const NOT_ALLOWED: &str = page!("405 Not Allowed");
const NOT_ACCEPTABLE: &str = page!("406 Not Acceptable");
const UNSUPPORTED: &str = page!("415 Unsupported Media Type");

#[derive(Debug)]
pub(super) struct Gateway;

impl Stage for Gateway {
    fn name(&self) -> &'static str {
        "gateway"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let Some(rules) = view.gateway else {
            return Decision::pass();
        };
        if let Some(methods) = &rules.methods
            && !methods
                .iter()
                .any(|known| exchange.method == known.as_str())
        {
            let reason = format!("the gateway lets no {} through", exchange.method);
            let mut reply = refusal(StatusCode::METHOD_NOT_ALLOWED, NOT_ALLOWED, reason);
            if let Ok(allow) = HeaderValue::try_from(methods.join(", ")) {
                reply.headers.insert(ALLOW, allow);
            }
            return Decision::answer(reply);
        }
        let headers = exchange.headers;
        let sends = matches!(*exchange.method, Method::POST | Method::PUT | Method::PATCH);
        if let Some(bodies) = &rules.bodies
            && sends
            && !names_one_of(headers, &CONTENT_TYPE, bodies)
        {
            let reason = "the gateway takes no body of this type".to_owned();
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Decision::answer(refusal(status, UNSUPPORTED, reason));
        }
        if let Some(accepts) = &rules.accepts
            && !names_one_of(headers, &ACCEPT, accepts)
        {
            let reason = "`Accept` names no type that the gateway hands out".to_owned();
            return Decision::answer(refusal(StatusCode::NOT_ACCEPTABLE, NOT_ACCEPTABLE, reason));
        }
        Decision::pass()
    }
}

/// Whether a header names one of these media types, whatever its parameters.
fn names_one_of(headers: &HeaderMap, name: &http::HeaderName, known: &[String]) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|kind| {
            known
                .iter()
                .any(|known| known.eq_ignore_ascii_case(kind.trim()))
        })
}

fn refusal(status: StatusCode, page: &'static str, reason: String) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(SERVER, HeaderValue::from_static("gateway"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    Reply {
        status,
        headers,
        body: Bytes::from_static(page.as_bytes()),
        origin: Origin::Edge,
        condition: Some(Condition::GatewayRefused),
        reason,
        served: None,
        served_in_batch: Vec::new(),
        refused_until: None,
        unmodelled: Vec::new(),
        token_call: None,
    }
}
