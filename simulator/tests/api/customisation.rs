//! What a model reads of the instance's making: update sets, scripts, policies; and passwords, that
//! nobody reads.

use http::{Method, StatusCode};
use serde_json::json;

use crate::instance::{Instance, column, result};

#[tokio::test]
async fn update_sets_and_scripts_are_there_to_be_read() {
    let instance = Instance::new(json!({ "users": { "agent": { "roles": ["itil"] } } }));
    let names = async |table: &str, query: &str, name: &str| {
        let path = format!("/api/now/table/{table}?sysparm_query={query}ORDERBY{name}");
        column(&instance.get("admin", &path).await, name)
    };
    assert_eq!(
        names("sys_update_set", "", "name").await,
        ["Default", "Release 1"]
    );
    assert_eq!(
        names("sys_update_set", "state=in progress^", "name").await,
        ["Default"]
    );
    assert_eq!(
        names(
            "sys_update_xml",
            "update_set.name=Release 1^",
            "target_name"
        )
        .await,
        ["Explain urgency"]
    );
    assert_eq!(
        names(
            "sys_script_client",
            "table=incident^scriptLIKEurgency^",
            "name"
        )
        .await,
        ["Explain urgency"]
    );
    assert_eq!(
        names("sys_ui_policy_action", "ui_policy.table=incident^", "field").await,
        ["close_code", "close_notes"]
    );
    assert_eq!(
        names("sys_script_include", "scriptLIKEincident^", "api_name").await,
        ["global.GroupFinder"]
    );
    for table in ["sys_update_set", "sys_script_client", "sys_ui_policy"] {
        let path = format!("/api/now/table/{table}");
        let refused = instance.get("agent", &path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{table}");
    }
}

#[tokio::test]
async fn an_update_set_is_made_and_becomes_the_current_one() {
    let instance = Instance::new(json!({}));
    let set = instance
        .made("admin", "sys_update_set", json!({ "name": "Mine" }))
        .await;
    assert_eq!(set["state"], "in progress");
    let current = json!({ "name": "sys_update_set", "value": set["sys_id"] });
    let preference = instance.made("admin", "sys_user_preference", current).await;
    assert_eq!(preference["value"], set["sys_id"]);
}

#[tokio::test]
async fn a_password_is_masked_and_the_mask_changes_none() {
    let instance = Instance::new(json!({
        "users": { "agent": { "roles": ["itil"] }, "bare": { "password": "absent" } },
    }));
    let read = async |user: &str, display: &str| {
        let path = format!(
            "/api/now/table/sys_user?user_name={user}&sysparm_fields=sys_id,user_password&sysparm_display_value={display}"
        );
        result(&instance.get("admin", &path).await)[0].clone()
    };
    let agent = read("agent", "all").await;
    assert_eq!(
        agent["user_password"],
        json!({ "display_value": "********", "value": "" })
    );
    assert_eq!(read("agent", "true").await["user_password"], "********");
    assert_eq!(read("agent", "false").await["user_password"], "");
    assert_eq!(read("bare", "true").await["user_password"], "");

    let id = agent["sys_id"]["value"].as_str().unwrap();
    for given in ["********", ""] {
        let path = format!("/api/now/table/sys_user/{id}?sysparm_input_display_value=true");
        let body = json!({ "user_password": given }).to_string();
        let changed = instance
            .call("admin", Method::PATCH, &path, &[], body)
            .await;
        assert_eq!(changed.status, StatusCode::OK);
        assert!(instance.policy().password_matches("agent", "secret"));
    }
}
