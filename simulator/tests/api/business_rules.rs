//! Business rules that abort a change, and those that do not.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;

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
    // Rights are fine: it is told apart from what access controls deny.
    let aborted = reply.condition == Some(Condition::RuleAborted);
    assert_eq!(aborted, reply.status == StatusCode::FORBIDDEN);
    let answer = serde_json::from_slice(&reply.body).unwrap_or_default();
    (reply.status, answer)
}

async fn with_rule(change: Value) -> Instance {
    let instance = Instance::new(json!({}));
    let mut rule = json!({
        "name": "Keep out", "collection": "task", "when": "before", "action_insert": "true",
        "action_update": "true", "abort_action": "true",
        "filter_condition": "short_descriptionLIKEforbidden^EQ",
    });
    rule.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let (status, _) = sent(&instance, Method::POST, "sys_script", rule).await;
    assert_eq!(status, StatusCode::CREATED);
    instance
}

#[tokio::test]
async fn a_rule_of_a_parent_table_aborts_what_its_filter_meets() {
    let instance = with_rule(json!({})).await;
    let forbidden = json!({ "short_description": "a forbidden thing" });
    let (status, answer) = sent(&instance, Method::POST, "incident", forbidden.clone()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer["error"]["message"], "Operation Failed");
    let detail = answer["error"]["detail"].as_str().unwrap();
    let start = "Operation against file 'incident' was aborted by Business Rule 'Keep out^";
    assert!(detail.starts_with(start), "{detail}");
    assert!(
        detail.ends_with("'. Business Rule Stack:Keep out"),
        "{detail}"
    );

    let allowed = json!({ "short_description": "allowed" });
    let (status, made) = sent(&instance, Method::POST, "incident", allowed).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = format!("incident/{}", made["result"]["sys_id"].as_str().unwrap());
    let (status, _) = sent(&instance, Method::PATCH, &path, forbidden).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let kept = instance
        .get("admin", &format!("/api/now/table/{path}"))
        .await;
    assert_eq!(result(&kept)["short_description"], "allowed");
    assert_eq!(result(&kept)["sys_mod_count"], "0");
    let (status, _) = sent(&instance, Method::DELETE, &path, json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_rule_that_is_off_or_decides_by_a_script_aborts_nothing() {
    for change in [
        json!({ "active": "false" }),
        json!({ "abort_action": "false" }),
        json!({ "when": "after" }),
        json!({ "action_insert": "false" }),
        json!({ "collection": "problem" }),
        json!({ "condition": "gs.nil(current.caller_id)" }),
    ] {
        let instance = with_rule(change.clone()).await;
        let forbidden = json!({ "short_description": "a forbidden thing" });
        let (status, _) = sent(&instance, Method::POST, "incident", forbidden).await;
        assert_eq!(status, StatusCode::CREATED, "{change}");
    }
}
