//! The demo records of every instance, made once with the image: their ids are the same on every
//! instance, as those of real demo data are (wire-core 5), whatever the seed.
//!
//! A table that a set-up names begins without its demo rows; what referred to them is emptied.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{SEEDED, SHIPPED, SPACING};
use crate::store::records::Records;
use crate::store::records::values::written;
use crate::store::schema::{Kind, Schema};
use crate::store::{StoreError, Values, named_id};

mod catalogue;
mod customisation;
mod items;
mod organisation;
mod people;
mod traffic;
mod work;

/// Physical tables whose rows only tie others together: they go with either.
const TIES: [&str; 4] = [
    "cmdb_rel_ci",
    "sys_user_grmember",
    "sys_user_has_role",
    "sys_group_has_role",
];

/// Physical tables with demo rows.
const TABLES: [&str; 26] = [
    "alm_asset",
    "business_unit",
    "cmdb_ci",
    "cmdb_model",
    "cmdb_rel_ci",
    "cmn_building",
    "cmn_cost_center",
    "cmn_department",
    "cmn_location",
    "cmn_schedule",
    "core_company",
    "kb_category",
    "kb_knowledge",
    "kb_knowledge_base",
    "sc_cat_item",
    "sc_catalog",
    "sc_category",
    "sys_attachment",
    "sys_email",
    "sys_journal_field",
    "sys_user",
    "sys_user_grmember",
    "sys_user_group",
    "sys_user_has_role",
    "syslog",
    "task",
];

/// Inserts every demo record.
pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    organisation::ship(records)?;
    people::ship(records)?;
    items::ship(records)?;
    work::ship(records)?;
    catalogue::ship(records)?;
    traffic::ship(records)?;
    customisation::ship(records)
}

/// The id of a demo record, by a key of its own within its table.
fn id(table: &str, key: &str) -> String {
    named_id(&["demo:", table, ":", key].concat())
}

/// Inserts the `at`th demo record of a table, as of its time.
fn put(
    records: &mut Records<'_>,
    table: &str,
    at: usize,
    values: &Values,
) -> Result<String, StoreError> {
    let at = u64::try_from(at).unwrap_or(0);
    records.set_time(SEEDED + Duration::from_secs(at * SPACING));
    records.insert(table, values)
}

/// Deletes the demo rows of these tables and of those that extend them, and whatever else only
/// made sense with them.
pub(crate) fn make_room(records: &Records<'_>, named: &[&str]) -> Result<(), StoreError> {
    let schema = records.schema();
    let mut emptied = BTreeSet::new();
    for table in named {
        let class = schema.known(table)?;
        let statement = format!(
            "DELETE FROM \"{}\" AS t WHERE t.sys_created_on > ? AND {}",
            class.root,
            class.holds("t")
        );
        let gone = records.connection.execute(&statement, [written(SHIPPED)])?;
        if gone > 0 {
            emptied.insert(class.root);
        }
    }
    if emptied.is_empty() {
        return Ok(());
    }
    // A tie that goes is referred to by none.
    for table in TABLES {
        loosen(records, schema, table, &emptied)?;
    }
    drop_unowned(records, &emptied)?;
    number_again(records, named)
}

/// Takes what leads nowhere out of one table.
fn loosen(
    records: &Records<'_>,
    schema: &'static Schema,
    table: &str,
    emptied: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    for column in schema.physical_columns(table).values() {
        let name = column.name;
        let (Kind::Reference(target) | Kind::List(target)) = column.kind else {
            continue;
        };
        let root = schema.known(target)?.root;
        if name == "sys_domain" || !emptied.contains(root) {
            continue;
        }
        let statement = if TIES.contains(&table) {
            format!(
                "DELETE FROM \"{table}\" WHERE \"{name}\"<>'' AND \"{name}\" NOT IN (SELECT sys_id FROM \"{root}\")"
            )
        } else {
            format!(
                "UPDATE \"{table}\" SET \"{name}\"='' WHERE \"{name}\"<>'' AND \"{name}\" NOT IN (SELECT sys_id FROM \"{root}\")"
            )
        };
        records.connection.execute(&statement, [])?;
    }
    Ok(())
}

/// Journals, attachments and e-mails of records that are gone.
fn drop_unowned(records: &Records<'_>, emptied: &BTreeSet<&str>) -> Result<(), StoreError> {
    if emptied.contains("task") {
        records.connection.execute_batch(
            "DELETE FROM sys_journal_field WHERE element_id NOT IN (SELECT sys_id FROM task);\n\
             DELETE FROM sys_attachment WHERE table_sys_id NOT IN (SELECT sys_id FROM task);\n\
             UPDATE sys_email SET instance = '', target_table = '' \
               WHERE instance NOT IN (SELECT sys_id FROM task);",
        )?;
    }
    records.connection.execute_batch(
        "DELETE FROM \"sys_attachment/bytes\" WHERE sys_id NOT IN (SELECT sys_id FROM sys_attachment);",
    )?;
    Ok(())
}

/// Numbers go on behind those that are left.
fn number_again(records: &Records<'_>, named: &[&str]) -> Result<(), StoreError> {
    let schema = records.schema();
    let mut prefixes = BTreeSet::new();
    for table in named {
        let class = schema.known(table)?;
        let family = class.family.iter().filter_map(|name| schema.class(name));
        prefixes.extend(
            family
                .filter(|class| !class.prefix.is_empty())
                .map(|class| (class.prefix, class.root)),
        );
    }
    for (prefix, root) in prefixes {
        let statement = format!(
            "UPDATE sys_number SET last = (SELECT coalesce(max(CAST(substr(number, CAST(?2 AS INTEGER)) AS INTEGER)), 0) \
             FROM \"{root}\" WHERE number GLOB ?3) WHERE prefix = ?1"
        );
        records.connection.execute(
            &statement,
            (
                prefix,
                format!("{prefix}0").len().to_string(),
                [prefix, "[0-9]*"].concat(),
            ),
        )?;
    }
    Ok(())
}
