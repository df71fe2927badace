//! The metadata of attachments: how they are read, and their form (wire-core 4.2).

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::access;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Row, Shown};
use crate::journal::Condition;
use crate::policy::Access;
use crate::setup::{AttachmentLocation, Operation};
use crate::store::schema::Class;

/// Keys of an answer, in the order of the page's samples; the last three were seen later.
const KEYS: [&str; 21] = [
    "table_sys_id",
    "size_bytes",
    "download_link",
    "sys_updated_on",
    "sys_id",
    "image_height",
    "sys_created_on",
    "file_name",
    "sys_created_by",
    "compressed",
    "average_image_color",
    "sys_updated_by",
    "sys_tags",
    "table_name",
    "image_width",
    "sys_mod_count",
    "content_type",
    "size_compressed",
    "chunk_size_bytes",
    "hash",
    "state",
];

/// The columns of an attachment, as text.
#[derive(Debug)]
pub(super) struct Meta {
    fields: Map<String, Value>,
}

impl Meta {
    /// From a row that was read with the columns of [`columns`].
    pub(super) fn of(call: &Owned, shown: &[Shown], row: &Row) -> Self {
        let values = shown.iter().zip(row.values.iter());
        let stored: Map<String, Value> = values
            .map(|(shown, value)| (shown.key.clone(), Value::from(value)))
            .collect();
        let fields = KEYS.into_iter().map(|key| {
            let value = match key {
                "download_link" => Value::from(link(call, &row.sys_id)),
                key => stored.get(key).cloned().unwrap_or_else(|| Value::from("")),
            };
            (key.to_owned(), value)
        });
        Self {
            fields: fields.collect(),
        }
    }

    pub(super) fn text(&self, key: &str) -> String {
        let text = self.fields.get(key).and_then(Value::as_str);
        text.unwrap_or("").to_owned()
    }

    pub(super) fn into_json(self) -> Value {
        Value::Object(self.fields)
    }

    /// One line of JSON in ASCII, as a header takes it.
    pub(super) fn header(&self) -> String {
        use std::fmt::Write;
        let json = Value::Object(self.fields.clone()).to_string();
        let mut line = String::with_capacity(json.len());
        for letter in json.chars() {
            if letter.is_ascii() && !letter.is_ascii_control() {
                line.push(letter);
            } else {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
        }
        line
    }
}

/// The parameter that asks for every stored column of [`KEYS`].
pub(super) fn columns() -> String {
    format!("sysparm_fields={}", KEYS.join(","))
}

/// Where the file of an attachment is.
pub(super) fn link(call: &Owned, sys_id: &str) -> String {
    format!("{}/file", metadata_link(call, sys_id))
}

/// The `Location` of a new attachment, with the version of the request.
pub(super) fn location(call: &Owned, sys_id: &str) -> String {
    match call.attachment_location {
        AttachmentLocation::File => link(call, sys_id),
        AttachmentLocation::Metadata => metadata_link(call, sys_id),
    }
}

fn metadata_link(call: &Owned, sys_id: &str) -> String {
    let version = call
        .target
        .version
        .map_or(String::new(), |version| format!("/v{version}"));
    format!("{}/api/now{version}/attachment/{sys_id}", call.base_url)
}

/// The attachment of this id, whether the caller may read it or not.
pub(super) fn stored(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
) -> Result<Option<(Meta, bool)>, Failed> {
    let columns = columns();
    let parameters = Parameters::read(&columns);
    let found = reading::record(connection, call, class, access, sys_id, &parameters)?;
    Ok(found.map(|(shown, row)| (Meta::of(call, &shown, &row), row.visible)))
}

/// The attachment that the path names, if the caller may read it; or the 404.
pub(super) fn readable(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
) -> Result<Meta, Failed> {
    let sys_id = call.target.sys_id.as_deref().unwrap_or("");
    let own = call.access_to(Operation::Read, class.name);
    let absent = |reason| {
        let reply = call.failures.no_record(Condition::RecordNotFound, reason);
        Failed::from(reply)
    };
    let Some((meta, visible)) = stored(connection, call, class, &own, sys_id)? else {
        return Err(absent("there is no such attachment"));
    };
    if visible {
        Ok(meta)
    } else {
        Err(absent(
            "the attachment, or its record, is hidden from the user",
        ))
    }
}

/// The same, if the caller may change it too; or the 403.
pub(super) fn changeable(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
) -> Result<Meta, Failed> {
    let meta = readable(connection, call, class)?;
    let (table, record) = (meta.text("table_name"), meta.text("table_sys_id"));
    access::changeable(connection, call, &table, &record)?;
    Ok(meta)
}
