//! Laws that hold for every table an instance has: what is read can be written back, and changes
//! nothing, in either form.

use http::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, column, result};

/// Columns whose display value stands for something else when it is written: a journal's is a new
/// entry.
const JOURNALS: [&str; 4] = [
    "comments",
    "work_notes",
    "comments_and_work_notes",
    "approval_history",
];

async fn rows(instance: &Instance, table: &str, parameters: &str) -> Vec<Value> {
    let path =
        format!("/api/now/table/{table}?sysparm_limit=1&sysparm_query=ORDERBYsys_id&{parameters}");
    let reply = instance.get("admin", &path).await;
    result(&reply).as_array().unwrap().clone()
}

/// Writes rows back as they were read, and says which columns that changed.
async fn changed(instance: &Instance, table: &str, read: &str, write: &str) -> Vec<String> {
    let before = rows(instance, table, "").await;
    let mut changed = Vec::new();
    for (mut row, before) in rows(instance, table, read).await.into_iter().zip(before) {
        let fields = row.as_object_mut().unwrap();
        fields.retain(|name, _| !JOURNALS.contains(&name.as_str()));
        let id = before["sys_id"].as_str().unwrap();
        let path = format!("/api/now/table/{table}/{id}?{write}");
        let after = instance
            .call("admin", Method::PUT, &path, &[], row.to_string())
            .await;
        let after = result(&after);
        for (name, value) in before.as_object().unwrap() {
            if after[name] != *value {
                changed.push(format!("{table}.{name}: {value} became {}", after[name]));
            }
        }
    }
    changed
}

#[tokio::test]
async fn what_is_read_can_be_written_back_in_every_table() {
    let instance = Instance::new(json!({}));
    let incident = json!({
        "business_duration": "1970-01-01 08:00:00", "due_date": "2026-01-02 03:04:05",
        "work_notes": "a note", "contact_type": "email", "reassignment_count": "28800",
    });
    instance.made("admin", "incident", incident).await;
    let tables = instance
        .get("admin", "/api/now/table/sys_db_object?sysparm_fields=name")
        .await;
    let tables = column(&tables, "name");
    assert!(tables.len() > 40, "{}", tables.len());
    for (read, write) in [
        ("", ""),
        ("sysparm_exclude_reference_link=true", ""),
        ("sysparm_display_value=all", ""),
        (
            "sysparm_display_value=true",
            "sysparm_input_display_value=true",
        ),
    ] {
        let mut found = Vec::new();
        for table in &tables {
            // Several access controls have one name, and so one display value.
            if table == "sys_security_acl_role" && !write.is_empty() {
                continue;
            }
            found.extend(changed(&instance, table, read, write).await);
        }
        assert!(found.is_empty(), "{read}:\n{}", found.join("\n"));
    }
}

#[tokio::test]
async fn a_list_a_record_and_its_fields_agree_in_every_shape() {
    let instance = Instance::new(json!({}));
    for table in [
        "incident",
        "cmdb_ci",
        "sys_user",
        "sys_dictionary",
        "sys_security_acl",
    ] {
        for display in ["false", "true", "all"] {
            let shape = format!("sysparm_display_value={display}");
            for row in rows(&instance, table, &shape).await {
                let id = row["sys_id"].get("value").unwrap_or(&row["sys_id"]);
                let path = format!("/api/now/table/{table}/{}?{shape}", id.as_str().unwrap());
                assert_eq!(result(&instance.get("admin", &path).await), row, "{path}");
                for (name, value) in row.as_object().unwrap().iter().step_by(5) {
                    let path = format!("{path}&sysparm_fields={name}");
                    let one = result(&instance.get("admin", &path).await);
                    assert_eq!(one, json!({ name.as_str(): value }), "{path}");
                }
            }
        }
    }
}
