//! The SQL of an aggregation, and the numbers it gives (wire-core 4.1).

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::asked::{Asked, By, Function, Having, Measure};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Shown, session};
use crate::policy::Access;
use crate::query::{Builder, Order, Query};
use crate::store::records::text_of;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::COLLATION;
use crate::store::{StoreError, access_condition};

/// Groups of one answer, and bytes of their values, at most: bounds of the simulator.
pub(super) const MAX_GROUPS: usize = 10_000;
const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Sums of whole numbers are added up in two halves, which do not overflow.
const HALF: i128 = 1_000_000_000;

/// A statement that is ready to run.
#[derive(Debug)]
pub(super) struct Statement {
    sql: String,
    parameters: Vec<Value>,
    /// Fields that it groups by.
    pub(super) groups: Vec<Shown>,
    measured: Vec<Measured>,
    /// What was asked and has no effect.
    pub(super) ignored: Vec<String>,
    pub(super) unmodelled: Vec<String>,
}

/// An aggregate of the statement, and how its columns are read.
#[derive(Debug)]
struct Measured {
    function: Function,
    field: String,
    kind: Kind,
}

/// One group, or all rows.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) count: String,
    /// Aggregates in the order in which they were asked for.
    pub(super) measures: Vec<(Function, String, String)>,
    /// Values of the grouped fields.
    pub(super) values: Vec<String>,
}

impl Statement {
    pub(super) fn of(
        call: &Owned,
        class: &'static Class,
        parameters: &Parameters<'_>,
        asked: &Asked,
    ) -> Result<Self, Failed> {
        let mut builder = Builder::new(class, session(call));
        let query = reading::query(call, class, parameters);
        let condition = builder.condition(&query);
        // Orderings have no effect here, and are invalid all the same.
        let mut apart = Builder::new(class, session(call));
        apart.ordering(&query);
        builder.invalid.append(&mut apart.invalid);
        builder.closed.append(&mut apart.closed);
        // What belongs to records that the caller may not read is not told of in sums either.
        let belongs = access_condition(&mut builder, &Access::ALL);
        let condition = paging::tolerated(call, &builder, condition)?;
        let mut ignored = std::mem::take(&mut builder.invalid);
        ignored.extend(asked.ignored.iter().cloned());
        let mut columns = vec!["count(*)".to_owned()];
        let mut measured = Vec::new();
        for (function, field) in &asked.measures {
            match found(&mut builder, *function, field) {
                Some((sql, column)) => {
                    columns.extend(summands(*function, &sql, column.kind));
                    measured.push(Measured {
                        function: *function,
                        field: field.clone(),
                        kind: column.kind,
                    });
                }
                None => ignored.push(format!("{} of {field}", function.name())),
            }
        }
        let (mut groups, mut grouped) = (Vec::new(), Vec::new());
        for name in &asked.groups {
            match builder.field(name) {
                Some(field) => {
                    grouped.push(field.sql.clone());
                    groups.push(Shown::of(class, name, field.column, field.sql));
                }
                None => ignored.push(format!("sysparm_group_by {name}")),
            }
        }
        columns.extend(grouped.iter().cloned());
        let having = having(&mut builder, &asked.having, &mut ignored);
        let order = order(&mut builder, asked, &groups, &mut ignored);
        paging::check_open(call, &builder)?;
        let mut sql = format!(
            "SELECT {} {} WHERE {} AND {belongs} AND {condition}",
            columns.join(", "),
            builder.source(),
            builder.of_class(),
        );
        for (clause, parts, between) in [
            (" GROUP BY ", &grouped, ", "),
            (" HAVING ", &having, " AND "),
            (" ORDER BY ", &order, ", "),
        ] {
            if !parts.is_empty() {
                sql.push_str(clause);
                sql.push_str(&parts.join(between));
            }
        }
        let limit = builder.bind(i64::try_from(MAX_GROUPS + 1).unwrap_or(i64::MAX));
        sql.push_str(" LIMIT ");
        sql.push_str(&limit);
        Ok(Self {
            sql,
            parameters: builder.parameters,
            groups,
            measured,
            ignored,
            unmodelled: builder.unmodelled,
        })
    }

    /// The groups in order, and whether there are more than are shown.
    pub(super) fn run(&self, connection: &Connection) -> Result<(Vec<Group>, bool), StoreError> {
        let mut statement = connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query(params_from_iter(&self.parameters))?;
        let (mut groups, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let group = self.group(row)?;
            let measures = group.measures.iter().map(|(_, _, value)| value);
            bytes += measures
                .chain(&group.values)
                .map(String::len)
                .sum::<usize>();
            if groups.len() == MAX_GROUPS || bytes > MAX_BYTES {
                return Ok((groups, true));
            }
            groups.push(group);
        }
        Ok((groups, false))
    }

    fn group(&self, row: &Row<'_>) -> Result<Group, StoreError> {
        let mut at = 1;
        let mut measures = Vec::new();
        for measured in &self.measured {
            let (value, columns) = measured.read(row, at)?;
            measures.push((measured.function, measured.field.clone(), value));
            at += columns;
        }
        let values = (0..self.groups.len())
            .map(|group| row.get_ref(at + group).map(text_of))
            .collect::<Result<_, _>>()?;
        Ok(Group {
            count: text_of(row.get_ref(0)?),
            measures,
            values,
        })
    }
}

impl Measured {
    /// The text of the aggregate whose columns begin at `at`, and how many there are.
    fn read(&self, row: &Row<'_>, at: usize) -> Result<(String, usize), StoreError> {
        Ok(match self.function {
            Function::Min | Function::Max => (text_of(row.get_ref(at)?), 1),
            Function::Avg => (
                row.get::<_, Option<f64>>(at)?
                    .map_or_else(String::new, average),
                1,
            ),
            Function::Sum if self.kind == Kind::Decimal => (
                row.get::<_, Option<f64>>(at)?
                    .map_or_else(String::new, decimals),
                1,
            ),
            Function::Sum => {
                let high: Option<i64> = row.get(at)?;
                let low: Option<i64> = row.get(at + 1)?;
                let sum = high.zip(low).map_or_else(String::new, |(high, low)| {
                    (i128::from(high) * HALF + i128::from(low)).to_string()
                });
                (sum, 2)
            }
        })
    }
}

/// The field of an aggregate, unless it does not exist or has none.
fn found(builder: &mut Builder<'_>, function: Function, name: &str) -> Option<(String, Column)> {
    let field = builder.field(name)?;
    let needs_number = matches!(function, Function::Avg | Function::Sum);
    if needs_number && field.column.kind == Kind::Duration {
        // An instance adds durations up.
        builder
            .unmodelled
            .push(format!("{} of the duration {name}", function.name()));
    }
    let counts = !needs_number || field.column.kind.is_number();
    counts.then_some((field.sql, field.column))
}

/// The columns that are selected for an aggregate.
fn summands(function: Function, sql: &str, kind: Kind) -> Vec<String> {
    let value = value(sql, kind);
    match function {
        Function::Avg | Function::Min | Function::Max => {
            vec![format!("{}({value})", function.name())]
        }
        Function::Sum if kind == Kind::Decimal => vec![format!("sum(CAST({value} AS REAL))")],
        Function::Sum => vec![
            format!("sum({value} / {HALF})"),
            format!("sum({value} % {HALF})"),
        ],
    }
}

/// A field's value, NULL where it is empty.
fn value(sql: &str, kind: Kind) -> String {
    match kind {
        kind if kind.is_number() => format!("nullif({sql},'')"),
        Kind::Reference(_) | Kind::Guid => format!("nullif({sql},'')"),
        _ => format!("nullif({sql},'') COLLATE {COLLATION}"),
    }
}

/// A measure as one number or text, for comparing groups; none for a field without it.
fn comparable(builder: &mut Builder<'_>, measure: &Measure) -> Option<(String, bool)> {
    let Measure::Of(function, name) = measure else {
        return Some(("count(*)".to_owned(), true));
    };
    let (sql, column) = found(builder, *function, name)?;
    let value = value(&sql, column.kind);
    Some(match function {
        // As it is shown.
        Function::Avg => (format!("round(avg({value}),4)"), true),
        // Unlike `sum`, it does not overflow.
        Function::Sum => (format!("total({value})"), true),
        Function::Min | Function::Max => {
            let sql = format!("{}({value})", function.name());
            (sql, column.kind.is_number())
        }
    })
}

fn having(builder: &mut Builder<'_>, asked: &[Having], ignored: &mut Vec<String>) -> Vec<String> {
    let mut conditions = Vec::new();
    for having in asked {
        let compared = comparable(builder, &having.measure);
        let place = compared.and_then(|(sql, is_number)| {
            let value = if is_number {
                let number: f64 = having.value.parse().ok()?;
                Value::Real(Some(number).filter(|number| number.is_finite())?)
            } else {
                Value::Text(having.value.clone())
            };
            Some((sql, builder.bind(value)))
        });
        match place {
            Some((sql, place)) => conditions.push(format!("{sql} {} {place}", having.operator)),
            None => ignored.push(format!("sysparm_having of {:?}", having.measure)),
        }
    }
    conditions
}

/// Orderings that were asked for, and then by what the grouped fields display.
fn order(
    builder: &mut Builder<'_>,
    asked: &Asked,
    groups: &[Shown],
    ignored: &mut Vec<String>,
) -> Vec<String> {
    let mut expressions = Vec::new();
    if groups.is_empty() {
        return expressions;
    }
    for order in &asked.order {
        let direction = if order.descending { " DESC" } else { "" };
        match &order.by {
            By::Field(name) if groups.iter().any(|group| group.key == *name) => {
                expressions.extend(by_display(builder, name, order.descending));
            }
            By::Measure(measure) => match comparable(builder, measure) {
                Some((sql, _)) => expressions.push(format!("{sql}{direction}")),
                None => ignored.push(format!("sysparm_order_by {measure:?}")),
            },
            By::Field(name) => ignored.push(format!("sysparm_order_by {name}")),
        }
    }
    for group in groups {
        expressions.extend(by_display(builder, &group.key, false));
    }
    // Groups that display alike are still told apart.
    expressions.extend(groups.iter().map(|group| group.sql().to_owned()));
    expressions
}

fn by_display(builder: &mut Builder<'_>, name: &str, descending: bool) -> Vec<String> {
    let order = Order {
        field: name.to_owned(),
        descending,
    };
    let query = Query {
        order: vec![order],
        ..Query::default()
    };
    builder.ordering(&query).0
}

/// An average, with four decimals.
fn average(value: f64) -> String {
    let text = format!("{value:.4}");
    if text == "-0.0000" {
        "0.0000".to_owned()
    } else {
        text
    }
}

/// A decimal number, with the decimals it needs and four at most.
fn decimals(value: f64) -> String {
    let text = average(value);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_have_four_decimals_and_sums_those_they_need() {
        assert_eq!(average(1.0), "1.0000");
        assert_eq!(average(804_162.714_285), "804162.7143");
        assert_eq!(average(-0.000_01), "0.0000");
        assert_eq!(decimals(0.1 + 0.2), "0.3");
        assert_eq!(decimals(100.0), "100");
        assert_eq!(decimals(0.0), "0");
    }
}
