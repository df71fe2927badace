//! What bodies are read as, and which are refused (wire-core 1.6, 5).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, json as body, result};

fn desk() -> Instance {
    Instance::new(json!({
        "users": {"agent": {"roles": ["itil"], "time_zone": "America/New_York"}},
    }))
}

async fn post(instance: &Instance, text: impl Into<Vec<u8>>) -> snowproof_simulator::reply::Reply {
    let path = "/api/now/table/incident";
    instance.call("agent", Method::POST, path, &[], text).await
}

#[tokio::test]
async fn bodies_are_read_leniently() {
    let instance = desk();
    for (text, column, value) in [
        (r#"{"short_description":"x"}"#, "short_description", "x"),
        (
            "{'short_description':'it\\'s \"so\"'}",
            "short_description",
            "it's \"so\"",
        ),
        (
            "\u{feff}{\"short_description\":\"x\"}",
            "short_description",
            "x",
        ),
        (r#"{"impact":2}"#, "impact", "2"),
        (r#"{"active":true}"#, "active", "true"),
        (r#"{"short_description":null}"#, "short_description", ""),
        (r#"{"short_description":1.50}"#, "short_description", "1.5"),
        (
            r#"{"short_description":123456789012345678901234567890}"#,
            "short_description",
            "123456789012345678901234567890",
        ),
        (
            r#"{"short_description":"a","short_description":"b"}"#,
            "short_description",
            "b",
        ),
        (
            r#"{"short_description":{"display_value":"D","value":"v"}}"#,
            "short_description",
            "v",
        ),
        (
            r#"{"short_description":{"display_value":"D"}}"#,
            "short_description",
            "D",
        ),
        (
            r#"{"short_description":{"value":{"value":"x"}}}"#,
            "short_description",
            "",
        ),
        (r#"{"short_description":["x"]}"#, "short_description", ""),
        (
            r#"{"short_description":"Zażółć \ud83d\ude00"}"#,
            "short_description",
            "Zażółć 😀",
        ),
        (r#"[{"impact":"1"},{"impact":"2"}]"#, "impact", "1"),
        ("", "impact", "3"),
        ("  \r\n", "impact", "3"),
        (r#"{"impact":"nonsense"}"#, "impact", ""),
        (r#"{"impact":""}"#, "impact", "3"),
        (r#"{"category":""}"#, "category", "inquiry"),
        (r#"{"due_date":"2026-02-30 00:00:00"}"#, "due_date", ""),
        (
            r#"{"due_date":"2026-02-03"}"#,
            "due_date",
            "2026-02-03 00:00:00",
        ),
        (r#"{"business_duration":"long"}"#, "business_duration", ""),
        (
            r#"{"reassignment_count":99999999999999999999}"#,
            "reassignment_count",
            "",
        ),
        (
            r#"{"sys_created_on":"2001-01-01 00:00:00"}"#,
            "sys_created_on",
            "2026-07-01 12:00:00",
        ),
        (r#"{"sys_created_by":"root"}"#, "sys_created_by", "agent"),
        (r#"{"sys_mod_count":"9"}"#, "sys_mod_count", "0"),
        (r#"{"sys_id":"not an id"}"#, "sys_class_name", "incident"),
    ] {
        let reply = post(&instance, text).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{text}");
        assert_eq!(result(&reply)[column], value, "{text}");
        assert_eq!(reply.unmodelled, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_400() {
    let instance = desk();
    let deep = |depth: usize| {
        let inner = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        format!("{{\"description\":{inner}}}").into_bytes()
    };
    assert_eq!(post(&instance, deep(99)).await.status, StatusCode::CREATED);
    for text in [
        b"{".to_vec(),
        b"null".to_vec(),
        b"42".to_vec(),
        b"\"text\"".to_vec(),
        b"[]".to_vec(),
        b"[[]]".to_vec(),
        b"{short_description:'x'}".to_vec(),
        b"{\"impact\":NaN}".to_vec(),
        b"{\"impact\":1e999}".to_vec(),
        b"{\"impact\":\"1\"} trailing".to_vec(),
        b"{'impact':'1".to_vec(),
        b"<incident/>".to_vec(),
        b"a=b&c=d".to_vec(),
        b"{\"short_description\":\"\xff\xfe\"}".to_vec(),
        b"{\"short_description\":\"\\ud800\"}".to_vec(),
        deep(100),
        deep(200_000),
        vec![0; 64],
    ] {
        let reply = post(&instance, text.clone()).await;
        let shown = String::from_utf8_lossy(&text[..text.len().min(60)]).into_owned();
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{shown}");
        assert_eq!(
            body(&reply)["error"]["message"],
            "Exception while reading request"
        );
        assert_eq!(reply.unmodelled, [""; 0], "{shown}");
    }
}

async fn named(instance: &Instance, table: &str, query: &str) -> Value {
    let path = format!("/api/now/table/{table}?sysparm_limit=1&sysparm_query={query}");
    result(&instance.get("admin", &path).await)[0].take()
}

#[tokio::test]
async fn display_values_are_stored_as_what_they_stand_for() {
    let instance = desk();
    let user = named(&instance, "sys_user", "user_name=employee").await;
    let group = named(&instance, "sys_user_group", "ORDERBYname").await;
    let ci = named(&instance, "cmdb_ci", "nameSTARTSWITHlnx").await;
    let agent = instance.policy().user("agent").unwrap().sys_id.clone();
    let formats = r#"{"date_format":"dd/MM/yyyy","time_format":"hh:mm:ss a"}"#;
    let path = format!("/api/now/table/sys_user/{agent}");
    instance
        .call("admin", Method::PATCH, &path, &[], formats)
        .await;
    let (user_id, user_name) = (&user["sys_id"], &user["name"]);
    let both = format!("{}, someone@example.com", user_name.as_str().unwrap());
    let ids = format!("{},someone@example.com", user_id.as_str().unwrap());
    let cases = json!({
        "state": ["in progress", "2", ""],
        "category": ["Inquiry / Help", "inquiry", "Inquiry / Help"],
        "contact_type": ["By pigeon", "By pigeon", "By pigeon"],
        "caller_id": [user_name, user_id, user_name],
        "assigned_to": [user_id, user_id, user_id],
        "assignment_group": [group["name"], group["sys_id"], group["name"]],
        "business_service": [ci["name"], "", ci["name"]],
        "cmdb_ci": [ci["name"], ci["sys_id"], ci["name"]],
        "problem_id": ["nosuch", "", "nosuch"],
        "watch_list": [both, ids, both],
        "due_date": ["31/12/2026 11:30:00 PM", "2027-01-01 04:30:00", ""],
        "follow_up": ["2026-07-01 12:00:00", "2026-07-01 16:00:00", "2026-07-01 12:00:00"],
        "work_start": ["whenever", "", ""],
        "reassignment_count": ["1,500", "1500", ""],
        "knowledge": ["true", "true", "true"],
        "short_description": ["1,500", "1,500", "1,500"],
    });
    let cases = cases.as_object().unwrap();
    for (display, at) in [("true", 1), ("false", 2), ("True", 2)] {
        let fields: Value = cases
            .iter()
            .map(|(name, case)| (name.clone(), case[0].clone()))
            .collect();
        let path = format!(
            "/api/now/table/incident?sysparm_input_display_value={display}\
             &sysparm_exclude_reference_link=true"
        );
        let made = instance
            .call("agent", Method::POST, &path, &[], fields.to_string())
            .await;
        let made = result(&made);
        for (name, case) in cases {
            assert_eq!(made[name], case[at], "{name}, {display}");
        }
        let path = format!(
            "/api/now/table/incident/{}?sysparm_input_display_value={display}\
             &sysparm_exclude_reference_link=true",
            made["sys_id"].as_str().unwrap()
        );
        let again = instance
            .call("agent", Method::PUT, &path, &[], fields.to_string())
            .await;
        assert_eq!(result(&again)["sys_mod_count"], "0", "{display}");
    }
}

#[tokio::test]
async fn a_display_value_means_what_it_means_on_the_records_own_class() {
    let instance = desk();
    let made = post(&instance, "{}").await;
    let id = result(&made)["sys_id"].as_str().unwrap().to_owned();
    let path = format!("/api/now/table/task/{id}?sysparm_input_display_value=true");
    let changed = instance
        .call("admin", Method::PATCH, &path, &[], r#"{"state":"On Hold"}"#)
        .await;
    assert_eq!(result(&changed)["state"], "3");
    let path = format!("/api/now/table/incident/{id}");
    let read = result(&instance.get("agent", &path).await);
    assert_eq!(
        (&read["incident_state"], &read["active"]),
        (&json!("3"), &json!("true"))
    );
}
