//! The tables by their labels.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, result};

const PATH: &str = "/api/now/doc/table/schema";

fn names(reply: &Value) -> Vec<&str> {
    let tables = reply.as_array().unwrap().iter();
    tables.map(|it| it["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn tables_have_labels_and_names() {
    let instance = Instance::new(json!({}));
    let reply = instance.get("admin", PATH).await;
    let tables = result(&reply);
    let incident = json!({"label": "Incident", "value": "incident"});
    assert!(tables.as_array().unwrap().contains(&incident));
    let names = names(&tables);
    assert!(names.is_sorted() && names.len() > 100, "{names:?}");
    let below = instance.get("admin", "/api/now/v1/doc/table/schema").await;
    assert_eq!(below.status, StatusCode::OK);
}

#[tokio::test]
async fn a_table_that_the_caller_may_not_read_is_left_out() {
    let instance = Instance::new(json!({
        "users": {"sync.user": {"roles": ["itil"]}},
        "acls": {"nobody reads problems": {"table": "problem", "roles": ["admin"]}},
    }));
    let reply = instance.get("sync.user", PATH).await;
    let tables = result(&reply);
    let names = names(&tables);
    assert!(names.contains(&"incident") && !names.contains(&"problem"));
}

#[tokio::test]
async fn they_are_read_and_nothing_else() {
    let instance = Instance::new(json!({}));
    let head = instance.call("admin", Method::HEAD, PATH, &[], "").await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let post = instance.call("admin", Method::POST, PATH, &[], "{}").await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    let one = instance
        .get("admin", "/api/now/doc/table/schema/incident")
        .await;
    assert_eq!(one.unmodelled.len(), 1);
}
