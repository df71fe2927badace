//! Encoded queries, the language of `sysparm_query`: parse, print, compile to SQL (wire-core 3).
//!
//! `^OR` binds tighter than `^`, and `^NQ` separates whole queries. Reading never fails: a part
//! that is no condition is kept as [`Condition::Invalid`], one that a real instance has and that
//! is not modelled as [`Condition::Unmodelled`]; the caller decides what they mean. Other tables
//! are looked at one deep, so that a query cannot nest without end.

use std::fmt;
use std::time::Duration;

use crate::policy::Access;

mod behaviours;
mod calendar;
mod functions;
mod operator;
mod parse;
mod related;
mod script;
mod sql;

#[cfg(test)]
mod laws;

pub(crate) use behaviours::BEHAVIOURS;
pub(crate) use functions::register;
pub use operator::Operator;
pub use related::{Count, Join, Related};
pub(crate) use sql::{Builder, Joins};

/// Longest query that is read, in bytes; the front end of an instance refuses longer lines
/// (wire-core 1.6 measured 8192, but a query can also be a row condition).
pub const MAX_BYTES: usize = 64 * 1024;
/// Most conditions of one query that are read; `PySNC`'s live tests send 2301.
pub const MAX_CONDITIONS: usize = 3000;

/// A query: alternatives, and how the rows are ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Rows match when any of them does; none means that every row matches.
    pub alternatives: Vec<Alternative>,
    /// `RLQUERY`, which holds for every alternative; a query has one.
    pub related: Option<Box<Related>>,
    /// Orderings, the first decides first.
    pub order: Vec<Order>,
    /// Fields of `GROUPBY`, which does nothing to a list.
    pub group_by: Vec<String>,
    /// Whether something was left out because the query is too long.
    pub truncated: bool,
}

/// Blocks that must all hold; a block holds when any of its conditions does.
pub type Alternative = Vec<Vec<Condition>>;

/// One part of a query between `^` signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `field operator value`.
    Compare {
        /// Field, dot-walked perhaps.
        field: String,
        /// Operator.
        operator: Operator,
        /// Value as written.
        value: String,
    },
    /// `JOIN`.
    Join(Box<Join>),
    /// `123TEXTQUERY321=`: words that the record holds.
    Text(String),
    /// A part that is no condition.
    Invalid(String),
    /// A part that a real instance understands and that is not modelled.
    Unmodelled(String),
}

/// One ordering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Field, dot-walked perhaps.
    pub field: String,
    /// `ORDERBYDESC`.
    pub descending: bool,
}

impl Query {
    /// Reads a query. Never fails.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        parse::parse(text)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for alternative in &self.alternatives {
            for block in alternative {
                for condition in block {
                    write!(f, "{before}{condition}")?;
                    before = "^OR";
                }
                before = "^";
            }
            before = "^NQ";
        }
        let mut before = if self.alternatives.is_empty() {
            ""
        } else {
            "^"
        };
        if let Some(related) = &self.related {
            write!(f, "{before}{related}")?;
            before = "^";
        }
        for order in &self.order {
            let direction = if order.descending { "DESC" } else { "" };
            write!(f, "{before}ORDERBY{direction}{}", order.field)?;
            before = "^";
        }
        for field in &self.group_by {
            write!(f, "{before}GROUPBY{field}")?;
            before = "^";
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare {
                field,
                operator,
                value,
            } => write!(f, "{field}{operator}{value}"),
            Self::Join(join) => join.fmt(f),
            Self::Text(words) => write!(f, "{}{words}", parse::TEXT_QUERY),
            Self::Invalid(text) | Self::Unmodelled(text) => f.write_str(text),
        }
    }
}

/// Who asks, when and where, for `javascript:` values and dates.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// `gs.getUserName()`.
    pub user_name: &'a str,
    /// `gs.getUserID()`.
    pub user_sys_id: &'a str,
    /// UNIX time, for `gs.daysAgo(…)` and its kind.
    pub unix: Duration,
    /// IANA name of the time zone in which days begin; an unknown one is UTC.
    pub time_zone: &'a str,
    /// What it may read of other tables; none reads everything.
    pub reach: Option<&'a dyn Reach>,
}

/// What somebody may read of the tables that a query walks to or looks at.
pub trait Reach: fmt::Debug {
    /// Whether it may read everything.
    fn reads_all(&self) -> bool {
        false
    }
    /// Which records of a table it may read.
    fn read_access(&self, table: &str) -> Access;
    /// Told of each table that a query walks to or looks at.
    fn visits(&self, _table: &str) {}
    /// Whether there may be columns that it may not read.
    fn guards_fields(&self) -> bool {
        false
    }
    /// Of which records of a table it may read a column.
    fn field_access(&self, _table: &str, _column: &str) -> Access {
        Access::ALL
    }
    /// Whether columns that it may not read are there, and empty.
    fn shows_closed(&self) -> bool {
        false
    }
}
