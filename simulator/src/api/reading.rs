//! Reading records for an answer: which columns, which rows, and which of them are hidden.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};

use super::Owned;
use super::query_string::Parameters;
use super::shapes::Display;
use crate::policy::Access;
use crate::query::{Builder, Condition, Operator, Query, Reach, Session};
use crate::setup::{ClosedFields, Operation};
use crate::store::records::MASK;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::fold;
use crate::store::{StoreError, access_condition};

mod columns;
mod row;

pub(super) use columns::Columns;
pub(super) use row::{Row, Values};

/// Fields of one answer, at most.
const MAX_FIELDS: usize = 1000;
/// Columns of a statement before those that are shown: id, class, and whether it is visible.
const FIRST_SHOWN: usize = 3;

/// A column of the answer.
#[derive(Debug)]
pub(super) struct Shown {
    /// Key in the answer: the column, or the walk to it.
    pub(super) key: String,
    /// The key as an object has it, with its quotes and colon.
    pub(super) key_as_json: String,
    pub(super) column: Column,
    /// The table a walk ends in; the row's own class for a plain column.
    pub(super) walked_to: Option<&'static str>,
    sql: String,
}

/// The session of a call.
pub(super) fn session(call: &Owned) -> Session<'_> {
    Session {
        user_name: &call.identity.user_name,
        user_sys_id: &call.identity.sys_id,
        unix: call.now.unix,
        time_zone: &call.identity.time_zone,
        reach: Some(call),
    }
}

impl Reach for Owned {
    fn reads_all(&self) -> bool {
        self.identity.roles.contains("admin")
    }

    fn visits(&self, table: &str) {
        self.visited(table);
    }

    fn guards_fields(&self) -> bool {
        self.policy.guards_fields(&self.identity)
    }

    fn shows_closed(&self) -> bool {
        self.closed_fields == ClosedFields::Empty
    }

    fn field_access(&self, table: &str, column: &str) -> Access {
        self.policy.may_read_field(&self.identity, table, column)
    }

    fn read_access(&self, table: &str) -> Access {
        self.access_to(Operation::Read, table)
    }
}

/// The query of a list: `sysparm_query`, or else, where it is absent or empty, parameters that are
/// named like columns (wire-core 1.1), whose values may be display values, where the caller may read
/// those.
pub(super) fn query(call: &Owned, class: &'static Class, parameters: &Parameters<'_>) -> Query {
    let text = parameters.value("sysparm_query");
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        return Query::parse(text);
    }
    let mut blocks = Vec::new();
    let mut seen = HashSet::new();
    for (name, value) in parameters.iter() {
        // Of several of one name the first counts, as for every parameter.
        if name.starts_with("sysparm_") || !seen.insert(name) {
            continue;
        }
        let Some(column) = class.column(name) else {
            continue;
        };
        let is = |field: String, value: &str| Condition::Compare {
            field,
            operator: Operator::Is,
            value: value.to_owned(),
        };
        let mut block = vec![is(name.to_owned(), value)];
        let choices = column.kind.choices().unwrap_or(&[]);
        let labelled = choices.iter().find(|(_, label)| fold(label) == fold(value));
        if let Some((stored, _)) = labelled {
            block.push(is(name.to_owned(), stored));
        }
        if let Some((table, _)) = column.kind.refers_to() {
            let display = class
                .schema()
                .class(table)
                .map_or("sys_id", |class| class.display);
            let walk = format!("{name}.{display}");
            if Builder::new(class, session(call)).field(&walk).is_some() {
                block.push(is(walk, value));
            }
        }
        blocks.push(block);
    }
    let alternatives = if blocks.is_empty() {
        Vec::new()
    } else {
        vec![blocks]
    };
    Query {
        alternatives,
        ..Query::default()
    }
}

/// The columns an answer shows: those of `sysparm_fields`, invalid ones ignored (wire-core 1.4),
/// or else those of `sysparm_view`; those that the caller may not read are left out, or are empty
/// (wire-failures 4.9).
pub(super) fn shown(
    class: &'static Class,
    builder: &mut Builder<'_>,
    parameters: &Parameters<'_>,
) -> Arc<Columns> {
    columns::known_or(class, builder, parameters, |builder| {
        worked_out(class, builder, parameters)
    })
}

fn worked_out(
    class: &'static Class,
    builder: &mut Builder<'_>,
    parameters: &Parameters<'_>,
) -> (Vec<Shown>, Vec<String>) {
    let fields = parameters.value("sysparm_fields").unwrap_or("");
    let asked: Vec<&str> = fields
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if asked.len() > MAX_FIELDS {
        let what = format!("more than {MAX_FIELDS} fields");
        builder.unmodelled.push(what);
    }
    let names: indexmap::IndexSet<&str> = if asked.is_empty() {
        of_view(class, parameters.value("sysparm_view").unwrap_or(""))
    } else {
        asked.into_iter().take(MAX_FIELDS).collect()
    };
    let display = Display::of(parameters);
    let mut left_out = Vec::new();
    let shown = names
        .into_iter()
        .filter_map(|name| {
            if let Some(column) = class
                .column(name)
                .filter(|column| column.kind == Kind::Password)
            {
                let masked = format!(
                    "CASE t.\"{}\" WHEN '' THEN '' ELSE '{MASK}' END",
                    column.name
                );
                return Some(Shown::new(name, *column, None, masked));
            }
            let closed = builder.closed.len();
            let Some(field) = builder.field(name) else {
                let is_closed = builder.closed.len() > closed;
                builder.closed.truncate(closed);
                if is_closed {
                    left_out.push(name.to_owned());
                }
                return (is_closed && builder.shows_closed()).then(|| Shown::empty(class, name))?;
            };
            let sql = match field.column.kind {
                // It reads as empty; its log is found by the record's id.
                Kind::Journal if display == Display::Values => "''".to_owned(),
                Kind::Journal => format!("coalesce({},'')", field.record),
                _ => field.sql,
            };
            Some(Shown::of(class, name, field.column, sql))
        })
        .collect();
    (shown, left_out)
}

/// The columns of a view. `desktop`, `both` and any name that is no view here show all; `mobile`
/// shows the record's id, its display column and what its table adds to its parent (all of that
/// *assumed*: the views of a real instance are records of it).
fn of_view<'c>(class: &'c Class, view: &str) -> indexmap::IndexSet<&'c str> {
    if view != "mobile" {
        return class.columns.keys().copied().collect();
    }
    let own = class.own.iter().filter(|name| !name.starts_with("sys_"));
    ["sys_id", class.display]
        .into_iter()
        .chain(own.copied())
        .collect()
}

/// The table that a walk ends in; none for a column of the class itself.
fn walked_to(class: &'static Class, walk: &str) -> Option<&'static str> {
    let (references, _) = walk.rsplit_once('.')?;
    let mut class = class;
    for step in references.split('.') {
        let narrowed = step
            .strip_prefix("ref_")
            .filter(|table| class.family.contains(table));
        let table = match narrowed {
            Some(table) => table,
            None => class.column(step)?.kind.refers_to()?.0,
        };
        class = class.schema().class(table)?;
    }
    Some(class.name)
}

/// Runs a finished statement: `rest` is everything after `FROM`.
pub(super) fn rows(
    connection: &Connection,
    builder: &Builder<'_>,
    columns: &Columns,
    visible: &str,
    rest: &str,
) -> Result<Vec<Row>, StoreError> {
    let statement = format!(
        "SELECT t.sys_id, t.sys_class_name, {visible}{} {} {rest}",
        columns.selected,
        builder.source()
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let mut found = statement.query(params_from_iter(&builder.parameters))?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    while let Some(row) = found.next()? {
        // Rows of one answer are about as long as each other.
        let values = Values::read(row, FIRST_SHOWN, columns.len(), bytes)?;
        bytes = values.bytes() + values.bytes() / 8;
        rows.push(Row {
            sys_id: row.get(0)?,
            class: row.get(1)?,
            visible: row.get(2)?,
            values,
        });
    }
    Ok(rows)
}

/// The rows of these ids, in their order.
pub(super) fn these(
    connection: &Connection,
    builder: &mut Builder<'_>,
    columns: &Columns,
    visible: &str,
    sys_ids: &[String],
) -> Result<Vec<Row>, StoreError> {
    if sys_ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = builder.bind(serde_json::Value::from(sys_ids).to_string());
    let rest = format!("WHERE t.sys_id IN (SELECT value FROM json_each({ids}))");
    let rows = rows(connection, builder, columns, visible, &rest)?;
    if rows.iter().map(|row| &row.sys_id).eq(sys_ids) {
        return Ok(rows);
    }
    let mut found: HashMap<String, Row> = rows
        .into_iter()
        .map(|row| (row.sys_id.clone(), row))
        .collect();
    Ok(sys_ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One record of the class, visible or not, if there is one.
pub(super) fn record(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Option<(Arc<Columns>, Row)>, StoreError> {
    let mut builder = Builder::new(class, session(call));
    let visible = access_condition(&mut builder, access);
    let shown = shown(class, &mut builder, parameters);
    let place = builder.bind(sys_id.to_owned());
    let rest = format!("WHERE t.sys_id = {place} AND {}", builder.of_class());
    let mut rows = rows(connection, &builder, &shown, &visible, &rest)?;
    Ok(rows.pop().map(|row| (shown, row)))
}

impl Shown {
    /// A field that is there and shows nothing, if the table has it.
    fn empty(class: &'static Class, name: &str) -> Option<Self> {
        let walked_to = walked_to(class, name);
        let last = walked_to.map_or(Some(class), |table| class.schema().class(table))?;
        let column = *last.column(name.rsplit('.').next()?)?;
        Some(Self::new(name, column, walked_to, "''".to_owned()))
    }

    /// A field that a builder found under this name.
    pub(super) fn of(class: &'static Class, name: &str, column: Column, sql: String) -> Self {
        Self::new(name, column, walked_to(class, name), sql)
    }

    fn new(key: &str, column: Column, walked_to: Option<&'static str>, sql: String) -> Self {
        Self {
            key: key.to_owned(),
            key_as_json: format!("{}:", serde_json::Value::from(key)),
            column,
            walked_to,
            sql,
        }
    }

    /// How SQL names it.
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }
}
