//! Where the `Location` of a new attachment leads.

use http::Method;
use serde_json::{Value, json};

use crate::instance::{BASE, Instance, result};

const UPLOAD: &str =
    "/api/now/v1/attachment/file?table_name=sys_user&file_name=a.txt&table_sys_id=";

/// Attaches a file to the agent's own user; gives what `Location` follows the attachment's id with.
async fn location(switches: Value) -> String {
    let mut instance = Instance::new(json!({"users": {"agent": {"roles": ["admin"]}}}));
    instance.switches = serde_json::from_value(switches).unwrap();
    let users = "/api/now/table/sys_user?user_name=agent&sysparm_fields=sys_id";
    let found = result(&instance.get("agent", users).await);
    let path = format!("{UPLOAD}{}", found[0]["sys_id"].as_str().unwrap());
    let kind = [("content-type", "text/plain")];
    let reply = instance
        .call("agent", Method::POST, &path, &kind, "x")
        .await;
    let sys_id = result(&reply)["sys_id"].as_str().unwrap().to_owned();
    let location = reply.headers["location"].to_str().unwrap();
    let link = format!("{BASE}/api/now/v1/attachment/{sys_id}");
    location.strip_prefix(&link).unwrap().to_owned()
}

#[tokio::test]
async fn it_leads_to_the_file() {
    assert_eq!(location(json!({})).await, "/file");
}

#[tokio::test]
async fn the_switch_makes_it_lead_to_the_metadata() {
    let switches = json!({"attachment_location": "metadata"});
    assert_eq!(location(switches).await, "");
}
