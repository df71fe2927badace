//! Tables and columns of an instance's own: whether they can be had, and the schema they make.
//!
//! Whatever passes [`check`] keeps the laws of a schema: references lead to tables, lineages end,
//! columns of one name in one physical table are stored alike.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;

use super::column::label_of;
use super::field_type::{self, Storage};
use super::{Choices, Column, Kind, Schema, Table, base, base_tables};
use crate::setup::{ColumnDefinition, DictionaryError, TableDefinition};

mod check;
#[cfg(test)]
mod laws;

pub(crate) use check::check;

/// Tables of a set-up's own, by name.
type Dictionary = IndexMap<String, TableDefinition>;

/// The schema of an instance with these tables beside the base ones. Schemas last as long as the
/// process; equal dictionaries share one, so that there are as many as set-ups differ in them.
pub(crate) fn with(dictionary: Option<&Dictionary>) -> Result<&'static Schema, DictionaryError> {
    static MADE: Mutex<Vec<(Dictionary, &'static Schema)>> = Mutex::new(Vec::new());
    let Some(dictionary) = dictionary.filter(|dictionary| !dictionary.is_empty()) else {
        return Ok(base());
    };
    check(Some(dictionary))?;
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, schema)) = made.iter().find(|(known, _)| same(known, dictionary)) {
        return Ok(schema);
    }
    let schema = Schema::build(&tables(dictionary));
    made.push((dictionary.clone(), schema));
    Ok(schema)
}

/// Equal, and in the same order: the order of columns shows.
fn same(left: &Dictionary, right: &Dictionary) -> bool {
    left == right
        && left.keys().eq(right.keys())
        && left.values().zip(right.values()).all(|(left, right)| {
            let names = |table: &TableDefinition| -> Vec<String> {
                table
                    .columns
                    .iter()
                    .flat_map(IndexMap::keys)
                    .cloned()
                    .collect()
            };
            names(left) == names(right)
        })
}

/// The base tables with the columns and tables of a dictionary that passed its check.
fn tables(dictionary: &Dictionary) -> Vec<Table> {
    let mut tables = base_tables();
    let places: HashMap<&str, usize> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| (table.name, at))
        .collect();
    let mut own = Vec::new();
    for (name, definition) in dictionary {
        let mut columns: Vec<Column> = Vec::new();
        for (name, column) in definition.columns.iter().flatten() {
            columns.extend(made(name, column));
        }
        let Some(table) = places.get(name.as_str()).and_then(|at| tables.get_mut(*at)) else {
            own.push(Table {
                name: kept(name),
                label: kept(&definition.label.clone().unwrap_or_else(|| label_of(name))),
                parent: definition.extends.as_deref().map(kept),
                display: display(definition),
                prefix: kept(definition.number_prefix.as_deref().unwrap_or("")),
                columns: columns.leak(),
            });
            continue;
        };
        table.columns = [table.columns, &columns].concat().leak();
    }
    tables.extend(own);
    tables
}

/// The display column a table is given; empty to inherit it.
fn display(definition: &TableDefinition) -> &'static str {
    let columns = || definition.columns.iter().flatten();
    let marked = columns().find(|(_, column)| column.display == Some(true) && can_display(column));
    if let Some((name, _)) = marked {
        return kept(name);
    }
    if definition.extends.is_some() {
        return "";
    }
    ["name", "u_name", "number", "u_number"]
        .into_iter()
        .find(|usual| columns().any(|(name, column)| name == usual && can_display(column)))
        .unwrap_or("sys_id")
}

/// Whether a column can be what its table's records are called by: a password is shown to nobody.
fn can_display(column: &ColumnDefinition) -> bool {
    kind(column, "", &[]) != Some(Kind::Password)
}

/// The name of the type of a column.
fn type_name(column: &ColumnDefinition) -> &str {
    let usual = match column.reference {
        Some(_) => "reference",
        None => "string",
    };
    column.internal_type.as_deref().unwrap_or(usual)
}

/// What a column is stored as; none for a type that is unknown or lacks its table.
fn kind(column: &ColumnDefinition, table: &'static str, choices: Choices) -> Option<Kind> {
    let has_table = column.reference.is_some();
    Some(match field_type::storage(type_name(column))? {
        Storage::Reference if has_table => Kind::Reference(table),
        Storage::Reference => return None,
        Storage::List if has_table => Kind::List(table),
        Storage::List => Kind::Text,
        Storage::As(Kind::Text) if column.choices.is_some() => Kind::Choice(choices),
        Storage::As(Kind::Integer) if column.choices.is_some() => Kind::IntegerChoice(choices),
        Storage::As(kind) => kind,
    })
}

fn made(name: &str, column: &ColumnDefinition) -> Option<Column> {
    let choices: Vec<(&str, &str)> = column
        .choices
        .iter()
        .flatten()
        .map(|(value, label)| (kept(value), kept(label)))
        .collect();
    let table = kept(column.reference.as_deref().unwrap_or(""));
    let kind = kind(column, table, choices.leak())?;
    let usual = if kind == Kind::Boolean { "false" } else { "" };
    Some(Column {
        name: kept(name),
        kind,
        default: kept(column.default.as_deref().unwrap_or(usual)),
        label: kept(column.label.as_deref().unwrap_or("")),
        internal_type: kept(type_name(column)),
        max_length: column.max_length.unwrap_or(0),
        mandatory: column.mandatory.unwrap_or(false),
        read_only: column.read_only.unwrap_or(false),
    })
}

/// Text that lasts as long as the process, as the schema it belongs to does.
fn kept(text: &str) -> &'static str {
    match text {
        "" => "",
        text => String::from(text).leak(),
    }
}
