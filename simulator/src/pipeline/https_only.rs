//! The edge's rule that everything goes over TLS: a request without it is sent on to the same path
//! over https (wire-failures 8). It is too late for what the request carried.
//!
//! That the redirect is 301, for every method, and the words of its page are *assumed*.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::address;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};
use crate::setup::PlainHttp;

const PAGE: &str = "<html>\n<head><title>301 Moved Permanently</title></head>\n<body>\n<center><h1>301 Moved Permanently</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n";

#[derive(Debug)]
pub(super) struct HttpsOnly;

impl Stage for HttpsOnly {
    fn name(&self) -> &'static str {
        "https_only"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        if exchange.over_tls || view.plain_http == PlainHttp::Serve {
            return Decision::pass();
        }
        let mut headers = HeaderMap::new();
        headers.insert(SERVER, HeaderValue::from_static("snow_adc"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        if let Ok(location) = HeaderValue::try_from(over_https(exchange, view.tls_port)) {
            headers.insert(LOCATION, location);
        }
        Decision::answer(Reply {
            status: StatusCode::MOVED_PERMANENTLY,
            headers,
            body: Bytes::from_static(PAGE.as_bytes()),
            origin: Origin::Edge,
            condition: Some(Condition::PlainHttp),
            reason: "the request came without TLS".to_owned(),
            served: None,
            served_in_batch: Vec::new(),
            refused_until: None,
            unmodelled: Vec::new(),
            token_call: None,
        })
    }
}

/// The same address over https, by the host that the caller named.
fn over_https(exchange: &Exchange<'_>, port: Option<u16>) -> String {
    address::origin(true, address::host(exchange), port) + &address::path_and_query(exchange)
}
