//! Who may add and change an attachment: whoever may change the record that it belongs to
//! (*assumed*; the page asks for the roles "required to read and write records on the target table").
//! That it is read by whoever may read the record holds in every API (`query/sql/parents.rs`).

use rusqlite::Connection;

use super::TABLE;
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

/// Fails with 403 unless the caller may change the record; where there is none any more, unless it
/// may change anything.
pub(super) fn changeable(
    connection: &Connection,
    call: &Owned,
    table_name: &str,
    sys_id: &str,
) -> Result<(), Failed> {
    match covers(connection, call, Operation::Write, table_name, sys_id)? {
        Some(true) => Ok(()),
        Some(false) => Err(opened::refused(call)),
        None => opened::check_permitted(call, &call.access_to(Operation::Write, TABLE)),
    }
}
