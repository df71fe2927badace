//! The Attachment API: `/api/now/attachment` (wire-core 4.2).
//!
//! An attachment belongs to a record and goes with it; whoever may read or change the record may
//! read or change its attachments.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use rusqlite::Connection;
use serde_json::json;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::settable;
use super::table::payload;
use crate::fidelity::{Behaviour, Standing};
use crate::reply::Reply;
use crate::store::Values;
use crate::store::attachments;
use crate::store::records::row;
use crate::store::schema::Class;

mod access;
mod attributes;
mod list;
mod meta;
mod multipart;
mod upload;

const TABLE: &str = "sys_attachment";
const METADATA: HeaderName = HeaderName::from_static("x-attachment-metadata");
/// Bytes of a header that a file is sent with, at most; one that is longer is left out (*assumed*).
const LONGEST_HEADER: usize = 8192;
const UNTYPED: HeaderValue = HeaderValue::from_static("application/octet-stream");

const fn documented(what: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Documented,
        source: "Attachment API (c_AttachmentAPI)",
    }
}

const fn observed(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Observed,
        source,
    }
}

const fn assumed(what: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Assumed,
        source: "wire-core 4.2",
    }
}

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    documented(
        "A list of metadata with `sysparm_query` over `sys_attachment`, `sysparm_limit` (1,000 by default) and `sysparm_offset`",
    ),
    documented("The metadata of one attachment; 404 where there is none or it cannot be accessed"),
    documented(
        "A file with its own content type, and its metadata in the header `X-Attachment-Metadata`",
    ),
    documented(
        "An upload of a raw body, its content type in the header, `file_name`, `table_name` and `table_sys_id` in parameters: 201",
    ),
    documented(
        "400 where one of these is missing, 404 where the record is missing or not accessible",
    ),
    documented(
        "An upload in parts, `table_name` and `table_sys_id` before the file, which is last: 201",
    ),
    documented("`creation_time` dates the attachment"),
    documented("PATCH renames and answers 204; DELETE answers 204"),
    documented(
        "Attributes: GET 200, POST 201 and PUT 200 with `key` and `value`, DELETE of one or all 204",
    ),
    documented("The properties `com.glide.attachment.max_size` and `glide.attachment.extensions`"),
    observed(
        "`X-Total-Count` and `Link` on lists",
        "wire-core 4.2, a captured list",
    ),
    observed(
        "A version 1 list without a match is 200 and empty",
        "PySNC's own test",
    ),
    observed(
        "`Location` is the link to the file, with the version of the request; the switch `attachment_location` makes it that of the metadata, as documented",
        "PySNC's own test: it equals `get_link()`, which ends in `/file`; wire-core 4.2",
    ),
    observed(
        "`hash` (SHA-256), `state` and `chunk_size_bytes` in the metadata",
        "wire-core 4.2, ansible's return values",
    ),
    observed(
        "400 `File part might be missing in the request.` for parts without a file and for `charset` beside the boundary",
        "a client's regression test; the message beside it is assumed",
    ),
    observed(
        "`ZZ_YY` before a table's name hides an attachment from its record's list and names the same record",
        "clients' uploads",
    ),
    assumed(
        "Whoever may read the record may read its attachments, whoever may change it may add, rename and delete them; 403 `ACL Exception` else",
    ),
    assumed("Access controls of `sys_attachment` itself matter for reading and creating alone"),
    assumed("`X-Total-Count` counts attachments that are hidden from the caller"),
    assumed("`download_link` has the version of the request"),
    assumed("Characters beyond ASCII in `X-Attachment-Metadata` are escaped as JSON allows"),
    assumed("`X-Attachment-Metadata` of more than 8 KB, of a long name, is left out"),
    assumed("Images have no height, width and colour"),
    assumed("`size_compressed` is that of gzip at its fastest; an attachment is available at once"),
    assumed("The messages of the 400s other than that of the missing file"),
    assumed("A `creation_time` of another form than `YYYY-MM-DD HH:MM:SS` is ignored"),
    assumed("`Accept` does not keep a file of another type from being sent"),
    assumed("A second attribute of one key is 400, an unknown key is 404"),
    assumed(
        "A file over 10 MB meets `glide.rest.max_content_length`, as every body does; the simulator holds no larger ones",
    ),
    assumed(
        "All files of an instance come to 512 MB at most, a bound of the simulator; more are unmodelled",
    ),
    assumed("Deleting a record deletes its attachments, and these their attributes"),
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    let parameters = &Parameters::read(&call.query);
    call.check_sound(TABLE)?;
    let Some(class) = call.store.schema().class(TABLE) else {
        return Err(call.failures.invalid_table(TABLE).into());
    };
    match (&call.method, call.target.route) {
        (&Method::GET | &Method::HEAD, "/attachment") => list::answer(call, class, parameters),
        (&Method::POST, "/attachment/file") => upload::raw(call, class, parameters),
        (&Method::POST, "/attachment/upload") => upload::in_parts(call, class),
        (&Method::GET | &Method::HEAD, "/attachment/{sys_id}") => described(call, class),
        (&Method::PATCH, "/attachment/{sys_id}") => rename(call, class),
        (&Method::DELETE, "/attachment/{sys_id}") => delete(call, class),
        (&Method::GET | &Method::HEAD, "/attachment/{sys_id}/file") => file(call, class),
        (_, "/attachment/{sys_id}/attributes" | "/attachment/{sys_id}/attributes/{key}") => {
            attributes::answer(call, class)
        }
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}

/// Fails unless the caller may add such an attachment to the record that it names; anything else
/// passes.
pub(super) fn check_parent(
    connection: &Connection,
    call: &Owned,
    class: &Class,
    values: &Values,
) -> Result<(), Failed> {
    let value = |name: &str| values.get(name).map_or("", String::as_str);
    match class.name == TABLE && !call.identity.roles.contains("admin") {
        true => access::attachable(connection, call, value("table_name"), value("table_sys_id")),
        false => Ok(()),
    }
}

fn described(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    call.store.read(|connection| {
        let meta = meta::readable(connection, call, class)?.into_json();
        Ok(Reply::json(StatusCode::OK, &json!({ "result": meta })))
    })
}

fn file(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    call.store.read(|connection| {
        let meta = meta::readable(connection, call, class)?;
        let bytes = attachments::bytes(connection, &meta.text("sys_id"))?.unwrap_or_default();
        let short = |value: &HeaderValue| !value.is_empty() && value.len() <= LONGEST_HEADER;
        let kind = HeaderValue::try_from(meta.text("content_type")).ok();
        let kind = kind.filter(short).unwrap_or(UNTYPED);
        let mut reply = Reply::application(StatusCode::OK, kind, Bytes::from(bytes));
        let metadata = HeaderValue::try_from(meta.header()).ok();
        if let Some(metadata) = metadata.filter(short) {
            reply.headers.insert(METADATA, metadata);
        }
        Ok(reply)
    })
}

fn rename(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    let values = payload::read(call)?;
    let Some(name) = values.get("file_name").filter(|name| !name.is_empty()) else {
        return Err(call.failures.parameters_missing(&["file_name"]).into());
    };
    let reason = call.store.write(&call.author(), |records| {
        let connection = records.connection;
        let sys_id = meta::changeable(connection, call, class)?.text("sys_id");
        let values = row([("file_name", name.as_str())]);
        let settable = settable::settable(connection, call, class, Some(&sys_id), values)?;
        records.update(TABLE, &sys_id, &settable.values)?;
        Ok::<_, Failed>(settable.reason())
    })?;
    let mut reply = Reply::empty(StatusCode::NO_CONTENT);
    reply.reason = reason;
    Ok(reply)
}

fn delete(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    call.store.write(&call.author(), |records| {
        let sys_id = meta::changeable(records.connection, call, class)?.text("sys_id");
        records.delete(TABLE, &sys_id)?;
        Ok::<_, Failed>(())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
