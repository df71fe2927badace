//! Business rules that abort a change: rows of `sys_script` with `abort_action` (wire-core 2.1).
//!
//! A rule is asked before anything is kept, about the record as it would be. What a script decides
//! (`condition`, `script`) is not modelled: a rule with a `condition` never runs.

use rusqlite::params;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened::is_covered;
use crate::policy::Access;
use crate::store::schema::Class;
use crate::store::{Records, StoreError};

/// What is done to the record: the column of `sys_script` that says whether a rule minds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Done {
    Inserted,
    Updated,
    Deleted,
}

impl Done {
    const fn column(self) -> &'static str {
        match self {
            Self::Inserted => "action_insert",
            Self::Updated => "action_update",
            Self::Deleted => "action_delete",
        }
    }
}

struct Rule {
    sys_id: String,
    name: String,
    filter: String,
}

/// Fails with the answer of an instance if an active rule of the record's table, or of one that it
/// extends, aborts what was done. The caller's transaction is what takes it back.
pub(super) fn may_abort(
    records: &Records<'_>,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    done: Done,
) -> Result<(), Failed> {
    for table in &class.lineage {
        for rule in aborting(records, table, done)? {
            let matching = Access::Granted {
                row_conditions: vec![rule.filter],
            };
            if is_covered(records.connection, call, class, &matching, sys_id)? {
                return Err(call
                    .failures
                    .aborted(class.name, &rule.name, &rule.sys_id)
                    .into());
            }
        }
    }
    Ok(())
}

/// The rules that could abort, in the order in which they run.
fn aborting(records: &Records<'_>, table: &str, done: Done) -> Result<Vec<Rule>, StoreError> {
    let statement = format!(
        "SELECT sys_id, name, filter_condition FROM sys_metadata \
         WHERE sys_class_name = 'sys_script' AND collection = ? AND \"when\" = 'before' \
         AND active = 'true' AND abort_action = 'true' AND {} = 'true' AND condition = '' \
         ORDER BY CAST(\"order\" AS INTEGER), sys_id",
        done.column()
    );
    let mut statement = records.connection.prepare_cached(&statement)?;
    let found = statement.query_map(params![table], |row| {
        Ok(Rule {
            sys_id: row.get(0)?,
            name: row.get(1)?,
            filter: row.get(2)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
