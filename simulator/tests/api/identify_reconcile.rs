//! The Identification and Reconciliation API on the wire, and the law that what was sent once
//! changes nothing when it is sent again.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{Instance, json as body, result};

const IRE: &str = "/api/now/identifyreconcile";

fn desk() -> Instance {
    Instance::new(json!({
        "users": {
            "agent": {"roles": ["itil"]},
            "reader": {"roles": ["cmdb_read"]},
            "looker": {"roles": ["itil", "snc_read_only"]},
        },
    }))
}

async fn send(instance: &Instance, path: &str, payload: &Value) -> Reply {
    let text = payload.to_string();
    instance
        .call("agent", Method::POST, path, &[], text.as_str())
        .await
}

/// Sends to an endpoint as `ServiceNow`.
async fn post(instance: &Instance, endpoint: &str, payload: &Value) -> Value {
    let path = format!("{IRE}{endpoint}?sysparm_data_source=ServiceNow");
    let reply = send(instance, &path, payload).await;
    assert_eq!(reply.unmodelled, [""; 0]);
    result(&reply)
}

fn operations(result: &Value) -> Vec<&str> {
    let items = result["items"].as_array().unwrap().iter();
    items
        .map(|item| item["operation"].as_str().unwrap_or("none"))
        .collect()
}

fn errors(of: &Value) -> Vec<String> {
    let list = of.as_array().unwrap().iter();
    list.flat_map(|one| one["errors"].as_array().into_iter().flatten())
        .map(|error| error["error"].as_str().unwrap().to_owned())
        .collect()
}

async fn total(instance: &Instance, table: &str) -> String {
    let path = format!("/api/now/table/{table}?sysparm_limit=1");
    let list = instance.get("admin", &path).await;
    list.headers["x-total-count"].to_str().unwrap().to_owned()
}

fn two_items() -> Value {
    json!({
        "items": [
            {
                "className": "cmdb_ci_linux_server",
                "values": {"name": "lnux101", "ip_address": "10.11.12.173", "ram": 2048, "virtual": true, "os_name": "no column"},
                "lookup": [
                    {"className": "cmdb_serial_number", "values": {"serial_number": "L-101", "serial_number_type": "uuid", "valid": "true"}},
                    {"className": "cmdb_ci_network_adapter", "internal_id": "eth", "values": {"name": "eth0", "mac_address": "00:55:51:21:26:2f"}},
                ],
            },
            {
                "className": "cmdb_ci_service",
                "internal_id": "payroll",
                "values": {"name": "Payroll"},
                "sys_object_source_info": {"source_name": "ServiceNow", "source_native_key": "svc-1", "source_recency_timestamp": "2026-06-30 01:02:03"},
            },
        ],
        "relations": [
            {"parent": 1, "child": "0", "type": "Depends on::Used by"},
            {"parent_id": "payroll", "child_id": "eth", "type": "Depends on::Used by"},
        ],
    })
}

#[tokio::test]
async fn items_are_inserted_once_and_found_again() {
    let instance = desk();
    let simulated = post(&instance, "/query", &two_items()).await;
    assert_eq!(operations(&simulated), ["INSERT", "INSERT"]);
    assert_eq!(simulated["items"][0]["sysId"], "Unknown");
    assert!(instance.committed.lock().unwrap().is_empty());

    let first = post(&instance, "", &two_items()).await;
    insta::assert_snapshot!("inserted", serde_json::to_string_pretty(&first).unwrap());
    let id = first["items"][0]["sysId"].as_str().unwrap();
    let stored = result(
        &instance
            .get(
                "agent",
                &format!("/api/now/table/cmdb_ci_linux_server/{id}"),
            )
            .await,
    );
    for (column, value) in [
        ("sys_class_name", "cmdb_ci_linux_server"),
        ("ram", "2048"),
        ("virtual", "true"),
        ("discovery_source", "ServiceNow"),
        ("first_discovered", "2026-07-01 12:00:00"),
        ("last_discovered", "2026-07-01 12:00:00"),
    ] {
        assert_eq!(stored[column], value, "{column}");
    }
    let rows = [
        total(&instance, "cmdb_ci").await,
        total(&instance, "cmdb_rel_ci").await,
    ];
    let again = post(&instance, "", &two_items()).await;
    insta::assert_snapshot!("found_again", serde_json::to_string_pretty(&again).unwrap());
    assert_eq!(
        rows,
        [
            total(&instance, "cmdb_ci").await,
            total(&instance, "cmdb_rel_ci").await
        ]
    );
    let simulated = post(&instance, "/query", &two_items()).await;
    assert_eq!(operations(&simulated), ["NO_CHANGE", "NO_CHANGE"]);
    assert_eq!(simulated["items"][0]["sysId"], id);

    let mut changed = two_items();
    changed["items"][0]["values"] =
        json!({"name": "renamed", "last_discovered": "2020-01-01 00:00:00"});
    changed["items"][1]["values"] =
        json!({"name": "Payroll", "last_discovered": "2027-01-01 00:00:00"});
    let changed = post(&instance, "", &changed).await;
    assert_eq!(operations(&changed), ["UPDATE", "UPDATE"]);
    assert_eq!(
        changed["items"][0]["sysId"], id,
        "found by its serial number"
    );
    let stored = result(
        &instance
            .get(
                "agent",
                &format!("/api/now/table/cmdb_ci_linux_server/{id}"),
            )
            .await,
    );
    assert_eq!(stored["name"], "renamed");
    assert_eq!(
        stored["last_discovered"], "2026-07-01 12:00:00",
        "it moves forward only"
    );
}

#[tokio::test]
async fn what_cannot_be_processed_is_told_in_a_200() {
    let instance = desk();
    let payload = json!({
        "items": [
            {"className": "cmdb_ci_linux_server", "values": {"name": "fine"}},
            {"className": "cmdb_ci_linux_server", "values": {"ram": "1"}},
            {"className": "cmdb_ci_nosuch", "values": {"name": "x"}},
            {"className": "incident", "values": {"number": "x"}},
            {"values": {"name": "x"}},
            {"className": "cmdb_ci_service", "values": {"name": "s"}, "lookup": [{"className": "cmdb_serial_number"}]},
            {"className": "cmdb_ci_server", "values": {"sys_id": "nowhere"}},
        ],
        "relations": [
            {"parent": 0, "child": 1, "type": "Runs on::Runs"},
            {"parent": 0, "child": 9, "type": "Instantiated From"},
            {"parent_id": "nobody", "type": "Runs on::Runs"},
        ],
    });
    let plain = post(&instance, "", &payload).await;
    insta::assert_snapshot!("errors", serde_json::to_string_pretty(&plain).unwrap());
    assert!(
        instance.committed.lock().unwrap().is_empty(),
        "one error keeps all back"
    );

    let partly = post(&instance, "/enhanced", &payload).await;
    assert_eq!(operations(&partly)[..2], ["INSERT", "INSERT_AS_INCOMPLETE"]);
    assert_eq!(partly["hasError"], true);
    assert_eq!(
        errors(&partly["relations"]),
        [
            "ABANDONED",
            "INVALID_INPUT_DATA",
            "INVALID_INPUT_DATA",
            "INVALID_INPUT_DATA",
            "INVALID_INPUT_DATA"
        ]
    );
    assert_eq!(instance.committed.lock().unwrap().len(), 1);

    let none = send(
        &instance,
        IRE,
        &json!({"items": [{"className": "cmdb_ci_server", "values": {"name": "x"}}]}),
    )
    .await;
    let none = result(&none);
    assert!(
        none["items"][0]["errors"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("In payload invalid data source [null] exist.")
    );
    let own = json!({"items": [{
        "className": "cmdb_ci_computer",
        "values": {"ram": "8192"},
        "sys_object_source_info": {"source_name": "ServiceNow", "source_native_key": "ncomputer3367"},
    }]});
    let partial = send(
        &instance,
        &format!("{IRE}/enhanced?options=generate_summary:true"),
        &own,
    )
    .await;
    assert_eq!(
        partial.unmodelled,
        ["a partial payload that is kept for later"]
    );
    insta::assert_snapshot!(
        "partial",
        serde_json::to_string_pretty(&result(&partial)).unwrap()
    );
    let options = "options=partial_payloads:false,partial_commits:false,deduplicate_payloads:false";
    let rejected = send(&instance, &format!("{IRE}/enhanced?{options}"), &own).await;
    assert_eq!(
        errors(&result(&rejected)["items"]),
        ["MISSING_MATCHING_ATTRIBUTES"]
    );
    let malformed = send(&instance, &format!("{IRE}/enhanced?options=partial"), &own).await;
    assert_eq!(malformed.status, StatusCode::INTERNAL_SERVER_ERROR);
    let detail = body(&malformed)["error"]["detail"].clone();
    assert!(
        detail
            .as_str()
            .unwrap()
            .contains("Chunk [partial] is not a valid entry")
    );
}

#[tokio::test]
async fn the_same_item_twice_is_one_or_is_rejected() {
    let instance = desk();
    let payload = json!({"items": [
        {"className": "cmdb_ci_server", "values": {"name": "twin", "ram": "1"}},
        {"className": "cmdb_ci_server", "values": {"name": "other"}},
        {"className": "cmdb_ci_linux_server", "values": {"name": "TWIN", "ram": "2", "serial_number": "T"}},
    ], "relations": [{"parent": 2, "child": 1, "type": "Uses::Used by"}]});
    let plain = post(&instance, "", &payload).await;
    assert_eq!(
        errors(&plain["items"]),
        [
            "DUPLICATE_PAYLOAD_RECORDS",
            "ABANDONED",
            "DUPLICATE_PAYLOAD_RECORDS"
        ]
    );
    assert!(instance.committed.lock().unwrap().is_empty());
    for expected in [["INSERT", "INSERT"], ["NO_CHANGE", "NO_CHANGE"]] {
        let joined = post(&instance, "/enhanced", &payload).await;
        assert_eq!(operations(&joined), expected);
        assert_eq!(joined["items"][0]["inputIndices"], json!([0, 2]));
        assert_eq!(joined["items"][0]["className"], "cmdb_ci_linux_server");
        assert_eq!(joined["relations"][0]["errorCount"], 0);
    }
}

#[tokio::test]
async fn an_item_moves_to_the_class_it_is_said_to_have() {
    let instance = desk();
    let named = |class: &str, settings: Value| json!({"items": [{"className": class, "values": {"name": "mover"}, "settings": settings}]});
    post(&instance, "", &named("cmdb_ci_server", json!({}))).await;
    let kept = named(
        "cmdb_ci_linux_server",
        json!({"updateWithoutUpgrade": true}),
    );
    let kept = post(&instance, "", &kept).await;
    assert_eq!(kept["items"][0]["info"][0]["code"], "SKIPPED_CLASS_UPGRADE");
    assert_eq!(kept["items"][0]["className"], "cmdb_ci_server");
    for (class, operation) in [
        ("cmdb_ci_linux_server", "UPDATE_WITH_UPGRADE"),
        ("cmdb_ci_linux_server", "NO_CHANGE"),
        ("cmdb_ci_win_server", "UPDATE_WITH_SWITCH"),
        ("cmdb_ci_computer", "UPDATE_WITH_DOWNGRADE"),
    ] {
        let payload = named(class, json!({}));
        assert_eq!(
            operations(&post(&instance, "/query", &payload).await),
            [operation]
        );
        let done = post(&instance, "", &payload).await;
        assert_eq!(operations(&done), [operation]);
        let id = done["items"][0]["sysId"].as_str().unwrap();
        let stored = instance
            .get("agent", &format!("/api/now/table/{class}/{id}"))
            .await;
        assert_eq!(result(&stored)["sys_class_name"], class);
    }
    let property = r#"{"name":"glide.class.switch.enabled","value":"false"}"#;
    instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/sys_properties",
            &[],
            property,
        )
        .await;
    post(&instance, "", &named("cmdb_ci_linux_server", json!({}))).await;
    let refused = post(&instance, "", &named("cmdb_ci_win_server", json!({}))).await;
    assert_eq!(errors(&refused["items"]), ["RECLASSIFICATION_NOT_ALLOWED"]);
}

#[tokio::test]
async fn of_records_that_are_the_same_the_oldest_is_taken() {
    let instance = desk();
    let server = json!({"items": [{"className": "cmdb_ci_server", "values": {"name": "clone"}}]});
    for _ in 0..3 {
        let path = "/api/now/table/cmdb_ci_server";
        instance
            .call("agent", Method::POST, path, &[], r#"{"name":"clone"}"#)
            .await;
    }
    let off = r#"{"name":"glide.identification_engine.skip_duplicates.threshold","value":"2"}"#;
    let made = instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/sys_properties",
            &[],
            off,
        )
        .await;
    let failed = post(&instance, "", &server).await;
    assert_eq!(errors(&failed["items"]), ["MULTIPLE_DUPLICATE_RECORDS"]);
    let attempts = failed["items"][0]["identificationAttempts"]
        .as_array()
        .unwrap();
    assert_eq!(attempts.last().unwrap()["attemptResult"], "MULTI_MATCH");
    let property = format!(
        "/api/now/table/sys_properties/{}",
        result(&made)["sys_id"].as_str().unwrap()
    );
    instance
        .call("admin", Method::DELETE, &property, &[], "")
        .await;
    let taken = post(&instance, "", &server).await;
    let id = taken["items"][0]["sysId"].as_str().unwrap();
    let path = format!("/api/now/table/cmdb_ci_server?sysparm_query=duplicate_of={id}");
    assert_eq!(
        result(&instance.get("agent", &path).await)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        operations(&post(&instance, "", &server).await),
        ["NO_CHANGE"]
    );
}

#[tokio::test]
async fn roles_methods_and_bodies_are_checked() {
    let instance = desk();
    let text = two_items().to_string();
    let path = format!("{IRE}?sysparm_data_source=ServiceNow");
    let refused = instance
        .call("reader", Method::POST, &path, &[], text.as_str())
        .await;
    assert_eq!(
        (refused.status, refused.condition),
        (StatusCode::FORBIDDEN, Some(Condition::ApiDenied))
    );
    let refused = instance
        .call("looker", Method::POST, &path, &[], text.as_str())
        .await;
    assert_eq!(refused.condition, Some(Condition::WriteDenied));
    let query = format!("{IRE}/query?sysparm_data_source=ServiceNow");
    let open = instance
        .call("looker", Method::POST, &query, &[], text.as_str())
        .await;
    assert_eq!(open.status, StatusCode::OK);
    let got = instance.get("agent", IRE).await;
    assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED);
    for (text, status) in [
        ("", 400),
        ("[]", 400),
        ("{\"items\":7}", 400),
        ("{", 400),
        ("{}", 200),
        (
            "{\"items\":[null,7,[],\"x\",{\"values\":[]},{\"className\":{},\"lookup\":[1],\"related\":{}}],\"relations\":[null,{\"parent\":-1,\"child\":1e300}]}",
            200,
        ),
    ] {
        let reply = instance.call("agent", Method::POST, &path, &[], text).await;
        assert_eq!(reply.status, status, "{text}");
    }
    let many: Vec<Value> = (0..10_001).map(|_| json!({})).collect();
    let cancelled = send(&instance, &path, &json!({"items": many})).await;
    assert_eq!(
        body(&cancelled)["error"]["message"],
        "Transaction cancelled: maximum execution time exceeded"
    );
    let related = json!({"items": [{
        "className": "cmdb_ci_server", "values": {"name": "x"}, "related": [{"className": "cmdb_key_value"}],
    }]});
    let reply = send(&instance, &path, &related).await;
    assert_eq!(reply.unmodelled, ["a related item of class cmdb_key_value"]);
    assert!(instance.committed.lock().unwrap().len() < 5);
}

#[tokio::test]
async fn an_item_refers_to_another_by_its_internal_id() {
    let instance = desk();
    let mut payload = json!({
        "items": [
            {"className": "cmdb_ci_server", "internal_id": "a", "values": {"name": "a"}},
            {"className": "cmdb_ci_server", "internal_id": "b", "values": {"name": "b"}},
        ],
        "referenceItems": [{"referenceField": "dr_backup", "referencedBy": "a", "referenced": "b"}],
    });
    let done = post(&instance, "", &payload).await;
    let id = |at: usize| done["items"][at]["sysId"].as_str().unwrap();
    let path = format!("/api/now/table/cmdb_ci_server/{}", id(0));
    let stored = result(&instance.get("agent", &path).await);
    assert_eq!(stored["dr_backup"]["value"], id(1));
    payload["items"][1]["values"] = json!({});
    payload["referenceItems"][0]["referenced"] = "a".into();
    let before = instance.committed.lock().unwrap().len();
    let failed = post(&instance, "", &payload).await;
    assert_eq!(failed["hasError"], true);
    assert_eq!(instance.committed.lock().unwrap().len(), before);
}

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
