//! Which of the fields that a caller writes it may set (wire-failures 4.18, wire-core 2.1).

use rusqlite::Connection;

use super::Owned;
use super::failures::Failed;
use super::opened;
use crate::journal::Condition;
use crate::policy::Access;
use crate::setup::{ClosedWrites, Operation};
use crate::store::Values;
use crate::store::schema::Class;

/// Staging rows, of which the columns that say what became of a row are the instance's to fill.
const STAGED: &str = "sys_import_set_row";

/// What is written of the values, and which of the fields are left as they are.
#[derive(Debug, Default)]
pub(super) struct Settable {
    pub(super) values: Values,
    pub(super) dropped: Vec<String>,
}

impl Settable {
    /// What the journal is told of fields that are dropped; nothing where none is.
    pub(super) fn reason(&self) -> String {
        match self.dropped.is_empty() {
            true => String::new(),
            false => format!("the user may not set {}", self.dropped.join(", ")),
        }
    }

    /// The condition from which that follows, if any field is dropped.
    pub(super) fn condition(&self) -> Option<Condition> {
        (!self.dropped.is_empty()).then_some(Condition::FieldsDropped)
    }
}

/// Which of the values the caller may set on a record of exactly this class, which there is already
/// (`sys_id`) or not; 403 for the others where a switch says so. The row condition of a control is
/// asked of the record as it is; of a new one it is not (*assumed*).
pub(super) fn settable(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    sys_id: Option<&str>,
    values: Values,
) -> Result<Settable, Failed> {
    let operation = match sys_id {
        Some(_) => Operation::Write,
        None => Operation::Create,
    };
    let mut settable = Settable::default();
    for (name, value) in values {
        let access = match class.column(&name) {
            Some(column) => call
                .policy
                .may_set_field(&call.identity, operation, class, column),
            None => Access::ALL,
        };
        let is_open = match (&access, sys_id) {
            (Access::Refused | Access::Hidden, _) => false,
            (Access::Granted { row_conditions }, Some(sys_id)) if !row_conditions.is_empty() => {
                opened::is_covered(connection, call, class, &access, sys_id)?
            }
            (Access::Granted { .. }, _) => true,
        };
        if is_open && !is_outcome(class, &name) {
            settable.values.insert(name, value);
        } else if !is_open && call.closed_writes == ClosedWrites::Refused {
            return Err(call.failures.write_refused(operation, class.name).into());
        } else {
            settable.dropped.push(name);
        }
    }
    Ok(settable)
}

/// Whether a column says what became of a staging row.
pub(super) fn is_outcome(class: &Class, column: &str) -> bool {
    let staged = || class.schema().class(STAGED);
    class.lineage.contains(&STAGED) && staged().is_some_and(|row| row.own.contains(&column))
}
