//! What stands for stored values in display values: names of records, labels of choices, entries
//! of journals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params_from_iter};
use serde_json::json;

use super::locale::Locale;
use crate::api::Owned;
use crate::api::reading::{Row, Shown, session};
use crate::query::Builder;
use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::fold;

/// Display values looked up for one answer.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By table and by what refers to the record: its `sys_id` or its name.
    records: HashMap<(&'static str, String), String>,
    /// By class, column and value.
    choices: HashMap<(String, String, String), String>,
    /// By record, the newest first.
    journals: HashMap<String, Vec<Entry>>,
}

/// An entry of a journal.
#[derive(Debug)]
struct Entry {
    element: String,
    value: String,
    /// UTC.
    written: String,
    author: String,
}

impl Names {
    pub(super) fn look_up(
        call: &Owned,
        connection: &Connection,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Self, StoreError> {
        let mut referred: BTreeMap<(&'static str, &'static str), BTreeSet<&str>> = BTreeMap::new();
        let mut classes: BTreeSet<&str> = BTreeSet::new();
        let mut journals: BTreeSet<&str> = BTreeSet::new();
        for row in rows {
            for (shown, value) in shown.iter().zip(row.values.iter()) {
                match shown.column.kind {
                    Kind::Reference(table) => {
                        referred.entry((table, "sys_id")).or_default().insert(value);
                    }
                    Kind::NamedReference(table) => {
                        referred.entry((table, "name")).or_default().insert(value);
                    }
                    Kind::List(table) => {
                        let ids = referred.entry((table, "sys_id")).or_default();
                        ids.extend(value.split(','));
                    }
                    Kind::Choice(_) | Kind::IntegerChoice(_) => {
                        classes.insert(shown.walked_to.unwrap_or(&row.class));
                    }
                    Kind::Journal => {
                        journals.insert(value);
                    }
                    _ => {}
                }
            }
        }
        let schema = call.store.schema();
        let mut names = Self::default();
        for ((table, key), values) in referred {
            if let Some(class) = schema.class(table) {
                names.look_up_records(call, connection, class, key, &values)?;
            }
        }
        for class in classes {
            let lineage = schema.class(class).map_or(&[][..], |class| &class.lineage);
            names.look_up_choices(connection, class, lineage)?;
        }
        journals.remove("");
        if !journals.is_empty() {
            names.look_up_journals(connection, &journals)?;
        }
        Ok(names)
    }

    /// A record is named whether or not the caller may read it, unless its name is a field that the
    /// caller may not.
    fn look_up_records(
        &mut self,
        call: &Owned,
        connection: &Connection,
        class: &'static Class,
        key: &str,
        values: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let mut records = Builder::new(class, session(call));
        let name = records.displayed(class.display);
        let name = name.unwrap_or_else(|| "''".to_owned());
        let keys = records.bind(json!(values).to_string());
        let statement = format!(
            "SELECT t.\"{key}\", {name} {} WHERE {} \
             AND t.\"{key}\" IN (SELECT value FROM json_each({keys}))",
            records.source(),
            records.of_class(),
        );
        let mut statement = connection.prepare_cached(&statement)?;
        let mut found = statement.query(params_from_iter(&records.parameters))?;
        while let Some(row) = found.next()? {
            let name = text_of(row.get_ref(1)?);
            self.records.insert((class.name, row.get(0)?), name);
        }
        Ok(())
    }

    /// Choices of a class, those of the most specific table first.
    fn look_up_choices(
        &mut self,
        connection: &Connection,
        class: &str,
        lineage: &[&str],
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT element, value, label FROM sys_choice \
             WHERE name = ? AND language = 'en' AND inactive = 'false'",
        )?;
        let mut settled = BTreeSet::new();
        for table in lineage {
            let mut found = statement.query([table])?;
            let mut here = BTreeSet::new();
            while let Some(row) = found.next()? {
                let (element, value): (String, String) = (row.get(0)?, row.get(1)?);
                if !settled.contains(&element) {
                    here.insert(element.clone());
                    let key = (class.to_owned(), element, fold(&value));
                    self.choices.insert(key, row.get(2)?);
                }
            }
            settled.extend(here);
        }
        Ok(())
    }

    /// The entries of these records. Those of one second come in the order of their elements and ids.
    fn look_up_journals(
        &mut self,
        connection: &Connection,
        records: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT j.element_id, j.element, j.value, j.sys_created_on, \
             coalesce((SELECT name FROM sys_user WHERE user_name = j.sys_created_by), \
             j.sys_created_by) FROM sys_journal_field AS j \
             WHERE j.element_id IN (SELECT value FROM json_each(?)) \
             ORDER BY j.sys_created_on DESC, j.element, j.sys_id",
        )?;
        let mut found = statement.query([json!(records).to_string()])?;
        while let Some(row) = found.next()? {
            let entry = Entry {
                element: row.get(1)?,
                value: row.get(2)?,
                written: row.get(3)?,
                author: row.get(4)?,
            };
            self.journals.entry(row.get(0)?).or_default().push(entry);
        }
        Ok(())
    }

    /// The display value of a record; what refers to it where there is no such record
    /// (`glide.maint`, `global`).
    pub(super) fn record(&self, table: &'static str, value: &str) -> String {
        let name = self.records.get(&(table, value.to_owned()));
        name.map_or(value, String::as_str).to_owned()
    }

    pub(super) fn choice(&self, class: &str, element: &str, value: &str) -> String {
        let key = (class.to_owned(), element.to_owned(), fold(value));
        self.choices
            .get(&key)
            .map_or(value, String::as_str)
            .to_owned()
    }

    /// The log of a journal column, the newest entry first, in the form that recorded answers of
    /// 2018 to 2022 show: `2022-09-20 23:50:09 - System Administrator (Work notes)`, the text, an
    /// empty line. `comments_and_work_notes` holds those of both that are `open` to the caller.
    pub(super) fn journal(
        &self,
        record: &str,
        column: &Column,
        locale: &Locale,
        open: impl Fn(&str) -> bool,
    ) -> String {
        let mut log = String::new();
        for entry in self.journals.get(record).into_iter().flatten() {
            let element = entry.element.as_str();
            let both = column.name == "comments_and_work_notes"
                && matches!(element, "comments" | "work_notes")
                && open(element);
            if element != column.name && !both {
                continue;
            }
            let label = match element {
                "comments" => "Additional comments".to_owned(),
                "work_notes" => "Work notes".to_owned(),
                _ => column.label(),
            };
            let written = locale.shown(&entry.written);
            for part in [
                written.as_ref().unwrap_or(&entry.written),
                " - ",
                &entry.author,
                " (",
                &label,
                ")\n",
                &entry.value,
                "\n\n",
            ] {
                log.push_str(part);
            }
        }
        log
    }
}
