//! Whatever is sent is answered, and what was sent once changes nothing when it is sent again.

use std::collections::BTreeSet;

use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{IRE, desk, operations, send};
use crate::instance::{Instance, result};

/// Whatever JSON, shallow.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        proptest::sample::select(vec![
            "cmdb_ci_server",
            "' OR 1=1 --",
            "ServiceNow",
            "name",
            "0"
        ])
        .prop_map(Value::from),
    ];
    let names = proptest::sample::select(vec![
        "items",
        "relations",
        "referenceItems",
        "className",
        "values",
        "lookup",
        "related",
        "settings",
        "sys_object_source_info",
        "source_name",
        "source_native_key",
        "parent",
        "child_id",
        "type",
        "name",
        "serial_number",
        "sys_id",
        "internal_id",
        "attributes",
        "source",
        "outbound_relations",
        "target",
        "last_discovered",
        "sys_class_name",
        "referenceField",
        "referenced",
        "referencedBy",
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..6).prop_map(|fields| {
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_is_sent_the_simulator_does_not_fail(
        body in anything(),
        part in proptest::sample::select(vec!["'", "%27%20OR%201=1--", "%00", "cmdb_ci_server", "\u{e9}", "a%22b"]),
        method in proptest::sample::select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            static INSTANCE: std::sync::OnceLock<Instance> = std::sync::OnceLock::new();
            let instance = INSTANCE.get_or_init(desk);
            for path in [
                format!("{IRE}/enhanced?sysparm_data_source=ServiceNow&options={part}:true"),
                format!("{IRE}?sysparm_data_source={part}"),
                "/api/now/cmdb/instance/cmdb_ci_server".to_owned(),
                format!("/api/now/cmdb/instance/{part}?sysparm_query={part}={part}&sysparm_offset=-9223372036854775808"),
                format!("/api/now/cmdb/instance/cmdb_ci?sysparm_query=ORDERBY{part}^name{part}&sysparm_limit=9223372036854775807&sysparm_offset=9223372036854775807"),
                format!("/api/now/cmdb/instance/cmdb_ci/{part}?sysparm_relation_limit={part}&sysparm_fields={part}"),
                format!("/api/now/cmdb/instance/cmdb_ci/{part}/relation/{part}"),
                format!("/api/now/cmdb/instance/cmdb_ci/{part}/relation"),
                format!("/api/now/cmdb/meta/{part}"),
            ] {
                let text = body.to_string();
                let reply = instance.call("agent", method.clone(), &path, &[], text.as_str()).await;
                prop_assert!(!reply.reason.contains("simulator failed"), "{path} {text}: {}", reply.reason);
            }
            Ok(())
        })?;
    }
}

/// An item whose attributes say little, so that many are the same in one way or another.
fn item() -> impl Strategy<Value = Value> {
    let class = proptest::sample::select(vec![
        "cmdb_ci_server",
        "cmdb_ci_linux_server",
        "cmdb_ci_win_server",
        "cmdb_ci_service",
    ]);
    let some =
        |values: &'static [&'static str]| proptest::option::of(proptest::sample::select(values));
    (
        class,
        some(&["a", "B", "b"]),
        some(&["s1", "s2", "s3"]),
        some(&["1", "1.50", "many", " 7 "]),
        some(&["k1", "k2"]),
        some(&["n1", "n2"]),
    )
        .prop_map(|(class, name, serial, ram, key, lookup)| {
            let mut values = serde_json::Map::new();
            for (column, value) in [
                ("name", name),
                ("serial_number", serial),
                ("ram", ram),
                ("disk_space", ram),
            ] {
                if let Some(value) = value {
                    values.insert(column.to_owned(), value.into());
                }
            }
            let mut item = json!({"className": class, "values": values});
            if let Some(key) = key {
                item["sys_object_source_info"] =
                    json!({"source_name": "ServiceNow", "source_native_key": key});
            }
            if let (Some(lookup), true) = (lookup, class != "cmdb_ci_service") {
                item["lookup"] = json!([{
                    "className": "cmdb_serial_number",
                    "values": {"serial_number": lookup, "serial_number_type": "uuid"},
                }]);
            }
            item
        })
}

/// Every record of the tables that a payload can add to.
async fn rows(instance: &Instance) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for table in [
        "cmdb_ci",
        "cmdb_rel_ci",
        "cmdb_serial_number",
        "sys_object_source",
    ] {
        let path = format!("/api/now/table/{table}?sysparm_fields=sys_id,sys_class_name");
        let list = result(&instance.get("admin", &path).await);
        rows.extend(list.as_array().unwrap().iter().map(Value::to_string));
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_sent_once_changes_nothing_when_it_is_sent_again(
        items in proptest::collection::vec(item(), 1..7),
        relations in proptest::collection::vec((0..7_usize, 0..7_usize), 0..4),
        endpoint in proptest::sample::select(vec!["", "/enhanced"]),
    ) {
        let related: Vec<Value> = relations
            .iter()
            .map(|(parent, child)| json!({"parent": parent, "child": child, "type": "Runs on::Runs"}))
            .collect();
        let payload = json!({"items": items, "relations": related});
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let instance = desk();
            let path = format!("{IRE}{endpoint}?sysparm_data_source=ServiceNow");
            let first = result(&send(&instance, &path, &payload).await);
            let before = rows(&instance).await;
            let query = path.replace("?", if endpoint.is_empty() { "/query?" } else { "?" });
            let query = query.replace("/enhanced", "/queryEnhanced");
            let foretold = result(&send(&instance, &query, &payload).await);
            let second = result(&send(&instance, &path, &payload).await);
            prop_assert_eq!(&before, &rows(&instance).await);
            prop_assert_eq!(operations(&foretold), operations(&second));
            let ended: Vec<&str> = operations(&second);
            for (before, after) in operations(&first).iter().zip(&ended) {
                let expected = if before.starts_with("INSERT_AS") || *before == "none" { before } else { &"NO_CHANGE" };
                prop_assert_eq!(expected, after, "{} then {}", first, second);
            }
            for relation in second["relations"].as_array().unwrap() {
                prop_assert!(relation["errorCount"] != 0 || relation["operation"] == "NO_CHANGE");
            }
            Ok(())
        })?;
    }
}
