//! An upload in parts: `POST /api/now/attachment/upload` (wire-core 4.2).
//!
//! The file comes last: what follows it is not read, as the page tells callers to expect.

use std::convert::Infallible;
use std::future::ready;

use futures_util::FutureExt;
use futures_util::stream::once;
use http::header::CONTENT_TYPE;
use multer::Multipart;

use super::upload::{NoFile, Upload};
use crate::api::Owned;

/// Parts that are read before the file, at most.
const MAX_PARTS: usize = 50;

/// Reads the parts up to the file.
pub(super) fn read(call: &Owned) -> Result<Upload, NoFile> {
    let kind = call.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let boundary = multer::parse_boundary(kind).map_err(|error| NoFile(error.to_string()))?;
    // An instance's parser refuses the parameter, which RFC 7578, 4.6, does not know.
    if kind.to_ascii_lowercase().contains("charset=") {
        return Err(NoFile("`charset` beside the boundary".to_owned()));
    }
    let body = once(ready(Ok::<_, Infallible>(call.body.clone())));
    // The body is there, so that nothing of this waits.
    let read = parts(Multipart::new(body, boundary)).now_or_never();
    read.unwrap_or_else(|| Err(NoFile("the parts do not end".to_owned())))
}

async fn parts(mut multipart: Multipart<'_>) -> Result<Upload, NoFile> {
    let mut upload = Upload::default();
    let broken = |error: multer::Error| NoFile(error.to_string());
    for _ in 0..=MAX_PARTS {
        let Some(field) = multipart.next_field().await.map_err(broken)? else {
            return Err(NoFile("no part is a file".to_owned()));
        };
        if let Some(file_name) = field.file_name() {
            upload.file_name = file_name.to_owned();
            upload.content_type = field.content_type().map(ToString::to_string);
            upload.bytes = field.bytes().await.map_err(broken)?;
            return Ok(upload);
        }
        let name = field.name().unwrap_or("").to_owned();
        let value = field.bytes().await.map_err(broken)?;
        let value = String::from_utf8_lossy(&value).into_owned();
        match name.as_str() {
            "table_name" => upload.table_name = value,
            "table_sys_id" => upload.table_sys_id = value,
            "creation_time" => upload.creation_time = value,
            "encryption_context" => upload.encryption_context = value,
            _ => {}
        }
    }
    Err(NoFile(format!("no file in the first {MAX_PARTS} parts")))
}
