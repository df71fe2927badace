//! Lists of attachments page as lists of records do.

use http::StatusCode;
use serde_json::json;
use snowproof_simulator::journal::Condition;

use super::{INCIDENT, SECRET, instance, uploaded};
use crate::instance::{Instance, column, json as body};

#[tokio::test]
async fn lists_page_and_say_where_other_pages_are() {
    let instance = instance();
    for at in 0..5 {
        uploaded(&instance, INCIDENT, &format!("{at}.txt"), b"x").await;
    }
    uploaded(&instance, SECRET, "secret.txt", b"x").await;
    let path = "/api/now/attachment?sysparm_query=ORDERBYDESCfile_name&sysparm_limit=2";
    let first = instance.get("agent", path).await;
    assert_eq!(first.headers["x-total-count"], "6");
    assert!(
        first.headers["link"]
            .to_str()
            .unwrap()
            .contains("sysparm_limit=2&sysparm_offset=2>;rel=\"next\"")
    );
    assert_eq!(column(&first, "file_name"), ["4.txt"], "one is hidden");
    assert_eq!(first.condition, Some(Condition::RowsHidden));
    let served = first.served.unwrap();
    assert_eq!(
        (
            served.hidden,
            served.total,
            served.ordered_by_caller.as_slice()
        ),
        (1, 6, &["file_name".to_owned()][..])
    );
    let rest = instance
        .get(
            "agent",
            &format!("{path}&sysparm_offset=2&sysparm_suppress_pagination_header=true"),
        )
        .await;
    assert_eq!(column(&rest, "file_name"), ["3.txt", "2.txt"]);
    assert!(!rest.headers.contains_key("link"));
    let all = instance.get("admin", "/api/now/attachment").await;
    assert_eq!(column(&all, "file_name").len(), 6);
    let none = instance
        .get(
            "agent",
            "/api/now/v1/attachment?sysparm_query=file_name=none",
        )
        .await;
    assert_eq!(
        (none.status, body(&none)),
        (StatusCode::OK, json!({"result": []}))
    );
    let limit = instance
        .get("agent", "/api/now/attachment?sysparm_limit=0")
        .await;
    assert_eq!(limit.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_is_what_a_page_of_records_is() {
    let mut instance = instance();
    for name in ["a.txt", "b.txt", "c.txt"] {
        uploaded(&instance, INCIDENT, name, b"x").await;
    }
    let count = async |instance: &Instance, parameters: &str| {
        let path = format!("/api/now/attachment?{parameters}");
        let reply = instance.get("agent", &path).await;
        (column(&reply, "sys_id").len(), reply.condition)
    };
    assert_eq!(count(&instance, "sysparm_limit=many").await, (3, None));
    let far = "sysparm_offset=99999999999999999999";
    assert_eq!(count(&instance, far).await, (0, None));
    instance.switches = serde_json::from_value(json!({"page_cap": 2})).unwrap();
    let capped = Some(Condition::PageCapped);
    assert_eq!(count(&instance, "sysparm_limit=3").await, (2, capped));
    assert_eq!(count(&instance, "sysparm_offset=2").await, (1, None));
}
