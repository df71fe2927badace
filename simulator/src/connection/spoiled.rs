//! Bodies that are not what their head says, in messages that are whole (connection-faults 2).

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::compression;
use crate::reply::Reply;
use crate::setup::Malformation;

/// What some gateway between shows in place of an answer. Its words are *assumed*.
const PAGE: &str = "<html>\n<head><title>Web Gateway</title></head>\n<body>\n<h1>One moment</h1>\n<p>Your request is being checked.</p>\n</body>\n</html>\n";

/// Spoils the body of an answer in this way. Nothing of it counts as served: a caller cannot read
/// it. False where it is HTTP that is to be wrong, or there is no body to spoil.
pub(super) fn spoil(what: Malformation, reply: &mut Reply) -> bool {
    if reply.body.is_empty() && what != Malformation::Html {
        return false;
    }
    match what {
        Malformation::BadGzip => claim_gzip(reply),
        Malformation::TruncatedGzip => {
            let Ok(mut gzip) = compression::gzip(&reply.body, || {}) else {
                return false;
            };
            // At least the checksum and the length at its end are missing.
            gzip.truncate((gzip.len() / 2).max(11));
            reply.body = gzip;
            claim_gzip(reply);
        }
        Malformation::InvalidUtf8 => reply.body = with_invalid_utf8(&reply.body),
        Malformation::InvalidJson => {
            let mut body = reply.body.to_vec();
            // As a page that was put together from two: JSON, and more behind it.
            body.extend_from_slice(b"]}");
            reply.body = body.into();
        }
        Malformation::Html => {
            let html = HeaderValue::from_static("text/html");
            reply.status = StatusCode::OK;
            reply.headers.insert(CONTENT_TYPE, html);
            reply.body = Bytes::from_static(PAGE.as_bytes());
        }
        Malformation::GarbageStatusLine
        | Malformation::HugeHeader
        | Malformation::ManyHeaders
        | Malformation::DuplicateContentLength
        | Malformation::UnequalContentLength
        | Malformation::ContentLengthWithTransferEncoding
        | Malformation::BadChunkSize => return false,
    }
    true
}

fn claim_gzip(reply: &mut Reply) {
    let gzip = HeaderValue::from_static("gzip");
    reply.headers.insert(CONTENT_ENCODING, gzip);
}

/// The body with a sequence behind its first quotation mark that begins as two bytes would, and is
/// one (connection-faults 6, `json-bad-utf8`).
fn with_invalid_utf8(body: &[u8]) -> Bytes {
    let at = body.iter().rposition(|byte| *byte == b'"').unwrap_or(0);
    let mut spoiled = body[..at].to_vec();
    spoiled.extend_from_slice(b"\xc3(");
    spoiled.extend_from_slice(&body[at..]);
    spoiled.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use serde_json::{Value, json};

    use super::*;

    fn spoiled(what: Malformation) -> Reply {
        let rows: Vec<Value> = (0..50)
            .map(|at| json!({ "name": format!("row {at}") }))
            .collect();
        let mut reply = Reply::json(StatusCode::OK, &json!({ "result": rows }));
        assert_eq!(spoil(what, &mut reply), !what.is_of_http(), "{what:?}");
        reply
    }

    #[test]
    fn no_spoiled_body_reads_as_json() {
        for what in Malformation::ALL
            .into_iter()
            .filter(|what| !what.is_of_http())
        {
            let reply = spoiled(what);
            let is_gzip = reply.headers.contains_key(CONTENT_ENCODING);
            if is_gzip {
                let mut plain = Vec::new();
                GzDecoder::new(&reply.body[..])
                    .read_to_end(&mut plain)
                    .unwrap_err();
            } else {
                serde_json::from_slice::<Value>(&reply.body).unwrap_err();
            }
        }
        for what in Malformation::ALL
            .into_iter()
            .filter(|what| what.is_of_http())
        {
            serde_json::from_slice::<Value>(&spoiled(what).body).unwrap();
        }
    }

    #[test]
    fn what_is_no_utf8_is_json_but_for_that() {
        let body = spoiled(Malformation::InvalidUtf8).body;
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(text.contains("row 49\u{fffd}("), "{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }

    #[test]
    fn nothing_cannot_be_spoiled_but_can_be_replaced() {
        let mut reply = Reply::empty(StatusCode::NO_CONTENT);
        assert!(!spoil(Malformation::BadGzip, &mut reply));
        assert!(spoil(Malformation::Html, &mut reply));
        assert_eq!(reply.status, StatusCode::OK);
    }
}
