//! The Identification and Reconciliation API on the wire: what goes in, what is refused, and how
//! either is told.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{Instance, json as body, result};

mod laws;
mod matching;

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
