//! Who the caller is.

use http::{Method, StatusCode};
use serde_json::json;

use crate::instance::{Instance, wire};

const PATH: &str = "/api/now/ui/user/current_user";

#[tokio::test]
async fn the_caller_is_told_who_it_is() {
    let instance = Instance::new(json!({
        "users": {"sync.user": {"roles": ["snc_read_only"]}},
        "acls": {"nobody reads users": {"table": "sys_user", "roles": ["admin"]}},
    }));
    insta::assert_snapshot!(wire(&instance.get("admin", PATH).await));
    let reply = instance.get("sync.user", PATH).await;
    let me = crate::instance::result(&reply);
    assert_eq!(
        (&me["user_name"], &me["user_initials"]),
        (&json!("sync.user"), &json!("S"))
    );
    let id = instance.policy().user("sync.user").unwrap().sys_id.clone();
    assert_eq!(me["user_sys_id"], json!(id));
}

#[tokio::test]
async fn it_is_read_and_nothing_else() {
    let instance = Instance::new(json!({}));
    let head = instance.call("admin", Method::HEAD, PATH, &[], "").await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let post = instance.call("admin", Method::POST, PATH, &[], "{}").await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
}
