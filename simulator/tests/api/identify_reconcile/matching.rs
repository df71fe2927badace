//! Which record an item is: one of several, one of another class, one that another refers to.

use http::Method;
use serde_json::{Value, json};

use super::{desk, errors, operations, post};
use crate::instance::result;

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
