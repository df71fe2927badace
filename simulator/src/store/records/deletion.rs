//! What is kept of a record that is deleted: a row of `sys_audit_delete` under its own class, by
//! which connectors find what is gone.
//!
//! Tables whose names begin with `sys_` are left out unless `glide.ui.audit_deleted_tables` lists
//! them (page "Enable auditing for a system table"); that every other table is audited whatever its
//! dictionary says is *assumed* from the page "Exploring Auditing".

use super::{Draft, Records, row};
use crate::store::StoreError;
use crate::store::schema::Class;

/// Lists further tables, separated by commas.
const PROPERTY: &str = "glide.ui.audit_deleted_tables";

/// Keeps that this record is gone.
pub(super) fn keep(
    records: &mut Records<'_>,
    class: &Class,
    sys_id: &str,
    before: &Draft,
) -> Result<(), StoreError> {
    if class.name.starts_with("sys_") && !is_listed(records, class.name)? {
        return Ok(());
    }
    let shown = before.get(class.display).map_or("", String::as_str);
    let gone = row([
        ("tablename", class.name),
        ("documentkey", sys_id),
        ("display_value", shown),
    ]);
    records.insert("sys_audit_delete", &gone).map(drop)
}

fn is_listed(records: &Records<'_>, table: &str) -> Result<bool, StoreError> {
    let listed = records
        .find("sys_properties", "name", PROPERTY)?
        .map(|property| records.fetch("sys_properties", &property))
        .transpose()?
        .flatten()
        .and_then(|(_, property)| property.get("value").cloned())
        .unwrap_or_default();
    Ok(listed.split(',').any(|name| name.trim() == table))
}
