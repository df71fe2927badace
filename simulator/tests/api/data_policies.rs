//! Data policies that abort a change, and those that do not.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, result};

async fn sent(
    instance: &Instance,
    method: Method,
    path: &str,
    given: Value,
) -> (StatusCode, Value) {
    let headers = [("content-type", "application/json")];
    let path = format!("/api/now/table/{path}");
    let reply = instance
        .call("admin", method, &path, &headers, given.to_string())
        .await;
    let answer = serde_json::from_slice(&reply.body).unwrap_or_default();
    (reply.status, answer)
}

/// The `sys_id` of what was created.
async fn created(instance: &Instance, table: &str, given: Value) -> String {
    let (status, made) = sent(instance, Method::POST, table, given).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["result"]["sys_id"].as_str().unwrap().to_owned()
}

/// An instance with a policy for tasks that are resolved; `change` is laid over it.
async fn with_policy(change: Value, rules: &[Value]) -> Instance {
    let instance = Instance::new(json!({}));
    let mut policy = json!({
        "short_description": "Say how it was resolved", "model_table": "task",
        "conditions": "stateIN6,7^EQ", "inherit": "true", "reverse_if_false": "false",
    });
    let fields = policy.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    let policy = created(&instance, "sys_data_policy2", policy).await;
    for rule in rules {
        let mut rule = rule.clone();
        rule["sys_data_policy"] = json!(policy);
        created(&instance, "sys_data_policy_rule", rule).await;
    }
    instance
}

fn mandatory(field: &str) -> Value {
    json!({ "field": field, "mandatory": "true" })
}

fn refused(told: &str) -> Value {
    json!({
        "error": { "message": "Operation Failed", "detail": format!("Data Policy Exception: {told}") },
        "status": "failure",
    })
}

#[tokio::test]
async fn a_mandatory_field_must_hold_a_value_where_the_conditions_hold() {
    let instance = with_policy(json!({}), &[mandatory("close_notes")]).await;
    let open = json!({ "short_description": "open", "state": "1" });
    let path = format!("incident/{}", created(&instance, "incident", open).await);

    let resolved = json!({ "state": "6" });
    let (status, answer) = sent(&instance, Method::PATCH, &path, resolved.clone()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer, refused("Close notes is mandatory"));
    let kept = instance
        .get("admin", &format!("/api/now/table/{path}"))
        .await;
    assert_eq!(result(&kept)["state"], "1");
    assert_eq!(result(&kept)["sys_mod_count"], "0");

    let (status, _) = sent(&instance, Method::POST, "incident", resolved).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let told = json!({ "state": "6", "close_notes": "Restarted" });
    let (status, _) = sent(&instance, Method::PATCH, &path, told).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn several_missing_fields_are_listed() {
    let rules = [mandatory("close_notes"), mandatory("close_code")];
    let instance = with_policy(json!({ "model_table": "incident" }), &rules).await;
    let (_, answer) = sent(&instance, Method::POST, "incident", json!({ "state": "7" })).await;
    let told = "The following fields are mandatory: Close code, Close notes";
    assert_eq!(answer, refused(told));
}

#[tokio::test]
async fn a_read_only_field_may_be_sent_as_it_is() {
    let locked = json!({ "field": "short_description", "disabled": "true" });
    let instance = with_policy(json!({ "conditions": "state=7" }), &[locked]).await;
    let record = json!({ "short_description": "as it was", "state": "1" });
    let path = format!("incident/{}", created(&instance, "incident", record).await);
    let closed = json!({ "short_description": "as it was", "state": "7" });
    let (status, _) = sent(&instance, Method::PATCH, &path, closed).await;
    assert_eq!(status, StatusCode::OK);

    let other = json!({ "short_description": "another" });
    let (status, answer) = sent(&instance, Method::PATCH, &path, other).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer, refused("Short description is read only"));
}

#[tokio::test]
async fn what_is_optional_is_mandatory_where_the_rule_is_turned_round() {
    let optional = json!({ "field": "close_notes", "mandatory": "false" });
    for (reversed, status) in [
        ("true", StatusCode::FORBIDDEN),
        ("false", StatusCode::CREATED),
    ] {
        let change = json!({ "reverse_if_false": reversed });
        let instance = with_policy(change, std::slice::from_ref(&optional)).await;
        let open = json!({ "state": "1" });
        assert_eq!(
            sent(&instance, Method::POST, "incident", open).await.0,
            status
        );
        let resolved = json!({ "state": "6" });
        let (status, _) = sent(&instance, Method::POST, "incident", resolved).await;
        assert_eq!(status, StatusCode::CREATED, "{reversed}");
    }
}

#[tokio::test]
async fn a_policy_that_does_not_apply_aborts_nothing() {
    for change in [
        json!({ "active": "false" }),
        json!({ "inherit": "false" }),
        json!({ "model_table": "problem" }),
        json!({ "conditions": "state=3" }),
    ] {
        let instance = with_policy(change.clone(), &[mandatory("close_notes")]).await;
        let resolved = json!({ "state": "6" });
        let (status, _) = sent(&instance, Method::POST, "incident", resolved).await;
        assert_eq!(status, StatusCode::CREATED, "{change}");
    }
}
