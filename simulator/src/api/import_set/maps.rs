//! Transform maps as an administrator keeps them, read for one staging table.

use rusqlite::Connection;

use super::rows::{matching, value};
use crate::api::Owned;
use crate::query::Query;
use crate::store::StoreError;
use crate::store::schema::Class;

/// A transform map.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) sys_id: String,
    pub(super) name: String,
    pub(super) target: String,
    /// Whether empty source fields empty the target's.
    pub(super) copies_empty: bool,
    /// Whether a row whose coalesce fields are empty makes a record.
    pub(super) creates_on_empty: bool,
    pub(super) is_scripted: bool,
    pub(super) entries: Vec<Entry>,
}

/// A field of a map.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) coalesces: bool,
    /// Whether it coalesces on an empty value as well.
    pub(super) coalesces_empty: bool,
    pub(super) is_scripted: bool,
}

/// The active maps of a staging table, in their order.
pub(super) fn of(
    connection: &Connection,
    call: &Owned,
    staging: &Class,
) -> Result<Vec<Map>, StoreError> {
    let schema = call.store.schema();
    let (maps, entries) = (
        schema.known("sys_transform_map")?,
        schema.known("sys_transform_entry")?,
    );
    let query = format!("source_table={}^active=true^ORDERBYorder", staging.name);
    let columns = "name,target_table,copy_empty_fields,create_new_record_on_empty_coalesce_fields,\
                   run_script,script";
    let found = matching(connection, call, maps, columns, &Query::parse(&query))?;
    let mut read = Vec::new();
    for map in found.records {
        let is = |column: &str| value(&map, column) == "true";
        let sys_id = value(&map, "sys_id").to_owned();
        let query = Query::parse(&format!("map={sys_id}"));
        let columns = "source_field,target_field,coalesce,coalesce_empty_fields,use_source_script";
        let found = matching(connection, call, entries, columns, &query)?;
        read.push(Map {
            name: value(&map, "name").to_owned(),
            target: value(&map, "target_table").to_owned(),
            copies_empty: is("copy_empty_fields"),
            creates_on_empty: is("create_new_record_on_empty_coalesce_fields"),
            is_scripted: is("run_script"),
            entries: found
                .records
                .iter()
                .map(|entry| Entry {
                    source: value(entry, "source_field").to_owned(),
                    target: value(entry, "target_field").to_owned(),
                    coalesces: value(entry, "coalesce") == "true",
                    coalesces_empty: value(entry, "coalesce_empty_fields") == "true",
                    is_scripted: value(entry, "use_source_script") == "true",
                })
                .collect(),
            sys_id,
        });
    }
    Ok(read)
}
