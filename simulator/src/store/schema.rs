//! The tables of an instance, defined once as data: names, parents, columns, types, choices.
//!
//! One physical table holds a root class and all its descendants, told apart by `sys_class_name`.
//! `sys_db_object`, `sys_dictionary` and `sys_choice` rows are generated from this. Columns are
//! those that connectors touch (wire-core 6), not all of a real instance's.

use std::collections::HashMap;
use std::sync::OnceLock;

use indexmap::IndexMap;

mod cmdb;
mod foundation;
mod identification;
mod people;
mod platform;
mod task;

/// Values and labels of a choice list.
pub(crate) type Choices = &'static [(&'static str, &'static str)];

/// What a column holds; decides how it is stored, compared and displayed (wire-core 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The record's own `sys_id`.
    Guid,
    Text,
    Integer,
    Decimal,
    Boolean,
    /// `YYYY-MM-DD HH:MM:SS` in UTC.
    DateTime,
    Date,
    Duration,
    /// Reads are empty; entries live in `sys_journal_field`.
    Journal,
    /// Comma-separated ids of another table.
    List(&'static str),
    /// The `sys_id` of a record of that table.
    Reference(&'static str),
    /// The `name` of a record of that table.
    NamedReference(&'static str),
    Choice(Choices),
    IntegerChoice(Choices),
    /// Write-only: a salted digest is stored, reads are empty.
    Password,
    /// A table name, displayed as the table's label.
    ClassName,
}

impl Kind {
    /// Whether values compare as numbers.
    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::IntegerChoice(_))
    }

    /// The table it refers to and the column of it that is referred to.
    pub(crate) const fn refers_to(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Reference(table) => Some((table, "sys_id")),
            Self::NamedReference(table) => Some((table, "name")),
            _ => None,
        }
    }

    /// Values and labels, of a choice column.
    pub(crate) const fn choices(self) -> Option<Choices> {
        match self {
            Self::Choice(choices) | Self::IntegerChoice(choices) => Some(choices),
            _ => None,
        }
    }

    /// `sys_dictionary.internal_type`.
    pub(crate) const fn internal_type(self) -> &'static str {
        match self {
            Self::Guid => "GUID",
            Self::Text | Self::Choice(_) => "string",
            Self::Integer | Self::IntegerChoice(_) => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::DateTime => "glide_date_time",
            Self::Date => "glide_date",
            Self::Duration => "glide_duration",
            Self::Journal => "journal_input",
            Self::List(_) => "glide_list",
            Self::Reference(_) | Self::NamedReference(_) => "reference",
            Self::Password => "password",
            Self::ClassName => "sys_class_name",
        }
    }
}

/// A column as its table defines it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The value of a record that is inserted without one.
    pub(crate) default: &'static str,
}

impl Column {
    const fn of(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            default: "",
        }
    }

    /// The same column with a default.
    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// `short_description` is labelled `Short description`.
    pub(crate) fn label(&self) -> String {
        let words = self.name.trim_start_matches("u_").replace('_', " ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    }
}

const fn text(name: &'static str) -> Column {
    Column::of(name, Kind::Text)
}
const fn int(name: &'static str) -> Column {
    Column::of(name, Kind::Integer)
}
const fn decimal(name: &'static str) -> Column {
    Column::of(name, Kind::Decimal)
}
const fn boolean(name: &'static str) -> Column {
    Column::of(name, Kind::Boolean).or("false")
}
const fn datetime(name: &'static str) -> Column {
    Column::of(name, Kind::DateTime)
}
const fn date(name: &'static str) -> Column {
    Column::of(name, Kind::Date)
}
const fn duration(name: &'static str) -> Column {
    Column::of(name, Kind::Duration)
}
const fn journal(name: &'static str) -> Column {
    Column::of(name, Kind::Journal)
}
const fn list(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::List(table))
}
const fn reference(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::Reference(table))
}
const fn named(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::NamedReference(table))
}
const fn choice(name: &'static str, choices: Choices) -> Column {
    Column::of(name, Kind::Choice(choices))
}
const fn numbered(name: &'static str, choices: Choices) -> Column {
    Column::of(name, Kind::IntegerChoice(choices))
}

/// A table as it is defined.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// The table it extends.
    pub(crate) parent: Option<&'static str>,
    /// The column that stands for a record where it is referred to; empty inherits the parent's.
    pub(crate) display: &'static str,
    /// Prefix of `number`; empty inherits the parent's, if any.
    pub(crate) prefix: &'static str,
    pub(crate) columns: &'static [Column],
}

const fn root(
    name: &'static str,
    label: &'static str,
    display: &'static str,
    columns: &'static [Column],
) -> Table {
    Table {
        name,
        label,
        parent: None,
        display,
        prefix: "",
        columns,
    }
}

const fn child(
    name: &'static str,
    label: &'static str,
    parent: &'static str,
    columns: &'static [Column],
) -> Table {
    Table {
        name,
        label,
        parent: Some(parent),
        display: "",
        prefix: "",
        columns,
    }
}

impl Table {
    const fn numbered(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }
}

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
    /// Own and inherited columns by name.
    pub(crate) columns: IndexMap<&'static str, Column>,
    /// Names of the columns it defines itself.
    pub(crate) own: Vec<&'static str>,
}

impl Class {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    pub(crate) fn is_root(&self) -> bool {
        self.name == self.root
    }
}

/// Every table by name.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) classes: IndexMap<&'static str, Class>,
}

impl Schema {
    pub(crate) fn class(&self, table: &str) -> Option<&Class> {
        self.classes.get(table)
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

    fn build() -> Self {
        let tables: Vec<&'static Table> = [
            platform::TABLES,
            people::TABLES,
            foundation::TABLES,
            task::TABLES,
            cmdb::TABLES,
            identification::TABLES,
        ]
        .into_iter()
        .flatten()
        .collect();
        let by_name: HashMap<&str, &'static Table> =
            tables.iter().map(|table| (table.name, *table)).collect();
        let lineage = |table: &'static Table| -> Vec<&'static Table> {
            let parent = |table: &&'static Table| by_name.get(table.parent?).copied();
            std::iter::successors(Some(table), parent).collect()
        };
        let inherited = |lineage: &[&'static Table], pick: fn(&Table) -> &'static str| {
            let set = lineage.iter().map(|table| pick(table));
            set.into_iter().find(|name| !name.is_empty()).unwrap_or("")
        };
        let classes = tables.iter().map(|table| {
            let line = lineage(table);
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
            let family = tables
                .iter()
                .filter(|other| lineage(other).iter().any(|line| line.name == table.name))
                .map(|other| other.name);
            let class = Class {
                name: table.name,
                label: table.label,
                parent: table.parent,
                root: line.last().map_or(table.name, |root| root.name),
                display: inherited(&line, |table| table.display),
                prefix: inherited(&line, |table| table.prefix),
                lineage: line.iter().map(|table| table.name).collect(),
                family: family.collect(),
                columns,
                own,
            };
            (table.name, class)
        });
        Self {
            classes: classes.collect(),
        }
    }
}

/// The schema every instance has.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(Schema::build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_table_and_every_display_column_exists() {
        for class in schema().classes.values() {
            assert!(
                class.display == "sys_id" || class.column(class.display).is_some(),
                "{} has no display column",
                class.name
            );
            for column in class.columns.values() {
                if let Some((table, key)) = column.kind.refers_to() {
                    let referred = schema().class(table);
                    let key = referred.and_then(|class| class.column(key));
                    assert!(key.is_some(), "{}.{}", class.name, column.name);
                }
                if let Kind::List(table) = column.kind {
                    assert!(schema().class(table).is_some(), "{}", column.name);
                }
            }
        }
    }

    #[test]
    fn columns_of_one_name_in_one_physical_table_are_stored_alike() {
        for class in schema().classes.values() {
            let physical = schema().physical_columns(class.root);
            for column in class.columns.values() {
                let stored = physical[column.name].kind;
                assert_eq!(
                    stored.is_number(),
                    column.kind.is_number(),
                    "{}.{}",
                    class.name,
                    column.name
                );
            }
        }
    }

    #[test]
    fn a_class_inherits_columns_display_and_root() {
        let linux = schema().class("cmdb_ci_linux_server").unwrap();
        assert_eq!(linux.root, "cmdb_ci");
        assert_eq!(linux.display, "name");
        assert_eq!(linux.lineage[1], "cmdb_ci_server");
        assert!(linux.column("ip_address").is_some());
        assert!(linux.column("kernel_release").is_some());
        let server = schema().class("cmdb_ci_server").unwrap();
        assert!(server.column("kernel_release").is_none());
        assert!(server.family.contains(&"cmdb_ci_linux_server"));
        assert_eq!(schema().class("incident").unwrap().prefix, "INC");
    }
}
