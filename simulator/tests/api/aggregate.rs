//! The Aggregate API: its answers, whom it refuses, and that its numbers are those of the rows.

use std::collections::BTreeMap;
use std::fmt::Write;

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;

use crate::instance::{Instance, author, json as body, result};

const STATS: &str = "/api/now/stats/incident";

/// Incidents with these columns and nothing else.
fn incidents(rows: &[Value], switches: Value) -> Instance {
    let instance = Instance::new(json!({
        "tables": {"incident": {"rows": 0}},
        "users": {"sync.user": {"roles": ["itil"]}, "nobody": {}, "reader": {"roles": ["itil"]}},
        "acls": {"own": {"table": "incident", "roles": ["itil"], "condition": "category=network"}},
        "switches": switches,
    }));
    instance
        .store
        .write::<_, snowproof_simulator::store::StoreError>(&author(), |records| {
            for row in rows {
                let values = row.as_object().unwrap().iter();
                let values =
                    values.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
                records.insert("incident", &values.collect())?;
            }
            Ok(())
        })
        .unwrap();
    instance
}

fn five() -> Instance {
    let network = "287ebd7da9fe198100f92cc8d1d2154e";
    let database = "287ee6fea9fe198100ada7950d0b1b73";
    let instance = incidents(
        &[
            json!({"category": "network", "state": "1", "reassignment_count": "2", "assignment_group": network, "due_date": "2026-03-01 10:00:00", "short_description": "beta"}),
            json!({"category": "network", "state": "2", "reassignment_count": "3", "assignment_group": network, "due_date": "2026-01-01 10:00:00", "short_description": "Alpha"}),
            json!({"category": "database", "state": "2", "reassignment_count": "-4", "assignment_group": database, "short_description": "gamma"}),
            json!({"category": "database", "state": "2", "reassignment_count": "9223372036854775807", "assignment_group": database}),
            json!({"category": "software", "state": "1", "reassignment_count": "9223372036854775807"}),
        ],
        json!({}),
    );
    instance
        .store
        .write::<_, snowproof_simulator::store::StoreError>(&author(), |records| {
            for (id, name) in [(network, "Network"), (database, "Database")] {
                let group = [("sys_id", id), ("name", name)];
                let group = group.map(|(name, value)| (name.to_owned(), value.to_owned()));
                records.insert("sys_user_group", &group.into_iter().collect())?;
            }
            Ok(())
        })
        .unwrap();
    instance
}

async fn transcript(instance: &Instance, queries: &[&str]) -> String {
    let mut text = String::new();
    for query in queries {
        let reply = instance.get("sync.user", &format!("{STATS}?{query}")).await;
        assert_eq!(reply.unmodelled, [""; 0], "{query}");
        let said = std::str::from_utf8(&reply.body).unwrap();
        writeln!(text, "{query}\n  {} {said}", reply.status).unwrap();
        if !reply.reason.is_empty() {
            writeln!(text, "  ({})", reply.reason).unwrap();
        }
    }
    text
}

#[tokio::test]
async fn every_aggregate_has_its_shape() {
    let instance = five();
    let said = transcript(
        &instance,
        &[
            "sysparm_count=true",
            "sysparm_count=true&sysparm_query=category=network",
            "sysparm_count=true&category=network&state=1",
            "sysparm_count=true&sysparm_sum_fields=reassignment_count&sysparm_query=category=none",
            "sysparm_avg_fields=reassignment_count&sysparm_query=category=network",
            "sysparm_sum_fields=reassignment_count",
            "sysparm_min_fields=due_date,short_description,reassignment_count,number&sysparm_max_fields=due_date,short_description,state",
            "sysparm_avg_fields=short_description,active,no_such_field",
            "sysparm_count=true&sysparm_avg_fields=state&sysparm_group_by=assignment_group",
            "sysparm_count=true&sysparm_group_by=category,state",
            "sysparm_count=true&sysparm_group_by=assignment_group.name,no_such_field",
            "sysparm_count=true&sysparm_group_by=state,assignment_group&sysparm_display_value=true",
            "sysparm_count=true&sysparm_group_by=sys_class_name,due_date&sysparm_display_value=all&sysparm_query=due_dateISNOTEMPTY",
            "sysparm_count=true&sysparm_group_by=category&sysparm_query=category=none",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn groups_are_chosen_and_ordered_by_what_was_asked() {
    let instance = five();
    let said = transcript(
        &instance,
        &[
            "sysparm_count=true&sysparm_group_by=category&sysparm_having=count^category^=^2",
            "sysparm_count=true&sysparm_group_by=category&sysparm_having=count^state^>^1,sum^reassignment_count^<^6",
            "sysparm_count=true&sysparm_group_by=category&sysparm_having=avg^reassignment_count^=^2.5",
            "sysparm_count=true&sysparm_group_by=category&sysparm_having=max^short_description^>=^GAMMA",
            "sysparm_count=true&sysparm_group_by=category&sysparm_having=count>1,median^state^>^1,avg^no^>^1,avg^state^>^x",
            "sysparm_count=true&sysparm_having=count^state^>^10",
            "sysparm_avg_fields=state&sysparm_group_by=category&sysparm_order_by=AVG^state^DESC",
            "sysparm_count=true&sysparm_group_by=category&sysparm_order_by=COUNT,category^DESC",
            "sysparm_count=true&sysparm_group_by=assignment_group&sysparm_order_by=assignment_group^DESC",
            "sysparm_count=true&sysparm_group_by=category&sysparm_order_by=state,^DESC,sum^reassignment_count",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn an_invalid_query_follows_the_regime() {
    for (regime, said) in [
        ("ignored", json!({"result": {"stats": {"count": "1"}}})),
        ("no_rows", json!({"result": {"stats": {"count": "0"}}})),
    ] {
        let rows = [json!({"category": "network"})];
        let instance = incidents(&rows, json!({ "invalid_query": regime }));
        let path = format!("{STATS}?sysparm_count=true&sysparm_query=nonsense=1");
        assert_eq!(body(&instance.get("sync.user", &path).await), said);
    }
    let instance = incidents(&[], json!({ "invalid_query": "refused" }));
    let path = format!("{STATS}?sysparm_count=true&sysparm_query=ORDERBYnonsense");
    let reply = instance.get("sync.user", &path).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    let path = format!("{STATS}?sysparm_count=true&sysparm_query=nonsense=1");
    let reply = instance.get("sync.user", &path).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(
        body(&reply)["error"]["detail"]
            .as_str()
            .unwrap()
            .starts_with("Field(s)")
    );
}

#[tokio::test]
async fn roles_decide_who_may_ask_and_row_conditions_what_the_switch_says() {
    let rows = [
        json!({"category": "network"}),
        json!({"category": "database"}),
    ];
    let path = format!("{STATS}?sysparm_count=true");
    let instance = incidents(&rows, json!({}));
    let all = instance.get("sync.user", &path).await;
    assert_eq!(result(&all)["stats"]["count"], "2");
    let list = instance.get("sync.user", "/api/now/table/incident").await;
    assert_eq!(result(&list).as_array().unwrap().len(), 1);
    let nobody = instance.get("nobody", &path).await;
    assert_eq!(
        (nobody.status, nobody.condition),
        (StatusCode::FORBIDDEN, Some(Condition::TableDenied))
    );
    assert_eq!(
        body(&nobody)["error"]["detail"],
        "No permission to read table 'incident'"
    );
    let strict = incidents(&rows, json!({ "aggregate_rows": "refused" }));
    let refused = strict.get("sync.user", &path).await;
    assert_eq!(refused.condition, Some(Condition::TableDenied));
    let admin = strict.get("admin", &path).await;
    assert_eq!(result(&admin)["stats"]["count"], "2");
}

#[tokio::test]
async fn what_asks_for_no_aggregate_is_refused() {
    let instance = incidents(&[], json!({}));
    for query in [
        "",
        "?sysparm_count=false",
        "?sysparm_avg_fields=",
        "?sysparm_having=count^state^>^1",
    ] {
        let reply = instance.get("sync.user", &format!("{STATS}{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let path = format!("{STATS}?sysparm_count=true");
    let head = instance
        .call("sync.user", Method::HEAD, &path, &[], "")
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let post = instance
        .call("sync.user", Method::POST, &path, &[], "{}")
        .await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn durations_are_said_to_be_unmodelled() {
    let instance = incidents(&[], json!({}));
    let path = format!("{STATS}?sysparm_avg_fields=business_duration");
    let reply = instance.get("sync.user", &path).await;
    assert_eq!(reply.unmodelled, ["avg of the duration business_duration"]);
    assert_eq!(body(&reply), json!({"result": {"stats": {}}}));
}

/// Rows as the Table API reads them, and what they come to.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    count: i64,
    numbers: Vec<i64>,
    texts: Vec<String>,
}

impl Sums {
    fn stats(&self) -> Value {
        let of =
            |numbers: Option<i64>| numbers.map_or_else(String::new, |number| number.to_string());
        let sum: i64 = self.numbers.iter().sum();
        let some = !self.numbers.is_empty();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let average = sum as f64 / self.numbers.len() as f64;
        let folded = |text: &&String| text.to_lowercase();
        json!({
            "count": self.count.to_string(),
            "avg": {"reassignment_count": if some { format!("{average:.4}") } else { String::new() }},
            "min": {
                "reassignment_count": of(self.numbers.iter().min().copied()),
                "close_notes": self.texts.iter().min_by_key(folded).cloned().unwrap_or_default(),
            },
            "max": {
                "reassignment_count": of(self.numbers.iter().max().copied()),
                "close_notes": self.texts.iter().max_by_key(folded).cloned().unwrap_or_default(),
            },
            "sum": {"reassignment_count": of(some.then_some(sum))},
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_numbers_are_those_of_the_rows(
        rows in proptest::collection::vec(
            (prop_oneof![Just(""), Just("network"), Just("hardware")], 1..4_i64, prop::option::of(-50..50_i64), "[a-d]{0,2}"),
            0..25,
        ),
        query in prop_oneof![Just(""), Just("state=1"), Just("reassignment_count>0"), Just("categoryISEMPTY^NQstate=2")],
    ) {
        let rows: Vec<Value> = rows.iter().map(|(category, state, count, notes)| json!({
            "category": category,
            "state": state.to_string(),
            "reassignment_count": count.map_or_else(String::new, |count| count.to_string()),
            "close_notes": notes,
        })).collect();
        let instance = incidents(&rows, json!({}));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let list = format!("/api/now/table/incident?sysparm_query={query}&sysparm_fields=category,state,reassignment_count,close_notes");
        let list = result(&runtime.block_on(instance.get("admin", &list)));
        let mut groups: BTreeMap<(String, String), Sums> = BTreeMap::new();
        let mut all = Sums::default();
        for row in list.as_array().unwrap() {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            let group = groups.entry((text("category"), text("state"))).or_default();
            for sums in [group, &mut all] {
                sums.count += 1;
                sums.numbers.extend(text("reassignment_count").parse::<i64>());
                sums.texts.extend(Some(text("close_notes")).filter(|text| !text.is_empty()));
            }
        }
        let measures = "sysparm_count=true&sysparm_avg_fields=reassignment_count&sysparm_sum_fields=reassignment_count\
             &sysparm_min_fields=reassignment_count,close_notes&sysparm_max_fields=reassignment_count,close_notes";
        let total = format!("{STATS}?{measures}&sysparm_query={query}");
        let total = result(&runtime.block_on(instance.get("sync.user", &total)));
        prop_assert_eq!(&total["stats"], &all.stats());
        let grouped = format!("{STATS}?{measures}&sysparm_query={query}&sysparm_group_by=category,state");
        let grouped = result(&runtime.block_on(instance.get("sync.user", &grouped)));
        let answered: Vec<((String, String), Value)> = grouped.as_array().unwrap().iter().map(|group| {
            let value = |at: usize| group["groupby_fields"][at]["value"].as_str().unwrap().to_owned();
            ((value(0), value(1)), group["stats"].clone())
        }).collect();
        let expected: Vec<((String, String), Value)> =
            groups.iter().map(|(group, sums)| (group.clone(), sums.stats())).collect();
        prop_assert_eq!(&answered, &expected);
        let counts: i64 = answered.iter().map(|(_, stats)| stats["count"].as_str().unwrap().parse::<i64>().unwrap()).sum();
        prop_assert_eq!(counts, all.count);
    }

    #[test]
    fn whatever_is_asked_is_answered(
        parts in proptest::collection::vec(
            ("sysparm_(count|avg_fields|min_fields|max_fields|sum_fields|group_by|having|order_by|display_value|query)",
             "(state|count|caller_id\\.manager\\.name|number|user_password|sys_id|opened_at|business_duration|comments|sys_class_name|true|all|avg|sum|\\^|,|=|>|DESC|'|\"|;|--|\\)|\\PC|9{30}){0,8}"),
            0..6,
        ),
    ) {
        let query: Vec<String> = parts.iter().map(|(name, value)| {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("{name}={value}")
        }).collect();
        static INSTANCE: std::sync::OnceLock<Instance> = std::sync::OnceLock::new();
        let instance = INSTANCE.get_or_init(five);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let reply = runtime.block_on(instance.get("sync.user", &format!("{STATS}?{}", query.join("&"))));
        prop_assert!(reply.status.as_u16() < 500, "{}", reply.reason);
    }
}
