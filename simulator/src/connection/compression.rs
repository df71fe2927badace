//! Answers in gzip, for whoever offers to read it (wire-core 0: `Content-Encoding: gzip` on every
//! answer to a client that offers it, errors included).
//!
//! Pages of the edge are sent as they are, and so is what a step scripted; that the edge compresses
//! none of its own is *assumed*.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue};

use crate::reply::{Origin, Reply};
use crate::store::Store;

/// Bytes from which on compressing is work for another thread.
const MUCH: usize = 16 * 1024;

/// Bytes that are compressed at a time, in tens of microseconds.
const PIECE: usize = 4 * 1024;

/// The body in gzip, where the caller offers to read that and the answer is one that an application
/// compresses.
///
/// Much of it is long work, in turn with the store's.
pub(super) async fn gzipped(
    reply: &Reply,
    request_headers: &HeaderMap,
    store: &Store,
) -> Option<Bytes> {
    let is_plain = !reply.headers.contains_key(CONTENT_ENCODING);
    if reply.origin != Origin::Application
        || reply.body.is_empty()
        || !is_plain
        || !offers_gzip(request_headers)
    {
        return None;
    }
    if reply.body.len() < MUCH {
        return gzip(&reply.body, || {}).ok();
    }
    let (body, store) = (reply.body.clone(), store.clone());
    let work =
        tokio::task::spawn_blocking(move || store.at_length(|work| gzip(&body, || work.step())));
    work.await.ok()?.ok()
}

/// Puts a body in gzip in the place of the plain one.
pub(super) fn replace(reply: &mut Reply, gzipped: Bytes) {
    reply.body = gzipped;
    let coding = HeaderValue::from_static("gzip");
    reply.headers.insert(CONTENT_ENCODING, coding);
}

pub(super) fn gzip(body: &[u8], between_pieces: impl Fn()) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    for piece in body.chunks(PIECE) {
        encoder.write_all(piece)?;
        between_pieces();
    }
    encoder.finish().map(Bytes::from)
}

/// Whether gzip is offered with a weight above zero, by name or, where it is not named, by `*` (RFC
/// 9110, 12.5.3).
fn offers_gzip(headers: &HeaderMap) -> bool {
    let mut by_wildcard = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for coding in value.to_str().unwrap_or("").split(',') {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = parameters.trim().strip_prefix("q=");
            let wanted = weight.is_none_or(|weight| weight.trim().parse::<f32>() != Ok(0.0));
            match name.trim().to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => return wanted,
                "*" => by_wildcard = wanted,
                _ => {}
            }
        }
    }
    by_wildcard
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use http::StatusCode;
    use serde_json::json;

    use super::*;

    fn offering(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn only_an_offer_with_a_weight_counts() {
        for offer in [
            "gzip",
            "gzip, deflate, br",
            "br;q=1, GZIP;q=0.1",
            "*",
            "x-gzip",
        ] {
            assert!(offers_gzip(&offering(offer)), "{offer}");
        }
        for none in [
            "",
            "identity",
            "deflate",
            "gzip;q=0",
            "*;q=0",
            "gzip;q=0.000, *",
        ] {
            assert!(!offers_gzip(&offering(none)), "{none}");
        }
        assert!(!offers_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_is_compressed_is_the_body_and_the_application_s_alone() {
        let mut reply = Reply::json(StatusCode::OK, &json!({ "result": "x".repeat(MUCH) }));
        let store = Store::open(None).unwrap();
        let offered = offering("gzip");
        let packed = gzipped(&reply, &offered, &store).await.unwrap();
        let mut plain = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, reply.body);
        reply.origin = Origin::Edge;
        assert_eq!(gzipped(&reply, &offered, &store).await, None);
        let empty = Reply::empty(StatusCode::NO_CONTENT);
        assert_eq!(gzipped(&empty, &offered, &store).await, None);
    }

    #[test]
    fn pieces_change_nothing() {
        let lines = (0..20_000_u32).map(|at| format!("{{\"n\":\"{}\"}},", at * 7919 % 10_007));
        let body = lines.collect::<String>();
        let mut whole = GzEncoder::new(Vec::new(), Compression::fast());
        whole.write_all(body.as_bytes()).unwrap();
        assert_eq!(
            gzip(body.as_bytes(), || {}).unwrap(),
            whole.finish().unwrap()
        );
    }
}
