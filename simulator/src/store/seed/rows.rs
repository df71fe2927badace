//! Made-up rows of the tables that a set-up names.

use std::collections::HashMap;
use std::time::Duration;

use indexmap::IndexMap;

use super::{SEEDED, SPACING, Source, boolean, count, known_column};
use crate::setup::TableSetup;
use crate::store::StoreError;
use crate::store::records::{Records, row};

/// How many rows the tables hold before anything is done to them.
pub(super) fn usual(
    records: &Records<'_>,
    tables: &IndexMap<String, TableSetup>,
) -> Result<HashMap<String, u64>, StoreError> {
    tables
        .iter()
        .filter(|(_, setup)| setup.rows.is_none())
        .map(|(table, _)| Ok((table.clone(), count(records, table)?)))
        .collect()
}

/// The deepest classes first, so that a parent's count includes what its children were given.
pub(super) fn fill(
    records: &mut Records<'_>,
    tables: &IndexMap<String, TableSetup>,
    usual: &HashMap<String, u64>,
    page_size: u32,
) -> Result<(), StoreError> {
    let schema = records.schema();
    let mut order: Vec<(&String, &TableSetup)> = tables.iter().collect();
    order.sort_by_key(|(table, _)| {
        let depth = schema.class(table).map_or(0, |class| class.lineage.len());
        std::cmp::Reverse(depth)
    });
    for (table, setup) in order {
        let set = setup.set.clone().unwrap_or_default();
        for column in set.keys() {
            known_column(schema, table, column)?;
        }
        let present = count(records, table)?;
        let wanted = setup.rows.map_or_else(
            || usual.get(table).copied().unwrap_or(0).max(present),
            |rows| u64::from(rows.count(page_size)),
        );
        let Some(missing) = wanted.checked_sub(present) else {
            return Err(StoreError::Invalid(format!(
                "table `{table}` holds {present} rows of its own; `rows` must be at least that, not `{wanted}`"
            )));
        };
        let mut source = Source::new(records, table)?;
        records.fill(table, missing, |at| {
            let mut values = source.row(at);
            for (column, dealt) in &set {
                let turn = usize::try_from(at).unwrap_or(0) % dealt.len().max(1);
                if let Some(value) = dealt.get(turn) {
                    values.insert(column.clone(), value.clone());
                }
            }
            (SEEDED + Duration::from_secs(at * SPACING), values)
        })?;
    }
    records.set_time(SEEDED);
    for (table, setup) in tables {
        if let Some(open) = setup.web_service_access
            && let Some(sys_id) = records.find("sys_db_object", "name", table)?
        {
            let values = row([("ws_access", boolean(open))]);
            records.update("sys_db_object", &sys_id, &values)?;
        }
    }
    Ok(())
}
