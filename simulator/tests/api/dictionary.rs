//! The tables that describe an instance: what discovery reads.

use http::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, column, json, result};

#[tokio::test]
async fn application_files_of_every_kind_are_listed_by_their_parent() {
    let instance = Instance::new(json!({}));
    let list = instance
        .get(
            "admin",
            "/api/now/table/sys_metadata?sysparm_query=sys_class_nameINsys_user_role,sys_properties^sys_nameINitil,glide.war&sysparm_fields=sys_name,sys_class_name,sys_scope&sysparm_display_value=true",
        )
        .await;
    let mut rows = result(&list);
    rows.as_array_mut()
        .unwrap()
        .sort_by_key(|row| row["sys_name"].to_string());
    let scope = json!({"display_value": "Global", "link": "https://dev00001.instance.test/api/now/table/sys_scope/global"});
    assert_eq!(
        rows,
        json!([
            {"sys_name": "glide.war", "sys_class_name": "System Property", "sys_scope": scope},
            {"sys_name": "itil", "sys_class_name": "Role", "sys_scope": scope},
        ])
    );
}

#[tokio::test]
async fn a_table_is_found_by_name_though_its_columns_share_its_physical_table() {
    let instance = Instance::new(json!({}));
    let list = instance
        .get(
            "admin",
            "/api/now/table/sys_dictionary?sysparm_query=name=incident^element=caller_id&sysparm_fields=reference,reference.label,internal_type,max_length",
        )
        .await;
    assert_eq!(
        result(&list),
        json!([{
            "reference": {"link": "https://dev00001.instance.test/api/now/table/sys_db_object?name=sys_user", "value": "sys_user"},
            "reference.label": "User",
            "internal_type": {"link": "https://dev00001.instance.test/api/now/table/sys_glide_object?name=reference", "value": "reference"},
            "max_length": "32",
        }])
    );
}

#[tokio::test]
async fn whoever_may_read_some_application_files_reads_those() {
    let instance = Instance::new(json!({"users": {"reader": {"roles": ["itil"]}}}));
    let list = instance
        .get(
            "reader",
            "/api/now/table/sys_metadata?sysparm_query=nameSTARTSWITHx^NQsys_nameINitil,Incident^ORDERBYsys_class_name&sysparm_fields=sys_class_name&sysparm_limit=10000",
        )
        .await;
    let mut classes = column(&list, "sys_class_name");
    classes.dedup();
    assert_eq!(
        classes,
        ["sys_db_object", "sys_dictionary", "sys_user_role"]
    );
}

#[tokio::test]
async fn a_scope_that_is_given_is_stored_as_global_and_a_file_is_named() {
    let instance = Instance::new(json!({}));
    let made = instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/sys_properties?sysparm_fields=sys_name,sys_scope,sys_update_name,sys_id&sysparm_exclude_reference_link=true",
            &[],
            r#"{"name":"u.retries","value":"3","sys_scope":"x_acme"}"#,
        )
        .await;
    let made: Value = json(&made)["result"].take();
    let sys_id = made["sys_id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "sys_name": "u.retries",
            "sys_scope": "global",
            "sys_update_name": format!("sys_properties_{sys_id}"),
            "sys_id": sys_id,
        })
    );
}
