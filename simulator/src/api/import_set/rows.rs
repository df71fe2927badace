//! Reads a few columns of the records that match a query, as the instance itself.

use rusqlite::Connection;

use crate::api::Owned;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, session};
use crate::query::{Builder, Condition, Operator, Query, Session};
use crate::store::schema::Class;
use crate::store::{StoreError, Values};

/// Records that are read at most.
const MOST: usize = 1000;

/// What was found, and what the query held that is not understood.
#[derive(Debug)]
pub(super) struct Found {
    /// Each with its `sys_id` under that name.
    pub(super) records: Vec<Values>,
    pub(super) is_exact: bool,
}

/// The records in the query's order, then by id. `columns` are names of columns or walks; those
/// that the table does not have are left out.
pub(super) fn matching(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    columns: &str,
    query: &Query,
) -> Result<Found, StoreError> {
    let fields = format!("sysparm_fields=sys_id,{columns}");
    let session = Session {
        reach: None,
        ..session(call)
    };
    let mut builder = Builder::new(class, session);
    let shown = reading::shown(class, &mut builder, &Parameters::read(&fields));
    let condition = builder.condition(query);
    let is_exact = builder.invalid.is_empty() && builder.unmodelled.is_empty();
    let (mut order, _) = builder.ordering(query);
    order.push("t.sys_id".to_owned());
    let rest = format!(
        "WHERE {} AND {condition} ORDER BY {} LIMIT {MOST}",
        builder.of_class(),
        order.join(", ")
    );
    let rows = reading::rows(connection, &builder, &shown, "1", &rest)?;
    let record = |row: reading::Row| {
        let keys = shown.iter().map(|shown| shown.key.clone());
        keys.zip(row.values.iter().map(str::to_owned)).collect()
    };
    Ok(Found {
        records: rows.into_iter().map(record).collect(),
        is_exact,
    })
}

/// The query for records that have all these values, whatever the value holds.
pub(super) fn that_have(pairs: &[(&str, &str)]) -> Query {
    let is = |(field, value): &(&str, &str)| {
        vec![Condition::Compare {
            field: (*field).to_owned(),
            operator: Operator::Is,
            value: (*value).to_owned(),
        }]
    };
    Query {
        alternatives: vec![pairs.iter().map(is).collect()],
        ..Query::default()
    }
}

/// The column of a record; empty where it has none.
pub(super) fn value<'v>(record: &'v Values, column: &str) -> &'v str {
    record.get(column).map_or("", String::as_str)
}
