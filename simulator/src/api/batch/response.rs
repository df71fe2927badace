//! The answer to a batch (wire-core 4.4).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::Serialize;

use super::request::Request;
use crate::reply::Reply;

/// The caching headers, spelled and ordered as in the documented sample.
const CACHING: [(&str, &str); 3] = [
    ("Pragma", "no-store,no-cache"),
    ("Expires", "0"),
    (
        "Cache-control",
        "no-cache,no-store,must-revalidate,max-age=-1",
    ),
];

/// The answer to a batch.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    batch_request_id: String,
    #[serde(rename = "serviced_requests")]
    pub(super) serviced: Vec<Serviced>,
    #[serde(rename = "unserviced_requests")]
    pub(super) unserviced: Vec<String>,
}

/// The answer to one of its requests.
#[derive(Debug, Serialize)]
pub(super) struct Serviced {
    id: String,
    body: String,
    status_code: u16,
    status_text: &'static str,
    headers: Vec<Header>,
    /// Milliseconds.
    execution_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Header {
    name: String,
    value: String,
}

impl Answer {
    pub(super) const fn new(batch_request_id: String) -> Self {
        Self {
            batch_request_id,
            serviced: Vec::new(),
            unserviced: Vec::new(),
        }
    }

    /// As JSON. Takes a while where it is large.
    pub(super) fn body(&self) -> Result<Bytes, serde_json::Error> {
        serde_json::to_vec(self).map(Bytes::from)
    }
}

impl Serviced {
    pub(super) fn of(request: &Request, reply: &Reply, took: Duration) -> Self {
        Self {
            id: request.id.clone(),
            body: STANDARD.encode(&reply.body),
            status_code: reply.status.as_u16(),
            status_text: reply.status.canonical_reason().unwrap_or_default(),
            headers: match request.excludes_headers {
                true => Vec::new(),
                false => headers(&reply.headers, reply.body.len()),
            },
            execution_time: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            error_message: None,
        }
    }

    /// The answer to a request that could not be run.
    pub(super) fn unfit(request: &Request, reply: &Reply, why: &'static str) -> Self {
        Self {
            error_message: Some(why),
            ..Self::of(request, reply, Duration::ZERO)
        }
    }
}

fn headers(set: &HeaderMap, length: usize) -> Vec<Header> {
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let caching = CACHING.iter().map(|(name, value)| header(name, value));
    let mut headers: Vec<Header> = caching.collect();
    if length > 0 {
        headers.insert(
            2,
            header(&spelled(CONTENT_LENGTH.as_str()), &length.to_string()),
        );
    }
    for (name, value) in set {
        let Ok(value) = value.to_str() else { continue };
        let spaced = value.replace(";charset", "; charset");
        let value = if name == CONTENT_TYPE { &spaced } else { value };
        headers.push(header(&spelled(name.as_str()), value));
    }
    headers
}

/// A name in title case.
fn spelled(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn names_are_in_title_case() {
        assert_eq!(spelled("x-total-count"), "X-Total-Count");
        assert_eq!(spelled("link"), "Link");
    }
}
