//! The tables of an instance, defined once as data: names, parents, columns, types, choices.
//!
//! One physical table holds a root class and all its descendants, told apart by `sys_class_name`.
//! `sys_db_object`, `sys_dictionary` and `sys_choice` rows are generated from this. Columns are
//! those that connectors touch (wire-core 6), not all of a real instance's. An instance has the
//! base tables and its own; instances with the same tables share one schema.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use indexmap::IndexMap;

use super::StoreError;

mod api_access;
mod behaviours;
mod catalog;
mod change;
mod cmdb;
mod column;
mod custom;
mod customisation;
mod field_type;
mod foundation;
mod hardware;
mod identification;
mod import;
mod metadata;
mod oauth;
mod people;
mod platform;
mod services;
mod table;
mod task;

pub(crate) use behaviours::CHAPTER;
pub(crate) use column::{Choices, Column, Kind};
use column::{
    boolean, choice, date, datetime, decimal, duration, int, journal, list, named, numbered,
    reference, text,
};
pub(crate) use custom::{check, with};
use table::{Table, child, root};

/// The columns every table has (wire-core 6).
static EVERY_TABLE: &[Column] = &[
    Column::of("sys_id", Kind::Guid),
    Column::of("sys_class_name", Kind::ClassName),
    datetime("sys_created_on"),
    text("sys_created_by"),
    datetime("sys_updated_on"),
    text("sys_updated_by"),
    int("sys_mod_count").or("0"),
    text("sys_tags"),
    reference("sys_domain", "sys_user_group").or("global"),
    text("sys_domain_path").or("/"),
];

/// A table with everything it inherits.
#[derive(Debug)]
pub(crate) struct Class {
    home: Home,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) parent: Option<&'static str>,
    /// The physical table.
    pub(crate) root: &'static str,
    pub(crate) display: &'static str,
    pub(crate) prefix: &'static str,
    /// Itself, its parent, and so on up to the root.
    pub(crate) lineage: Vec<&'static str>,
    /// Itself and every table that extends it, directly or not.
    pub(crate) family: Vec<&'static str>,
    /// The same as SQL has them: `'a','b'`.
    family_in_sql: String,
    /// Own and inherited columns by name.
    pub(crate) columns: IndexMap<&'static str, Column>,
    /// Names of the columns it defines itself.
    pub(crate) own: Vec<&'static str>,
}

impl Class {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// The schema that the class is part of.
    pub(crate) fn schema(&self) -> &'static Schema {
        self.home.0.get_or_init(Schema::default)
    }

    pub(crate) fn is_root(&self) -> bool {
        self.name == self.root
    }

    /// The SQL condition that a row of the physical table, under this alias, belongs to the class
    /// or one that extends it.
    pub(crate) fn holds(&self, alias: &str) -> String {
        if self.is_root() {
            return "1".to_owned();
        }
        // The instance itself writes the names of classes, always alike.
        let names = &self.family_in_sql;
        format!("{alias}.sys_class_name COLLATE BINARY IN ({names})")
    }
}

/// Where the schema of a class is to be found; it is there before the class can be seen.
#[derive(Clone, Copy)]
struct Home(&'static OnceLock<Schema>);

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Home")
    }
}

/// Every table by name.
#[derive(Default)]
pub(crate) struct Schema {
    pub(crate) classes: IndexMap<&'static str, Class>,
    /// The database that every instance with these tables begins with, once one was asked for.
    pub(super) image: OnceLock<Vec<u8>>,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("tables", &self.classes.len())
            .finish_non_exhaustive()
    }
}

/// Schemas are shared: equal ones are one.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Schema {}

impl Default for &'static Schema {
    fn default() -> Self {
        base()
    }
}

impl Schema {
    pub(crate) fn class(&self, table: &str) -> Option<&Class> {
        self.classes.get(table)
    }

    /// The table of this name, or the error that names the nearest.
    pub(crate) fn known(&self, table: &str) -> Result<&Class, StoreError> {
        self.class(table)
            .ok_or_else(|| StoreError::unknown("table", table, self.classes.keys().copied()))
    }

    /// The columns of a physical table: those of all its classes, each once.
    pub(crate) fn physical_columns(&self, root: &str) -> IndexMap<&'static str, Column> {
        let mut columns = IndexMap::new();
        for class in self.classes.values().filter(|class| class.root == root) {
            for (name, column) in &class.columns {
                columns.entry(*name).or_insert(*column);
            }
        }
        columns
    }

    /// The schema of these tables, which lasts as long as the process.
    fn build(tables: &[Table]) -> &'static Self {
        let home = Home(Box::leak(Box::default()));
        let by_name: HashMap<&str, &Table> =
            tables.iter().map(|table| (table.name, table)).collect();
        let lines: Vec<Vec<&Table>> = tables
            .iter()
            .map(|table| lineage(&by_name, table))
            .collect();
        let classes = tables.iter().zip(&lines).map(|(table, line)| {
            let family = lines
                .iter()
                .filter(|other| other.iter().any(|ancestor| ancestor.name == table.name))
                .filter_map(|other| Some(other.first()?.name));
            (table.name, Class::of(home, table, line, family.collect()))
        });
        let classes = classes.collect();
        home.0.get_or_init(|| Self {
            classes,
            image: OnceLock::new(),
        })
    }
}

/// The table, its parent, and so on up to the root.
fn lineage<'t>(by_name: &HashMap<&str, &'t Table>, table: &'t Table) -> Vec<&'t Table> {
    let parent = |table: &&'t Table| by_name.get(table.parent?).copied();
    std::iter::successors(Some(table), parent).collect()
}

impl Class {
    fn of(home: Home, table: &Table, line: &[&Table], family: Vec<&'static str>) -> Self {
        let mut columns = IndexMap::new();
        for column in EVERY_TABLE {
            columns.insert(column.name, *column);
        }
        for ancestor in line.iter().rev() {
            for column in ancestor.columns {
                columns.insert(column.name, *column);
            }
        }
        let mut own: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        if table.parent.is_none() {
            own.extend(EVERY_TABLE.iter().map(|column| column.name));
        }
        let names: Vec<String> = family.iter().map(|name| format!("'{name}'")).collect();
        let inherited = |pick: fn(&Table) -> &'static str| {
            let set = line.iter().map(|table| pick(table));
            set.into_iter().find(|name| !name.is_empty()).unwrap_or("")
        };
        Self {
            home,
            name: table.name,
            label: table.label,
            parent: table.parent,
            root: line.last().map_or(table.name, |root| root.name),
            display: inherited(|table| table.display),
            prefix: inherited(|table| table.prefix),
            lineage: line.iter().map(|table| table.name).collect(),
            family_in_sql: names.join(","),
            family,
            columns,
            own,
        }
    }
}

/// The tables that every instance has.
fn base_tables() -> Vec<Table> {
    [
        metadata::TABLES,
        platform::TABLES,
        people::TABLES,
        foundation::TABLES,
        task::TABLES,
        change::TABLES,
        catalog::TABLES,
        cmdb::TABLES,
        hardware::TABLES,
        services::TABLES,
        import::TABLES,
        identification::TABLES,
        oauth::TABLES,
        api_access::TABLES,
        customisation::TABLES,
    ]
    .concat()
}

/// Whether a column can be of this type.
pub(crate) fn is_field_type(name: &str) -> bool {
    field_type::storage(name).is_some()
}

/// The schema of an instance without tables of its own.
pub(crate) fn base() -> &'static Schema {
    static BASE: OnceLock<&'static Schema> = OnceLock::new();
    BASE.get_or_init(|| Schema::build(&base_tables()))
}

#[cfg(test)]
pub(super) mod laws;
