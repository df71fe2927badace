//! The laws of queries: what is printed is read again, SQL finds and orders what an independent
//! evaluation finds and orders, and nothing a caller writes becomes SQL.

use std::time::Duration;

use proptest::prelude::*;
use rusqlite::params_from_iter;

use super::{Builder, Condition, Operator, Query, Session};
use crate::store::{Store, StoreError};

mod almanac;
mod dates;
mod elsewhere;
mod meaning;
mod plans;
mod rows;
mod written;

/// Who asks: the first of the users there are, in New York, on the day that clocks go forward.
const SESSION: Session<'static> = Session {
    user_name: "user.0",
    user_sys_id: rows::ME,
    // 2026-03-08 18:30:45 UTC.
    unix: Duration::from_secs(1_772_994_645),
    time_zone: "America/New_York",
    reach: None,
};

/// The statement that finds the ids of a table's rows, ordered as asked and then, like a list, by
/// id.
fn statement(builder: &mut Builder<'_>, query: &Query) -> String {
    let condition = builder.condition(query);
    let (mut order, fields) = builder.ordering(query);
    if !fields.iter().any(|field| field == "sys_id") {
        order.push("t.sys_id".to_owned());
    }
    format!(
        "SELECT t.sys_id {} WHERE {} AND {condition} ORDER BY {}",
        builder.source(),
        builder.of_class(),
        order.join(", ")
    )
}

fn run(store: &Store, builder: &Builder<'_>, statement: &str) -> Vec<String> {
    let found = store.read(|connection| {
        let mut statement = connection.prepare(statement)?;
        let ids = statement.query_map(params_from_iter(&builder.parameters), |row| row.get(0))?;
        Ok::<_, StoreError>(ids.collect::<Result<_, _>>()?)
    });
    found.unwrap()
}

fn found_by_sql(store: &Store, query: &Query) -> Vec<String> {
    let mut builder = Builder::new(store.schema().class(rows::TABLE).unwrap(), SESSION);
    let statement = statement(&mut builder, query);
    assert!(
        builder.invalid.is_empty() && builder.unmodelled.is_empty(),
        "{query}: {builder:?}"
    );
    run(store, &builder, &statement)
}

/// The shape of a query, by another way than the parser's: each sign becomes one letter that the
/// conditions do not hold.
fn shape(text: &str) -> Vec<Vec<Vec<String>>> {
    let text = text
        .replace("^NQ", "\n")
        .replace("^OR", "|")
        .replace('^', "&");
    let blocks = |block: &str| block.split('|').map(str::to_owned).collect();
    text.split('\n')
        .map(|alternative| alternative.split('&').map(blocks).collect())
        .collect()
}

/// The statement of any text on any table runs, whatever the text is; nothing of it is in it.
fn holds_nothing_of(store: &Store, table: &str, text: &str, marks: &[&str]) {
    let mut builder = Builder::new(store.schema().class(table).unwrap(), SESSION);
    let query = Query::parse(text);
    let statement = statement(&mut builder, &query);
    run(store, &builder, &statement);
    for mark in marks {
        assert!(!statement.contains(mark), "{text}: {statement}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sql_agrees_with_an_independent_evaluation(
        world in rows::worlds(),
        queries in proptest::collection::vec(written::queries(), 1..12),
    ) {
        let store = rows::fill(&world);
        for query in queries {
            let expected = meaning::found(&world, &query);
            prop_assert_eq!(found_by_sql(&store, &query), expected, "{}", query);
            prop_assert_eq!(&Query::parse(&query.to_string()), &query);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn dates_agree_where_clocks_change_and_years_begin(
        world in rows::worlds_of_moments(),
        conditions in proptest::collection::vec(written::dates(), 24),
    ) {
        let store = rows::fill(&world);
        for condition in conditions {
            let query = Query {
                alternatives: vec![vec![vec![condition]]],
                ..Query::default()
            };
            prop_assert_eq!(found_by_sql(&store, &query), meaning::found(&world, &query), "{}", query);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn signs_bind_as_documented(
        parts in proptest::collection::vec(("(\\^|\\^OR|\\^NQ)", "[a-z]{1,3}(=|LIKE|>)[a-z0-9]{0,3}"), 1..9),
    ) {
        let text: String = parts.iter().map(|(sign, condition)| format!("{sign}{condition}")).collect();
        let text = text.trim_start_matches(['^', 'N', 'O', 'Q', 'R']);
        let query = Query::parse(text);
        let blocks = |block: &Vec<Condition>| block.iter().map(ToString::to_string).collect();
        let read: Vec<Vec<Vec<String>>> = query
            .alternatives
            .iter()
            .map(|alternative| alternative.iter().map(blocks).collect())
            .collect();
        prop_assert_eq!(read, shape(text));
    }
}

/// Text that would be noticed if SQL held it.
const MARKS: [&str; 6] = ["Ω", "' OR '1", "--", ";", "\"x", "DROP"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn nothing_but_bound_values_reaches_sql(
        table in proptest::sample::select(&["incident", "cmdb_ci_server", "sys_user", "sys_dictionary", "sys_properties"]),
        parts in proptest::collection::vec(
            (
                "(\\^|\\^OR|\\^NQ|\\^ORDERBY|\\^ORDERBYDESC|\\^GROUPBY|\\^JOIN[a-z_;'\"]{0,4}|\\^JOINincident\\.sys_id=task\\.parent!|\\^RLQUERY(task\\.parent|Ω|a';--\\.b),(>|=|BETWEEN)?[01Ω'@]{0,3}(,m2m)?\\^?|\\^ENDRLQUERY|\\^GOTO|\\^123TEXTQUERY321=)?",
                "(name|number|sys_id|active|sys_created_on|opened_at|caller_id|caller_id\\.name|manufacturer\\.name|cmdb_ci\\.ref_cmdb_ci_server\\.os|ref_x';--\\.name|user_password|manager|Ω|a';--|\"x|name'\\)\\)--|)",
                proptest::sample::select(Operator::ALL),
                "(Ω|' OR '1'='1|\"x\"|;DROP TABLE sys_user;--|\\)\\)--|\\?1|%|@|,|\\x00|javascript:gs\\.daysAgo\\('Ω'\\)|@day@ago@1|@Ω@ago@';--|opened_at@day@before@';|sys_updated_on@day@(before|after|';--)@2|Ω@week|label@javascript:gs\\.datePart\\('month','(jan|Ω|';--)','(GE|';--)'\\)|fdd0fa0f93f5d2505bd0bd886cba1015@Ω|\\PC{0,6}){0,3}",
            ),
            0..6,
        ),
    ) {
        let text: String = parts
            .iter()
            .map(|(sign, field, operator, value)| format!("{sign}{field}{operator}{value}"))
            .collect();
        let store = rows::empty();
        let before = rows::census(store);
        holds_nothing_of(store, table, &text, &MARKS);
        prop_assert_eq!(rows::census(store), before);
        let read = Query::parse(&text);
        prop_assert_eq!(Query::parse(&read.to_string()), read);
    }
}

#[test]
fn every_operator_is_generated() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut missing: Vec<Operator> = Operator::ALL.to_vec();
    for _ in 0..3000 {
        let condition = written::conditions()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        if let Condition::Compare { operator, .. } = condition {
            missing.retain(|wanted| *wanted != operator);
        }
    }
    assert_eq!(missing, []);
}

#[test]
fn the_longest_and_the_most_nested_queries_run() {
    let store = rows::empty();
    let many = |part: &str, sign: &str, times| vec![part; times].join(sign);
    let joins = many("JOINcmdb_ci.sys_id=cmdb_rel_ci.parent!port=1", "^", 100);
    let nested = "RLQUERYtask.parent,>0^".repeat(1000);
    let inner = format!(
        "RLQUERYtask.parent,>0^{}^ENDRLQUERY",
        many("a=1", "^OR", 5000)
    );
    for text in [
        many("number=1", "^", 4000),
        many("number=1", "^OR", 4000),
        many("number=1", "^NQ", 4000),
        many(
            "opened_atDATEPARTx@javascript:gs.datePart('year','2026','EE')",
            "^OR",
            900,
        ),
        many("caller_id.manager.company.name=y", "^OR", 1000),
        joins,
        nested,
        inner,
        "^".repeat(60_000),
        format!("number={}", "x".repeat(100_000)),
    ] {
        for table in ["task", "cmdb_ci"] {
            holds_nothing_of(store, table, &text, &[]);
        }
    }
}
