//! `X-Total-Count` and `Link`, row by row of wire-core 1.3, and the limits that lead to them.

use http::StatusCode;
use serde_json::json;

use crate::instance::{BASE, Instance, column, json as body};

fn seven() -> Instance {
    Instance::new(json!({
        "tables": {"cmdb_ci_server": {"rows": 7}},
        "users": {"u": {"roles": ["cmdb_read"]}},
    }))
}

/// The links of a list in order, each as its relation and what follows `BASE`.
async fn links(instance: &Instance, path: &str) -> Vec<(String, String)> {
    let reply = instance.get("u", path).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}");
    let Some(header) = reply.headers.get("link") else {
        return Vec::new();
    };
    let header = header.to_str().unwrap();
    assert!(!header.contains("; ") && !header.contains(", "), "{header}");
    let links = header.split(",<").map(|link| {
        let (url, relation) = link.split_once(">;rel=").unwrap();
        let url = url.trim_start_matches('<').strip_prefix(BASE).unwrap();
        (relation.trim_matches('"').to_owned(), url.to_owned())
    });
    links.collect()
}

fn of(start: &str, limit: u32, offsets: &[(&str, i64)]) -> Vec<(String, String)> {
    let link = |(relation, offset): &(&str, i64)| {
        let url = format!("{start}sysparm_limit={limit}&sysparm_offset={offset}");
        ((*relation).to_owned(), url)
    };
    offsets.iter().map(link).collect()
}

#[tokio::test]
async fn links_lead_to_the_first_previous_next_and_last_page() {
    let instance = seven();
    let table = "/api/now/table/cmdb_ci_server?";
    for (limit, offset, expected) in [
        (
            1,
            0,
            vec![("first", 0), ("prev", -1), ("next", 1), ("last", 6)],
        ),
        (
            3,
            0,
            vec![("first", 0), ("prev", -3), ("next", 3), ("last", 6)],
        ),
        (
            3,
            3,
            vec![("first", 0), ("prev", 0), ("next", 6), ("last", 6)],
        ),
        (3, 6, vec![("first", 0), ("prev", 3), ("last", 6)]),
        (3, 4, vec![("first", 0), ("prev", 1), ("last", 6)]),
        (
            6,
            0,
            vec![("first", 0), ("prev", -6), ("next", 6), ("last", 6)],
        ),
        (3, 900, vec![("first", 0), ("prev", 897), ("last", 6)]),
        (7, 0, vec![]),
        (8, 0, vec![]),
    ] {
        let path = format!("{table}sysparm_limit={limit}&sysparm_offset={offset}");
        let found = links(&instance, &path).await;
        assert_eq!(found, of(table, limit, &expected), "{path}");
    }
}

#[tokio::test]
async fn links_keep_the_version_and_the_parameters_as_sent() {
    let instance = seven();
    for (version, before, after) in [
        (
            "",
            "sysparm_limit=2&query=number%3DINC0000040",
            "query=number%3DINC0000040&",
        ),
        (
            "/v1",
            "a=b%20c&sysparm_offset=2&sysparm_limit=2&d",
            "a=b%20c&d&",
        ),
        (
            "/v2",
            "sysparm_query=ORDERBYname&sysparm_limit=2",
            "sysparm_query=ORDERBYname&",
        ),
    ] {
        let path = format!("/api/now{version}/table/cmdb_ci_server?{before}");
        let found = links(&instance, &path).await;
        let start = format!("/api/now{version}/table/cmdb_ci_server?{after}");
        assert_eq!(found[0], of(&start, 2, &[("first", 0)])[0]);
    }
}

#[tokio::test]
async fn totals_and_links_can_be_left_out() {
    let instance = seven();
    for (parameter, total, linked) in [
        ("", Some("7"), true),
        ("sysparm_suppress_pagination_header=true", Some("7"), false),
        ("sysparm_suppress_pagination_header=false", Some("7"), true),
        ("sysparm_suppress_pagination_header=True", Some("7"), true),
        ("sysparm_no_count=true", None, false),
        ("sysparm_no_count=1", Some("7"), true),
    ] {
        let path = format!("/api/now/table/cmdb_ci_server?sysparm_limit=2&{parameter}");
        let reply = instance.get("u", &path).await;
        let found = reply.headers.get("x-total-count");
        assert_eq!(found.map(|total| total.to_str().unwrap()), total, "{path}");
        assert_eq!(reply.headers.contains_key("link"), linked, "{path}");
        assert_eq!(column(&reply, "sys_id").len(), 2);
    }
    let record = instance
        .get("u", "/api/now/table/cmdb_ci_server?sysparm_limit=1")
        .await;
    let id = &column(&record, "sys_id")[0];
    let record = instance
        .get("u", &format!("/api/now/table/cmdb_ci_server/{id}"))
        .await;
    assert!(!record.headers.contains_key("x-total-count"));
}

#[tokio::test]
async fn limits_and_offsets_are_read_whatever_they_are() {
    let instance = seven();
    let refused = json!({
        "error": {
            "message": "Invalid value given for sysparm_limit",
            "detail": "sysparm_limit value must be a positive integer",
        },
        "status": "failure",
    });
    for (limit, offset, rows) in [
        ("0", "", None),
        ("-1", "", None),
        ("-99999999999999999999999", "", None),
        ("", "", Some(7)),
        ("ten", "", Some(7)),
        ("1e2", "", Some(7)),
        ("2.5", "", Some(7)),
        ("%202%20", "", Some(2)),
        ("9223372036854775807", "", Some(7)),
        ("99999999999999999999999", "", Some(7)),
        ("9223372036854775807", "9223372036854775807", Some(0)),
        ("5", "5", Some(2)),
        ("5", "-3", Some(5)),
        ("5", "many", Some(5)),
        ("5", "99999999999999999999999", Some(0)),
        ("5", "-99999999999999999999999", Some(5)),
    ] {
        let path =
            format!("/api/now/table/cmdb_ci_server?sysparm_limit={limit}&sysparm_offset={offset}");
        let reply = instance.get("u", &path).await;
        match rows {
            Some(rows) => assert_eq!(column(&reply, "sys_id").len(), rows, "{path}"),
            None => {
                assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
                assert_eq!(body(&reply), refused);
            }
        }
    }
}
