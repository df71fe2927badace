//! The Import Set API: rows, maps, and what becomes of the records they are about.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;
use snowproof_simulator::store::Values;

use crate::instance::{Instance, author, column, json as body, result, wire};

const PATH: &str = "/api/now/import/imp_user";

fn desk() -> Instance {
    Instance::new(json!({
        "users": {"loader": {"roles": ["import_set_loader"]}, "agent": {"roles": ["itil"]}},
    }))
}

async fn post(instance: &Instance, path: &str, fields: &Value) -> Reply {
    let text = fields.to_string();
    instance
        .call("loader", Method::POST, path, &[], text.as_str())
        .await
}

fn john(more: Value) -> Value {
    let mut john = json!({
        "first_name": "John", "last_name": "Public",
        "user_id": "john.public", "email": "john.public@company.com",
    });
    for (key, value) in more.as_object().unwrap() {
        john[key] = value.clone();
    }
    john
}

/// Adds records beside those that are shipped, and returns the last one's id.
fn add(instance: &Instance, rows: &[(&str, Value)]) -> String {
    let added = instance.store.write(&author(), |records| {
        let mut last = String::new();
        for (table, fields) in rows {
            let text = |value: &Value| value.as_str().unwrap().replace("LAST", &last);
            let fields = fields.as_object().unwrap().iter();
            let values: Values = fields
                .map(|(key, value)| (key.clone(), text(value)))
                .collect();
            let made = records.insert(table, &values)?;
            if *table != "sys_transform_entry" {
                last = made;
            }
        }
        Ok::<_, snowproof_simulator::store::StoreError>(last)
    });
    added.unwrap()
}

async fn last_row(instance: &Instance) -> Value {
    let path = "/api/now/table/imp_user?sysparm_query=ORDERBYDESCsys_created_on&sysparm_limit=1";
    result(&instance.get("loader", path).await)[0].take()
}

#[tokio::test]
async fn the_documented_import_makes_a_user_then_updates_it() {
    let instance = desk();
    let first = post(&instance, PATH, &john(json!({}))).await;
    let id = body(&first)["result"][0]["sys_id"]
        .as_str()
        .unwrap()
        .to_owned();
    insta::assert_snapshot!("inserted", wire(&first).replace(&id, "ID"));
    let user = result(
        &instance
            .get("admin", &format!("/api/now/table/sys_user/{id}"))
            .await,
    );
    assert_eq!(
        (&user["user_name"], &user["name"]),
        (&json!("john.public"), &json!("John Public"))
    );

    let row = last_row(&instance).await["sys_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = instance.get("loader", &format!("{PATH}/{row}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(body(&shown), body(&first));

    let versioned = "/api/now/v1/import/imp_user";
    let changed = post(&instance, versioned, &john(json!({"last_name": "Private"}))).await;
    let changed = body(&changed);
    assert_eq!(changed["import_set"], "ISET0010002");
    let changed = &changed["result"][0];
    assert_eq!(
        (&changed["status"], &changed["sys_id"]),
        (&json!("updated"), &json!(id))
    );
    assert_eq!(changed["display_value"], "John Private");
    let link = changed["record_link"].as_str().unwrap();
    assert!(
        link.ends_with(&format!("/api/now/v1/table/sys_user/{id}")),
        "{link}"
    );

    let same = post(
        &instance,
        PATH,
        &john(json!({"last_name": "Private", "title": ""})),
    )
    .await;
    let same = &body(&same)["result"][0];
    assert_eq!(same["status"], "ignored");
    assert_eq!(same["status_message"], "No field values changed");
    assert!(same.get("error_message").is_none());
}

#[tokio::test]
async fn a_row_that_cannot_be_transformed_is_kept_and_answered_201() {
    let instance = desk();
    let skipped = post(&instance, PATH, &json!({"first_name": "Nobody"})).await;
    assert_eq!(skipped.status, StatusCode::CREATED);
    insta::assert_snapshot!("skipped", wire(&skipped));
    assert_eq!(last_row(&instance).await["sys_import_state"], "skipped");

    add(
        &instance,
        &[
            (
                "sys_transform_map",
                json!({"name": "Empty", "source_table": "imp_user", "target_table": "incident", "order": "1"}),
            ),
            (
                "sys_transform_map",
                json!({"name": "Lost", "source_table": "imp_user", "target_table": "no_such", "order": "2"}),
            ),
            (
                "sys_transform_map",
                json!({"name": "Idle", "source_table": "imp_user", "target_table": "incident", "active": "false"}),
            ),
        ],
    );
    let reply = post(&instance, PATH, &john(json!({}))).await;
    let results = body(&reply)["result"].take();
    let maps: Vec<&Value> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|each| &each["transform_map"])
        .collect();
    assert_eq!(maps, ["Empty", "Lost", "User"]);
    assert_eq!(
        results[0]["error_message"],
        "No transform entry or scripts are defined; Target record not found"
    );
    assert_eq!(results[1]["error_message"], "Invalid table no_such");
    assert_eq!(results[2]["status"], "inserted");
}

#[tokio::test]
async fn maps_find_references_and_choices_and_need_every_coalesce_field() {
    let instance = desk();
    let entry = |source: &str, target: &str, coalesce: &str| {
        let fields = json!({"map": "LAST", "source_field": source, "target_field": target, "coalesce": coalesce});
        ("sys_transform_entry", fields)
    };
    add(
        &instance,
        &[
            (
                "sys_transform_map",
                json!({"name": "Calls", "source_table": "imp_user", "target_table": "incident"}),
            ),
            entry("first_name", "caller_id", "true"),
            entry("last_name", "correlation_id", "true"),
            entry("title", "urgency", "false"),
            entry("city", "assignment_group", "false"),
            entry("zip", "no_such_column", "false"),
        ],
    );
    let call = |name: &str, key: &str, urgency: &str| json!({"first_name": name, "last_name": key, "title": urgency, "zip": "1"});
    let admin = "6816f79cc0a8016401c5a33be04be441";
    let mut statuses = Vec::new();
    for (name, key, urgency) in [
        ("System Administrator", "k1", "1 - High"),
        (admin, "k1", "3"),
        (admin, "k2", "2 - Medium"),
        ("", "k2", "1"),
    ] {
        let reply = post(&instance, PATH, &call(name, key, urgency)).await;
        let results = body(&reply)["result"].take();
        let of_calls = results
            .as_array()
            .unwrap()
            .iter()
            .find(|each| each["transform_map"] == "Calls");
        statuses.push(of_calls.unwrap()["status"].as_str().unwrap().to_owned());
        assert_eq!(reply.unmodelled, [""; 0]);
    }
    assert_eq!(statuses, ["inserted", "updated", "inserted", "updated"]);
    let path = "/api/now/table/incident?sysparm_query=correlation_idISNOTEMPTY^ORDERBYcorrelation_id&sysparm_fields=caller_id.name,urgency";
    let calls = result(&instance.get("admin", path).await);
    assert_eq!(
        calls,
        json!([
            {"caller_id.name": "System Administrator", "urgency": "3"},
            {"caller_id.name": "System Administrator", "urgency": "1"},
        ])
    );
    let mut unknown = call(admin, "k1", "");
    unknown["city"] = json!("No Such Group");
    let reply = post(&instance, PATH, &unknown).await;
    assert_eq!(
        reply.unmodelled,
        ["a transform that creates a record of `sys_user_group`"]
    );
}

#[tokio::test]
async fn many_rows_are_one_import_set() {
    let instance = desk();
    let path = "/api/now/import/imp_user/insertMultiple";
    let records = json!({"records": [
        {"First name": "Tom", "Email": "tom@example.com"},
        {"first_name": "Irene", "EMAIL": "irene@example.com", "nosuch": {"a": 1}},
        {"First name": "No address"},
    ]});
    let reply = post(&instance, path, &records).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let ids = body(&reply);
    let (set, multiple) = (
        ids["import_set_id"].as_str().unwrap(),
        ids["multi_import_set_id"].as_str().unwrap(),
    );
    assert_eq!(ids.as_object().unwrap().len(), 2);
    let rows = format!(
        "/api/now/table/imp_user?sysparm_query=sys_import_set={set}^ORDERBYsys_import_row&sysparm_fields=sys_import_state"
    );
    let states = column(&instance.get("loader", &rows).await, "sys_import_state");
    assert_eq!(states, ["inserted", "inserted", "skipped"]);
    let again = post(
        &instance,
        &format!("{path}?multi_import_set_id={multiple}"),
        &json!({"records": []}),
    )
    .await;
    assert_eq!(body(&again)["multi_import_set_id"], *multiple);
    let unknown = post(
        &instance,
        &format!("{path}?multi_import_set_id=x'%5EORsys_id!%3D1"),
        &json!({"records": []}),
    )
    .await;
    assert_ne!(body(&unknown)["multi_import_set_id"], *multiple);
}

#[tokio::test]
async fn what_is_no_import_is_refused() {
    let instance = desk();
    for (path, text, status) in [
        ("/api/now/import/no_such", "{}", 400),
        ("/api/now/import/incident", "{}", 400),
        (PATH, "", 400),
        (PATH, "[]", 400),
        (PATH, "{\"a\":", 400),
        ("/api/now/import/imp_user/insertMultiple", "{}", 400),
        (
            "/api/now/import/imp_user/insertMultiple",
            "{\"records\":[1]}",
            400,
        ),
        ("/api/now/import/imp_user/0123", "{}", 405),
    ] {
        let reply = instance.call("loader", Method::POST, path, &[], text).await;
        assert_eq!(reply.status, status, "{path} {text}");
    }
    let many = json!({"records": vec![json!({}); 5_001]});
    let reply = post(&instance, "/api/now/import/imp_user/insertMultiple", &many).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.unmodelled, ["an import of more than 5000 records"]);
    let table = body(&post(&instance, "/api/now/import/incident", &json!({})).await);
    assert_eq!(table["error"]["message"], "Invalid staging table");
    let denied = instance.call("agent", Method::POST, PATH, &[], "{}").await;
    assert_eq!(denied.condition, Some(Condition::WriteDenied));
    let absent = instance
        .get("loader", &format!("{PATH}/0' OR 1=1 --"))
        .await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    assert!(instance.committed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_row_outside_the_callers_row_condition_leaves_nothing_behind() {
    let instance = Instance::new(json!({
        "users": {"loader": {"roles": ["import_set_loader"]}},
        "acls": {"own city": {"table": "imp_user", "operation": "create", "condition": "city=Oslo"}},
    }));
    let refused = post(&instance, PATH, &john(json!({"city": "Bergen"}))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(instance.committed.lock().unwrap().is_empty());
    let kept = post(&instance, PATH, &john(json!({"city": "Oslo"}))).await;
    assert_eq!(kept.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_caller_cannot_say_what_became_of_its_row() {
    let instance = desk();
    let maps = "/api/now/table/sys_transform_map?sysparm_query=source_table=imp_user";
    let map = column(&instance.get("admin", maps).await, "sys_id").remove(0);
    let target = "/api/now/table/sys_security_acl?sysparm_limit=1";
    let control = column(&instance.get("admin", target).await, "sys_id").remove(0);
    let path = format!("/api/now/table/sys_transform_map/{map}");
    let body_text = r#"{"active":"false"}"#;
    instance
        .call("admin", Method::PATCH, &path, &[], body_text)
        .await;
    let claim = json!({
        "sys_transform_map": map, "sys_import_state": "updated",
        "sys_target_table": "sys_security_acl", "sys_target_sys_id": control,
    });
    let reply = post(&instance, PATH, &claim).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let row = last_row(&instance).await;
    assert_eq!(row["sys_import_state"], "pending");
    let id = row["sys_id"].as_str().unwrap();
    let shown = instance.get("loader", &format!("{PATH}/{id}")).await;
    assert_eq!(body(&shown)["result"], json!([]));
}
