//! What becomes of fields that a caller may not set, and of writes that go round a closed table.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;

use crate::instance::{Instance, json as body, result};

async fn send(
    instance: &Instance,
    user: &str,
    method: Method,
    line: &str,
    given: &Value,
) -> (StatusCode, String, Value) {
    let path = format!("/api/now/{line}");
    let reply = instance
        .call(user, method, &path, &[], given.to_string())
        .await;
    let answer = serde_json::from_slice(&reply.body).unwrap_or_default();
    (reply.status, reply.reason, answer)
}

fn guarded() -> Instance {
    Instance::new(json!({
        "acls": {
            "new": {"table": "incident", "field": "urgency", "operation": "create", "roles": ["admin"]},
            "old": {"table": "task", "field": "short_description", "operation": "write", "roles": ["admin"]},
            "some": {"table": "incident", "field": "close_notes", "operation": "write", "condition": "impact=1"},
            "items": {"table": "cmdb_ci", "field": "asset_tag", "operation": "write", "roles": ["admin"]},
            "new items": {"table": "cmdb_ci", "field": "asset_tag", "operation": "create", "roles": ["admin"]},
            "staged": {"table": "imp_user", "field": "title", "operation": "create", "roles": ["admin"]},
        },
        "users": {
            "desk": {"roles": ["itil", "import_set_loader"]},
        },
    }))
}

#[tokio::test]
async fn a_field_that_may_not_be_set_is_left_as_it_is() {
    let instance = guarded();
    let given = json!({"urgency": "1", "impact": "2", "short_description": "mine"});
    let (status, reason, made) =
        send(&instance, "desk", Method::POST, "table/incident", &given).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(reason, "the user may not set urgency");
    assert_eq!(made["result"]["urgency"], "3");
    assert_eq!(made["result"]["short_description"], "mine");
    let line = format!(
        "table/incident/{}",
        made["result"]["sys_id"].as_str().unwrap()
    );
    let given = json!({"urgency": "2", "short_description": "yours", "close_notes": "done"});
    let (status, _, changed) = send(&instance, "desk", Method::PATCH, &line, &given).await;
    assert_eq!(status, StatusCode::OK);
    let changed = &changed["result"];
    assert_eq!(changed["urgency"], "2");
    assert_eq!(changed["short_description"], "mine");
    assert_eq!(changed["close_notes"], "");
    let urgent = json!({"impact": "1"});
    send(&instance, "desk", Method::PATCH, &line, &urgent).await;
    let (_, _, changed) = send(&instance, "desk", Method::PATCH, &line, &given).await;
    assert_eq!(changed["result"]["close_notes"], "done");
    let (_, _, changed) = send(&instance, "admin", Method::PATCH, &line, &given).await;
    assert_eq!(changed["result"]["short_description"], "yours");
}

#[tokio::test]
async fn or_the_write_is_refused_whole() {
    let mut instance = guarded();
    instance.switches = serde_json::from_value(json!({"closed_writes": "refused"})).unwrap();
    let given = json!({"urgency": "1", "short_description": "mine"});
    let (status, _, answer) = send(&instance, "desk", Method::POST, "table/incident", &given).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let detail = "ACL Exception Insert Failed due to security constraints";
    assert_eq!(answer["error"]["detail"], detail);
    let path = "/api/now/table/incident?sysparm_query=short_description=mine";
    assert_eq!(
        body(&instance.get("admin", path).await),
        json!({"result": []})
    );
}

#[tokio::test]
async fn other_apis_keep_them_too() {
    let instance = guarded();
    let given = json!({
        "attributes": {"name": "a", "serial_number": "s1", "asset_tag": "t1"},
        "source": "ServiceNow",
    });
    let line = "cmdb/instance/cmdb_ci_linux_server";
    let (status, _, made) = send(&instance, "desk", Method::POST, line, &given).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let attributes = &made["result"]["attributes"];
    assert_eq!(
        (&attributes["name"], &attributes["asset_tag"]),
        (&json!("a"), &json!(""))
    );
    let line = format!("{line}/{}", attributes["sys_id"].as_str().unwrap());
    let (_, _, changed) = send(&instance, "desk", Method::PATCH, &line, &given).await;
    assert_eq!(changed["result"]["attributes"]["asset_tag"], "");
    let (_, _, changed) = send(&instance, "admin", Method::PATCH, &line, &given).await;
    assert_eq!(changed["result"]["attributes"]["asset_tag"], "t1");
    // An item that is identified is updated, and keeps it as well.
    let again = json!({
        "attributes": {"name": "b", "serial_number": "s1", "asset_tag": "t2"},
        "source": "ServiceNow",
    });
    let line = "cmdb/instance/cmdb_ci_linux_server";
    let (_, _, changed) = send(&instance, "desk", Method::POST, line, &again).await;
    let attributes = &changed["result"]["attributes"];
    assert_eq!(
        (&attributes["name"], &attributes["asset_tag"]),
        (&json!("b"), &json!("t1"))
    );
    let given = json!({"email": "a@example.test", "title": "Lord", "first_name": "Ada"});
    let (status, _, _) = send(&instance, "desk", Method::POST, "import/imp_user", &given).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = "/api/now/table/sys_user?sysparm_query=email=a@example.test";
    let user = result(&instance.get("admin", path).await)[0].take();
    assert_eq!(
        (&user["first_name"], &user["title"]),
        (&json!("Ada"), &json!(""))
    );
}

#[tokio::test]
async fn what_became_of_a_staging_row_is_the_instances_to_say() {
    let instance = guarded();
    let given = json!({
        "email": "b@example.test", "sys_target_sys_id": "x", "sys_import_state": "inserted",
        "sys_target_table": "sys_user",
    });
    for user in ["desk", "admin"] {
        let (status, _, made) = send(&instance, user, Method::POST, "table/imp_user", &given).await;
        assert_eq!(status, StatusCode::CREATED);
        let made = &made["result"];
        assert_eq!(made["email"], "b@example.test");
        assert_eq!(made["sys_import_state"], "pending");
        let line = format!("table/imp_user/{}", made["sys_id"].as_str().unwrap());
        let (_, _, changed) = send(&instance, user, Method::PATCH, &line, &given).await;
        let changed = &changed["result"];
        let outcome = (&changed["sys_target_sys_id"], &changed["sys_target_table"]);
        assert_eq!(outcome, (&json!(""), &json!("")), "{user}");
    }
}

/// Scripting Governance Tool: the role is asked for besides everything else, and the job that gives
/// it to whoever has a role can be turned off.
#[tokio::test]
async fn a_script_takes_a_role_of_its_own() {
    let provisioned = "glide.security.scripting_role.auto_provisioning";
    let rule = json!({"name": "r", "collection": "task", "script": "gs.info(1)"});
    for (property, roles, kept) in [
        ("true", json!(["admin"]), true),
        ("false", json!(["admin"]), false),
        (
            "false",
            json!(["admin", "snc_required_script_writer_permission"]),
            true,
        ),
    ] {
        let instance = Instance::new(json!({
            "users": {"u": {"roles": roles}},
            "properties": {provisioned: property},
        }));
        let path = "/api/now/table/sys_script";
        let reply = instance
            .call("u", Method::POST, path, &[], rule.to_string())
            .await;
        let dropped = (!kept).then_some(Condition::FieldsDropped);
        assert_eq!(
            (reply.status, reply.condition),
            (StatusCode::CREATED, dropped)
        );
        let (_, _, made) = send(&instance, "u", Method::POST, "table/sys_script", &rule).await;
        let script = if kept { "gs.info(1)" } else { "" };
        assert_eq!(made["result"]["script"], script, "{property} {roles}");
        assert_eq!(made["result"]["name"], "r");
    }
}

#[tokio::test]
async fn who_may_only_read_writes_nothing_in_any_api() {
    let instance = Instance::new(json!({
        "users": {"u": {"roles": ["admin", "snc_read_only"]}},
    }));
    let made = instance.made("admin", "incident", json!({})).await;
    let id = made["sys_id"].as_str().unwrap();
    let record = format!("table/incident/{id}");
    let file = format!("attachment/file?table_name=incident&table_sys_id={id}&file_name=f");
    let path = format!("/api/now/{file}");
    let kind = [("content-type", "text/plain")];
    let gone = instance
        .call("admin", Method::POST, &path, &kind, "x")
        .await;
    let gone = result(&gone)["sys_id"].as_str().unwrap().to_owned();
    let attachment = format!("attachment/{gone}");
    instance
        .store
        .write::<_, snowproof_simulator::store::StoreError>(&crate::instance::author(), |records| {
            let orphan = [("table_sys_id".to_owned(), "none".to_owned())];
            records.update("sys_attachment", &gone, &orphan.into_iter().collect())
        })
        .unwrap();
    let item = json!({"attributes": {"name": "a"}, "source": "ServiceNow"});
    let mail = json!({"to": ["a@example.test"], "subject": "s"});
    let items = json!({"items": [{"className": "cmdb_ci_server", "values": {"name": "a"}}]});
    let staged = json!({"email": "c@example.test"});
    let some = json!({"short_description": "x", "file_name": "g"});
    for (method, line, given) in [
        (Method::POST, "table/incident", &some),
        (Method::PUT, record.as_str(), &some),
        (Method::DELETE, record.as_str(), &some),
        (Method::POST, file.as_str(), &some),
        (Method::PATCH, attachment.as_str(), &some),
        (Method::DELETE, attachment.as_str(), &some),
        (Method::POST, "cmdb/instance/cmdb_ci_server", &item),
        (Method::POST, "import/imp_user", &staged),
        (Method::POST, "email", &mail),
        (Method::POST, "identifyreconcile", &items),
    ] {
        let path = format!("/api/now/{line}");
        let headers: &[_] = if line == file { &kind } else { &[] };
        let body = given.to_string();
        let reply = instance
            .call("u", method.clone(), &path, headers, body)
            .await;
        assert_eq!(reply.status, 403, "{method} {line}");
    }
    assert_eq!(
        instance
            .get("u", &format!("/api/now/{record}"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_class_of_a_record_decides_where_its_table_is_closed() {
    let instance = Instance::new(json!({"users": {"u": {"roles": ["sn_incident_write"]}}}));
    let (status, _, made) = send(
        &instance,
        "u",
        Method::POST,
        "table/task",
        &json!({"sys_class_name": "incident", "short_description": "one"}),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let line = format!("table/task/{}", made["result"]["sys_id"].as_str().unwrap());
    let given = json!({"short_description": "two"});
    let (status, _, changed) = send(&instance, "u", Method::PATCH, &line, &given).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    assert_eq!(changed["result"]["short_description"], "two");
    let given = json!({"short_description": "a task"});
    let (status, _, _) = send(&instance, "u", Method::POST, "table/task", &given).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _, _) = send(&instance, "u", Method::POST, "table/problem", &given).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _, _) = send(&instance, "u", Method::DELETE, &line, &given).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_table_that_is_broken_breaks_every_call_that_leads_to_it() {
    let mut instance = Instance::new(json!({
        "users": {"u": {"roles": ["itil", "import_set_loader", "email_api_send"]}},
    }));
    let caller = json!({"user_name": "x", "email": "d@example.test"});
    let caller = instance.made("admin", "sys_user", caller).await;
    instance
        .made("admin", "incident", json!({"caller_id": caller["sys_id"]}))
        .await;
    let batch = json!({"batch_request_id": "1", "rest_requests": [{
        "id": "a", "method": "GET", "url": "/api/now/table/sys_user", "headers": [],
    }]});
    let item = json!({"attributes": {"name": "a", "sys_class_name": "cmdb_ci_server"}, "source": "ServiceNow"});
    let items = json!({"items": [{"className": "cmdb_ci_server", "values": {"name": "a"}}]});
    let staged = json!({"email": "d@example.test", "first_name": "D"});
    let none = json!({});
    let lines = [
        (
            "sys_user",
            Method::GET,
            "table/incident?sysparm_fields=caller_id.email",
            &none,
        ),
        (
            "sys_user",
            Method::GET,
            "table/incident?sysparm_query=caller_id.email=a",
            &none,
        ),
        (
            "sys_user",
            Method::GET,
            "stats/incident?sysparm_count=true&sysparm_group_by=caller_id.email",
            &none,
        ),
        (
            "sys_user",
            Method::GET,
            "table/incident?sysparm_query=JOINincident.caller_id=sys_user.sys_id!",
            &none,
        ),
        ("sys_user", Method::POST, "import/imp_user", &staged),
        (
            "cmdb_ci_server",
            Method::POST,
            "cmdb/instance/cmdb_ci_hardware",
            &item,
        ),
        ("cmdb_ci_server", Method::POST, "identifyreconcile", &items),
        (
            "incident",
            Method::POST,
            "table/task",
            &json!({"sys_class_name": "incident"}),
        ),
        ("sys_attachment", Method::GET, "attachment", &none),
    ];
    for (table, method, line, given) in lines {
        instance.broken_tables = [table.to_owned()].into();
        let (status, reason, answer) = send(&instance, "u", method.clone(), line, given).await;
        assert_eq!(
            status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{table} {line}: {answer}"
        );
        assert_eq!(reason, "a script on the table throws", "{line}");
        instance.broken_tables.clear();
        let (status, _, answer) = send(&instance, "u", method, line, given).await;
        assert!(status.is_success(), "{line}: {answer}");
    }
    instance.broken_tables = ["sys_user".to_owned()].into();
    let (status, _, answer) = send(&instance, "u", Method::POST, "v1/batch", &batch).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["serviced_requests"][0]["status_code"], 500);
    // A name that is displayed is no walk.
    let (status, _, _) = send(
        &instance,
        "u",
        Method::GET,
        "table/incident?sysparm_display_value=true",
        &none,
    )
    .await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_display_value_of_a_closed_table_filters_by_the_id_alone() {
    let mut instance = Instance::new(json!({
        "users": {"u": {"roles": ["itil"]}},
        "acls": {"no users": {"table": "sys_user", "roles": ["admin"]}},
    }));
    let caller = json!({"user_name": "y", "first_name": "Yvo"});
    let caller = instance.made("admin", "sys_user", caller).await;
    let id = caller["sys_id"].as_str().unwrap();
    instance
        .made("admin", "incident", json!({"caller_id": id}))
        .await;
    for regime in ["ignored", "no_rows", "refused"] {
        instance.switches = serde_json::from_value(json!({"invalid_query": regime})).unwrap();
        for (value, found) in [(id, 1), ("Yvo", 0)] {
            let path = format!("/api/now/table/incident?caller_id={value}");
            let reply = instance.get("u", &path).await;
            assert_eq!(reply.status, 200, "{regime}");
            let rows = result(&reply);
            assert_eq!(rows.as_array().unwrap().len(), found, "{regime} {value}");
        }
    }
}

#[tokio::test]
async fn an_ordering_that_is_invalid_is_invalid_in_aggregates_too() {
    let mut instance = Instance::new(json!({"tables": {"incident": {"rows": 3}}}));
    let path = "/api/now/stats/incident?sysparm_count=true&sysparm_query=ORDERBYnosuch";
    for (regime, status, count) in [
        ("ignored", 200, "3"),
        ("no_rows", 200, "0"),
        ("refused", 403, ""),
    ] {
        instance.switches = serde_json::from_value(json!({"invalid_query": regime})).unwrap();
        let reply = instance.get("admin", path).await;
        assert_eq!(reply.status, status, "{regime}");
        if status == 200 {
            assert_eq!(result(&reply)["stats"]["count"], count, "{regime}");
        }
    }
}
