//! Many made-up records of one table at once.
//!
//! They go in by one statement, in the order of their ids: a table of a million rows is then
//! written from its beginning to its end. Its indexes are made afterwards. Nobody is told of the
//! rows: an instance is filled before anyone listens.

use std::time::Duration;

use rusqlite::params_from_iter;

use super::hooks;
use super::{Draft, Records, Values};
use crate::store::StoreError;
use crate::store::schema::Kind;
use crate::store::sys_id::hex;

/// From so many rows on, indexes are made anew rather than kept.
const MANY: u64 = 20_000;

impl Records<'_> {
    /// Inserts `rows` records; `made` says when the nth was created, from 0, and what it holds. Its
    /// number is by place, its id is by chance.
    ///
    /// # Errors
    /// When the table does not exist or the database fails.
    pub(crate) fn fill(
        &mut self,
        table: &str,
        rows: u64,
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

        let indexes = if rows >= MANY {
            self.drop_indexes(class.root)?
        } else {
            Vec::new()
        };
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
        for (id, at) in order {
            let (unix, values) = made(at);
            self.set_time(unix);
            let sys_id = hex(&id);
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
            statement.execute(params_from_iter(
                columns
                    .iter()
                    .map(|name| draft.get(name).map_or("", String::as_str)),
            ))?;
            self.keep_journals(class, &sys_id, &journals)?;
        }
        for index in indexes {
            connection.execute_batch(&index)?;
        }
        Ok(())
    }

    /// Drops what is indexed of a physical table and returns the statements that index it again.
    fn drop_indexes(&self, root: &str) -> Result<Vec<String>, StoreError> {
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
