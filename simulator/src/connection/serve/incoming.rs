//! A request's body, whole, within bounds.
//!
//! More than 10 MiB is read and thrown away, so that the caller hears the refusal rather than a
//! reset (the limit is `glide.rest.max_content_length`, wire-core 1.6).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::api;

/// Bytes of a body that is kept.
pub(super) const LARGEST_BODY: u64 = api::LARGEST_BODY as u64;

/// How long a caller may take over a body: load balancers give up after five minutes
/// (wire-failures 5.3).
const PATIENCE: Duration = Duration::from_secs(300);

/// Bytes after which a caller that goes on sending is hung up on.
const PATIENCE_BYTES: u64 = 64 * 1024 * 1024;

/// A body that was read to its end.
#[derive(Debug)]
pub(super) enum Body {
    Whole(Bytes),
    /// Too large to be kept; so many bytes were sent.
    TooLarge(u64),
}

impl Body {
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Whole(body) => body.len() as u64,
            Self::TooLarge(bytes) => *bytes,
        }
    }
}

/// The caller left before the end, would not end, or took too long.
#[derive(Debug)]
pub(super) struct Unfinished;

pub(super) async fn read(body: Incoming) -> Result<Body, Unfinished> {
    timeout(PATIENCE, collect(body))
        .await
        .unwrap_or(Err(Unfinished))
}

async fn collect(mut body: Incoming) -> Result<Body, Unfinished> {
    let mut kept = BytesMut::new();
    let mut sent = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unfinished)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        sent += data.len() as u64;
        if sent > PATIENCE_BYTES {
            return Err(Unfinished);
        }
        if sent <= LARGEST_BODY {
            kept.extend_from_slice(data);
        } else {
            kept = BytesMut::new();
        }
    }
    Ok(if sent > LARGEST_BODY {
        Body::TooLarge(sent)
    } else {
        Body::Whole(kept.freeze())
    })
}
