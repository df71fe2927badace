//! Tables and columns that an instance has beside those that every instance has.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table of the instance's own (`sys_db_object`), or columns of its own in a table that every
/// instance has; then only `columns` is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableDefinition {
    /// Its label, at most 80 characters. Default: made of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The table it extends. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What its numbers begin with: 1 to 10 capitals and digits. It needs a column `number`, its
    /// own or an inherited one. Default: that of the table it extends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_prefix: Option<String>,
    /// Its columns by name, beside those it inherits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<IndexMap<String, ColumnDefinition>>,
}

/// A column of the instance's own (`sys_dictionary`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnDefinition {
    /// Its label, at most 80 characters. Default: made of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its `internal_type`, such as `integer` or `glide_date_time`. Default `reference` where a
    /// reference is given, `string` otherwise.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub internal_type: Option<String>,
    /// The table that a `reference` or `glide_list` refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Values and their labels, of a `string`, `choice` or `integer`; at most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<IndexMap<String, String>>,
    /// The value of a record that is made without one. Default: empty, and `false` for a boolean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Characters it holds, 1 to 16,777,216; a longer value is cut. Default: that of its type, and
    /// nothing is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16_777_216))]
    pub max_length: Option<u32>,
    /// Shown in the dictionary; not enforced. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    /// Shown in the dictionary; not enforced. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether it stands for a record where that is referred to; one column of a table at most.
    /// Default: `name`, `u_name`, `number` or `u_number`, the first that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<bool>,
}

/// Why tables and columns cannot be had as they are set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {message}{hint}", path.join("."))]
pub struct DictionaryError {
    /// The keys that lead to the place, from the set-up of the instance on.
    pub path: Vec<String>,
    /// What is wrong, with the value.
    pub message: String,
    /// The nearest legal values, in words; may be empty.
    pub hint: String,
}

impl super::InstanceSetup {
    /// Whether the tables and columns of [`InstanceSetup::dictionary`](Self::dictionary) can be had.
    ///
    /// # Errors
    /// The first that cannot, with its place.
    pub fn check_dictionary(&self) -> Result<(), DictionaryError> {
        crate::store::schema::check(self.dictionary.as_ref())
    }
}

/// Whether every instance has a table of this name.
#[must_use]
pub fn ships_table(table: &str) -> bool {
    crate::store::schema::base().class(table).is_some()
}

/// Whether every instance has this column in this table, its own or an inherited one.
#[must_use]
pub fn ships_column(table: &str, column: &str) -> bool {
    let class = crate::store::schema::base().class(table);
    class.is_some_and(|class| class.column(column).is_some())
}

/// Whether this is a type that a column can have (`sys_dictionary.internal_type`).
#[must_use]
pub fn is_field_type(name: &str) -> bool {
    crate::store::schema::is_field_type(name)
}
