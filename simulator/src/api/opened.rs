//! One record, opened for a caller: fetched if it may be read, checked before it is changed. Every
//! API asks here, so that a record is closed in all of them or in none.

use std::sync::Arc;

use rusqlite::Connection;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::reading::{self, Columns, Row};
use crate::journal::{Condition, Served};
use crate::policy::Access;
use crate::setup::Operation;
use crate::store::schema::Class;
use crate::store::{Records, StoreError};

/// A record with the columns that are asked for, if the caller may read it; or the 404, which does
/// not tell an absent record from a hidden one (wire-core 2.1).
pub(super) fn fetch(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<(Arc<Columns>, Row), Failed> {
    let readable = call.access_to(Operation::Read, class.name);
    let found = reading::record(connection, call, class, &readable, sys_id, parameters)?;
    let Some((shown, row)) = found else {
        return Err(absent(call, "there is no such record"));
    };
    if !row.visible {
        return Err(absent(call, "the record is hidden from the user"));
    }
    Ok((shown, row))
}

/// Whether an access covers a record; none if there is no such record.
pub(super) fn covers(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
) -> Result<Option<bool>, StoreError> {
    let only_id = Parameters::read("sysparm_fields=sys_id");
    let found = reading::record(connection, call, class, access, sys_id, &only_id)?;
    Ok(found.map(|(_, row)| row.visible))
}

/// Whether there is such a record and an access covers it.
pub(super) fn is_covered(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
) -> Result<bool, StoreError> {
    Ok(covers(connection, call, class, access, sys_id)? == Some(true))
}

/// Fails with 404 unless the caller may read the record.
pub(super) fn check_readable(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
) -> Result<(), Failed> {
    let only_id = Parameters::read("sysparm_fields=sys_id");
    fetch(connection, call, class, sys_id, &only_id).map(drop)
}

/// Fails with 404 unless the caller may read the record, with 403 unless it may do to it what the
/// call does: the controls of its own class decide, whichever table the path names. Returns that
/// class.
pub(super) fn check_changeable(
    records: &Records<'_>,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
) -> Result<&'static Class, Failed> {
    check_readable(records.connection, call, class, sys_id)?;
    let own = records.class_of(class.name, sys_id)?.unwrap_or(class);
    call.check_sound(own.name)?;
    let access = call.access_to(call.target.operation, own.name);
    check_covered(records.connection, call, own, &access, sys_id)?;
    Ok(own)
}

/// Fails with 403 unless an access covers the record, such as one that was just made.
pub(super) fn check_covered(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
) -> Result<(), Failed> {
    if is_covered(connection, call, class, access, sys_id)? {
        Ok(())
    } else {
        Err(refused(call))
    }
}

/// Fails with 403 where an access lets nothing pass.
pub(super) fn check_permitted(call: &Owned, access: &Access) -> Result<(), Failed> {
    match access {
        Access::Granted { .. } => Ok(()),
        Access::Refused | Access::Hidden => Err(refused(call)),
    }
}

/// The 403 of a change that access controls do not allow.
pub(super) fn refused(call: &Owned) -> Failed {
    // What names no table in its path is an attachment.
    let table = call.target.table.as_deref().unwrap_or("sys_attachment");
    call.failures
        .write_refused(call.target.operation, table)
        .into()
}

/// The 403 of a class that web services may not reach (wire-failures 4.14).
pub(super) fn not_exposed(call: &Owned, class: &Class) -> Failed {
    let reason = format!("web services may not reach `{}`", class.name);
    let condition = Condition::TableNotExposed;
    call.failures.closed(condition, &reason).into()
}

/// The 404; `reason` tells the journal what the caller is not told.
pub(super) fn absent(call: &Owned, reason: &str) -> Failed {
    let condition = Condition::RecordNotFound;
    call.failures.no_record(condition, reason).into()
}

/// What the journal knows of an answer that is one record.
pub(super) fn served(class: &Class, sys_id: &str) -> Served {
    Served {
        table: class.name.to_owned(),
        query: String::new(),
        order: Vec::new(),
        ordered_by_caller: Vec::new(),
        offset: 0,
        limit: 1,
        total: 1,
        hidden: 0,
        sys_ids: vec![sys_id.to_owned()],
        left_out: Vec::new(),
    }
}
