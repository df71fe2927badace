//! What becomes of records: defaults, numbers, classes, stages, and writers that meet.

use std::collections::BTreeSet;
use std::thread;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{BASE, Instance, result};

fn desk() -> Instance {
    Instance::new(json!({
        "users": {
            "agent": {"roles": ["itil"]},
            "reader": {"roles": ["sn_incident_read"]},
        },
    }))
}

async fn patch(instance: &Instance, id: &str, body: &str) -> Value {
    let path = format!("/api/now/table/incident/{id}?sysparm_exclude_reference_link=true");
    result(
        &instance
            .call("agent", Method::PATCH, &path, &[], body)
            .await,
    )
}

#[tokio::test]
async fn a_new_incident_has_the_defaults_that_were_seen() {
    let instance = desk();
    let made = instance.made("agent", "incident", json!({})).await;
    for (column, value) in [
        ("state", "1"),
        ("incident_state", "1"),
        ("impact", "3"),
        ("urgency", "3"),
        ("priority", "5"),
        ("severity", "3"),
        ("category", "inquiry"),
        ("notify", "1"),
        ("escalation", "0"),
        ("approval", "not requested"),
        ("upon_approval", "proceed"),
        ("upon_reject", "cancel"),
        ("knowledge", "false"),
        ("made_sla", "true"),
        ("active", "true"),
        ("child_incidents", "0"),
        ("reopen_count", "0"),
        ("reassignment_count", "0"),
        ("number", "INC0010001"),
        ("task_effective_number", "INC0010001"),
        ("opened_at", "2026-07-01 12:00:00"),
        ("closed_at", ""),
        ("sys_mod_count", "0"),
        ("sys_updated_by", "agent"),
        ("sys_domain_path", "/"),
        ("sys_tags", ""),
    ] {
        assert_eq!(made[column], value, "{column}");
    }
    assert_eq!(
        made["sys_domain"]["link"],
        format!("{BASE}/api/now/table/sys_user_group/global")
    );
    let agent = &instance.policy().user("agent").unwrap().sys_id.clone();
    assert_eq!(made["opened_by"]["value"], *agent);
    let next = instance
        .made("agent", "incident", json!({"number": "MINE1"}))
        .await;
    assert_eq!(next["number"], "MINE1");
    let next = instance.made("agent", "incident", json!({})).await;
    assert_eq!(next["number"], "INC0010002");
}

#[tokio::test]
async fn closing_and_reopening_leave_their_stamps() {
    let instance = desk();
    let made = instance.made("agent", "incident", json!({})).await;
    let id = made["sys_id"].as_str().unwrap();
    let agent = instance.policy().user("agent").unwrap().sys_id.clone();
    let at = "2026-07-01 12:00:00";
    let stamps = |record: &Value| {
        [
            "resolved_at",
            "resolved_by",
            "closed_at",
            "closed_by",
            "active",
        ]
        .map(|name| record[name].as_str().unwrap().to_owned())
    };
    let resolved = patch(&instance, id, r#"{"state":"6"}"#).await;
    assert_eq!(stamps(&resolved), [at, &agent, "", "", "true"]);
    let closed = patch(&instance, id, r#"{"incident_state":"7"}"#).await;
    assert_eq!(stamps(&closed), [at, &agent, at, &agent, "false"]);
    let same = patch(&instance, id, r#"{"state":"7","active":"false"}"#).await;
    assert_eq!(same["sys_mod_count"], "2");
    let open = patch(&instance, id, r#"{"state":"2"}"#).await;
    assert_eq!(stamps(&open), ["", "", "", "", "true"]);
    let given = r#"{"state":"7","closed_at":"2020-01-01 00:00:00"}"#;
    let given = patch(&instance, id, given).await;
    assert_eq!(given["closed_at"], "2020-01-01 00:00:00");
}

#[tokio::test]
async fn only_what_changes_counts_and_empty_clears_but_for_choices() {
    let instance = desk();
    let made = json!({"short_description": "x", "hold_reason": "1", "nosuch": "y"});
    let made = instance.made("agent", "incident", made).await;
    let id = made["sys_id"].as_str().unwrap();
    for nothing in [
        "{}",
        r#"{"short_description":"x"}"#,
        r#"{"nosuch":"z","sys_updated_by":"root","sys_class_name":"problem","sys_id":"0"}"#,
        r#"{"hold_reason":""}"#,
        r#"{"work_notes":""}"#,
        r#"{"impact":" 3 ","urgency":3}"#,
    ] {
        let same = patch(&instance, id, nothing).await;
        assert_eq!(same["sys_mod_count"], "0", "{nothing}");
        assert_eq!(same["sys_class_name"], "incident");
        assert_eq!(same["hold_reason"], "1");
    }
    let cleared = patch(&instance, id, r#"{"short_description":""}"#).await;
    assert_eq!(
        (&cleared["short_description"], &cleared["sys_mod_count"]),
        (&json!(""), &json!("1"))
    );
}

#[tokio::test]
async fn a_given_id_is_kept_once_and_scopes_are_global() {
    let instance = desk();
    let id = "26d1a2b3c4d5e6f7a8b9c0d1e2f3a4b5";
    let first = instance
        .made(
            "admin",
            "sys_script",
            json!({"sys_id": id, "sys_scope": "x_acme"}),
        )
        .await;
    assert_eq!(first["sys_id"], id);
    let scope = &first["sys_scope"];
    assert_eq!(scope.get("value").unwrap_or(scope), "global");
    let second = instance
        .made("admin", "sys_script", json!({"sys_id": id}))
        .await;
    assert_ne!(second["sys_id"], id);
}

#[tokio::test]
async fn a_record_may_be_made_as_a_class_below_its_table() {
    let instance = desk();
    let made = |class: &str| json!({"sys_class_name": class, "short_description": "x"});
    let task = instance.made("admin", "task", made("incident")).await;
    assert_eq!(task["sys_class_name"], "incident");
    assert!(task["number"].as_str().unwrap().starts_with("INC"));
    for other in ["cmdb_ci", "nosuch", "task"] {
        let task = instance.made("admin", "task", made(other)).await;
        assert_eq!(task["sys_class_name"], "task", "{other}");
    }
    let up = instance.made("agent", "incident", made("task")).await;
    assert_eq!(up["sys_class_name"], "incident");
    let refused = instance
        .call(
            "reader",
            Method::POST,
            "/api/now/table/task",
            &[],
            made("incident").to_string(),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_body_there_is_a_code_alone() {
    let instance = desk();
    let quiet = [("x-no-response-body", "true")];
    let path = "/api/now/table/incident";
    let made = instance
        .call("agent", Method::POST, path, &quiet, "{}")
        .await;
    assert_eq!((made.status, made.body.len()), (StatusCode::CREATED, 0));
    let location = made.headers["location"].to_str().unwrap();
    let path = location.strip_prefix(BASE).unwrap();
    for method in [Method::PUT, Method::PATCH] {
        let changed = instance
            .call("agent", method, path, &quiet, r#"{"impact":"1"}"#)
            .await;
        assert_eq!(
            (changed.status, changed.body.len()),
            (StatusCode::NO_CONTENT, 0)
        );
    }
    assert_eq!(result(&instance.get("agent", path).await)["impact"], "1");
}

/// Calls one after the other on a thread of its own.
fn calls(
    instance: &Instance,
    count: usize,
    call: impl Fn(usize) -> (Method, String, String),
) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let one = |at| {
        let (method, path, body) = call(at);
        result(&runtime.block_on(instance.call("agent", method, &path, &[], body)))
    };
    (0..count).map(one).collect()
}

#[test]
fn writers_of_one_record_lose_nothing_and_no_number_is_given_twice() {
    let instance = desk();
    let made = calls(&instance, 1, |_| {
        (Method::POST, "/api/now/table/incident".into(), "{}".into())
    });
    let path = format!(
        "/api/now/table/incident/{}",
        made[0]["sys_id"].as_str().unwrap()
    );
    let columns = ["short_description", "description", "close_notes", "cause"];
    let rounds = 15;
    let numbers: Vec<String> = thread::scope(|scope| {
        let writers = columns.map(|column| {
            let (instance, path) = (&instance, &path);
            scope.spawn(move || {
                let change = |at: usize| json!({ column: format!("{column} {at}") }).to_string();
                calls(instance, rounds, |at| {
                    (Method::PATCH, path.clone(), change(at))
                });
                let made = calls(instance, rounds, |_| {
                    (Method::POST, "/api/now/table/incident".into(), "{}".into())
                });
                made.iter()
                    .map(|record| record["number"].as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            })
        });
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    let record = calls(&instance, 1, |_| (Method::GET, path.clone(), String::new())).remove(0);
    for column in columns {
        assert_eq!(record[column], format!("{column} {}", rounds - 1));
    }
    assert_eq!(
        record["sys_mod_count"],
        (columns.len() * rounds).to_string()
    );
    let distinct: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(distinct.len(), columns.len() * rounds);
    assert_eq!(numbers.iter().max().unwrap(), "INC0010061");
}
