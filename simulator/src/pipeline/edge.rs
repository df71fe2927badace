//! The edge: the load balancer in front of an instance. It looks at no credentials.
//!
//! A hibernating developer instance answers every path, for every method, with status 200 and one
//! HTML page under bare headers (wire-failures 6.1). Title, heading, sentence, button and its link
//! are observed; the markup between them and the second paragraph are *assumed*.
//!
//! For a name that belongs to no instance, the edge itself answers 404 with HTML (wire-failures 6.2,
//! where the status alone is documented); that it answers at all, and its words, are *assumed*.
//!
//! A request line of more than 8192 bytes is answered 414 with HTML (wire-core 1.6); the words of
//! that page are *assumed*.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, SERVER, STRICT_TRANSPORT_SECURITY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};
use crate::setup::InstanceState;

/// Bytes of path and query that the edge accepts (wire-core 1.6).
const LONGEST_TARGET: usize = 8192;

const HIBERNATING: &str = include_str!("edge/hibernating.html");

const NO_INSTANCE: &str = "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<center><h1>404 Not Found</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n";

const URI_TOO_LONG: &str = "<html>\n<head><title>414 Request-URI Too Large</title></head>\n<body>\n<center><h1>414 Request-URI Too Large</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n";

#[derive(Debug)]
pub(super) struct Edge;

impl Stage for Edge {
    fn name(&self) -> &'static str {
        "edge"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        match view.state {
            InstanceState::Hibernating => Decision::answer(page(
                StatusCode::OK,
                HIBERNATING,
                Condition::Hibernating,
                "the instance hibernates",
            )),
            InstanceState::Absent => Decision::answer(page(
                StatusCode::NOT_FOUND,
                NO_INSTANCE,
                Condition::NoInstance,
                "no instance of this name",
            )),
            InstanceState::Awake if target_bytes(exchange) > LONGEST_TARGET => {
                Decision::answer(page(
                    StatusCode::URI_TOO_LONG,
                    URI_TOO_LONG,
                    Condition::InvalidRequest,
                    "the request line is longer than 8192 bytes",
                ))
            }
            InstanceState::Awake => Decision::pass(),
        }
    }
}

fn target_bytes(exchange: &Exchange<'_>) -> usize {
    exchange.path.len() + exchange.query.len()
}

fn page(status: StatusCode, html: &'static str, condition: Condition, reason: &str) -> Reply {
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
        refused_until: None,
        unmodelled: Vec::new(),
    }
}
