//! What an instance does by itself before and after a record is written (wire-core 5 and 6).

use rusqlite::OptionalExtension;

use super::values::written;
use super::{Author, Draft, Records};
use crate::store::schema::Class;
use crate::store::{StoreError, attachments};

/// Columns whose values a caller cannot set; a `sys_scope` that is given is stored as `global`
/// (wire-core 5).
pub(super) const SET_BY_THE_INSTANCE: [&str; 8] = [
    "sys_id",
    "sys_class_name",
    "sys_created_on",
    "sys_created_by",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
    "sys_scope",
];

/// Fills in audit columns, number, and what depends on other columns.
pub(super) fn before_insert(
    records: &Records<'_>,
    class: &Class,
    draft: &mut Draft,
) -> Result<(), StoreError> {
    let at = written(records.author.unix);
    let by = &records.author.user_name;
    draft.insert("sys_created_on", at.clone());
    draft.insert("sys_updated_on", at.clone());
    draft.insert("sys_created_by", by.clone());
    draft.insert("sys_updated_by", by.clone());
    draft.insert("sys_mod_count", "0".to_owned());
    if !class.prefix.is_empty() && is_empty(draft, "number") {
        draft.insert("number", next_number(records, class.prefix)?);
    }
    match class.root {
        "task" => {
            if is_empty(draft, "opened_at") {
                draft.insert("opened_at", at);
            }
            if is_empty(draft, "opened_by") {
                draft.insert("opened_by", author_id(records)?);
            }
            if let Some(number) = draft.get("number").cloned() {
                draft.insert("task_effective_number", number);
            }
            prioritise(class, draft);
            settle_state(class, draft);
            stamp_stages(records, None, draft)?;
        }
        "sys_user" => name_user(draft),
        "sys_metadata" => name_file(class, draft),
        _ => {}
    }
    Ok(())
}

/// Keeps dependent columns in step with what changed.
pub(super) fn before_update(
    records: &Records<'_>,
    class: &Class,
    before: &Draft,
    after: &mut Draft,
) -> Result<(), StoreError> {
    let given = after.clone();
    let changed = |name: &str| before.get(name) != given.get(name);
    match class.root {
        "task" => {
            if changed("impact") || changed("urgency") {
                prioritise(class, after);
            }
            if class.name == "incident" && changed("incident_state") && !changed("state") {
                let state = after.get("incident_state").cloned().unwrap_or_default();
                after.insert("state", state);
            }
            if before.get("state") != after.get("state") {
                settle_state(class, after);
            }
            stamp_stages(records, Some(before), after)?;
        }
        "sys_user" if changed("first_name") || changed("last_name") => {
            if !changed("name") {
                after.insert("name", String::new());
            }
            name_user(after);
        }
        "sys_metadata"
            if changed(class.display)
                && !changed("sys_name")
                && before.get("sys_name") == before.get(class.display) =>
        {
            let name = after.get(class.display).cloned().unwrap_or_default();
            after.insert("sys_name", name);
        }
        _ => {}
    }
    Ok(())
}

/// Stamps an effective change and returns the record's `sys_mod_count`.
pub(super) fn audit_update(author: &Author, after: &mut Draft) -> u64 {
    let count = mod_count(after) + 1;
    after.insert("sys_updated_on", written(author.unix));
    after.insert("sys_updated_by", author.user_name.clone());
    after.insert("sys_mod_count", count.to_string());
    count
}

pub(super) fn mod_count(record: &Draft) -> u64 {
    let text = record.get("sys_mod_count");
    text.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Deletes the records that only tie the deleted one to others.
pub(super) fn after_delete(
    records: &mut Records<'_>,
    class: &Class,
    sys_id: &str,
) -> Result<(), StoreError> {
    let ties = class.lineage.iter().flat_map(|table| ties(table));
    for (table, column) in ties {
        while let Some(tie) = records.find(table, column, sys_id)? {
            records.delete(table, &tie)?;
        }
    }
    attachments::gone_with(records, class, sys_id)
}

/// Tables and columns that tie a record of this table to others.
fn ties(table: &str) -> &'static [(&'static str, &'static str)] {
    match table {
        "sys_user" => &[("sys_user_has_role", "user"), ("sys_user_grmember", "user")],
        "sys_user_group" => &[
            ("sys_user_grmember", "group"),
            ("sys_group_has_role", "group"),
        ],
        "sys_user_role" => &[
            ("sys_user_has_role", "role"),
            ("sys_group_has_role", "role"),
            ("sys_user_role_contains", "role"),
            ("sys_user_role_contains", "contains"),
            ("sys_security_acl_role", "sys_user_role"),
        ],
        "sys_security_acl" => &[("sys_security_acl_role", "sys_security_acl")],
        "cmdb_ci" => &[("cmdb_rel_ci", "parent"), ("cmdb_rel_ci", "child")],
        "sys_transform_map" => &[("sys_transform_entry", "map")],
        "cmdb_identifier" => &[("cmdb_identifier_entry", "identifier")],
        "oauth_entity" => &[
            ("oauth_entity_profile", "oauth_entity"),
            ("oauth_entity_scope", "oauth_entity"),
            ("jwt_verifier_map", "oauth_jwt"),
        ],
        _ => &[],
    }
}

fn is_empty(draft: &Draft, name: &str) -> bool {
    draft.get(name).is_none_or(String::is_empty)
}

/// The next number of a prefix.
fn next_number(records: &Records<'_>, prefix: &str) -> Result<String, StoreError> {
    take_numbers(records, prefix, 1).map(|first| number(prefix, first))
}

/// Takes the next `count` numbers of a prefix and returns the first of them.
pub(super) fn take_numbers(
    records: &Records<'_>,
    prefix: &str,
    count: u64,
) -> Result<u64, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last: i64 = records
        .connection
        .prepare_cached(
            "INSERT INTO sys_number (prefix, last) VALUES (?, ?) \
             ON CONFLICT (prefix) DO UPDATE SET last = last + excluded.last RETURNING last",
        )?
        .query_row((prefix, count), |row| row.get(0))
        .optional()?
        .unwrap_or(count);
    Ok((last - count + 1).unsigned_abs())
}

/// A number of a prefix, seven digits at least (wire-core 5).
pub(super) fn number(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:07}")
}

/// Priority follows from impact and urgency (the shipped data lookup, *assumed* unchanged).
fn prioritise(class: &Class, draft: &mut Draft) {
    if !matches!(class.name, "incident" | "problem") {
        return;
    }
    let level = |name: &str| draft.get(name).and_then(|level| level.parse::<u8>().ok());
    if let (Some(impact @ 1..=3), Some(urgency @ 1..=3)) = (level("impact"), level("urgency")) {
        draft.insert("priority", (impact + urgency - 1).to_string());
    }
}

/// A closed task is inactive; an incident's two states are one.
fn settle_state(class: &Class, draft: &mut Draft) {
    let state = draft.get("state").cloned().unwrap_or_default();
    let closed: &[&str] = match class.name {
        "incident" => &["7", "8"],
        "problem" => &["107"],
        "change_request" => &["3", "4"],
        _ => &["3", "4", "7"],
    };
    let active = !closed.contains(&state.as_str());
    draft.insert("active", active.to_string());
    match class.name {
        "incident" => draft.insert("incident_state", state),
        "problem" => draft.insert("problem_state", state),
        _ => None,
    };
}

/// When a task is past a stage, and the columns that say when and by whom it was brought there.
type Stage = (fn(&Draft) -> bool, &'static str, &'static str);

/// Who brought a task to an end and when, which is emptied when it is taken up again (*assumed*;
/// shipped business rules do so). An incident is resolved before it is closed.
fn stamp_stages(
    records: &Records<'_>,
    before: Option<&Draft>,
    after: &mut Draft,
) -> Result<(), StoreError> {
    let stages: [Stage; 2] = [
        (is_closed, "closed_at", "closed_by"),
        (is_resolved, "resolved_at", "resolved_by"),
    ];
    for (is_over, at, by) in stages {
        match (before.is_some_and(is_over), is_over(after)) {
            (false, true) => {
                if is_empty(after, at) {
                    after.insert(at, written(records.author.unix));
                }
                if is_empty(after, by) {
                    after.insert(by, author_id(records)?);
                }
            }
            (true, false) => {
                after.insert(at, String::new());
                after.insert(by, String::new());
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_closed(task: &Draft) -> bool {
    task.get("active").is_some_and(|active| active == "false")
}

/// Whether an incident is resolved or closed.
fn is_resolved(task: &Draft) -> bool {
    let state = task.get("incident_state");
    state.is_some_and(|state| matches!(state.as_str(), "6" | "7"))
}

/// The `sys_id` of the user who writes; empty where there is no such user.
fn author_id(records: &Records<'_>) -> Result<String, StoreError> {
    let found = records.find("sys_user", "user_name", &records.author.user_name)?;
    Ok(found.unwrap_or_default())
}

/// A user's display name is made of the names, or else is the user name.
fn name_user(draft: &mut Draft) {
    if !is_empty(draft, "name") {
        return;
    }
    let part = |name: &str| draft.get(name).cloned().unwrap_or_default();
    let full = format!("{} {}", part("first_name"), part("last_name"));
    let name = match full.trim() {
        "" => part("user_name"),
        full => full.to_owned(),
    };
    draft.insert("name", name);
}

/// An application file is named by its display value, and its update by table and record
/// (*assumed*).
fn name_file(class: &Class, draft: &mut Draft) {
    let value = |name: &str| draft.get(name).cloned().unwrap_or_default();
    let update = match class.name {
        "sys_dictionary" => match value("element").as_str() {
            "" => format!("sys_dictionary_{}_null", value("name")),
            element => format!("sys_dictionary_{}_{element}", value("name")),
        },
        name => format!("{name}_{}", value("sys_id")),
    };
    let name = value(class.display);
    for (column, value) in [("sys_name", name), ("sys_update_name", update)] {
        if is_empty(draft, column) {
            draft.insert(column, value);
        }
    }
}

/// Numbers of records that are created from here on begin at 0010001, as on a real instance,
/// where demo data holds the numbers below (wire-core 5).
pub(crate) fn reserve_demo_numbers(
    records: &Records<'_>,
    prefixes: &[&str],
) -> Result<(), StoreError> {
    for prefix in prefixes {
        records.connection.execute(
            "INSERT INTO sys_number (prefix, last) VALUES (?, 10000) \
             ON CONFLICT (prefix) DO UPDATE SET last = max(last, 10000)",
            [prefix],
        )?;
    }
    Ok(())
}
