//! Answers that HTTP would refuse to write, as bytes (connection-faults 2): whole ones with
//! something wrong in them, and heads that stop half way.
//!
//! They leave in place of what HTTP writes. Beside what is wrong they are the answers that they
//! would have been: status, headers and body are the instance's.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};

use super::spelling;
use crate::clock::Now;
use crate::reply::Reply;
use crate::setup::{HeadPlace, Malformation};

/// Bytes of the value of a header that is too large for most callers; one of 64 KiB is below the
/// bounds of many (connection-faults 6, `http-huge-header`).
const HUGE: usize = 400 * 1024;

/// Headers beside those of the answer.
const MANY: usize = 300;

/// What is no status line.
const GARBAGE: &[u8] = b"\x00\x01\x02garbage\xff\xfe not http\r\n";

/// The bytes of an answer with this wrong in it; none where it is not HTTP that is wrong.
pub(super) fn answer(what: Malformation, reply: &Reply, now: Now) -> Option<Bytes> {
    let length = reply.body.len();
    let announced = format!("Content-Length: {length}\r\n");
    let mut bytes = match what {
        Malformation::GarbageStatusLine => return Some(Bytes::from_static(GARBAGE)),
        Malformation::HugeHeader => {
            let huge = format!("X-Huge: {}\r\n{announced}", "a".repeat(HUGE));
            head(reply, now, &huge)
        }
        Malformation::ManyHeaders => {
            let mut many = announced;
            for number in 1..=MANY {
                let _never_fails = write!(many, "X-Filler-{number}: {number}\r\n");
            }
            head(reply, now, &many)
        }
        Malformation::DuplicateContentLength => {
            head(reply, now, &format!("{announced}{announced}"))
        }
        Malformation::UnequalContentLength => {
            head(reply, now, &format!("Content-Length: 2\r\n{announced}"))
        }
        Malformation::ContentLengthWithTransferEncoding => {
            let both = format!("{announced}Transfer-Encoding: chunked\r\n");
            let mut bytes = head(reply, now, &both);
            bytes.extend(chunked(&reply.body, &format!("{length:x}")));
            return Some(bytes.into());
        }
        Malformation::BadChunkSize => {
            let mut bytes = head(reply, now, "Transfer-Encoding: chunked\r\n");
            bytes.extend(chunked(&reply.body, "ZZ"));
            return Some(bytes.into());
        }
        Malformation::BadGzip
        | Malformation::TruncatedGzip
        | Malformation::InvalidUtf8
        | Malformation::InvalidJson
        | Malformation::Html => return None,
    };
    bytes.extend_from_slice(&reply.body);
    Some(bytes.into())
}

/// The head of an answer as far as this place.
pub(super) fn head_until(place: HeadPlace, reply: &Reply, now: Now) -> Bytes {
    let mut bytes = head(reply, now, "Transfer-Encoding: chunked\r\n");
    bytes.truncate(match place {
        HeadPlace::StatusLine => "HTTP/1.1 2".len(),
        // Neither the end of the last header nor the empty line.
        HeadPlace::Header => bytes.len().saturating_sub("ked\r\n\r\n".len()),
    });
    bytes.into()
}

fn head(reply: &Reply, now: Now, framing: &str) -> Vec<u8> {
    let reason = reply.status.canonical_reason().unwrap_or_default();
    let status = reply.status.as_u16();
    let date = now.http_date().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {status} {reason}\r\nDate: {date}\r\n").into_bytes();
    for (name, value) in &reply.headers {
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
            continue;
        }
        bytes.extend_from_slice(spelling::spelled(name.as_str()).as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    // The connection ends behind it.
    bytes.extend_from_slice(b"Connection: close\r\n");
    bytes.extend_from_slice(framing.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn chunked(body: &[u8], size: &str) -> Vec<u8> {
    let mut bytes = format!("{size}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use serde_json::json;

    use super::*;

    fn now() -> Now {
        Now {
            unix: Duration::from_secs(1_782_554_403),
            elapsed: Duration::ZERO,
        }
    }

    fn reply() -> Reply {
        let mut reply = Reply::json(StatusCode::OK, &json!({ "result": [] }));
        let count = http::HeaderValue::from_static("0");
        reply.headers.insert("x-total-count", count);
        reply
    }

    fn text(what: Malformation) -> String {
        let bytes = answer(what, &reply(), now()).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn lengths_contradict_themselves_and_nothing_else_is_wrong() {
        for (what, framing) in [
            (
                Malformation::DuplicateContentLength,
                "Content-Length: 13\r\nContent-Length: 13\r\n\r\n{\"result\":[]}",
            ),
            (
                Malformation::UnequalContentLength,
                "Content-Length: 2\r\nContent-Length: 13\r\n\r\n{\"result\":[]}",
            ),
            (
                Malformation::ContentLengthWithTransferEncoding,
                "Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"result\":[]}\r\n0\r\n\r\n",
            ),
            (
                Malformation::BadChunkSize,
                "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{\"result\":[]}\r\n0\r\n\r\n",
            ),
        ] {
            let text = text(what);
            assert!(
                text.starts_with("HTTP/1.1 200 OK\r\nDate: Sat, 27"),
                "{text}"
            );
            assert!(text.contains("\r\nX-Total-Count: 0\r\n"), "{text}");
            assert!(text.ends_with(framing), "{text}");
        }
    }

    #[test]
    fn heads_are_larger_than_callers_take() {
        assert!(text(Malformation::HugeHeader).len() > HUGE);
        let many = text(Malformation::ManyHeaders);
        assert!(
            many.split("\r\n")
                .filter(|line| line.contains(": "))
                .count()
                > MANY
        );
    }

    #[test]
    fn what_is_wrong_inside_a_body_is_not_written_here() {
        for what in Malformation::ALL {
            let written = answer(what, &reply(), now()).is_some();
            assert_eq!(written, what.is_of_http(), "{what:?}");
        }
    }

    #[test]
    fn heads_stop_within_a_line() {
        let until = |place| {
            let bytes = head_until(place, &reply(), now());
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        assert_eq!(until(HeadPlace::StatusLine), "HTTP/1.1 2");
        let header = until(HeadPlace::Header);
        assert!(header.ends_with("\r\nTransfer-Encoding: chun"), "{header}");
    }
}
