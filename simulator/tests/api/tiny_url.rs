//! Short names for long addresses, as clients use them.

use http::{Method, StatusCode};
use serde_json::json;

use crate::instance::{BASE, Instance, column, json as body};

fn servers() -> Instance {
    Instance::new(json!({
        "tables": {"cmdb_ci_server": {"rows": 5}},
        "users": {"u": {"roles": ["cmdb_read"]}},
    }))
}

async fn shorten(instance: &Instance, url: &str) -> String {
    let asked = json!({ "url": url }).to_string();
    let path = "/api/now/tinyurl";
    let reply = instance.call("u", Method::POST, path, &[], asked).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    body(&reply)["result"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_id_stands_for_the_parameters_of_a_long_url() {
    let instance = servers();
    let all = instance.get("u", "/api/now/table/cmdb_ci_server").await;
    let ids = column(&all, "sys_id");
    let long = format!(
        "{BASE}/api/now/table/cmdb_ci_server?sysparm_query=sys_idIN{}%5EORDERBYname\
         &sysparm_fields=sys_id&sysparm_limit=2&note={}",
        ids[..3].join("%2C"),
        "x".repeat(5000)
    );
    let short = shorten(&instance, &long).await;
    let id = short
        .strip_prefix("cmdb_ci_server_list.do?sysparm_tiny=")
        .unwrap();
    assert_eq!(id.len(), 32);
    assert_eq!(shorten(&instance, &long).await, short);
    let path = format!("/api/now/table/cmdb_ci_server?sysparm_tiny={id}");
    let list = instance.get("u", &path).await;
    assert_eq!(list.headers["x-total-count"], "3");
    let first = column(&list, "sys_id");
    assert_eq!(first.len(), 2);
    // Links name what was sent, so that a client that follows them comes to the same list.
    let link = list.headers["link"].to_str().unwrap();
    let next = format!("{path}&sysparm_limit=2&sysparm_offset=2");
    assert!(
        link.contains(&format!("<{BASE}{next}>;rel=\"next\"")),
        "{link}"
    );
    let second = column(&instance.get("u", &next).await, "sys_id");
    let mut found = [first, second].concat();
    found.sort();
    let mut expected = ids[..3].to_vec();
    expected.sort();
    assert_eq!(found, expected);
    let record = instance
        .get("admin", &format!("/api/now/table/sys_tiny_url/{id}"))
        .await;
    assert_eq!(record.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_address_or_no_id_does_no_harm() {
    let instance = servers();
    for (url, page) in [
        ("", ""),
        ("incident_list.do?sysparm_query=a", "incident_list.do"),
        ("https://elsewhere", "elsewhere"),
        ("/api/now/v1/table/incident", "incident_list.do"),
        ("?a#b", ""),
        ("x?a=1#top", "x"),
    ] {
        let short = shorten(&instance, url).await;
        assert!(
            short.starts_with(&format!("{page}?sysparm_tiny=")),
            "{short}"
        );
    }
    for text in ["", "{}", "[]", "{\"url\":1}", "{'url'", "\"url\""] {
        let reply = instance
            .call("u", Method::POST, "/api/now/tinyurl", &[], text)
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{text}");
    }
    let path = "/api/now/table/cmdb_ci_server?sysparm_tiny=";
    for id in ["", "nosuch", "%27%20OR%201=1--"] {
        let list = instance.get("u", &format!("{path}{id}")).await;
        assert_eq!(list.headers["x-total-count"], "5");
    }
}
