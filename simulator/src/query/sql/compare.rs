//! One field compared with a value.

use rusqlite::types::Value;

use super::{Builder, Field, Unfit, names};
use crate::query::{Operator, calendar, script};
use crate::store::records::values::normalise;
use crate::store::schema::Kind;
use crate::store::text::fold;

impl Builder<'_> {
    /// The comparison of one field.
    pub(super) fn compare(
        &mut self,
        walk: &str,
        field: &Field,
        operator: Operator,
        value: &str,
    ) -> Result<String, Unfit> {
        let sql = &field.sql;
        Ok(match operator {
            Operator::Is => self.equal(field, value, "=")?,
            Operator::IsNot => self.equal(field, value, "<>")?,
            Operator::Less => self.ordered(field, "<", value)?,
            Operator::Greater => self.ordered(field, ">", value)?,
            Operator::AtMost => self.ordered(field, "<=", value)?,
            Operator::AtLeast => self.ordered(field, ">=", value)?,
            Operator::In => self.one_of(field, value, "IN")?,
            Operator::NotIn => self.one_of(field, value, "NOT IN")?,
            Operator::Like => self.part(walk, field, "contains", value)?,
            Operator::NotLike => {
                format!("NOT {}", self.part(walk, field, "contains", value)?)
            }
            Operator::StartsWith => self.part(walk, field, "begins", value)?,
            Operator::EndsWith => self.part(walk, field, "ends", value)?,
            Operator::IsEmpty | Operator::EmptyString => format!("{sql} = ''"),
            Operator::IsNotEmpty => format!("{sql} <> ''"),
            Operator::Anything => "1".to_owned(),
            Operator::Between => self.between(field, value)?,
            Operator::On => self.between(field, labelled(value)?)?,
            Operator::NotOn => {
                format!("NOT coalesce({},0)", self.between(field, labelled(value)?)?)
            }
            Operator::InstanceOf => {
                let names = self.scope.class.schema().class(value).map(names);
                format!("{sql} IN ({})", names.unwrap_or_default())
            }
            Operator::SameAs => self.same(field, value, "=")?,
            Operator::NotSameAs => self.same(field, value, "<>")?,
            Operator::GreaterField => self.other(field, value, ">")?,
            Operator::LessField => self.other(field, value, "<")?,
            Operator::AtLeastField => self.other(field, value, ">=")?,
            Operator::AtMostField => self.other(field, value, "<=")?,
            Operator::RelativeAfter
            | Operator::RelativeBefore
            | Operator::RelativeFrom
            | Operator::RelativeUntil
            | Operator::RelativeOn => self.relative(field, operator, value)?,
            Operator::MoreThan => self.apart(field, value, true)?,
            Operator::LessThan => self.apart(field, value, false)?,
            Operator::DatePart => self.date_part(field, labelled(value)?)?,
            Operator::Dynamic => self.dynamic(field, value)?,
            Operator::InHierarchy => self.in_hierarchy(field, value, false)?,
            Operator::InHierarchyDynamic => self.in_hierarchy(field, value, true)?,
        })
    }

    fn equal(&mut self, field: &Field, value: &str, sign: &str) -> Result<String, Unfit> {
        let value = self.resolve(field, value)?;
        let place = self.bind(comparable(field, &value));
        Ok(format!("{} {sign} {place}", field.sql))
    }

    fn ordered(&mut self, field: &Field, sign: &str, value: &str) -> Result<String, Unfit> {
        let place = self.bound(field, value)?;
        let sql = &field.sql;
        Ok(format!("({sql} <> '' AND {sql} {sign} {place})"))
    }

    /// `from@to`, both included.
    pub(super) fn between(&mut self, field: &Field, value: &str) -> Result<String, Unfit> {
        let (from, to) = value.split_once('@').ok_or(Unfit::Unmodelled)?;
        let from = self.bound(field, from)?;
        let to = self.bound(field, to)?;
        let sql = &field.sql;
        Ok(format!(
            "({sql} <> '' AND {sql} >= {from} AND {sql} <= {to})"
        ))
    }

    fn one_of(&mut self, field: &Field, value: &str, operator: &str) -> Result<String, Unfit> {
        let value = self.resolve(field, value)?;
        let each = value
            .split(',')
            .filter_map(|value| match comparable(field, value) {
                Value::Integer(number) => Some(number.into()),
                Value::Real(number) => Some(number.into()),
                Value::Text(text) => Some(text.into()),
                Value::Null | Value::Blob(_) => None,
            });
        let values: Vec<serde_json::Value> = each.collect();
        let place = self.bind(serde_json::Value::from(values).to_string());
        Ok(format!(
            "{} {operator} (SELECT value FROM json_each({place}))",
            field.sql
        ))
    }

    fn part(
        &mut self,
        walk: &str,
        field: &Field,
        function: &str,
        value: &str,
    ) -> Result<String, Unfit> {
        let value = self.resolve(field, value)?;
        let shown = self.shown(walk, field).unwrap_or_else(|| field.sql.clone());
        let place = self.bind(fold(&value));
        Ok(format!("{function}({shown},{place})"))
    }

    /// Compares with another field of the record; an empty one is never less or greater.
    pub(super) fn other(&mut self, field: &Field, walk: &str, sign: &str) -> Result<String, Unfit> {
        let other = self.field(walk).ok_or(Unfit::Invalid)?.sql;
        let sql = &field.sql;
        Ok(match sign {
            "=" | "<>" => format!("{sql} {sign} {other}"),
            _ => format!("({sql} <> '' AND {other} <> '' AND {sql} {sign} {other})"),
        })
    }

    /// A value to compare by order: NULL, which nothing is less or greater than, where it is
    /// empty, no number for a number, or no date for a date (*assumed*).
    pub(super) fn bound(&mut self, field: &Field, value: &str) -> Result<String, Unfit> {
        let value = self.resolve(field, value)?;
        let is_date = matches!(
            field.column.kind,
            Kind::DateTime | Kind::Date | Kind::Duration
        );
        let value = match comparable(field, &value) {
            Value::Text(text) if text.is_empty() || field.column.kind.is_number() => Value::Null,
            Value::Text(text) if is_date => match Written::of(&text) {
                Written::Plainly => text.into(),
                Written::Otherwise => return Err(Unfit::Unmodelled),
                Written::Not => Value::Null,
            },
            value => value,
        };
        Ok(self.bind(value))
    }

    /// What a `javascript:` value stands for; any other value stands for itself.
    pub(super) fn resolve(&self, field: &Field, value: &str) -> Result<String, Unfit> {
        let Some(script) = value.strip_prefix("javascript:") else {
            return Ok(value.to_owned());
        };
        let value = script::evaluate(script, &self.session).ok_or(Unfit::Unmodelled)?;
        // A column without a time of day compares with the day where the caller is (*assumed*).
        if field.column.kind == Kind::Date && value.len() > 10 {
            let local = calendar::local(&value, &calendar::zone(self.session.time_zone));
            return Ok(local.map_or(value, |at| at.date().to_string()));
        }
        Ok(value)
    }
}

/// What follows a label that people read: `Today@…`.
fn labelled(value: &str) -> Result<&str, Unfit> {
    let (_, value) = value.split_once('@').ok_or(Unfit::Unmodelled)?;
    Ok(value)
}

/// How a date to compare with is written.
enum Written {
    /// `YYYY-MM-DD`, with a time of day or not, or the beginning of such.
    Plainly,
    /// A date in another form, such as ISO 8601's `T` and `Z`: what an instance makes of it is not
    /// known.
    Otherwise,
    /// Not as a date at all.
    Not,
}

impl Written {
    fn of(text: &str) -> Self {
        const FORM: &[u8] = b"0000-00-00 00:00:00";
        let alike = text
            .bytes()
            .zip(FORM)
            .take_while(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                _ => byte == *form,
            })
            .count();
        if alike == text.len() && alike >= 4 {
            Self::Plainly
        } else if alike >= 10 {
            Self::Otherwise
        } else {
            Self::Not
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
