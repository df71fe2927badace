//! One item for another API: identified and updated, or made.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::payload::{Item, Payload};
use super::plan::{self, Planned, Planner};
use super::problem::Problem;
use super::{Mode, commit, report};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::settable::settable;
use crate::setup::Operation;
use crate::store::schema::Class;
use crate::store::{Records, StoreError, Values};

/// An item that was identified, or made, for another API.
pub(in crate::api) struct Settled {
    pub(in crate::api) sys_id: String,
    /// The class it has now.
    pub(in crate::api) class: &'static Class,
    /// Whether it was made.
    pub(in crate::api) is_new: bool,
}

/// Identifies one item and updates it or makes it, for another API. The error is what is reported
/// of an item that was rejected. Refused with 403 where the item exists and the caller may not
/// change it.
pub(in crate::api) fn create_or_update(
    call: &Owned,
    records: &mut Records<'_>,
    class_name: &str,
    values: Values,
    source: Option<&str>,
) -> Result<Result<Settled, Value>, Failed> {
    let mode = Mode::PLAIN;
    let payload = Payload::of(Item {
        class_name: class_name.to_owned(),
        values,
        ..Item::default()
    });
    let planner = Planner::new(call, records.connection, mode, source)?;
    let mut planned = planner.plan(&payload)?;
    let Some(one) = planned.first_mut() else {
        return Ok(Err(json!({})));
    };
    if one.errors.is_empty() {
        let connection = records.connection;
        if let Some(found) = &one.found {
            let class = found.class;
            let access = call.access_to(Operation::Write, class.name);
            if !opened::is_covered(connection, call, class, &access, &found.sys_id)? {
                return Err(call
                    .failures
                    .write_refused(Operation::Write, class.name)
                    .into());
            }
        }
        // What identifies an item is the engine's to know, and what is stored the caller's to set.
        if let Some(class) = one.class {
            let sys_id = one.found.as_ref().map(|found| found.sys_id.clone());
            let values = std::mem::take(&mut one.item.values);
            let settable = settable(connection, call, class, sys_id.as_deref(), values)?;
            one.item.values = settable.values;
        }
        commit::item(records, one, call.now.unix)?;
    }
    match (&one.sys_id, one.class) {
        (Some(sys_id), Some(class)) if one.errors.is_empty() => Ok(Ok(Settled {
            sys_id: sys_id.clone(),
            class,
            is_new: one.found.is_none(),
        })),
        _ => Ok(Err(report::item(mode, one))),
    }
}

/// Whether a source is one of the choices that a write may name; the error is what is reported.
pub(in crate::api) fn check_source(
    connection: &Connection,
    class_name: &str,
    source: Option<&str>,
) -> Result<Result<(), Value>, StoreError> {
    if plan::is_source(connection, source)? {
        return Ok(Ok(()));
    }
    Ok(Err(rejected(class_name, Problem::data_source(source))))
}

/// What is reported of an item that has this problem.
pub(in crate::api) fn rejected(class_name: &str, problem: Problem) -> Value {
    report::item(Mode::PLAIN, &Planned::rejected(class_name, problem))
}
