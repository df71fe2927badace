//! Queries as a caller may write them about the test's table.

use proptest::prelude::*;

use super::rows;
use crate::query::{Alternative, Condition, Count, Join, Operator, Order, Query, Related};

const FIELDS: [&str; 14] = [
    "name",
    "os",
    "ram",
    "virtual",
    "install_date",
    "purchase_date",
    "manufacturer",
    "manufacturer.name",
    "assigned_to.manager.name",
    "sys_class_name",
    "sys_id",
    "assigned_to.user_name",
    "duplicate_of.ref_cmdb_ci_server.os",
    "ref_cmdb_ci_linux_server.kernel_release",
];
const MOMENTS: [&str; 3] = ["install_date", "start_date", "purchase_date"];
const PLAIN: [Operator; 14] = [
    Operator::Is,
    Operator::IsNot,
    Operator::Less,
    Operator::Greater,
    Operator::AtMost,
    Operator::AtLeast,
    Operator::Like,
    Operator::NotLike,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::IsEmpty,
    Operator::IsNotEmpty,
    Operator::EmptyString,
    Operator::Anything,
];

fn compare(field: &str, operator: Operator, value: impl Into<String>) -> Condition {
    Condition::Compare {
        field: field.to_owned(),
        operator,
        value: value.into(),
    }
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAbBäÄ ]{0,2}",
        (-3..20_i64).prop_map(|number| number.to_string()),
        rows::moments(),
        rows::days(),
        (1..6_usize, 0..4_usize).prop_map(|(kind, number)| rows::id(kind, number)),
        proptest::sample::select(&[
            "true",
            "äcme NORTH",
            "user.1",
            "User 2",
            "AIX 7",
            "cmdb_ci_linux_server",
            "javascript:gs.getUserID()",
            "javascript:gs.getUserName()",
            "javascript:gs.daysAgoStart(1)",
            "javascript:gs.dateGenerate('2026-03-08','end')",
        ])
        .prop_map(str::to_owned),
    ]
}

fn plain() -> impl Strategy<Value = Condition> {
    let parts = (
        proptest::sample::select(&FIELDS),
        proptest::sample::select(&PLAIN),
        values(),
    );
    parts.prop_map(|(field, operator, value)| compare(field, operator, value))
}

fn listed() -> impl Strategy<Value = Condition> {
    let parts = (
        proptest::sample::select(&FIELDS),
        proptest::sample::select(&[Operator::In, Operator::NotIn, Operator::Between]),
        proptest::collection::vec(values(), 1..4),
    );
    parts.prop_map(|(field, operator, values)| {
        let is_script = values.iter().any(|value| value.starts_with("javascript:"));
        let value = match operator {
            Operator::Between => {
                let last = values.last().map_or("", String::as_str);
                format!("{}@{last}", values[0])
            }
            // A script stands alone.
            _ if is_script => "javascript:gs.getUserID()".to_owned(),
            _ => values.join(","),
        };
        compare(field, operator, value)
    })
}

fn fields() -> impl Strategy<Value = Condition> {
    let numbers = proptest::sample::select(&[
        Operator::GreaterField,
        Operator::LessField,
        Operator::AtLeastField,
        Operator::AtMostField,
    ]);
    let pairs = proptest::sample::select(&[
        ("ram", "cpu_count"),
        ("install_date", "start_date"),
        ("name", "manufacturer.name"),
    ]);
    let same = proptest::sample::select(&[Operator::SameAs, Operator::NotSameAs]);
    prop_oneof![
        (pairs.clone(), numbers)
            .prop_map(|((field, other), operator)| compare(field, operator, other)),
        (pairs, same).prop_map(|((field, other), operator)| compare(field, operator, other)),
    ]
}

fn units() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&[
        "minute",
        "hour",
        "dayofweek",
        "day",
        "week",
        "month",
        "quarter",
        "year",
    ])
}

fn parts() -> impl Strategy<Value = String> {
    let named = prop_oneof![
        proptest::sample::select(&["sunday", "monday", "saturday"])
            .prop_map(|day| ("dayofweek", day.to_owned())),
        proptest::sample::select(&["jan", "mar", "june", "December"])
            .prop_map(|month| ("month", month.to_owned())),
        (1..5_u8).prop_map(|quarter| ("quarter", quarter.to_string())),
        (2023..2027_u16).prop_map(|year| ("year", year.to_string())),
        (0..54_u8).prop_map(|week| ("week", week.to_string())),
        proptest::sample::select(&["0", "1", "2", "9", "10"])
            .prop_map(|week| ("week", week.to_owned())),
        (0..24_u8).prop_map(|hour| ("hour", hour.to_string())),
    ];
    let relation = proptest::sample::select(&["EE", "GT", "GE", "LT", "LE"]);
    (named, relation).prop_map(|((part, value), relation)| {
        format!("A label@javascript:gs.datePart('{part}','{value}','{relation}')")
    })
}

/// A condition on a date.
pub(super) fn dates() -> impl Strategy<Value = Condition> {
    let field = || proptest::sample::select(&MOMENTS);
    let relative = proptest::sample::select(&[
        Operator::RelativeAfter,
        Operator::RelativeBefore,
        Operator::RelativeFrom,
        Operator::RelativeUntil,
        Operator::RelativeOn,
    ]);
    let direction = proptest::sample::select(&["ago", "ahead"]);
    let side = proptest::sample::select(&["before", "after", "before or after"]);
    let on = proptest::sample::select(&[Operator::On, Operator::NotOn]);
    let range = proptest::sample::select(&[
        "Today@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)",
        "Yesterday@javascript:gs.beginningOfYesterday()@javascript:gs.endOfYesterday()",
        "2026-03-08@javascript:gs.dateGenerate('2026-03-08','start')@javascript:gs.dateGenerate('2026-03-08','end')",
        "This month@javascript:gs.beginningOfThisMonth()@javascript:gs.endOfThisMonth()",
        "Nonsense@x@y",
    ]);
    let same = proptest::sample::select(&[Operator::SameAs, Operator::NotSameAs]);
    let whole = proptest::sample::select(&["hour", "day", "week", "month", "quarter", "year"]);
    let apart = proptest::sample::select(&[Operator::MoreThan, Operator::LessThan]);
    prop_oneof![
        (field(), relative, units(), direction, 0..4_u8).prop_map(
            |(field, operator, unit, direction, count)| {
                compare(field, operator, format!("@{unit}@{direction}@{count}"))
            }
        ),
        (field(), apart, units(), side, 0..3_u8).prop_map(
            |(field, operator, unit, side, count)| {
                let other = if field == "start_date" {
                    "install_date"
                } else {
                    "start_date"
                };
                compare(field, operator, format!("{other}@{unit}@{side}@{count}"))
            }
        ),
        (field(), on, range).prop_map(|(field, operator, range)| compare(field, operator, range)),
        (field(), same, whole).prop_map(|(field, operator, unit)| compare(
            field,
            operator,
            format!("start_date@{unit}")
        )),
        (field(), parts()).prop_map(|(field, part)| compare(field, Operator::DatePart, part)),
    ]
}

fn people() -> impl Strategy<Value = Condition> {
    let me = proptest::sample::select(&[
        "54635e965f510100a9ad2572f2b4774c",
        "90d1921e5f510100a9ad2572f2b477fe",
    ]);
    let field = proptest::sample::select(&["assigned_to", "assigned_to.manager"]);
    const MANAGERS: &str = "fdd0fa0f93f5d2505bd0bd886cba1015";
    prop_oneof![
        (field.clone(), me.clone()).prop_map(|(field, me)| compare(field, Operator::Dynamic, me)),
        Just(compare(
            "assignment_group",
            Operator::Dynamic,
            "d6435e965f510100a9ad2572f2b47744"
        )),
        (field.clone(), 0..4_usize).prop_map(|(field, at)| {
            compare(
                field,
                Operator::InHierarchy,
                format!("{MANAGERS}@{}", rows::id(1, at)),
            )
        }),
        (field, me).prop_map(|(field, me)| {
            compare(
                field,
                Operator::InHierarchyDynamic,
                format!("{MANAGERS}%40{me}"),
            )
        }),
        proptest::sample::select(&["cmdb_ci", "cmdb_ci_linux_server", "task", "nothing"])
            .prop_map(|class| compare("sys_class_name", Operator::InstanceOf, class)),
    ]
}

/// Any condition about the test's table alone.
pub(super) fn conditions() -> impl Strategy<Value = Condition> {
    let words = proptest::sample::select(&["linux", "aix 7", "7, AIX!", "a", "zzz", " "]);
    prop_oneof![
        5 => plain(),
        2 => listed(),
        1 => fields(),
        5 => dates(),
        2 => people(),
        1 => words.prop_map(|words| Condition::Text(words.replace('!', ""))),
    ]
}

/// A query about relations of the test's table, or about its makers.
fn inner(field: &'static str) -> impl Strategy<Value = Query> {
    let condition = (
        proptest::sample::select(&[
            Operator::Is,
            Operator::IsNot,
            Operator::Like,
            Operator::Greater,
        ]),
        "[12aAb]?",
    );
    let condition = condition.prop_map(move |(operator, value)| compare(field, operator, value));
    let block = proptest::collection::vec(condition, 1..3);
    let alternative = proptest::collection::vec(block, 1..3);
    proptest::collection::vec(alternative, 0..3).prop_map(|alternatives| Query {
        alternatives,
        ..Query::default()
    })
}

fn joins() -> impl Strategy<Value = Condition> {
    let join = |table: &str, field: &str, other: &str, other_field: &str, query| {
        Condition::Join(Box::new(Join {
            table: table.to_owned(),
            field: field.to_owned(),
            other: other.to_owned(),
            other_field: other_field.to_owned(),
            query,
        }))
    };
    let table = proptest::sample::select(&["cmdb_ci_server", "cmdb_ci"]);
    prop_oneof![
        (table, inner("port")).prop_map(move |(table, query)| join(
            table,
            "sys_id",
            "cmdb_rel_ci",
            "parent",
            query
        )),
        inner("name").prop_map(move |query| {
            join(
                "cmdb_ci_server",
                "manufacturer",
                "core_company",
                "sys_id",
                query,
            )
        }),
        inner("name").prop_map(move |query| {
            join(
                "cmdb_ci_server",
                "name",
                "cmdb_ci_linux_server",
                "name",
                query,
            )
        }),
    ]
}

fn related() -> impl Strategy<Value = Related> {
    let operator = proptest::sample::select(&[
        Operator::Is,
        Operator::IsNot,
        Operator::Less,
        Operator::AtMost,
        Operator::Greater,
        Operator::AtLeast,
    ]);
    let count = prop_oneof![
        (operator, 0..4_u32).prop_map(|(operator, number)| Count::Compare(operator, number)),
        (0..2_u32, 1..4_u32).prop_map(|(from, to)| Count::Between(from, to)),
    ];
    (count, any::<bool>(), inner("port")).prop_map(|(count, many_to_many, query)| Related {
        table: "cmdb_rel_ci".to_owned(),
        field: "parent".to_owned(),
        count,
        many_to_many,
        query,
    })
}

/// Any query about the test's table.
pub(super) fn queries() -> impl Strategy<Value = Query> {
    let condition = prop_oneof![9 => conditions(), 1 => joins()];
    let block = proptest::collection::vec(condition, 1..3);
    let alternative: BoxedStrategy<Alternative> = proptest::collection::vec(block, 1..3).boxed();
    let order = (proptest::sample::select(&FIELDS), any::<bool>());
    let order = order.prop_map(|(field, descending)| Order {
        field: field.to_owned(),
        descending,
    });
    let parts = (
        proptest::collection::vec(alternative, 0..3),
        proptest::option::weighted(0.2, related()),
        proptest::collection::vec(order, 0..3),
    );
    parts.prop_map(|(alternatives, related, order)| Query {
        alternatives,
        related: related.map(Box::new),
        order,
        ..Query::default()
    })
}
