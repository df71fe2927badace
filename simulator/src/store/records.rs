//! The one door for writes: insert, update and delete inside the caller's transaction.
//!
//! Before hooks fill in what an instance fills in (ids, audit columns, numbers, defaults); after
//! hooks do what follows from a change. Access is decided by the caller.

use std::time::Duration;

use indexmap::IndexMap;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::schema::{Class, Kind, Schema};
use super::sys_id::is_sys_id;
use super::{StoreError, SysIds};
use crate::journal::{Actor, Change};

mod deletion;
mod fill;
pub(crate) mod hooks;
pub(crate) mod password;
mod reclassify;
pub(crate) mod values;

/// What a password displays as where one is set; written back, it changes nothing (*assumed*).
pub(crate) const MASK: &str = "********";

/// Columns and values of a record.
pub type Values = IndexMap<String, String>;

/// Who writes, when, and by which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// User name, for `sys_created_by` and `sys_updated_by`.
    pub user_name: String,
    /// The request that brings the change about, if one does.
    pub request: Option<u64>,
    /// Who acts, for the journal.
    pub by: Actor,
    /// UNIX time of the change.
    pub unix: Duration,
}

impl Author {
    /// The instance itself.
    #[must_use]
    pub fn system(unix: Duration) -> Self {
        Self {
            user_name: "system".to_owned(),
            request: None,
            by: Actor::Instance,
            unix,
        }
    }
}

/// A change of one record, committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The record's class.
    pub table: String,
    /// The record.
    pub sys_id: String,
    /// What was done.
    pub change: Change,
    /// Its `sys_mod_count` afterwards.
    pub mod_count: u64,
    /// The request that did it, if one did.
    pub request: Option<u64>,
    /// Who acted, for the journal.
    pub by: Actor,
    /// User name of who did it.
    pub user_name: String,
}

impl Committed {
    /// Whether a [`Policy`](crate::policy::Policy) is compiled from the record's table.
    #[must_use]
    pub fn is_setting(&self) -> bool {
        crate::policy::SETTINGS.contains(&self.table.as_str())
    }
}

/// The records inside one transaction.
#[derive(Debug)]
pub struct Records<'a> {
    pub(crate) connection: &'a Connection,
    schema: &'static Schema,
    author: Author,
    ids: &'a mut SysIds,
    committed: Vec<Committed>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        schema: &'static Schema,
        author: &Author,
        ids: &'a mut SysIds,
    ) -> Self {
        Self {
            connection,
            schema,
            author: author.clone(),
            ids,
            committed: Vec::new(),
        }
    }

    /// The tables of the instance.
    pub(crate) const fn schema(&self) -> &'static Schema {
        self.schema
    }

    pub(crate) fn into_committed(self) -> Vec<Committed> {
        self.committed
    }

    /// Moves the time of the changes that follow.
    pub(crate) fn set_time(&mut self, unix: Duration) {
        self.author.unix = unix;
    }

    /// A secret that nobody is told or foresees. The ids that follow it are those of the seed.
    pub(crate) fn random_secret(&mut self) -> String {
        let seeded = u128::from_be_bytes(self.ids.bytes());
        super::sys_id::hex(&(seeded ^ rand::random::<u128>()).to_be_bytes())
    }

    /// Inserts a record and returns its `sys_id`. Columns the table does not have are ignored, as
    /// an instance ignores them (wire-core 5); a `sys_id` that is given and free is kept.
    ///
    /// # Errors
    /// When the table does not exist or the database fails.
    pub fn insert(&mut self, table: &str, values: &Values) -> Result<String, StoreError> {
        let class = self.schema.known(table)?;
        let sys_id = match values.get("sys_id").filter(|id| is_sys_id(id)) {
            Some(id) if !self.exists(class, id)? => id.clone(),
            _ => self.free_id(class)?,
        };
        let mut draft = Draft::default();
        let defaults = class
            .columns
            .values()
            .filter(|column| !column.default.is_empty());
        draft.extend(defaults.map(|column| (column.name, column.default.to_owned())));
        let journals = self.lay(class, values, &mut draft);
        draft.insert("sys_id", sys_id.clone());
        draft.insert("sys_class_name", class.name.to_owned());
        if class.lineage.contains(&"oauth_entity")
            && draft.get("client_id").is_none_or(String::is_empty)
        {
            // An instance makes the client's id itself (Application registry).
            draft.insert("client_id", super::sys_id::hex(&self.ids.bytes()));
        }
        hooks::before_insert(self, class, &mut draft)?;
        draft.retain(|_, value| !value.is_empty());
        let names: Vec<String> = draft.keys().map(|name| format!("\"{name}\"")).collect();
        let places = vec!["?"; names.len()].join(",");
        let statement = format!(
            "INSERT INTO \"{}\" ({}) VALUES ({places})",
            class.root,
            names.join(",")
        );
        self.connection
            .prepare_cached(&statement)?
            .execute(params_from_iter(draft.values()))?;
        self.keep_journals(class, &sys_id, &journals)?;
        self.note(class, &sys_id, Change::Inserted, 0);
        Ok(sys_id)
    }

    /// Changes a record of the table or of one that extends it. Returns whether anything changed:
    /// only an effective change counts in `sys_mod_count` (wire-core 5, inferred).
    ///
    /// # Errors
    /// When the table does not exist or the database fails.
    pub fn update(
        &mut self,
        table: &str,
        sys_id: &str,
        values: &Values,
    ) -> Result<bool, StoreError> {
        let Some((class, before)) = self.fetch(table, sys_id)? else {
            return Ok(false);
        };
        let mut after = before.clone();
        let journals = self.lay(class, values, &mut after);
        hooks::before_update(self, class, &before, &mut after)?;
        let changed: Vec<&str> = after
            .iter()
            .filter(|(name, value)| before.get(*name) != Some(*value))
            .map(|(name, _)| *name)
            .collect();
        if changed.is_empty() && journals.is_empty() {
            return Ok(false);
        }
        let mod_count = hooks::audit_update(&self.author, &mut after);
        let mut names = changed;
        names.extend(["sys_updated_on", "sys_updated_by", "sys_mod_count"]);
        let assignments: Vec<String> = names.iter().map(|name| format!("\"{name}\"=?")).collect();
        let statement = format!(
            "UPDATE \"{}\" SET {} WHERE sys_id=?",
            class.root,
            assignments.join(",")
        );
        let parameters = names
            .iter()
            .map(|name| after.get(*name).map_or("", String::as_str))
            .chain([sys_id]);
        self.connection
            .prepare_cached(&statement)?
            .execute(params_from_iter(parameters))?;
        self.keep_journals(class, sys_id, &journals)?;
        self.note(class, sys_id, Change::Updated, mod_count);
        Ok(true)
    }

    /// Deletes a record of the table or of one that extends it, and what only made sense with it.
    /// Returns whether there was one.
    ///
    /// # Errors
    /// When the table does not exist or the database fails.
    pub fn delete(&mut self, table: &str, sys_id: &str) -> Result<bool, StoreError> {
        let Some((class, before)) = self.fetch(table, sys_id)? else {
            return Ok(false);
        };
        let statement = format!("DELETE FROM \"{}\" WHERE sys_id=?", class.root);
        self.connection
            .prepare_cached(&statement)?
            .execute([sys_id])?;
        self.note(class, sys_id, Change::Deleted, hooks::mod_count(&before));
        hooks::after_delete(self, class, sys_id)?;
        deletion::keep(self, class, sys_id, &before)?;
        Ok(true)
    }

    /// The `sys_id` of the first record whose column has this value.
    pub(crate) fn find(
        &self,
        table: &str,
        column: &str,
        value: &str,
    ) -> Result<Option<String>, StoreError> {
        let class = self.schema.known(table)?;
        let statement = format!(
            "SELECT t.sys_id FROM \"{}\" AS t WHERE t.\"{column}\"=? AND {} ORDER BY t.sys_id LIMIT 1",
            class.root,
            class.holds("t")
        );
        let found = self
            .connection
            .prepare_cached(&statement)?
            .query_row([value], |row| row.get(0))
            .optional()?;
        Ok(found)
    }

    /// The class of a record of the table or of one that extends it, if there is one.
    pub(crate) fn class_of(
        &self,
        table: &str,
        sys_id: &str,
    ) -> Result<Option<&'static Class>, StoreError> {
        Ok(self.fetch(table, sys_id)?.map(|(class, _)| class))
    }

    fn exists(&self, class: &Class, sys_id: &str) -> Result<bool, StoreError> {
        let statement = format!("SELECT 1 FROM \"{}\" WHERE sys_id=?", class.root);
        Ok(self
            .connection
            .prepare_cached(&statement)?
            .exists([sys_id])?)
    }

    fn free_id(&mut self, class: &Class) -> Result<String, StoreError> {
        loop {
            let sys_id = self.ids.generate();
            if !self.exists(class, &sys_id)? {
                return Ok(sys_id);
            }
        }
    }

    /// Lays given values over a draft, each in its column's form; returns journal entries.
    fn lay(
        &mut self,
        class: &Class,
        values: &Values,
        draft: &mut Draft,
    ) -> Vec<(&'static str, String)> {
        let mut journals = Vec::new();
        for (name, value) in values {
            let Some(column) = class.column(name) else {
                continue;
            };
            if hooks::SET_BY_THE_INSTANCE.contains(&column.name) {
                continue;
            }
            match column.kind {
                Kind::Journal if value.is_empty() => {}
                Kind::Journal => journals.push((column.name, value.clone())),
                Kind::Password if value.is_empty() || value == MASK => {}
                Kind::Password => {
                    let digest = password::digest(&self.ids.bytes(), value);
                    draft.insert(column.name, digest);
                }
                kind => {
                    let value = values::stored(kind, value);
                    draft.insert(column.name, values::cut(value, column.limit()));
                }
            }
        }
        journals
    }

    fn keep_journals(
        &mut self,
        class: &Class,
        sys_id: &str,
        journals: &[(&'static str, String)],
    ) -> Result<(), StoreError> {
        for (element, value) in journals {
            let entry = [
                ("name", class.name),
                ("element", *element),
                ("element_id", sys_id),
                ("value", value.as_str()),
            ];
            self.insert("sys_journal_field", &row(entry))?;
        }
        Ok(())
    }

    /// A record as it is stored, with its own class, if it belongs to the table.
    fn fetch(
        &self,
        table: &str,
        sys_id: &str,
    ) -> Result<Option<(&'static Class, Draft)>, StoreError> {
        let class = self.schema.known(table)?;
        let statement = format!("SELECT * FROM \"{}\" WHERE sys_id=?", class.root);
        let mut statement = self.connection.prepare_cached(&statement)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let stored = statement
            .query_row([sys_id], |row| {
                (0..names.len())
                    .map(|at| row.get_ref(at).map(text_of))
                    .collect::<Result<Vec<String>, _>>()
            })
            .optional()?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        let stored: IndexMap<&str, String> = names.iter().map(String::as_str).zip(stored).collect();
        let own = stored
            .get("sys_class_name")
            .and_then(|name| self.schema.class(name));
        let Some(own) = own.filter(|own| class.family.contains(&own.name)) else {
            return Ok(None);
        };
        let draft = own
            .columns
            .keys()
            .filter_map(|name| Some((*name, stored.get(*name)?.clone())))
            .collect();
        Ok(Some((own, draft)))
    }

    fn note(&mut self, class: &Class, sys_id: &str, change: Change, mod_count: u64) {
        self.committed.push(Committed {
            table: class.name.to_owned(),
            sys_id: sys_id.to_owned(),
            change,
            mod_count,
            request: self.author.request,
            by: self.author.by,
            user_name: self.author.user_name.clone(),
        });
    }
}

/// A record on its way in.
type Draft = IndexMap<&'static str, String>;

/// Values from pairs.
pub(crate) fn row<'v>(pairs: impl IntoIterator<Item = (&'v str, &'v str)>) -> Values {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    pairs.into_iter().map(owned).collect()
}

/// A stored value as the text that the API shows.
pub(crate) fn text_of(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).unwrap_or("").to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
    }
}
