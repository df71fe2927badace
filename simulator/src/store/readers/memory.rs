//! What a connection remembers of what it has read, as of one version of the database.

use std::cell::RefMut;
use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Value;

use super::Snapshot;
use crate::store::StoreError;

/// Counts, and lists with their marks, that are remembered.
const MOST: usize = 64;
/// Marks of one list.
const MARKS: usize = 1024;

/// How many rows statements counted, and where in their lists rows are.
#[derive(Default)]
pub(super) struct Memory {
    version: i64,
    /// By statement and its values, written as text.
    counts: HashMap<String, i64>,
    /// Ids by their places in a list that is ordered by id, by the statement that finds it and its
    /// values.
    marks: HashMap<String, BTreeMap<i64, String>>,
}

/// A row of a list that is ordered by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Rows before it.
    pub(crate) place: i64,
    pub(crate) sys_id: String,
}

impl Snapshot<'_> {
    /// How many rows a statement counts. What was counted before, and cannot have changed since,
    /// is not counted again.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn count(&self, statement: &str, values: &[Value]) -> Result<i64, StoreError> {
        let name = name(statement, values);
        if let Some(count) = self.memory()?.counts.get(&name) {
            return Ok(*count);
        }
        let count = self
            .prepare_cached(statement)?
            .query_row(rusqlite::params_from_iter(values), |row| row.get(0))?;
        let mut memory = self.memory()?;
        if memory.counts.len() >= MOST {
            memory.counts.clear();
        }
        memory.counts.insert(name, count);
        Ok(count)
    }

    /// The last row of a list, up to this place, that is known to be where it was.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn mark(
        &self,
        statement: &str,
        values: &[Value],
        up_to: i64,
    ) -> Result<Option<Mark>, StoreError> {
        let memory = self.memory()?;
        let marks = memory.marks.get(&name(statement, values));
        let mark = marks.and_then(|marks| marks.range(..=up_to).next_back());
        Ok(mark.map(|(place, sys_id)| Mark {
            place: *place,
            sys_id: sys_id.clone(),
        }))
    }

    /// Remembers where in a list some of its rows are.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn set_marks(
        &self,
        statement: &str,
        values: &[Value],
        marks: impl IntoIterator<Item = Mark>,
    ) -> Result<(), StoreError> {
        let name = name(statement, values);
        let mut memory = self.memory()?;
        if memory.marks.len() >= MOST && !memory.marks.contains_key(&name) {
            memory.marks.clear();
        }
        let known = memory.marks.entry(name).or_default();
        for mark in marks {
            if known.len() >= MARKS {
                known.clear();
            }
            known.insert(mark.place, mark.sys_id);
        }
        Ok(())
    }

    /// What holds for this snapshot.
    fn memory(&self) -> Result<RefMut<'_, Memory>, StoreError> {
        let version = self
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        let memory = self.memory.borrow_mut();
        let mut memory = RefMut::map(memory, |memory| &mut **memory);
        if memory.version != version {
            memory.counts.clear();
            memory.marks.clear();
            memory.version = version;
        }
        Ok(memory)
    }
}

fn name(statement: &str, values: &[Value]) -> String {
    format!("{statement}\n{values:?}")
}
