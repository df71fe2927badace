//! What parameters select and show (wire-core 1.1, 1.4).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, column, result};

fn desk() -> Instance {
    Instance::new(json!({
        "tables": {"incident": {"rows": 6, "set": {
            "state": ["1", "7", "2"], "category": ["network", "hardware"],
        }}},
        "users": {"agent": {"roles": ["itil"]}},
    }))
}

async fn keys(instance: &Instance, parameters: &str) -> Vec<String> {
    let path = format!("/api/now/table/incident?sysparm_limit=1&{parameters}");
    let row = result(&instance.get("agent", &path).await)[0].take();
    row.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn fields_are_those_that_are_known_once_each_in_the_order_asked() {
    let instance = desk();
    for (fields, expected) in [
        ("number,sys_id", vec!["number", "sys_id"]),
        ("sys_id,%20number%20,,", vec!["sys_id", "number"]),
        ("number,number,number", vec!["number"]),
        ("number,nosuch,caller_id.nosuch,nosuch.name", vec!["number"]),
        (
            "caller_id.name,caller_id",
            vec!["caller_id.name", "caller_id"],
        ),
        ("nosuch", vec![]),
        ("number.name,sys_id.x", vec![]),
        ("caller_id.user_password", vec![]),
        ("NUMBER", vec![]),
    ] {
        let found = keys(&instance, &format!("sysparm_fields={fields}")).await;
        assert_eq!(found, expected, "{fields}");
    }
    let all = keys(&instance, "").await;
    assert!(all.len() > 60, "{}", all.len());
    assert_eq!(keys(&instance, "sysparm_fields=").await, all);
    let many = vec!["number"; 1001].join(",");
    let path = format!("/api/now/table/incident?sysparm_fields={many}");
    let reply = instance.get("agent", &path).await;
    assert_eq!(reply.unmodelled, ["more than 1000 fields"]);
}

#[tokio::test]
async fn a_view_shows_less_and_fields_win_over_it() {
    let instance = desk();
    let all = keys(&instance, "").await;
    for view in ["desktop", "both", "", "nosuch", "Default%20view"] {
        let found = keys(&instance, &format!("sysparm_view={view}")).await;
        assert_eq!(found, all, "{view}");
    }
    let mobile = keys(&instance, "sysparm_view=mobile").await;
    assert_eq!(mobile[..2], ["sys_id", "number"]);
    assert!(mobile.contains(&"caller_id".to_owned()));
    assert!(!mobile.contains(&"short_description".to_owned()));
    let fields = keys(&instance, "sysparm_view=mobile&sysparm_fields=approval").await;
    assert_eq!(fields, ["approval"]);
}

#[tokio::test]
async fn a_walk_through_an_empty_reference_is_empty() {
    let instance = desk();
    let path = "/api/now/table/incident?sysparm_limit=1&sysparm_display_value=all\
                &sysparm_fields=parent.parent.opened_by.manager.name,problem_id.state,\
                rfc.requested_by,parent.reassignment_count,rfc.sys_created_on";
    let row = result(&instance.get("agent", path).await)[0].take();
    let nothing = json!({"display_value": "", "value": ""});
    for (key, value) in row.as_object().unwrap() {
        assert_eq!(*value, nothing, "{key}");
    }
    assert_eq!(row.as_object().unwrap().len(), 5);
}

#[tokio::test]
async fn parameters_named_like_columns_filter() {
    let instance = desk();
    let rows = async |parameters: &str| {
        let path = format!("/api/now/table/incident?{parameters}");
        column(&instance.get("agent", &path).await, "sys_id").len()
    };
    let group = "/api/now/table/sys_user_group?sysparm_limit=1&sysparm_query=ORDERBYname";
    let group = result(&instance.get("admin", group).await)[0].take();
    let (id, name) = (
        group["sys_id"].as_str().unwrap(),
        group["name"].as_str().unwrap(),
    );
    let of_group = rows(&format!("assignment_group={id}")).await;
    assert!(of_group > 0 && of_group < 6);
    let named = name.replace(' ', "%20");
    for (parameters, expected) in [
        ("active=true".to_owned(), 4),
        ("active=true&state=1".to_owned(), 2),
        ("active=false&state=Closed".to_owned(), 2),
        ("state=in+progress".to_owned(), 2),
        ("category=Network".to_owned(), 3),
        (format!("assignment_group={named}"), of_group),
        ("number=nosuch".to_owned(), 0),
        ("nosuch=1&query=number%3Dx&display_value=True".to_owned(), 6),
        ("caller_id.name=nobody".to_owned(), 6),
        // Of several of one name the first.
        ("state=7&state=1".to_owned(), 2),
        // Mutually exclusive: the query wins.
        ("state=7&sysparm_query=state=1".to_owned(), 2),
        ("state=7&sysparm_query=".to_owned(), 2),
        ("state=7&sysparm_query=ORDERBYnumber".to_owned(), 6),
        (
            "sysparm_query_category=reports&sysparm_query_no_domain=true".to_owned(),
            6,
        ),
    ] {
        assert_eq!(rows(&parameters).await, expected, "{parameters}");
    }
}

#[tokio::test]
async fn head_says_what_get_says_without_a_body_and_a_body_on_get_is_ignored() {
    let instance = desk();
    let list = "/api/now/table/incident?sysparm_limit=2&sysparm_query=ORDERBYnumber";
    let id = column(&instance.get("agent", list).await, "sys_id")[0].clone();
    for path in [
        list.to_owned(),
        format!("/api/now/table/incident/{id}"),
        "/api/now/table/incident/nosuch".to_owned(),
        "/api/now/table/nosuch".to_owned(),
    ] {
        let get = instance.get("agent", &path).await;
        let head = instance.call("agent", Method::HEAD, &path, &[], "").await;
        assert_eq!((head.status, &head.headers), (get.status, &get.headers));
        assert!(head.body.is_empty() && !get.body.is_empty());
        let json = [("content-type", "application/json")];
        let with_body = instance
            .call("agent", Method::GET, &path, &json, "{}")
            .await;
        assert_eq!(with_body.body, get.body);
    }
}

#[tokio::test]
async fn a_method_that_makes_no_sense_is_405() {
    let instance = desk();
    let id = "0".repeat(32);
    for (method, path) in [
        (Method::POST, format!("/api/now/table/incident/{id}")),
        (Method::PUT, "/api/now/table/incident".to_owned()),
        (Method::PATCH, "/api/now/table/incident".to_owned()),
        (Method::DELETE, "/api/now/table/incident".to_owned()),
        (Method::OPTIONS, "/api/now/table/incident".to_owned()),
        (Method::GET, "/api/now/tinyurl".to_owned()),
    ] {
        let reply = instance
            .call("agent", method.clone(), &path, &[], "{}")
            .await;
        assert_eq!(
            reply.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(said["status"], "failure");
    }
}
