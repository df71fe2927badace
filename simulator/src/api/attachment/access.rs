//! Who may see and change an attachment: whoever may read, or change, the record that it belongs to
//! (*assumed*; the page asks for the roles "required to read and write records on the target table").

use std::collections::HashMap;

use rusqlite::Connection;

use super::meta::Meta;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::setup::Operation;
use crate::store::StoreError;
use crate::store::attachments::parent_table;

/// Whether an operation covers the record of this table; none if there is no such record.
fn covers(
    connection: &Connection,
    call: &Owned,
    operation: Operation,
    table_name: &str,
    sys_id: &str,
) -> Result<Option<bool>, StoreError> {
    let Some(class) = call.store.schema().class(parent_table(table_name)) else {
        return Ok(None);
    };
    let access = call.access_to(operation, class.name);
    opened::covers(connection, call, class, &access, sys_id)
}

/// Whether the caller may read an attachment of this record. One whose record is gone shows to an
/// administrator alone (*assumed*).
pub(super) fn is_readable(
    connection: &Connection,
    call: &Owned,
    table_name: &str,
    sys_id: &str,
) -> Result<bool, StoreError> {
    let covered = covers(connection, call, Operation::Read, table_name, sys_id)?;
    Ok(covered.unwrap_or_else(|| call.identity.roles.contains("admin")))
}

/// Answers of [`is_readable`], so that many attachments of one record ask once.
#[derive(Debug)]
pub(super) struct Readable<'a> {
    connection: &'a Connection,
    call: &'a Owned,
    known: HashMap<(String, String), bool>,
}

impl<'a> Readable<'a> {
    pub(super) fn new(connection: &'a Connection, call: &'a Owned) -> Self {
        Self {
            connection,
            call,
            known: HashMap::new(),
        }
    }

    pub(super) fn covers(&mut self, meta: &Meta) -> Result<bool, StoreError> {
        let record = (meta.text("table_name"), meta.text("table_sys_id"));
        if let Some(known) = self.known.get(&record) {
            return Ok(*known);
        }
        let readable = is_readable(self.connection, self.call, &record.0, &record.1)?;
        self.known.insert(record, readable);
        Ok(readable)
    }
}

/// Fails with 404 unless there is such a record that the caller may read, with 403 unless it may
/// change it.
pub(super) fn attachable(
    connection: &Connection,
    call: &Owned,
    table_name: &str,
    sys_id: &str,
) -> Result<(), Failed> {
    let absent = match covers(connection, call, Operation::Read, table_name, sys_id)? {
        Some(true) => return changeable(connection, call, table_name, sys_id),
        Some(false) => "the record is hidden from the user",
        None => "there is no such record",
    };
    Err(opened::absent(call, absent))
}

/// Fails with 403 unless the caller may change the record, if there still is one.
pub(super) fn changeable(
    connection: &Connection,
    call: &Owned,
    table_name: &str,
    sys_id: &str,
) -> Result<(), Failed> {
    match covers(connection, call, Operation::Write, table_name, sys_id)? {
        Some(true) | None => Ok(()),
        Some(false) => Err(opened::refused(call)),
    }
}
