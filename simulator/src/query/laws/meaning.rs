//! What a query means, record by record, without SQL and without the code that makes it.

use std::cmp::Ordering;

use super::almanac;
use super::dates::{apart, in_part, local, now, relative};
use super::elsewhere::{has_words, joins, leads_to};
use super::rows::{ME, Record, TABLE, World};
use crate::query::{Alternative, Condition, Join, Operator, Order, Query};

/// A value as its column compares it.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Value {
    Empty,
    Number(i64),
    Text(String),
}

impl Value {
    fn text(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            text => Self::Text(text.to_lowercase()),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Lower,
    Number,
    Truth,
    Moment,
    Day,
}

fn kind(field: &str) -> Kind {
    match field.rsplit('.').next().unwrap() {
        "ram" | "cpu_count" => Kind::Number,
        "virtual" => Kind::Truth,
        "install_date" | "start_date" => Kind::Moment,
        "purchase_date" => Kind::Day,
        "sys_id" | "sys_class_name" => Kind::Lower,
        _ => Kind::Text,
    }
}

/// The table a reference leads to, and the field that stands for its records.
fn refers_to(field: &str) -> Option<(&'static str, &'static str)> {
    match field.rsplit('.').next().unwrap() {
        "manufacturer" => Some(("core_company", "name")),
        "assigned_to" | "manager" | "user" => Some(("sys_user", "name")),
        "duplicate_of" | "parent" => Some((TABLE, "name")),
        _ => None,
    }
}

pub(super) fn fetch(world: &World, record: &Record, walk: &str) -> String {
    let Some((step, rest)) = walk.split_once('.') else {
        return record.get(walk).cloned().unwrap_or_default();
    };
    if let Some(class) = step.strip_prefix("ref_") {
        let is_of_class = record
            .get("sys_class_name")
            .is_some_and(|own| own == class || (class == TABLE && own == "cmdb_ci_linux_server"));
        return match is_of_class {
            true => fetch(world, record, rest),
            false => String::new(),
        };
    }
    let (table, _) = refers_to(step).unwrap();
    let id = fetch(world, record, step);
    let referred = world.tables[table]
        .iter()
        .find(|other| other["sys_id"] == id);
    referred.map_or_else(String::new, |other| fetch(world, other, rest))
}

fn value(world: &World, record: &Record, walk: &str) -> Value {
    let stored = fetch(world, record, walk);
    match kind(walk) {
        Kind::Number => stored.parse().map_or(Value::Empty, Value::Number),
        _ => Value::text(&stored),
    }
}

/// What a value means to a field: booleans know two words, numbers only numbers.
fn meant(field: &str, text: &str) -> Option<Value> {
    match kind(field) {
        _ if text.is_empty() => Some(Value::Empty),
        Kind::Number => text.trim().parse().ok().map(Value::Number),
        Kind::Truth if text.trim().is_empty() => Some(Value::Empty),
        Kind::Truth => Some(Value::text(match text {
            "true" | "1" => "true",
            _ => "false",
        })),
        Kind::Moment if text.len() == 10 && text.starts_with("202") => {
            Some(Value::text(&format!("{text} 00:00:00")))
        }
        Kind::Moment | Kind::Lower => Some(Value::text(text.trim())),
        Kind::Text | Kind::Day => Some(Value::text(text)),
    }
}

/// The limit of a comparison by order: what is no date has no order.
fn limit(field: &str, text: &str) -> Option<Value> {
    let is_date = text.starts_with("202");
    match kind(field) {
        Kind::Moment | Kind::Day if !is_date => None,
        _ => meant(field, text).filter(|value| *value != Value::Empty),
    }
}

/// What the scripts of the test stand for.
fn resolved(field: &str, text: &str) -> String {
    let Some(script) = text.strip_prefix("javascript:") else {
        return text.to_owned();
    };
    let today = almanac::local(now());
    let side = |days: i64, unit: &str, is_end: bool| {
        let (start, end) = almanac::whole(almanac::moved(today, "day", days), unit);
        almanac::utc(if is_end { end } else { start })
    };
    let moment = match script {
        "gs.getUserID()" => return ME.to_owned(),
        "gs.getUserName()" => return "user.0".to_owned(),
        "gs.daysAgoStart(1)" | "gs.beginningOfYesterday()" => side(-1, "day", false),
        "gs.endOfYesterday()" => side(-1, "day", true),
        "gs.daysAgoStart(0)" | "gs.dateGenerate('2026-03-08','start')" => side(0, "day", false),
        "gs.daysAgoEnd(0)" | "gs.dateGenerate('2026-03-08','end')" => side(0, "day", true),
        "gs.beginningOfThisMonth()" => side(0, "month", false),
        "gs.endOfThisMonth()" => side(0, "month", true),
        other => panic!("`{other}` is not generated"),
    };
    match kind(field) {
        Kind::Day => almanac::write(almanac::local(moment))[..10].to_owned(),
        _ => almanac::write(moment),
    }
}

fn holds(world: &World, record: &Record, condition: &Condition) -> bool {
    let (field, operator, text) = match condition {
        Condition::Compare {
            field,
            operator,
            value,
        } => (field.as_str(), *operator, value.as_str()),
        Condition::Join(join) => return joins(world, record, join),
        Condition::Text(words) => return has_words(record, words),
        other => panic!("`{other}` is not generated"),
    };
    let stored = value(world, record, field);
    let ordered = |text: &str, wanted: &[Ordering]| match limit(field, &resolved(field, text)) {
        Some(given) if stored != Value::Empty => stored
            .partial_cmp(&given)
            .is_some_and(|found| wanted.contains(&found)),
        _ => false,
    };
    let between = |text: &str| {
        let (from, to) = text.split_once('@').unwrap();
        ordered(from, &[Ordering::Greater, Ordering::Equal])
            && ordered(to, &[Ordering::Less, Ordering::Equal])
    };
    // Matching part of a reference means its display value.
    let part = |test: fn(&str, &str) -> bool| {
        let shown = match refers_to(field) {
            Some((_, display)) => value(world, record, &format!("{field}.{display}")),
            None => stored.clone(),
        };
        test(&shown.written(), &resolved(field, text).to_lowercase())
    };
    let is = |text: &str| meant(field, &resolved(field, text)).as_ref() == Some(&stored);
    let one_of = || text.split(',').any(is);
    let other = || value(world, record, text);
    let by_field = |wanted: &[Ordering]| {
        stored != Value::Empty
            && other() != Value::Empty
            && wanted.contains(&stored.partial_cmp(&other()).unwrap())
    };
    let (less, equal, greater) = (Ordering::Less, Ordering::Equal, Ordering::Greater);
    match operator {
        Operator::Is => is(text),
        Operator::IsNot => !is(text),
        Operator::Less => ordered(text, &[less]),
        Operator::Greater => ordered(text, &[greater]),
        Operator::AtMost => ordered(text, &[less, equal]),
        Operator::AtLeast => ordered(text, &[greater, equal]),
        Operator::In => one_of(),
        Operator::NotIn => !one_of(),
        Operator::Like => part(|shown, part| shown.contains(part)),
        Operator::NotLike => !part(|shown, part| shown.contains(part)),
        Operator::StartsWith => part(|shown, part| shown.starts_with(part)),
        Operator::EndsWith => part(|shown, part| shown.ends_with(part)),
        Operator::IsEmpty | Operator::EmptyString => stored == Value::Empty,
        Operator::IsNotEmpty => stored != Value::Empty,
        Operator::Anything => true,
        Operator::Between => between(text),
        Operator::On => between(text.split_once('@').unwrap().1),
        Operator::NotOn => !between(text.split_once('@').unwrap().1),
        Operator::SameAs | Operator::NotSameAs => {
            let wanted = operator == Operator::SameAs;
            match text.split_once('@') {
                None => (stored.written() == other().written()) == wanted,
                Some((walk, unit)) => {
                    let left = local(&fetch(world, record, field));
                    let right = local(&fetch(world, record, walk));
                    left.zip(right).is_some_and(|(left, right)| {
                        (almanac::part(left, unit) == almanac::part(right, unit)) == wanted
                    })
                }
            }
        }
        Operator::GreaterField => by_field(&[greater]),
        Operator::LessField => by_field(&[less]),
        Operator::AtLeastField => by_field(&[greater, equal]),
        Operator::AtMostField => by_field(&[less, equal]),
        Operator::RelativeAfter
        | Operator::RelativeBefore
        | Operator::RelativeFrom
        | Operator::RelativeUntil
        | Operator::RelativeOn => relative(&fetch(world, record, field), operator, text),
        Operator::MoreThan | Operator::LessThan => {
            let other = fetch(world, record, text.split_once('@').unwrap().0);
            let is_further = operator == Operator::MoreThan;
            apart(&fetch(world, record, field), &other, is_further, text)
        }
        Operator::DatePart => {
            local(&fetch(world, record, field)).is_some_and(|at| in_part(at, text))
        }
        Operator::Dynamic if text.starts_with("d643") => world.tables["sys_user_grmember"]
            .iter()
            .any(|tie| tie["user"] == ME && tie["group"] == fetch(world, record, field)),
        Operator::Dynamic => fetch(world, record, field) == ME,
        Operator::InHierarchy | Operator::InHierarchyDynamic => {
            let from = match text.split_once('@') {
                Some((_, from)) => from,
                None => ME,
            };
            leads_to(world, &fetch(world, record, field), from)
        }
        Operator::InstanceOf => {
            let own = fetch(world, record, field);
            let family: &[&str] = match text {
                "cmdb_ci" => &[TABLE, "cmdb_ci_linux_server"],
                "cmdb_ci_linux_server" => &["cmdb_ci_linux_server"],
                _ => &[],
            };
            family.contains(&own.as_str())
        }
    }
}

pub(super) fn matches(world: &World, record: &Record, alternatives: &[Alternative]) -> bool {
    let all = |alternative: &Alternative| {
        let any = |block: &Vec<Condition>| {
            block
                .iter()
                .any(|condition| holds(world, record, condition))
        };
        alternative.iter().all(any)
    };
    alternatives.is_empty() || alternatives.iter().any(all)
}

/// Whether the record is found: joins always hold, and so does the related list.
fn is_found(world: &World, record: &Record, query: &Query) -> bool {
    let joined = query
        .alternatives
        .iter()
        .flatten()
        .flatten()
        .all(|condition| {
            let Condition::Join(join) = condition else {
                return true;
            };
            let plain = Join {
                query: Query::default(),
                ..Join::clone(join)
            };
            joins(world, record, &plain)
        });
    let related = query.related.as_ref().is_none_or(|related| {
        let ties = world.tables[related.table.as_str()].iter();
        let ties = ties.filter(|tie| {
            tie[related.field.as_str()] == record["sys_id"]
                && matches(world, tie, &related.query.alternatives)
        });
        related.count.holds(ties.count().try_into().unwrap())
    });
    joined && related && matches(world, record, &query.alternatives)
}

/// Orders as asked, then by id; a reference by its display value.
fn ordering(world: &World, left: &Record, right: &Record, order: &[Order]) -> Ordering {
    let asked = order.iter().map(|order| {
        let field = match refers_to(&order.field) {
            Some((_, display)) => format!("{}.{display}", order.field),
            None => order.field.clone(),
        };
        let (left, right) = (value(world, left, &field), value(world, right, &field));
        let found = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
        if order.descending {
            found.reverse()
        } else {
            found
        }
    });
    asked
        .fold(Ordering::Equal, Ordering::then)
        .then_with(|| left["sys_id"].cmp(&right["sys_id"]))
}

/// The ids of the records that a query finds, in its order.
pub(super) fn found(world: &World, query: &Query) -> Vec<String> {
    let mut found: Vec<&Record> = world.tables[TABLE]
        .iter()
        .filter(|record| is_found(world, record, query))
        .collect();
    found.sort_by(|left, right| ordering(world, left, right, &query.order));
    found
        .into_iter()
        .map(|record| record["sys_id"].clone())
        .collect()
}
