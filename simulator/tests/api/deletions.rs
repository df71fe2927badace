//! What remains of deleted records: rows of `sys_audit_delete`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, author, column, result};

const AUDIT: &str = "/api/now/table/sys_audit_delete?sysparm_query=ORDERBYtablename";

async fn delete(instance: &Instance, path: &str) {
    let path = format!("/api/now/table/{path}");
    let gone = instance.call("admin", Method::DELETE, &path, &[], "").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{path}");
}

async fn made(instance: &Instance, table: &str, values: Value) -> String {
    let made = instance.made("admin", table, values).await;
    made["sys_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_deleted_record_is_named_under_its_own_class() {
    let instance = Instance::new(json!({ "users": { "agent": { "roles": ["itil"] } } }));
    let id = made(&instance, "cmdb_ci_linux_server", json!({ "name": "gone" })).await;
    let other = made(
        &instance,
        "cmdb_ci_linux_server",
        json!({ "name": "stays" }),
    )
    .await;
    let tie = json!({ "parent": id, "child": other, "type": "Runs on::Runs" });
    made(&instance, "cmdb_rel_ci", tie).await;
    delete(&instance, &format!("cmdb_ci/{id}")).await;

    let audit = instance.get("admin", AUDIT).await;
    assert_eq!(
        column(&audit, "tablename"),
        ["cmdb_ci_linux_server", "cmdb_rel_ci"]
    );
    let gone = &result(&audit)[0];
    for (name, value) in [
        ("documentkey", id.as_str()),
        ("display_value", "gone"),
        ("sys_created_by", "admin"),
        ("sys_created_on", "2026-07-01 12:00:00"),
    ] {
        assert_eq!(gone[name], value, "{name}");
    }
    let none = instance
        .get("admin", &format!("{AUDIT}^tablename=cmdb_ci"))
        .await;
    assert_eq!(result(&none), json!([]));
    let refused = instance.get("agent", AUDIT).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tables_of_the_system_are_audited_where_the_property_lists_them() {
    for (listed, audited) in [
        (json!({}), vec![]),
        (
            json!({ "glide.ui.audit_deleted_tables": "sys_user, sys_user_group" }),
            vec!["sys_user", "sys_user_group"],
        ),
    ] {
        let instance = Instance::new(json!({ "properties": listed }));
        for table in ["sys_user", "sys_user_group", "sys_properties"] {
            let id = made(&instance, table, json!({ "name": "gone" })).await;
            delete(&instance, &format!("{table}/{id}")).await;
        }
        assert_eq!(
            column(&instance.get("admin", AUDIT).await, "tablename"),
            audited
        );
    }
}

#[tokio::test]
async fn what_a_set_up_or_a_step_deletes() {
    let instance = Instance::new(json!({ "tables": { "incident": { "rows": 3 } } }));
    let audit = instance.get("admin", AUDIT).await;
    assert_eq!(result(&audit), json!([]), "making room is no deletion");
    let gone = instance.store.delete_where(&author(), "task", "").unwrap();
    let audit = instance.get("admin", AUDIT).await;
    assert_eq!(column(&audit, "documentkey").len() as u64, gone);
}
