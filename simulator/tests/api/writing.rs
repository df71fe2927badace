//! Creates, updates and deletes on the wire, and what they leave behind.

use http::{Method, StatusCode};
use serde_json::json;
use snowproof_simulator::journal::{Change, Condition};

use crate::instance::{BASE, Instance, json as body, result};

fn desk() -> Instance {
    Instance::new(json!({
        "users": {
            "agent": {"roles": ["itil"]},
            "guest": {"roles": ["itil", "snc_read_only"]},
            "nobody": {},
        },
    }))
}

#[tokio::test]
async fn a_record_lives_from_create_to_delete() {
    let instance = desk();
    let created = instance
        .call(
            "agent",
            Method::POST,
            "/api/now/v1/table/incident",
            &[("content-type", "application/json")],
            r#"{"short_description":"Drucker brennt","urgency":1,"impact":"1","nosuch":"x","sys_mod_count":"9"}"#,
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let record = result(&created);
    let id = record["sys_id"].as_str().unwrap().to_owned();
    assert_eq!(
        created.headers["location"].to_str().unwrap(),
        format!("{BASE}/api/now/v1/table/incident/{id}")
    );
    for (column, value) in [
        ("number", "INC0010001"),
        ("priority", "1"),
        ("state", "1"),
        ("incident_state", "1"),
        ("category", "inquiry"),
        ("notify", "1"),
        ("approval", "not requested"),
        ("made_sla", "true"),
        ("active", "true"),
        ("sys_mod_count", "0"),
        ("sys_created_by", "agent"),
        ("sys_created_on", "2026-07-01 12:00:00"),
        ("sys_class_name", "incident"),
    ] {
        assert_eq!(record[column], value, "{column}");
    }
    assert!(record.get("nosuch").is_none());
    assert_eq!(
        record["opened_by"]["link"]
            .as_str()
            .unwrap()
            .find("/api/now/v1/table/sys_user/"),
        Some(BASE.len())
    );

    let path = format!("/api/now/table/incident/{id}");
    let same = instance
        .call("agent", Method::PATCH, &path, &[], r#"{"urgency":"1"}"#)
        .await;
    assert_eq!(result(&same)["sys_mod_count"], "0");
    let closed = instance
        .call("agent", Method::PUT, &path, &[], r#"{"state":"7"}"#)
        .await;
    let closed = result(&closed);
    assert_eq!(closed["sys_mod_count"], "1");
    assert_eq!(closed["incident_state"], "7");
    assert_eq!(closed["active"], "false");

    let deleted = instance.call("agent", Method::DELETE, &path, &[], "").await;
    assert_eq!(
        (deleted.status, deleted.body.len()),
        (StatusCode::NO_CONTENT, 0)
    );
    let gone = instance.call("agent", Method::DELETE, &path, &[], "").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);

    let changes = instance.committed.lock().unwrap();
    let seen: Vec<_> = changes
        .iter()
        .map(|change| (change.change, change.mod_count))
        .collect();
    assert_eq!(
        seen,
        [
            (Change::Inserted, 0),
            (Change::Updated, 1),
            (Change::Deleted, 1),
            // What is kept of the deletion.
            (Change::Inserted, 0),
        ]
    );
    assert!(changes.iter().all(|change| change.request == Some(1)));
    let of_record = changes.iter().filter(|change| change.sys_id == id);
    assert_eq!(of_record.count(), 3);
}

#[tokio::test]
async fn denied_writes_say_which_and_change_nothing() {
    let instance = desk();
    let list = instance
        .get("agent", "/api/now/table/incident?sysparm_limit=1")
        .await;
    let id = result(&list)[0]["sys_id"].as_str().unwrap().to_owned();
    let record = format!("/api/now/table/incident/{id}");
    for (method, path, word) in [
        (Method::POST, "/api/now/table/incident", "Insert"),
        (Method::PATCH, &record, "Update"),
        (Method::DELETE, &record, "Delete"),
    ] {
        let refused = instance.call("guest", method, path, &[], "{}").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.condition, Some(Condition::WriteDenied));
        assert_eq!(
            body(&refused),
            json!({
                "error": {
                    "message": "Operation Failed",
                    "detail": format!("ACL Exception {word} Failed due to security constraints"),
                },
                "status": "failure",
            })
        );
    }
    assert!(instance.committed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_row_condition_on_writes_is_checked_before_and_after() {
    let instance = Instance::new(json!({
        "users": {"agent": {"roles": ["itil"]}},
        "acls": {
            "create low": {"table": "incident", "operation": "create", "condition": "impact=3"},
            "write low": {"table": "incident", "operation": "write", "condition": "impact=3"},
        },
    }));
    let post = async |text: &str| {
        instance
            .call("agent", Method::POST, "/api/now/table/incident", &[], text)
            .await
    };
    let low = post(r#"{"impact":"3"}"#).await;
    assert_eq!(low.status, StatusCode::CREATED);
    let high = post(r#"{"impact":"1"}"#).await;
    assert_eq!(high.status, StatusCode::FORBIDDEN);
    assert_eq!(instance.committed.lock().unwrap().len(), 1);
    let one = instance
        .get(
            "agent",
            "/api/now/table/incident?sysparm_query=impact=1&sysparm_limit=1",
        )
        .await;
    let id = result(&one)[0]["sys_id"].as_str().unwrap().to_owned();
    let path = format!("/api/now/table/incident/{id}");
    let refused = instance
        .call("agent", Method::PATCH, &path, &[], r#"{"impact":"3"}"#)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn bodies_are_bounded_and_of_one_kind() {
    let instance = desk();
    let post = async |kind: &str, text: &str| {
        let headers = [("content-type", kind)];
        instance
            .call(
                "agent",
                Method::POST,
                "/api/now/table/incident",
                &headers,
                text,
            )
            .await
    };
    let malformed = post("application/json", "{\"a\":").await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        body(&malformed)["error"]["message"],
        "Exception while reading request"
    );
    assert_eq!(malformed.unmodelled, [""; 0]);
    let plain = post("text/plain", "{}").await;
    assert_eq!(plain.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = format!("{{\"description\":\"{}\"}}", "x".repeat(10_485_760));
    let large = post("application/json", &large).await;
    assert_eq!(
        body(&large)["error"]["detail"],
        "Rejected large REST payload with content-length = 10485778 bytes. Max allowed: 10485760 bytes."
    );
    let several = post("application/json", r#"[{"impact":"2"},{"impact":"1"}]"#).await;
    assert_eq!(result(&several)["impact"], "2");
    let quiet = instance
        .call(
            "agent",
            Method::POST,
            "/api/now/table/incident",
            &[("x-no-response-body", "true")],
            "{}",
        )
        .await;
    assert_eq!((quiet.status, quiet.body.len()), (StatusCode::CREATED, 0));
    let odd = instance
        .call(
            "agent",
            Method::POST,
            "/api/now/table/incident/0",
            &[],
            "{}",
        )
        .await;
    assert_eq!(odd.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn journal_entries_live_in_their_own_table() {
    let instance = desk();
    let created = instance
        .call(
            "agent",
            Method::POST,
            "/api/now/table/incident",
            &[],
            r#"{"comments":"called back"}"#,
        )
        .await;
    let record = result(&created);
    assert_eq!(record["comments"], "");
    let id = record["sys_id"].as_str().unwrap();
    let path = format!("/api/now/table/sys_journal_field?sysparm_query=element_id={id}");
    let entries = result(&instance.get("admin", &path).await);
    assert_eq!(entries[0]["value"], "called back");
    assert_eq!(entries[0]["element"], "comments");
}

#[tokio::test]
async fn an_administrator_changes_settings_over_the_api() {
    let instance = desk();
    let nobody = instance.policy().user("nobody").unwrap().sys_id.clone();
    let path = format!("/api/now/table/sys_user/{nobody}");
    let change = r#"{"user_password":"another","locked_out":"true"}"#;
    let changed = instance
        .call("admin", Method::PATCH, &path, &[], change)
        .await;
    assert_eq!(result(&changed)["user_password"], "");
    assert!(
        instance
            .committed
            .lock()
            .unwrap()
            .iter()
            .all(|change| change.is_setting())
    );
    let policy = instance.policy();
    assert!(policy.user("NOBODY").unwrap().locked_out);
    assert!(policy.password_matches("nobody", "another"));
    assert!(!policy.password_matches("nobody", "secret"));
    let refused = instance
        .call("agent", Method::PATCH, &path, &[], "{}")
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
