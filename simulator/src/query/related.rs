//! Parts of a query that look at another table: `JOIN` and `RLQUERY` (wire-core 3.1).

use std::fmt;

use super::{Operator, Query};

/// `JOINtable.field=other.other_field!query`: there is a record of another table with the same
/// value, for which a query holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The table that is queried.
    pub table: String,
    /// A field of it.
    pub field: String,
    /// The other table.
    pub other: String,
    /// The field of it that holds the same value.
    pub other_field: String,
    /// What holds for the other record; `^` is written `^^` in it.
    pub query: Query,
}

/// `RLQUERYtable.field,>=1[,m2m]^query^ENDRLQUERY`: so many records of another table refer to the
/// record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The other table.
    pub table: String,
    /// The field of it that refers to the record.
    pub field: String,
    /// How many.
    pub count: Count,
    /// `m2m`, which lets a real instance walk on from the other table; here it always may.
    pub many_to_many: bool,
    /// What holds for those that are counted.
    pub query: Query,
}

/// How many records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// `=`, `!=`, `<`, `<=`, `>` or `>=` a number.
    Compare(Operator, u32),
    /// `BETWEENfrom@to`, both included.
    Between(u32, u32),
}

impl Count {
    /// Whether that many are wanted.
    #[must_use]
    pub const fn holds(self, found: u32) -> bool {
        match self {
            Self::Compare(Operator::IsNot, number) => found != number,
            Self::Compare(Operator::Less, number) => found < number,
            Self::Compare(Operator::AtMost, number) => found <= number,
            Self::Compare(Operator::Greater, number) => found > number,
            Self::Compare(Operator::AtLeast, number) => found >= number,
            Self::Compare(_, number) => found == number,
            Self::Between(from, to) => from <= found && found <= to,
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(range) = text.strip_prefix(Operator::Between.spelling()) {
            let (from, to) = range.split_once('@')?;
            return Some(Self::Between(number(from)?, number(to)?));
        }
        // The longer spelling of two that begin alike comes first.
        [
            Operator::AtLeast,
            Operator::AtMost,
            Operator::IsNot,
            Operator::Greater,
            Operator::Less,
            Operator::Is,
        ]
        .into_iter()
        .find_map(|operator| Some((operator, text.strip_prefix(operator.spelling())?)))
        .and_then(|(operator, text)| Some(Self::Compare(operator, number(text)?)))
    }
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

impl Join {
    /// Reads what follows `JOIN`; `read` reads the query in it.
    pub(super) fn parse(text: &str, read: impl FnOnce(&str) -> Query) -> Option<Self> {
        let (tables, query) = text.split_once('!')?;
        let (left, right) = tables.split_once('=')?;
        let (table, field) = column(left)?;
        let (other, other_field) = column(right)?;
        Some(Self {
            table,
            field,
            other,
            other_field,
            query: read(&query.replace("^^", "^")),
        })
    }
}

impl Related {
    /// Reads what stands between `RLQUERY` and its end mark; `read` reads the query in it, which
    /// follows a comma or a `^` ("Encoded query strings" shows the comma, clients send the `^`).
    pub(super) fn parse(text: &str, read: impl FnOnce(&str) -> Query) -> Option<Self> {
        let (head, mut query) = text.split_once('^').unwrap_or((text, ""));
        let (other, rest) = head.split_once(',')?;
        let (table, field) = column(other.trim())?;
        let mut rest = rest.splitn(2, ',');
        let count = Count::parse(rest.next()?)?;
        let mut many_to_many = false;
        let mut conditions = String::new();
        if let Some(text) = rest.next() {
            let (first, others) = text.split_once(',').unwrap_or((text, ""));
            many_to_many = first == "m2m";
            conditions.push_str(if many_to_many { others } else { text });
        }
        if !conditions.is_empty() {
            conditions.push('^');
            conditions.push_str(query);
            query = &conditions;
        }
        Some(Self {
            table,
            field,
            count,
            many_to_many,
            query: read(query),
        })
    }
}

/// `table.field`.
fn column(text: &str) -> Option<(String, String)> {
    let is_name = |text: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !text.is_empty() && text.bytes().all(is_letter)
    };
    let (table, field) = text.split_once('.')?;
    (is_name(table) && is_name(field)).then(|| (table.to_owned(), field.to_owned()))
}

impl fmt::Display for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = self.query.to_string().replace('^', "^^");
        write!(
            f,
            "JOIN{}.{}={}.{}!{query}",
            self.table, self.field, self.other, self.other_field
        )
    }
}

impl fmt::Display for Related {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RLQUERY{}.{},{}", self.table, self.field, self.count)?;
        if self.many_to_many {
            f.write_str(",m2m")?;
        }
        let query = self.query.to_string();
        if !query.is_empty() {
            write!(f, "^{query}")?;
        }
        f.write_str("^ENDRLQUERY")
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(operator, number) => write!(f, "{operator}{number}"),
            Self::Between(from, to) => write!(f, "{}{from}@{to}", Operator::Between),
        }
    }
}
