//! What an import tells its caller (wire-core 4.3).

use bytes::Bytes;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use super::maps::Map;
use super::rows::{matching, that_have, value};
use super::transform::Outcome;
use crate::api::Owned;
use crate::api::reading::session;
use crate::api::shapes::tables_url;
use crate::query::Builder;
use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::schema::Class;

/// The answer to an import of one row.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    import_set: String,
    staging_table: &'static str,
    result: Vec<Transformed>,
}

/// What one map made of the row.
#[derive(Debug, Serialize)]
pub(super) struct Transformed {
    transform_map: String,
    table: String,
    #[serde(flatten)]
    made: Option<Made>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sys_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
}

/// The record of the target table, as it is displayed.
#[derive(Debug, Serialize)]
struct Made {
    display_name: String,
    display_value: String,
    record_link: String,
}

impl Report {
    pub(super) const fn new(
        import_set: String,
        staging: &'static Class,
        result: Vec<Transformed>,
    ) -> Self {
        Self {
            import_set,
            staging_table: staging.name,
            result,
        }
    }

    /// What is remembered of a row.
    pub(super) fn of_row(
        connection: &Connection,
        call: &Owned,
        staging: &'static Class,
        sys_id: &str,
    ) -> Result<Self, StoreError> {
        let query = that_have(&[("sys_id", sys_id)]);
        let columns = "sys_import_set.number,sys_transform_map,sys_transform_map.name,\
                       sys_import_state,sys_target_table,sys_target_sys_id,\
                       sys_import_state_comment";
        let found = matching(connection, call, staging, columns, &query)?;
        let row = found.records.into_iter().next().unwrap_or_default();
        let was_run = !value(&row, "sys_transform_map").is_empty();
        let result = match was_run {
            true => vec![Transformed::of(
                connection,
                call,
                value(&row, "sys_transform_map.name"),
                value(&row, "sys_target_table"),
                value(&row, "sys_import_state"),
                Some(value(&row, "sys_target_sys_id")).filter(|record| !record.is_empty()),
                value(&row, "sys_import_state_comment"),
            )?],
            false => Vec::new(),
        };
        let import_set = value(&row, "sys_import_set.number").to_owned();
        Ok(Self::new(import_set, staging, result))
    }

    pub(super) fn body(&self) -> Result<Bytes, StoreError> {
        let body = serde_json::to_vec(self);
        body.map(Bytes::from)
            .map_err(|error| StoreError::Invalid(error.to_string()))
    }
}

impl Transformed {
    pub(super) fn by(
        connection: &Connection,
        call: &Owned,
        map: &Map,
        outcome: &Outcome,
    ) -> Result<Self, StoreError> {
        Self::of(
            connection,
            call,
            &map.name,
            &map.target,
            outcome.status,
            outcome.record.as_deref(),
            &outcome.message,
        )
    }

    fn of(
        connection: &Connection,
        call: &Owned,
        map: &str,
        table: &str,
        status: &str,
        record: Option<&str>,
        message: &str,
    ) -> Result<Self, StoreError> {
        let class = call.store.schema().class(table);
        let made = match (class, record) {
            (Some(class), Some(record)) => Some(Made::of(connection, call, class, record)?),
            _ => None,
        };
        let told = (!message.is_empty()).then(|| message.to_owned());
        Ok(Self {
            transform_map: map.to_owned(),
            table: table.to_owned(),
            made,
            status: status.to_owned(),
            sys_id: record.map(str::to_owned),
            error_message: told.clone().filter(|_| record.is_none()),
            status_message: told,
        })
    }
}

impl Made {
    fn of(
        connection: &Connection,
        call: &Owned,
        class: &'static Class,
        record: &str,
    ) -> Result<Self, StoreError> {
        let display_value = displayed(connection, call, class, record)?;
        Ok(Self {
            display_name: class.display.to_owned(),
            display_value,
            record_link: format!("{}/{}/{record}", tables_url(call), class.name),
        })
    }
}

/// What stands for a record; empty where there is none, or where the caller may not read it.
pub(super) fn displayed(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    record: &str,
) -> Result<String, StoreError> {
    let mut records = Builder::new(class, session(call));
    let Some(name) = records.displayed(class.display) else {
        return Ok(String::new());
    };
    let place = records.bind(record.to_owned());
    let statement = format!(
        "SELECT {name} {} WHERE t.sys_id = {place} AND {}",
        records.source(),
        records.of_class()
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let mut found = statement.query(params_from_iter(&records.parameters))?;
    let first = found.next()?;
    Ok(match first {
        Some(row) => text_of(row.get_ref(0)?),
        None => String::new(),
    })
}
