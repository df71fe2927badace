//! What a table is, as it is defined.

use super::Column;

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

pub(super) const fn root(
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

pub(super) const fn child(
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
    pub(super) const fn numbered(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }

    /// The same table with another display column than its parent's.
    pub(super) const fn shown_as(self, display: &'static str) -> Self {
        Self { display, ..self }
    }
}
