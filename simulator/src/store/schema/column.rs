//! What a column is: its type, its default, what it refers to (wire-core 5 and 6).

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
    /// Its label; empty for the one that follows from the name.
    pub(super) label: &'static str,
    /// `sys_dictionary.internal_type`; empty for the one that follows from the kind.
    pub(super) internal_type: &'static str,
    /// Characters it holds; 0 for what its kind usually holds.
    pub(super) max_length: u32,
    /// `sys_dictionary.mandatory`.
    pub(crate) mandatory: bool,
    /// `sys_dictionary.read_only`; a column that the instance itself fills is read-only too.
    pub(super) read_only: bool,
}

impl Column {
    pub(super) const fn of(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            default: "",
            label: "",
            internal_type: "",
            max_length: 0,
            mandatory: false,
            read_only: false,
        }
    }

    /// The same column with another `internal_type` than its kind's.
    pub(super) const fn typed(self, internal_type: &'static str) -> Self {
        Self {
            internal_type,
            ..self
        }
    }

    /// `sys_dictionary.internal_type`.
    pub(crate) const fn internal_type(&self) -> &'static str {
        if self.internal_type.is_empty() {
            self.kind.internal_type()
        } else {
            self.internal_type
        }
    }

    /// `sys_dictionary.max_length`: that of ServiceNow's types, *assumed* where no row shows it.
    pub(crate) const fn max_length(&self) -> u32 {
        if self.max_length > 0 {
            return self.max_length;
        }
        match self.kind {
            Kind::Guid | Kind::Reference(_) | Kind::NamedReference(_) => 32,
            Kind::Text | Kind::Password => 255,
            Kind::ClassName => 80,
            Kind::Journal | Kind::List(_) => 4000,
            _ => 40,
        }
    }

    /// Whether forms show it and do not let it be changed.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only || self.name.starts_with("sys_")
    }

    /// The same column with a default.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// `short_description` is labelled `Short description`.
    pub(crate) fn label(&self) -> String {
        if !self.label.is_empty() {
            return self.label.to_owned();
        }
        let words = self.name.trim_start_matches("u_").replace('_', " ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    }
}

pub(super) const fn text(name: &'static str) -> Column {
    Column::of(name, Kind::Text)
}
pub(super) const fn int(name: &'static str) -> Column {
    Column::of(name, Kind::Integer)
}
pub(super) const fn decimal(name: &'static str) -> Column {
    Column::of(name, Kind::Decimal)
}
pub(super) const fn boolean(name: &'static str) -> Column {
    Column::of(name, Kind::Boolean).or("false")
}
pub(super) const fn datetime(name: &'static str) -> Column {
    Column::of(name, Kind::DateTime)
}
pub(super) const fn date(name: &'static str) -> Column {
    Column::of(name, Kind::Date)
}
pub(super) const fn duration(name: &'static str) -> Column {
    Column::of(name, Kind::Duration)
}
pub(super) const fn journal(name: &'static str) -> Column {
    Column::of(name, Kind::Journal)
}
pub(super) const fn list(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::List(table))
}
pub(super) const fn reference(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::Reference(table))
}
pub(super) const fn named(name: &'static str, table: &'static str) -> Column {
    Column::of(name, Kind::NamedReference(table))
}
pub(super) const fn choice(name: &'static str, choices: Choices) -> Column {
    Column::of(name, Kind::Choice(choices))
}
pub(super) const fn numbered(name: &'static str, choices: Choices) -> Column {
    Column::of(name, Kind::IntegerChoice(choices))
}
