//! How an instance spells the names of its headers, where that is not title case (wire-core 1.2,
//! wire-failures 0.1, 1.1 and 5.1).
//!
//! Names are compared without regard to case (RFC 9110, 5.1), yet people and scripts search for
//! what they have seen. HTTP repeats the spelling of a request in its answer when it is handed
//! what it noted down while reading; so it reads one request with these names, once. A name that an
//! answer may have twice is there twice.

use std::convert::Infallible;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Extensions, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::sync::{OnceCell, oneshot};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\
    Host: localhost\r\n\
    WWW-Authenticate: -\r\n\
    WWW-Authenticate: -\r\n\
    X-MFA_TOKEN: -\r\n\
    X-RateLimit-Limit: -\r\n\
    X-RateLimit-Reset: -\r\n\
    X-RateLimit-Rule: -\r\n\
    X-Transaction-ID: -\r\n\r\n";

/// A header's name as an instance spells it: as above, or in title case.
pub(super) fn spelled(name: &str) -> String {
    let mut known = REQUEST.split(|byte| *byte == b'\n').filter_map(|line| {
        let (given, _) = std::str::from_utf8(line).ok()?.split_once(':')?;
        given.eq_ignore_ascii_case(name).then(|| given.to_owned())
    });
    let in_title_case = || {
        let mut begins = true;
        let letters = name.chars().map(|letter| {
            let large = std::mem::replace(&mut begins, letter == '-');
            if large {
                letter.to_ascii_uppercase()
            } else {
                letter
            }
        });
        letters.collect()
    };
    known.next().unwrap_or_else(in_title_case)
}

/// What an answer carries so that its headers are spelled so; without it they are in title case.
pub(super) async fn learned() -> &'static Extensions {
    static LEARNED: OnceCell<Extensions> = OnceCell::const_new();
    LEARNED
        .get_or_init(async || learn().await.unwrap_or_default())
        .await
}

async fn learn() -> Option<Extensions> {
    let (mut caller, listener) = tokio::io::duplex(REQUEST.len());
    caller.write_all(REQUEST).await.ok()?;
    let (noted, notes) = oneshot::channel();
    let noted = Mutex::new(Some(noted));
    let service = service_fn(|request: Request<Incoming>| {
        let noted = noted.lock().ok().and_then(|mut noted| noted.take());
        if let Some(noted) = noted {
            let _nobody_waits = noted.send(request.extensions().clone());
        }
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    let mut http = http1::Builder::new();
    let conversation = http
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(listener), service);
    tokio::select! {
        // What was noted down is looked at first: the conversation may end in the same breath.
        biased;
        notes = notes => notes.ok(),
        _ended = conversation => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_title_case_but_for_those_that_an_instance_spells_otherwise() {
        for (name, spelt) in [
            ("content-type", "Content-Type"),
            ("x-ratelimit-limit", "X-RateLimit-Limit"),
            ("www-authenticate", "WWW-Authenticate"),
            ("x-total-count", "X-Total-Count"),
        ] {
            assert_eq!(spelled(name), spelt);
        }
    }
}
