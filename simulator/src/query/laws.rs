//! The law of queries: SQL finds and orders what an independent evaluation finds and orders.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::{Alternative, Builder, Condition, Operator, Order, Query};
use crate::store::records::row;
use crate::store::{Author, SYSTEM, Store, StoreError};

/// A row of the test table: text, number, boolean, date, and a company by its index.
#[derive(Debug, Clone)]
struct Server {
    name: String,
    ram: Option<i64>,
    is_virtual: bool,
    installed: String,
    maker: Option<usize>,
}

const MAKERS: [&str; 3] = ["Acme", "ÄCME north", "Bolt"];
const FIELDS: [&str; 6] = [
    "name",
    "ram",
    "virtual",
    "install_date",
    "manufacturer",
    "manufacturer.name",
];
const OPERATORS: [Operator; 17] = [
    Operator::Is,
    Operator::IsNot,
    Operator::Less,
    Operator::Greater,
    Operator::AtMost,
    Operator::AtLeast,
    Operator::In,
    Operator::NotIn,
    Operator::Like,
    Operator::NotLike,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::IsEmpty,
    Operator::IsNotEmpty,
    Operator::Anything,
    Operator::Between,
    Operator::SameAs,
];

fn dates() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        (1..4_u8).prop_map(|day| format!("2026-01-0{day} 00:00:00")),
        (1..4_u8).prop_map(|day| format!("2026-01-0{day} 12:30:00")),
    ]
}

fn servers() -> impl Strategy<Value = Vec<Server>> {
    let server = (
        "[aAbBäÄ ]{0,3}",
        proptest::option::of(-3..20_i64),
        any::<bool>(),
        dates(),
        proptest::option::of(0..MAKERS.len()),
    );
    let server = server.prop_map(|(name, ram, is_virtual, installed, maker)| Server {
        name,
        ram,
        is_virtual,
        installed,
        maker,
    });
    proptest::collection::vec(server, 0..12)
}

fn conditions() -> impl Strategy<Value = Condition> {
    let value = prop_oneof![
        "[aAbBäÄ ]{0,2}",
        (-3..20_i64).prop_map(|number| number.to_string()),
        dates(),
        Just("true".to_owned()),
        Just("äcme NORTH".to_owned()),
    ];
    let values = proptest::collection::vec(value, 1..4);
    let shape = (
        proptest::sample::select(&FIELDS),
        proptest::sample::select(&OPERATORS),
        values,
    );
    shape.prop_map(|(field, operator, values)| Condition::Compare {
        field: field.to_owned(),
        operator,
        value: match operator {
            Operator::In | Operator::NotIn => values.join(","),
            Operator::Between => {
                let last = values.last().map_or("", String::as_str);
                format!("{}@{last}", values[0])
            }
            Operator::SameAs => "name".to_owned(),
            _ => values[0].clone(),
        },
    })
}

fn queries() -> impl Strategy<Value = Query> {
    let block = proptest::collection::vec(conditions(), 1..3);
    let alternative = proptest::collection::vec(block, 1..3);
    let order = (proptest::sample::select(&FIELDS), any::<bool>());
    let order = order.prop_map(|(field, descending)| Order {
        field: field.to_owned(),
        descending,
    });
    let parts = (
        proptest::collection::vec(alternative, 0..3),
        proptest::collection::vec(order, 0..3),
    );
    parts.prop_map(|(alternatives, order)| Query {
        alternatives,
        order,
        ..Query::default()
    })
}

/// A value of a row as its column compares it.
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

fn maker_id(maker: usize) -> String {
    format!("{maker:032x}")
}

fn value(server: &Server, field: &str) -> Value {
    match field {
        "name" => Value::text(&server.name),
        "ram" => server.ram.map_or(Value::Empty, Value::Number),
        "virtual" => Value::text(if server.is_virtual { "true" } else { "false" }),
        "install_date" => Value::text(&server.installed),
        "manufacturer" => server
            .maker
            .map_or(Value::Empty, |maker| Value::text(&maker_id(maker))),
        _ => server
            .maker
            .map_or(Value::Empty, |maker| Value::text(MAKERS[maker])),
    }
}

/// What a condition's value means to a field: booleans know two words, numbers only numbers.
fn meant(field: &str, text: &str) -> Option<Value> {
    match field {
        _ if text.is_empty() => Some(Value::Empty),
        "ram" => text.parse().ok().map(Value::Number),
        "virtual" if text.trim().is_empty() => Some(Value::Empty),
        "virtual" => Some(Value::text(if matches!(text, "true" | "1") {
            "true"
        } else {
            "false"
        })),
        "install_date" => Some(Value::text(text.trim())),
        _ => Some(Value::text(text)),
    }
}

fn holds(server: &Server, condition: &Condition) -> bool {
    let Condition::Compare {
        field,
        operator,
        value: text,
    } = condition
    else {
        panic!("only comparisons are generated");
    };
    let stored = value(server, field);
    let given = meant(field, text);
    // Matching part of a reference means its display value.
    let shown = match field.as_str() {
        "manufacturer" => value(server, "manufacturer.name"),
        _ => stored.clone(),
    };
    let (shown, part) = (shown.written(), text.to_lowercase());
    let one_of = || {
        text.split(',')
            .any(|text| meant(field, text).as_ref() == Some(&stored))
    };
    let ordered = |given: Option<Value>, wanted: &[Ordering]| match given {
        Some(given) if given != Value::Empty && stored != Value::Empty => stored
            .partial_cmp(&given)
            .is_some_and(|found| wanted.contains(&found)),
        _ => false,
    };
    let (less, equal, greater) = (Ordering::Less, Ordering::Equal, Ordering::Greater);
    match operator {
        Operator::Is => given == Some(stored),
        Operator::IsNot => given != Some(stored),
        Operator::Less => ordered(given, &[less]),
        Operator::Greater => ordered(given, &[greater]),
        Operator::AtMost => ordered(given, &[less, equal]),
        Operator::AtLeast => ordered(given, &[greater, equal]),
        Operator::In => one_of(),
        Operator::NotIn => !one_of(),
        Operator::Like => shown.contains(&part),
        Operator::NotLike => !shown.contains(&part),
        Operator::StartsWith => shown.starts_with(&part),
        Operator::EndsWith => shown.ends_with(&part),
        Operator::IsEmpty => stored == Value::Empty,
        Operator::IsNotEmpty => stored != Value::Empty,
        Operator::Anything => true,
        Operator::Between => {
            let (from, to) = text.split_once('@').unwrap();
            ordered(meant(field, from), &[greater, equal])
                && ordered(meant(field, to), &[less, equal])
        }
        Operator::SameAs => stored.written() == value(server, "name").written(),
        other => panic!("`{other}` is not generated"),
    }
}

fn matches(server: &Server, query: &Query) -> bool {
    let all = |alternative: &Alternative| {
        let any = |block: &Vec<Condition>| block.iter().any(|condition| holds(server, condition));
        alternative.iter().all(any)
    };
    query.alternatives.is_empty() || query.alternatives.iter().any(all)
}

/// Orders as asked, then by id; a reference by its display value.
fn ordering(left: (&String, &Server), right: (&String, &Server), order: &[Order]) -> Ordering {
    let asked = order.iter().map(|order| {
        let field = match order.field.as_str() {
            "manufacturer" => "manufacturer.name",
            field => field,
        };
        let (left, right) = (value(left.1, field), value(right.1, field));
        let found = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
        if order.descending {
            found.reverse()
        } else {
            found
        }
    });
    asked
        .fold(Ordering::Equal, Ordering::then)
        .then_with(|| left.0.cmp(right.0))
}

fn fill(servers: &[Server]) -> (Store, BTreeMap<String, Server>) {
    let store = Store::open(None).unwrap();
    let author = Author::system(Duration::from_secs(1_767_600_000));
    let placed = store.write(&author, |records| {
        for (at, name) in MAKERS.iter().enumerate() {
            let id = maker_id(at);
            records.insert(
                "core_company",
                &row([("sys_id", id.as_str()), ("name", name)]),
            )?;
        }
        let mut placed = BTreeMap::new();
        for server in servers {
            let ram = server.ram.map_or_else(String::new, |ram| ram.to_string());
            let maker = server.maker.map_or_else(String::new, maker_id);
            let values = row([
                ("name", server.name.as_str()),
                ("ram", ram.as_str()),
                ("virtual", if server.is_virtual { "true" } else { "false" }),
                ("install_date", server.installed.as_str()),
                ("manufacturer", maker.as_str()),
            ]);
            placed.insert(records.insert("cmdb_ci_server", &values)?, server.clone());
        }
        Ok::<_, StoreError>(placed)
    });
    (store, placed.unwrap())
}

fn found_by_sql(store: &Store, query: &Query) -> Vec<String> {
    let mut builder = Builder::new(store.schema().class("cmdb_ci_server").unwrap(), SYSTEM);
    let condition = builder.condition(query);
    let (mut order, _) = builder.ordering(query);
    assert!(
        builder.invalid.is_empty() && builder.unmodelled.is_empty(),
        "{builder:?}"
    );
    order.push("t.sys_id".to_owned());
    let statement = format!(
        "SELECT t.sys_id {} WHERE {} AND {condition} ORDER BY {}",
        builder.source(),
        builder.of_class(),
        order.join(", ")
    );
    let found = store.read(|connection| {
        let mut statement = connection.prepare(&statement)?;
        let parameters = rusqlite::params_from_iter(&builder.parameters);
        let ids = statement.query_map(parameters, |row| row.get(0))?;
        Ok::<_, StoreError>(ids.collect::<Result<_, _>>()?)
    });
    found.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn sql_agrees_with_an_independent_evaluation(
        servers in servers(),
        queries in proptest::collection::vec(queries(), 1..8),
    ) {
        let (store, placed) = fill(&servers);
        for query in queries {
            let mut expected: Vec<_> =
                placed.iter().filter(|(_, server)| matches(server, &query)).collect();
            expected.sort_by(|left, right| ordering(*left, *right, &query.order));
            let expected: Vec<String> = expected.into_iter().map(|(id, _)| id.clone()).collect();
            prop_assert_eq!(found_by_sql(&store, &query), expected, "{}", query);
            prop_assert_eq!(&Query::parse(&query.to_string()), &query);
        }
    }
}
