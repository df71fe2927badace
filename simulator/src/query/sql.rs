//! Compiling a query to SQL over the store's physical tables.
//!
//! Fields that are walked to (`caller_id.company.name`) become left joins, shared by conditions,
//! orderings and columns. Every value is a parameter; names come from the schema only.

use indexmap::IndexMap;
use rusqlite::types::Value;

use super::{Condition, Operator, Query, Session, script};
use crate::store::records::values::normalise;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::{COLLATION, fold};

/// Joins of one statement, at most; SQLite joins 64 tables.
const MAX_JOINS: usize = 40;
/// References walked in one field, at most.
const MAX_WALK: usize = 5;

/// Collects what one SQL statement needs.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    class: &'static Class,
    session: Session<'a>,
    /// Walked references (`caller_id.company`) and their join clauses, in order.
    joins: IndexMap<String, String>,
    /// Values of `?1`, `?2`, ….
    pub(crate) parameters: Vec<Value>,
    /// Parts of queries that are invalid for the table.
    pub(crate) invalid: Vec<String>,
    /// What a real instance would have understood.
    pub(crate) unmodelled: Vec<String>,
}

/// A column of the statement: how SQL names it, and what it is.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) sql: String,
    pub(crate) column: Column,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(class: &'static Class, session: Session<'a>) -> Self {
        Self {
            class,
            session,
            joins: IndexMap::new(),
            parameters: Vec::new(),
            invalid: Vec::new(),
            unmodelled: Vec::new(),
        }
    }

    /// `FROM … LEFT JOIN …`, complete once every field has been asked for.
    pub(crate) fn source(&self) -> String {
        let joins: String = self.joins.values().map(String::as_str).collect();
        format!("FROM \"{}\" AS t{joins}", self.class.root)
    }

    /// The condition that a row belongs to the class or one that extends it.
    pub(crate) fn of_class(&self) -> String {
        self.class.holds("t")
    }

    /// Binds a value and returns its place.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.parameters.push(value.into());
        format!("?{}", self.parameters.len())
    }

    /// The field of this name or walk, if the table has it and it can be read.
    pub(crate) fn field(&mut self, walk: &str) -> Option<Field> {
        let mut class = self.class;
        let mut alias = "t".to_owned();
        let mut walked = String::new();
        let mut steps = walk.split('.').peekable();
        for _ in 0..=MAX_WALK {
            let column = *class.column(steps.next()?)?;
            if steps.peek().is_none() {
                let sql = match alias.as_str() {
                    "t" => format!("t.\"{}\"", column.name),
                    alias if column.kind.is_number() => {
                        format!("coalesce({alias}.\"{}\",'')", column.name)
                    }
                    // An expression has no collation of its own.
                    alias => format!(
                        "coalesce({alias}.\"{}\",'') COLLATE {COLLATION}",
                        column.name
                    ),
                };
                return (column.kind != Kind::Password).then_some(Field { sql, column });
            }
            if !walked.is_empty() {
                walked.push('.');
            }
            walked.push_str(column.name);
            (class, alias) = self.join(&walked, &alias, &column)?;
        }
        None
    }

    /// What stands for a field's value in text: of a reference, the record's display value.
    fn shown(&mut self, walk: &str, field: &Field) -> Option<String> {
        let Some((table, _)) = field.column.kind.refers_to() else {
            return Some(field.sql.clone());
        };
        let display = self.class.schema().class(table)?.display;
        self.field(&format!("{walk}.{display}"))
            .map(|field| field.sql)
    }

    fn join(
        &mut self,
        walked: &str,
        from: &str,
        column: &Column,
    ) -> Option<(&'static Class, String)> {
        let (table, key) = column.kind.refers_to()?;
        let class = self.class.schema().class(table)?;
        if let Some(at) = self.joins.get_index_of(walked) {
            return Some((class, format!("j{at}")));
        }
        if self.joins.len() >= MAX_JOINS {
            self.unmodelled
                .push(format!("more than {MAX_JOINS} walked references"));
            return None;
        }
        let alias = format!("j{}", self.joins.len());
        let mut clause = format!(
            " LEFT JOIN \"{}\" AS {alias} ON {alias}.\"{key}\" = {from}.\"{}\"",
            class.root, column.name
        );
        // A `sys_id` is one record's; a name can be that of records of several classes.
        if key != "sys_id" && !class.is_root() {
            clause.push_str(" AND ");
            clause.push_str(&class.holds(&alias));
        }
        self.joins.insert(walked.to_owned(), clause);
        Some((class, alias))
    }

    /// The condition of a query; parts that are invalid or not modelled are left out and listed.
    pub(crate) fn condition(&mut self, query: &Query) -> String {
        if query.truncated {
            self.unmodelled.push("a query of this length".to_owned());
        }
        let alternatives: Vec<String> = query
            .alternatives
            .iter()
            .filter_map(|alternative| {
                let blocks: Vec<String> = alternative
                    .iter()
                    .filter_map(|block| {
                        let terms: Vec<String> =
                            block.iter().filter_map(|term| self.term(term)).collect();
                        (!terms.is_empty()).then(|| format!("({})", terms.join(" OR ")))
                    })
                    .collect();
                (!blocks.is_empty()).then(|| format!("({})", blocks.join(" AND ")))
            })
            .collect();
        if alternatives.is_empty() {
            "1".to_owned()
        } else {
            format!("({})", alternatives.join(" OR "))
        }
    }

    /// Expressions to order by, and the names of the fields; invalid ones are listed. References
    /// order by display value, empty numbers come first.
    pub(crate) fn ordering(&mut self, query: &Query) -> (Vec<String>, Vec<String>) {
        let mut expressions = Vec::new();
        let mut names = Vec::new();
        for order in &query.order {
            let Some(field) = self.field(&order.field) else {
                self.invalid.push(format!("ORDERBY{}", order.field));
                continue;
            };
            let shown = self.shown(&order.field, &field).unwrap_or(field.sql);
            let number = if field.column.kind.is_number() {
                format!("nullif({shown},'')")
            } else {
                shown
            };
            let direction = if order.descending { " DESC" } else { "" };
            expressions.push(format!("{number}{direction}"));
            names.push(order.field.clone());
        }
        (expressions, names)
    }

    fn term(&mut self, condition: &Condition) -> Option<String> {
        let (walk, operator, value) = match condition {
            Condition::Compare {
                field,
                operator,
                value,
            } => (field, *operator, value),
            Condition::Invalid(text) => {
                self.invalid.push(text.clone());
                return None;
            }
            Condition::Unmodelled(text) => {
                self.unmodelled.push(format!("sysparm_query part {text}"));
                return None;
            }
        };
        let Some(field) = self.field(walk) else {
            self.invalid.push(condition.to_string());
            return None;
        };
        let sql = self.compare(walk, &field, operator, value);
        if sql.is_none() {
            self.unmodelled
                .push(format!("sysparm_query value {condition}"));
        }
        sql
    }

    /// The comparison; none if its value is not modelled.
    fn compare(
        &mut self,
        walk: &str,
        field: &Field,
        operator: Operator,
        value: &str,
    ) -> Option<String> {
        let sql = &field.sql;
        let ordered = |sign: &str, place: &str| format!("({sql} <> '' AND {sql} {sign} {place})");
        Some(match operator {
            Operator::Is => self.equal(field, value, "=")?,
            Operator::IsNot => self.equal(field, value, "<>")?,
            Operator::Less => ordered("<", &self.bound(field, value)?),
            Operator::Greater => ordered(">", &self.bound(field, value)?),
            Operator::AtMost => ordered("<=", &self.bound(field, value)?),
            Operator::AtLeast => ordered(">=", &self.bound(field, value)?),
            Operator::In => self.within(field, value, "IN")?,
            Operator::NotIn => self.within(field, value, "NOT IN")?,
            Operator::Like => self.part(walk, field, "contains", value),
            Operator::NotLike => format!("NOT {}", self.part(walk, field, "contains", value)),
            Operator::StartsWith => self.part(walk, field, "begins", value),
            Operator::EndsWith => self.part(walk, field, "ends", value),
            Operator::IsEmpty | Operator::EmptyString => format!("{sql} = ''"),
            Operator::IsNotEmpty => format!("{sql} <> ''"),
            Operator::Anything => "1".to_owned(),
            Operator::Between => self.between(field, value)?,
            Operator::On => self.between(field, value.split_once('@')?.1)?,
            Operator::NotOn => {
                format!("NOT {}", self.between(field, value.split_once('@')?.1)?)
            }
            Operator::InstanceOf => {
                let named = self.class.schema().class(value);
                let family = named.map_or(&[][..], |class| &class.family);
                let names: Vec<String> = family.iter().map(|name| format!("'{name}'")).collect();
                format!("{sql} IN ({})", names.join(","))
            }
            Operator::SameAs => self.other(field, value, "=")?,
            Operator::NotSameAs => self.other(field, value, "<>")?,
            Operator::GreaterField => self.other(field, value, ">")?,
            Operator::LessField => self.other(field, value, "<")?,
            Operator::AtLeastField => self.other(field, value, ">=")?,
            Operator::AtMostField => self.other(field, value, "<=")?,
        })
    }

    fn equal(&mut self, field: &Field, value: &str, sign: &str) -> Option<String> {
        let place = self.value(field, value)?;
        Some(format!("{} {sign} {place}", field.sql))
    }

    /// `from@to`, both included.
    fn between(&mut self, field: &Field, value: &str) -> Option<String> {
        let (from, to) = value.split_once('@')?;
        let from = self.bound(field, from)?;
        let to = self.bound(field, to)?;
        let sql = &field.sql;
        Some(format!(
            "({sql} <> '' AND {sql} >= {from} AND {sql} <= {to})"
        ))
    }

    fn within(&mut self, field: &Field, value: &str, operator: &str) -> Option<String> {
        let values: Option<Vec<serde_json::Value>> = if value.starts_with("javascript:") {
            Some(vec![self.resolve(value)?.into()])
        } else {
            let each = value
                .split(',')
                .map(|value| match comparable(field, value) {
                    Value::Integer(number) => Some(number.into()),
                    Value::Real(number) => Some(number.into()),
                    Value::Text(text) => Some(text.into()),
                    Value::Null | Value::Blob(_) => None,
                });
            each.collect()
        };
        let list = serde_json::Value::from(values?).to_string();
        let place = self.bind(list);
        Some(format!(
            "{} {operator} (SELECT value FROM json_each({place}))",
            field.sql
        ))
    }

    fn part(&mut self, walk: &str, field: &Field, function: &str, value: &str) -> String {
        let shown = self.shown(walk, field).unwrap_or_else(|| field.sql.clone());
        let place = self.bind(fold(value));
        format!("{function}({shown},{place})")
    }

    /// Compares with another field of the record; an empty one is never less or greater.
    fn other(&mut self, field: &Field, walk: &str, sign: &str) -> Option<String> {
        let other = self.field(walk)?.sql;
        let sql = &field.sql;
        Some(match sign {
            "=" | "<>" => format!("{sql} {sign} {other}"),
            _ => format!("({sql} <> '' AND {other} <> '' AND {sql} {sign} {other})"),
        })
    }

    fn value(&mut self, field: &Field, value: &str) -> Option<String> {
        let value = self.resolve(value)?;
        let value = comparable(field, &value);
        Some(self.bind(value))
    }

    /// A value to compare by order: NULL, which nothing is less or greater than, where it is empty
    /// or no number for a number.
    fn bound(&mut self, field: &Field, value: &str) -> Option<String> {
        let value = self.resolve(value)?;
        let value = match comparable(field, &value) {
            Value::Text(text) if text.is_empty() || field.column.kind.is_number() => Value::Null,
            value => value,
        };
        Some(self.bind(value))
    }

    /// What a `javascript:` value stands for; any other value stands for itself.
    fn resolve(&self, value: &str) -> Option<String> {
        match value.strip_prefix("javascript:") {
            Some(script) => script::evaluate(script, &self.session),
            None => Some(value.to_owned()),
        }
    }
}

/// A value in the form in which the column's values are stored. Text that is no number equals no
/// number.
fn comparable(field: &Field, value: &str) -> Value {
    let kind = field.column.kind;
    if kind.is_number() {
        if let Ok(number) = value.trim().parse::<i64>() {
            return number.into();
        }
        if let Some(number) = value
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
        {
            return number.into();
        }
        return value.to_owned().into();
    }
    match kind {
        Kind::Reference(_) => value.to_owned().into(),
        kind => normalise(kind, value).into(),
    }
}
