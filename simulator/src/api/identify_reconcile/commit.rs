//! Carrying out a plan: records are inserted, changed and moved to other classes; what their
//! source and their lookups say is kept beside them.

use rusqlite::{OptionalExtension, params_from_iter};

use super::Operation;
use super::identify::BY_KEY;
use super::payload::{Lookup, Reference};
use super::plan::Planned;
use super::relate::Places;
use super::rules::{Entry, Rule};
use crate::store::records::values::{normalise, written};
use crate::store::records::{row, text_of};
use crate::store::schema::Class;
use crate::store::{Records, StoreError, Values};

/// Carries out what is planned for one item. `now` is the time of the call, UNIX time.
pub(super) fn item(
    records: &mut Records<'_>,
    planned: &mut Planned,
    now: std::time::Duration,
) -> Result<(), StoreError> {
    let Some(class) = planned.class else {
        return Ok(());
    };
    let now = written(now);
    let mut values = planned.values();
    let sys_id = match &planned.found {
        None => {
            for stamp in ["first_discovered", "last_discovered"] {
                values
                    .entry(stamp.to_owned())
                    .or_insert_with(|| now.clone());
            }
            values.shift_remove("sys_id");
            records.insert(class.name, &values)?
        }
        Some(found) => {
            let sys_id = found.sys_id.clone();
            let seen = column(records, found.class, &sys_id, "last_discovered")?;
            seen_again(&mut values, &seen, &now);
            records.reclassify(class.root, &sys_id, class.name)?;
            records.update(class.root, &sys_id, &values)?;
            sys_id
        }
    };
    for duplicate in &planned.duplicates {
        records.update(
            class.root,
            duplicate,
            &row([("duplicate_of", sys_id.as_str())]),
        )?;
    }
    if let Some(source) = planned
        .item
        .source
        .as_ref()
        .filter(|source| source.identifies())
    {
        let scanned = if source.recency.is_empty() {
            &now
        } else {
            &source.recency
        };
        let values = row([
            ("name", source.name.as_str()),
            ("id", source.native_key.as_str()),
            ("source_feed", source.feed.as_str()),
            ("target_table", class.name),
            ("target_sys_id", sys_id.as_str()),
            ("last_scan", scanned.as_str()),
        ]);
        let table = "sys_object_source";
        let of = [source.native_key.as_str(), source.name.as_str()];
        let known: Option<String> = records
            .connection
            .prepare_cached(BY_KEY)?
            .query_row(of, |row| row.get(0))
            .optional()?;
        match known {
            Some(known) => records.update(table, &known, &values).map(|_| ())?,
            None => records.insert(table, &values).map(|_| ())?,
        }
    }
    planned.sys_id = Some(sys_id);
    Ok(())
}

/// When an item was last seen moves forward only; now, where the payload does not say (IRE:
/// Timestamps in key attributes).
fn seen_again(values: &mut Values, seen: &str, now: &str) {
    let said = values
        .get("last_discovered")
        .filter(|said| !said.is_empty());
    match said.map(|said| crate::store::records::values::date_time(said)) {
        Some(said) if said.as_str() > seen => {}
        Some(_) => {
            values.shift_remove("last_discovered");
        }
        None => {
            values.insert("last_discovered".to_owned(), now.to_owned());
        }
    }
}

/// What becomes of a lookup: the record that its item has already, or a new one. Writes it where
/// `writes` says so.
pub(super) fn lookup(
    records: Reach<'_, '_>,
    rule: &Rule,
    lookup: &Lookup,
    item: Option<&str>,
) -> Result<(Option<String>, Operation), StoreError> {
    let Some(class) = rule.applies_to.schema().class(&lookup.class_name) else {
        return Ok((None, Operation::NoChange));
    };
    let entry = rule.entries.iter().find(|entry| {
        let table = entry.lookup;
        table.is_some_and(|table| table.family.contains(&class.name))
    });
    let (Some(entry), Some(item)) = (entry, item) else {
        return Ok((None, Operation::Insert));
    };
    let known = known(records.connection(), class, entry, lookup, item)?;
    let mut values = lookup.values.clone();
    values.insert(entry.referenced_field.clone(), item.to_owned());
    match (known, records) {
        (Some(sys_id), Reach::Write(records)) => {
            let changed = records.update(class.name, &sys_id, &values)?;
            let operation = if changed {
                Operation::Update
            } else {
                Operation::NoChange
            };
            Ok((Some(sys_id), operation))
        }
        (Some(sys_id), Reach::Read(_)) => Ok((Some(sys_id), Operation::Update)),
        (None, Reach::Write(records)) => Ok((
            Some(records.insert(class.name, &values)?),
            Operation::Insert,
        )),
        (None, Reach::Read(_)) => Ok((None, Operation::Insert)),
    }
}

/// How far a call reaches.
pub(super) enum Reach<'r, 'c> {
    Read(&'r rusqlite::Connection),
    Write(&'r mut Records<'c>),
}

impl Reach<'_, '_> {
    pub(super) fn connection(&self) -> &rusqlite::Connection {
        match self {
            Self::Read(connection) => connection,
            Self::Write(records) => records.connection,
        }
    }
}

/// The lookup record of an item that has the entry's attributes in common with a lookup.
fn known(
    connection: &rusqlite::Connection,
    class: &Class,
    entry: &Entry,
    lookup: &Lookup,
    item: &str,
) -> Result<Option<String>, StoreError> {
    let mut conditions = vec![format!("\"{}\" = ?", entry.referenced_field)];
    let mut values = vec![item.to_owned()];
    for name in &entry.attributes {
        let Some(column) = class.column(name) else {
            continue;
        };
        conditions.push(format!("\"{}\" = ?", column.name));
        let given = lookup.values.get(name).map_or("", String::as_str);
        values.push(normalise(column.kind, given));
    }
    let statement = format!(
        "SELECT sys_id FROM \"{}\" WHERE {} ORDER BY sys_created_on, sys_id LIMIT 1",
        class.root,
        conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let found = statement.query_row(params_from_iter(values), |row| row.get(0));
    Ok(found.optional()?)
}

/// Sets a reference from one item of the payload to another.
pub(super) fn reference(
    records: &mut Records<'_>,
    places: &Places<'_>,
    reference: &Reference,
) -> Result<(), StoreError> {
    let by = places.item(&reference.referenced_by);
    let (Some(by), Some(to)) = (by, places.item(&reference.referenced)) else {
        return Ok(());
    };
    if let (Some(class), Some(by), Some(to)) = (by.class, &by.sys_id, &to.sys_id) {
        let value = row([(reference.field.as_str(), to.as_str())]);
        records.update(class.root, by, &value)?;
    }
    Ok(())
}

/// A column of a record, if its class has it.
fn column(
    records: &Records<'_>,
    class: &Class,
    sys_id: &str,
    name: &str,
) -> Result<String, StoreError> {
    let Some(column) = class.column(name) else {
        return Ok(String::new());
    };
    let statement = format!(
        "SELECT \"{}\" FROM \"{}\" WHERE sys_id = ?",
        column.name, class.root
    );
    let mut statement = records.connection.prepare_cached(&statement)?;
    let value = statement.query_row([sys_id], |row| row.get_ref(0).map(text_of));
    Ok(value.optional()?.unwrap_or_default())
}
