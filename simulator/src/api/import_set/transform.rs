//! Runs a transform map over a staging row.

use super::maps::{Entry, Map};
use super::rows::{matching, that_have, value};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::store::records::values::normalise;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::fold;
use crate::store::{Records, StoreError, Values};

/// What a map made of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// `inserted`, `updated`, `ignored`, `skipped` or `error`.
    pub(super) status: &'static str,
    /// The record of the target table, where there is one.
    pub(super) record: Option<String>,
    /// Why, where it is neither inserted nor updated.
    pub(super) message: String,
}

impl Outcome {
    fn made(status: &'static str, record: String) -> Self {
        Self {
            status,
            record: Some(record),
            message: String::new(),
        }
    }

    fn failed(status: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            record: None,
            message: message.into(),
        }
    }
}

/// Runs a map over a row. What is not modelled is added to `unmodelled`.
pub(super) fn run(
    records: &mut Records<'_>,
    call: &Owned,
    map: &Map,
    staged: &Values,
    unmodelled: &mut Vec<String>,
) -> Result<Outcome, Failed> {
    call.check_sound(&map.target)?;
    let Some(target) = records.schema().class(&map.target) else {
        return Ok(Outcome::failed(
            "error",
            format!("Invalid table {}", map.target),
        ));
    };
    if map.is_scripted || map.entries.iter().any(|entry| entry.is_scripted) {
        unmodelled.push(format!("the scripts of the transform map `{}`", map.name));
    }
    if map.entries.is_empty() && !map.is_scripted {
        let message = "No transform entry or scripts are defined; Target record not found";
        return Ok(Outcome::failed("error", message));
    }
    let mut fields = Values::new();
    for entry in map.entries.iter().filter(|entry| !entry.is_scripted) {
        let Some(column) = target.column(&entry.target) else {
            continue;
        };
        let given = value(staged, &entry.source);
        if !given.is_empty() || map.copies_empty {
            let resolved = resolve(records, call, column, given, unmodelled)?;
            fields.insert(entry.target.clone(), resolved);
        }
    }
    let coalescing: Vec<&Entry> = map.entries.iter().filter(|entry| entry.coalesces).collect();
    let mut existing = None;
    if !coalescing.is_empty() {
        let keys: Vec<(&str, &str)> = coalescing
            .iter()
            .map(|entry| (entry, value(&fields, &entry.target)))
            .filter(|(entry, key)| !key.is_empty() || entry.coalesces_empty)
            .map(|(entry, key)| (entry.target.as_str(), key))
            .collect();
        if keys.is_empty() && !map.creates_on_empty {
            let names: Vec<&str> = coalescing
                .iter()
                .map(|entry| entry.target.as_str())
                .collect();
            let message = format!(
                "Unable to resolve target record, coalesce values not present: {}",
                names.join(", ")
            );
            return Ok(Outcome::failed("skipped", message));
        }
        if !keys.is_empty() {
            existing = match find(records, call, target, &keys)? {
                Ok(existing) => existing,
                Err(()) => return Ok(Outcome::failed("error", "Target record not found")),
            };
        }
    }
    let Some(existing) = existing else {
        let made = records.insert(target.name, &fields)?;
        return Ok(Outcome::made("inserted", made));
    };
    let changed = records.update(target.name, &existing, &fields)?;
    let mut outcome = Outcome::made(if changed { "updated" } else { "ignored" }, existing);
    if !changed {
        "No field values changed".clone_into(&mut outcome.message);
    }
    Ok(outcome)
}

/// The first record that has all these values; an error where a column cannot be compared.
fn find(
    records: &Records<'_>,
    call: &Owned,
    target: &'static Class,
    keys: &[(&str, &str)],
) -> Result<Result<Option<String>, ()>, StoreError> {
    let form = |field: &str| {
        target
            .column(field)
            .map_or(Kind::Text, |column| column.kind)
    };
    let keys: Vec<(&str, String)> = keys
        .iter()
        .map(|(field, key)| (*field, normalise(form(field), key)))
        .collect();
    // A query would run it.
    if keys.iter().any(|(_, key)| key.starts_with("javascript:")) {
        return Ok(Err(()));
    }
    let keys: Vec<(&str, &str)> = keys
        .iter()
        .map(|(field, key)| (*field, key.as_str()))
        .collect();
    let query = that_have(&keys);
    let found = matching(records.connection, call, target, "", &query)?;
    if !found.is_exact {
        return Ok(Err(()));
    }
    let first = found.records.first();
    Ok(Ok(first.map(|record| value(record, "sys_id").to_owned())))
}

/// A source value as the target column holds it.
fn resolve(
    records: &Records<'_>,
    call: &Owned,
    column: &Column,
    given: &str,
    unmodelled: &mut Vec<String>,
) -> Result<String, StoreError> {
    if let Some(choices) = column.kind.choices() {
        let labelled = choices.iter().find(|(_, label)| fold(label) == fold(given));
        return Ok(labelled.map_or(given, |(value, _)| value).to_owned());
    }
    let Kind::Reference(table) = column.kind else {
        return Ok(given.to_owned());
    };
    let Some(class) = records.schema().class(table).filter(|_| !given.is_empty()) else {
        return Ok(String::new());
    };
    for field in ["sys_id", class.display] {
        if let Ok(Some(found)) = find(records, call, class, &[(field, given)])? {
            return Ok(found);
        }
    }
    unmodelled.push(format!("a transform that creates a record of `{table}`"));
    Ok(String::new())
}
