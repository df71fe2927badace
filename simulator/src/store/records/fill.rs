//! Many made-up records of one table at once.
//!
//! They go in by one statement, in the order of their ids: a table of a million rows is then
//! written from its beginning to its end. Indexes are made afterwards where there are many. Nobody
//! is told of the rows: an instance is filled before anyone listens.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::params_from_iter;

use super::hooks;
use super::{Draft, Records, Values};
use crate::store::StoreError;
use crate::store::schema::Kind;
use crate::store::seed::Progress;
use crate::store::sys_id::hex;

impl Records<'_> {
    /// Inserts `rows` records; `made` says when the nth was created, from 0, and what it holds. Its
    /// number is by place, its id is by chance unless it holds one.
    ///
    /// # Errors
    /// When the table does not exist, the database fails, or it is stopped.
    pub(crate) fn fill(
        &mut self,
        table: &str,
        rows: u64,
        progress: &Progress,
        mut made: impl FnMut(u64) -> (Duration, Values),
    ) -> Result<(), StoreError> {
        if rows == 0 {
            return Ok(());
        }
        let class = self.schema.known(table)?;
        let numbers = (!class.prefix.is_empty())
            .then(|| hooks::take_numbers(self, class.prefix, rows))
            .transpose()?;
        let mut order: Vec<([u8; 16], u64)> = (0..rows).map(|at| (self.ids.bytes(), at)).collect();
        order.sort_unstable();

        let columns: Vec<&str> = class
            .columns
            .values()
            .filter(|column| column.kind != Kind::Journal)
            .map(|column| column.name)
            .collect();
        let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let statement = format!(
            "INSERT INTO \"{}\" ({}) VALUES ({})",
            class.root,
            quoted.join(","),
            vec!["?"; columns.len()].join(",")
        );
        let defaults: Draft = class
            .columns
            .values()
            .filter(|column| !column.default.is_empty())
            .map(|column| (column.name, column.default.to_owned()))
            .collect();
        let connection = self.connection;
        let mut statement = connection.prepare(&statement)?;
        let places: HashMap<&str, usize> = columns.iter().copied().zip(0..).collect();
        for (id, at) in order {
            let (unix, values) = made(at);
            self.set_time(unix);
            let given = values.get("sys_id").cloned();
            let sys_id = given.unwrap_or_else(|| hex(&id));
            let mut draft = defaults.clone();
            let journals = self.lay(class, &values, &mut draft);
            draft.insert("sys_id", sys_id.clone());
            draft.insert("sys_class_name", class.name.to_owned());
            if let Some(first) = numbers {
                draft
                    .entry("number")
                    .or_insert_with(|| hooks::number(class.prefix, first.saturating_add(at)));
            }
            hooks::before_insert(self, class, &mut draft)?;
            // Most columns are empty: those that are not find their places.
            let mut row = vec![""; columns.len()];
            for (name, value) in &draft {
                if let Some(cell) = places.get(name).and_then(|place| row.get_mut(*place)) {
                    *cell = value;
                }
            }
            statement.execute(params_from_iter(row))?;
            self.keep_journals(class, &sys_id, &journals)?;
            if progress.row() {
                return Err(StoreError::Stopped);
            }
        }
        if progress.tell() {
            return Err(StoreError::Stopped);
        }
        Ok(())
    }

    /// Runs the statements that index a physical table.
    pub(crate) fn index_again(&self, indexes: &[String]) -> Result<(), StoreError> {
        for index in indexes {
            self.connection.execute_batch(index)?;
        }
        Ok(())
    }

    /// Drops what is indexed of a physical table and returns the statements that index it again.
    pub(crate) fn drop_indexes(&self, root: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT name, sql FROM sqlite_master \
             WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        )?;
        let found = statement.query_map([root], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let found: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        drop(statement);
        let mut again = Vec::new();
        for (name, made) in found {
            self.connection
                .execute_batch(&["DROP INDEX \"", &name, "\""].concat())?;
            again.push(made);
        }
        Ok(again)
    }
}
