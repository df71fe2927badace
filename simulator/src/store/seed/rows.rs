//! Made-up rows of the tables that a set-up names.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use indexmap::IndexMap;

use super::{Progress, SEEDED, SPACING, Source, boolean, count, known_column};
use crate::setup::TableSetup;
use crate::store::StoreError;
use crate::store::records::{Records, row};
use crate::store::sys_id::is_sys_id;

/// From so many rows of a physical table on, its indexes are made anew rather than kept.
const MANY: u64 = 20_000;

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

/// So many made-up rows of one table.
struct Lot<'t> {
    table: &'t str,
    root: &'static str,
    rows: u64,
    set: IndexMap<String, Vec<String>>,
}

/// Makes what is missing of every table.
pub(super) fn fill(
    records: &mut Records<'_>,
    tables: &IndexMap<String, TableSetup>,
    usual: &HashMap<String, u64>,
    page_size: u32,
    progress: &Progress,
) -> Result<(), StoreError> {
    let lots = lots(records, tables, usual, page_size)?;
    progress.expect(lots.iter().map(|lot| lot.rows).sum());
    let mut left: HashMap<&str, u64> = HashMap::new();
    for lot in &lots {
        *left.entry(lot.root).or_default() += lot.rows;
    }
    let mut dropped: HashMap<&str, Vec<String>> = HashMap::new();
    for lot in &lots {
        let rows = left.entry(lot.root).or_default();
        if *rows >= MANY && !dropped.contains_key(lot.root) {
            dropped.insert(lot.root, records.drop_indexes(lot.root)?);
        }
        make(records, lot, progress)?;
        *rows -= lot.rows;
        if *rows == 0 {
            records.index_again(&dropped.remove(lot.root).unwrap_or_default())?;
        }
    }
    records.set_time(SEEDED);
    open_or_close(records, tables)
}

/// The deepest classes first, so that a parent's count includes what its children are given.
fn lots<'t>(
    records: &Records<'_>,
    tables: &'t IndexMap<String, TableSetup>,
    usual: &HashMap<String, u64>,
    page_size: u32,
) -> Result<Vec<Lot<'t>>, StoreError> {
    let schema = records.schema();
    let mut order: Vec<(&String, &TableSetup)> = tables.iter().collect();
    order.sort_by_key(|(table, _)| {
        let depth = schema.class(table).map_or(0, |class| class.lineage.len());
        std::cmp::Reverse(depth)
    });
    let mut lots: Vec<Lot<'_>> = Vec::new();
    for (table, setup) in order {
        let class = schema.known(table)?;
        let set = setup.set.clone().unwrap_or_default();
        for column in set.keys() {
            known_column(schema, table, column)?;
        }
        let below = lots.iter().filter(|lot| class.family.contains(&lot.table));
        let present = count(records, table)? + below.map(|lot| lot.rows).sum::<u64>();
        let wanted = setup.rows.map_or_else(
            || usual.get(table).copied().unwrap_or(0).max(present),
            |rows| u64::from(rows.count(page_size)),
        );
        let Some(rows) = wanted.checked_sub(present) else {
            return Err(StoreError::Invalid(format!(
                "table `{table}` holds {present} rows of its own; `rows` must be at least that, not `{wanted}`"
            )));
        };
        if let Some(ids) = set.get("sys_id") {
            check_ids(table, ids, rows)?;
        }
        lots.push(Lot {
            table,
            root: class.root,
            rows,
            set,
        });
    }
    Ok(lots)
}

/// Rows may be given ids, so that others can refer to them: one each, and no two alike.
fn check_ids(table: &str, ids: &[String], rows: u64) -> Result<(), StoreError> {
    let invalid = |what: String| {
        let place = format!("`tables.{table}.set.sys_id`");
        Err(StoreError::Invalid(format!("{place} {what}")))
    };
    if let Some(id) = ids.iter().find(|id| !is_sys_id(id)) {
        return invalid(format!(
            "names `{id}`; an id has 32 lower-case hexadecimal digits"
        ));
    }
    let different = ids.iter().collect::<HashSet<_>>().len() as u64;
    if different < rows {
        return invalid(format!(
            "names {different} different ids for {rows} more rows; each needs its own"
        ));
    }
    Ok(())
}

fn make(records: &mut Records<'_>, lot: &Lot<'_>, progress: &Progress) -> Result<(), StoreError> {
    let mut source = Source::new(records, lot.table)?;
    let row = |at| {
        let mut values = source.row(at);
        for (column, dealt) in &lot.set {
            let turn = usize::try_from(at).unwrap_or(0) % dealt.len().max(1);
            if let Some(value) = dealt.get(turn) {
                values.insert(column.clone(), value.clone());
            }
        }
        (SEEDED + Duration::from_secs(at * SPACING), values)
    };
    records.fill(lot.table, lot.rows, progress, row)
}

/// Web services may or may not reach the tables, as they say.
fn open_or_close(
    records: &mut Records<'_>,
    tables: &IndexMap<String, TableSetup>,
) -> Result<(), StoreError> {
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
