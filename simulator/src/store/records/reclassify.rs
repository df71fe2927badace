//! Moving a record to another class of the same root table.

use rusqlite::params_from_iter;

use super::{Records, StoreError, hooks};
use crate::journal::Change;

impl Records<'_> {
    /// Makes a record of `table`, or of one that extends it, a record of class `to`. Columns that
    /// the new class does not have are emptied; those it adds take their defaults. Returns whether
    /// the class changed: it does not where the two have no physical table in common.
    ///
    /// # Errors
    /// When a table does not exist or the database fails.
    pub fn reclassify(&mut self, table: &str, sys_id: &str, to: &str) -> Result<bool, StoreError> {
        let Some((from, mut record)) = self.fetch(table, sys_id)? else {
            return Ok(false);
        };
        let to = self.schema.known(to)?;
        if from.name == to.name || from.root != to.root {
            return Ok(false);
        }
        let mod_count = hooks::audit_update(&self.author, &mut record);
        let mut changes = vec![("sys_class_name", to.name.to_owned())];
        let lost = from.columns.keys().filter(|name| to.column(name).is_none());
        changes.extend(lost.map(|name| (*name, String::new())));
        let gained = to
            .columns
            .values()
            .filter(|column| from.column(column.name).is_none() && !column.default.is_empty());
        changes.extend(gained.map(|column| (column.name, column.default.to_owned())));
        for name in ["sys_updated_on", "sys_updated_by", "sys_mod_count"] {
            changes.push((name, record.get(name).cloned().unwrap_or_default()));
        }
        let assignments: Vec<String> = changes
            .iter()
            .map(|(name, _)| format!("\"{name}\"=?"))
            .collect();
        let statement = format!(
            "UPDATE \"{}\" SET {} WHERE sys_id=?",
            to.root,
            assignments.join(",")
        );
        let values = changes.iter().map(|(_, value)| value.as_str());
        self.connection
            .prepare_cached(&statement)?
            .execute(params_from_iter(values.chain([sys_id])))?;
        self.note(to, sys_id, Change::Updated, mod_count);
        Ok(true)
    }
}
