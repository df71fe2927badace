//! Content negotiation and XML, the same for every API (wire-core 1.6).

use http::{Method, StatusCode};
use serde_json::json;

use crate::instance::{Instance, result, wire};

fn desk() -> Instance {
    Instance::new(json!({
        "tables": { "cmdb_ci_server": { "rows": 2 } },
        "users": { "agent": { "roles": ["itil"] } },
    }))
}

const XML: (&str, &str) = ("accept", "application/xml");

#[tokio::test]
async fn lists_records_and_errors_are_said_in_xml() {
    let desk = desk();
    let get = async |path: &str| {
        let reply = desk.call("agent", Method::GET, path, &[XML], "").await;
        assert_eq!(reply.unmodelled, [""; 0], "{path}");
        wire(&reply)
    };
    let list = get(
        "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_fields=name,manufacturer,sys_domain",
    )
    .await;
    let none = get("/api/now/table/cmdb_ci_server?sysparm_query=name=nothing").await;
    let count = get("/api/now/stats/cmdb_ci_server?sysparm_count=true").await;
    let absent = get("/api/now/table/incident/0").await;
    let unknown = get("/api/now/nonsense").await;
    insta::assert_snapshot!([list, none, count, absent, unknown].join("\n\n"));
}

#[tokio::test]
async fn a_body_in_xml_sets_the_same_fields() {
    let desk = desk();
    let body = "<request><entry><short_description>a &lt; b</short_description><impact>2</impact></entry></request>";
    let made = desk
        .call(
            "agent",
            Method::POST,
            "/api/now/table/incident?sysparm_fields=short_description,impact",
            &[("content-type", "application/xml")],
            body,
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        result(&made),
        json!({ "short_description": "a < b", "impact": "2" })
    );
}

#[tokio::test]
async fn forms_that_no_api_has_are_refused_by_every_api() {
    let desk = desk();
    for (method, path) in [
        (Method::GET, "/api/now/table/incident"),
        (Method::GET, "/api/now/stats/incident?sysparm_count=true"),
        (Method::GET, "/api/now/cmdb/meta/cmdb_ci"),
        (Method::GET, "/api/now/ui/user/current_user"),
        (Method::POST, "/api/now/import/incident"),
    ] {
        let png = [("accept", "image/png")];
        let refused = desk.call("agent", method.clone(), path, &png, "").await;
        assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE, "{path}");
        assert_eq!(
            refused.headers["content-type"],
            "application/json;charset=UTF-8"
        );
        if method == Method::POST {
            let text = [("content-type", "text/plain")];
            let refused = desk.call("agent", method, path, &text, "x").await;
            assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        }
    }
    let file = "/api/now/attachment/0/file";
    let png = [("accept", "image/png")];
    let absent = desk.call("agent", Method::GET, file, &png, "").await;
    assert_ne!(absent.status, StatusCode::NOT_ACCEPTABLE);
}
