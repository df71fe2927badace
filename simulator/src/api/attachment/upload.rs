//! New attachments: `POST /api/now/attachment/file` and `/upload` (wire-core 4.2).

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use jiff::civil::DateTime;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::access;
use super::meta::{self, Meta};
use super::multipart;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::query_string::Parameters;
use crate::policy::Access;
use crate::reply::Reply;
use crate::setup::Operation;
use crate::store::attachments;
use crate::store::records::row;
use crate::store::records::values::DATE_TIME;
use crate::store::schema::Class;

/// The content type of a part that names none (*assumed*).
const UNTYPED: &str = "application/octet-stream";
/// Bytes of a chunk, as it was seen.
const CHUNK: &str = "700000";
/// `com.glide.attachment.max_size`, in MB, when it is not set.
const MAX_SIZE: usize = 1024;

/// What is to be attached, and to what.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) table_name: String,
    pub(super) table_sys_id: String,
    pub(super) file_name: String,
    pub(super) content_type: Option<String>,
    pub(super) creation_time: String,
    pub(super) encryption_context: String,
    pub(super) bytes: Bytes,
}

/// Why there is no file in the parts, in our words.
#[derive(Debug)]
pub(super) struct NoFile(pub(super) String);

/// The body is the file, parameters say the rest.
pub(super) fn raw(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    let text = |name| parameters.value(name).unwrap_or("").to_owned();
    let kind = call.headers.get(CONTENT_TYPE);
    let kind = kind.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    let Some(kind) = kind.filter(|kind| !kind.trim().is_empty()) else {
        return Err(call.failures.parameters_missing(&["Content-Type"]).into());
    };
    let upload = Upload {
        table_name: text("table_name"),
        table_sys_id: text("table_sys_id"),
        file_name: text("file_name"),
        content_type: Some(kind),
        creation_time: text("creation_time"),
        encryption_context: text("encryption_context"),
        bytes: call.body.clone(),
    };
    attach(call, class, &upload)
}

/// The body holds table, record and file.
pub(super) fn in_parts(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    match multipart::read(call) {
        Ok(upload) => attach(call, class, &upload),
        Err(NoFile(why)) => {
            let detail = "File part might be missing in the request.";
            Err(call.failures.attachment_refused(detail, &why).into())
        }
    }
}

fn attach(call: &Owned, class: &'static Class, upload: &Upload) -> Result<Reply, Failed> {
    permitted(call, upload)?;
    let author = call.author();
    let creatable = call.access_to(Operation::Create, class.name);
    let values = row([
        ("file_name", upload.file_name.as_str()),
        (
            "content_type",
            upload.content_type.as_deref().unwrap_or(UNTYPED),
        ),
        ("table_name", upload.table_name.as_str()),
        ("table_sys_id", upload.table_sys_id.as_str()),
        ("size_bytes", upload.bytes.len().to_string().as_str()),
        (
            "size_compressed",
            compressed_size(&upload.bytes).to_string().as_str(),
        ),
        ("compressed", "true"),
        ("chunk_size_bytes", CHUNK),
        ("hash", hash(&upload.bytes).as_str()),
        ("state", "available"),
    ]);
    let created = DateTime::strptime(DATE_TIME, &upload.creation_time).ok();
    let (sys_id, meta) = call.store.write(&author, |records| {
        access::attachable(
            records.connection,
            call,
            &upload.table_name,
            &upload.table_sys_id,
        )?;
        let sys_id = records.insert(class.name, &values)?;
        opened::check_covered(records.connection, call, class, &creatable, &sys_id)?;
        if !attachments::keep(records, &sys_id, &upload.bytes)? {
            let detail = "The file is too large.";
            let why = format!(
                "all attachments come to {} bytes at most",
                attachments::MAX_TOTAL
            );
            let mut reply = call.failures.attachment_refused(detail, &why);
            reply.unmodelled.push(why);
            return Err(Failed::from(reply));
        }
        if let Some(created) = created {
            attachments::date(records, &sys_id, &created.strftime(DATE_TIME).to_string())?;
        }
        let stored = meta::stored(records.connection, call, class, &Access::ALL, &sys_id)?;
        Ok((sys_id, stored.map(|(meta, _)| meta)))
    })?;
    let result = meta.map(Meta::into_json);
    let mut reply = Reply::json(StatusCode::CREATED, &json!({ "result": result }));
    if let Ok(location) = HeaderValue::try_from(meta::location(call, &sys_id)) {
        reply.headers.insert(LOCATION, location);
    }
    if !upload.encryption_context.is_empty() {
        reply.unmodelled.push("encryption_context".to_owned());
    }
    if created.is_none() && !upload.creation_time.is_empty() {
        reply.reason = format!("`creation_time={}` is ignored", upload.creation_time);
    }
    Ok(reply)
}

/// What must be given is, and the instance's properties let the file in.
fn permitted(call: &Owned, upload: &Upload) -> Result<(), Failed> {
    let given = [
        ("file_name", &upload.file_name),
        ("table_name", &upload.table_name),
        ("table_sys_id", &upload.table_sys_id),
    ];
    let missing = given.iter().filter(|(_, value)| value.is_empty());
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Err(call.failures.parameters_missing(&missing).into());
    }
    let most = call.policy.property("com.glide.attachment.max_size");
    let most: usize = most
        .and_then(|most| most.trim().parse().ok())
        .unwrap_or(MAX_SIZE);
    if upload.bytes.len() > most.saturating_mul(1024 * 1024) {
        let why = format!("`com.glide.attachment.max_size` is {most} MB");
        let reply = call
            .failures
            .attachment_refused("The file is too large.", &why);
        return Err(reply.into());
    }
    let allowed = call
        .policy
        .property("glide.attachment.extensions")
        .unwrap_or("");
    let (_, extension) = upload.file_name.rsplit_once('.').unwrap_or(("", ""));
    let named = |one: &str| one.trim().eq_ignore_ascii_case(extension);
    if !allowed.trim().is_empty() && !allowed.split(',').any(named) {
        let why = format!("`glide.attachment.extensions` is `{allowed}`");
        let reply = call
            .failures
            .attachment_refused("File type is not allowed.", &why);
        return Err(reply.into());
    }
    Ok(())
}

/// Bytes of the file as an instance keeps it.
fn compressed_size(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // A vector takes everything.
    let _ = encoder.write_all(bytes);
    encoder
        .finish()
        .map_or(bytes.len(), |compressed| compressed.len())
}

/// SHA-256 in lower-case hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    crate::store::hex(&Sha256::digest(bytes))
}
