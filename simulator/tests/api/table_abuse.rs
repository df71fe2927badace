//! Nothing that a caller sends breaks the instance: every place that takes text takes any text,
//! and what looks like SQL stays text.

use http::Method;
use serde_json::json;

use crate::instance::{Instance, column, result};

const NASTY: [&str; 14] = [
    "'; DROP TABLE incident; --",
    "\" OR \"\"=\"",
    "') OR 1=1 --",
    "1 UNION SELECT user_password FROM sys_user",
    "x\" FROM sys_user; --",
    "sys_id\" DESC, (SELECT 1)",
    "?1 ?2 :a @b $c",
    "\0",
    "\u{202e}\u{0}\u{feff}\u{1f600}",
    "%00%ff%",
    "^^^OR^NQ=",
    "javascript:gs.getProperty('x')",
    "../../../../etc/passwd",
    "-9223372036854775808",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn desk() -> Instance {
    Instance::new(json!({"users": {"u": {"roles": ["itil"]}}}))
}

#[tokio::test]
async fn text_in_every_parameter_is_text() {
    let instance = desk();
    let before = instance.get("u", "/api/now/table/incident").await;
    for nasty in NASTY {
        let text = encoded(nasty);
        let mut lines: Vec<(Method, String)> = [
            "sysparm_query=",
            "sysparm_query=number=",
            "sysparm_query=numberIN",
            "sysparm_query=numberLIKE",
            "sysparm_query=ORDERBY",
            "sysparm_query=GROUPBY",
            "sysparm_query=caller_id.",
            "sysparm_fields=",
            "sysparm_fields=caller_id.",
            "sysparm_limit=",
            "sysparm_offset=",
            "sysparm_display_value=",
            "sysparm_view=",
            "sysparm_tiny=",
            "sysparm_query_category=",
            "sysparm_no_count=",
            "number=",
            "caller_id=",
            "state=",
            "active=",
            "user_password=",
            "",
        ]
        .iter()
        .map(|parameter| (Method::GET, format!("/incident?{parameter}{text}")))
        .collect();
        lines.push((Method::GET, format!("/incident?{text}={text}")));
        lines.push((Method::GET, format!("/{text}")));
        lines.push((Method::GET, format!("/incident/{text}")));
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
            lines.push((method, format!("/incident/{text}")));
        }
        for (method, line) in lines {
            let path = format!("/api/now/table{line}");
            let reply = instance.call("u", method, &path, &[], "{}").await;
            assert!(reply.status.as_u16() < 500, "{path}: {}", reply.reason);
        }
    }
    let after = instance.get("u", "/api/now/table/incident").await;
    assert_eq!(
        column(&after, "number").len(),
        column(&before, "number").len()
    );
}

#[tokio::test]
async fn text_in_every_column_comes_back_as_it_was() {
    let instance = desk();
    for nasty in NASTY {
        let sent = json!({
            "short_description": nasty, "comments": nasty, "caller_id": nasty, "watch_list": nasty,
            "number": nasty, nasty: nasty, "state": nasty, "sys_id": nasty, "sys_class_name": nasty,
            "opened_at": nasty, "business_duration": nasty, "sys_domain": nasty, "active": nasty,
        });
        for display in ["false", "true"] {
            let path = format!(
                "/api/now/table/incident?sysparm_input_display_value={display}&sysparm_display_value=all"
            );
            let made = instance
                .call("u", Method::POST, &path, &[], sent.to_string())
                .await;
            let made = result(&made);
            let kept = nasty.replace('\0', "");
            assert_eq!(made["short_description"]["value"], kept);
            let log = made["comments"]["display_value"].as_str().unwrap();
            assert!(log.contains(&kept), "{log}");
            assert_eq!(made["sys_class_name"]["value"], "incident");
        }
    }
    let user = instance
        .made(
            "admin",
            "sys_user",
            json!({"user_name": "x", "date_format": NASTY[0], "time_zone": NASTY[0]}),
        )
        .await;
    assert_eq!(user["user_name"], "x");
}

#[tokio::test]
async fn a_megabyte_of_anything_is_answered() {
    let instance = desk();
    let long = "x".repeat(1_000_000);
    for query in [
        format!("sysparm_query={long}"),
        format!("sysparm_query=number={long}"),
        format!("sysparm_fields={long}"),
        format!("sysparm_fields={}", "a,".repeat(400_000)),
        format!("sysparm_fields={}", "caller_id.".repeat(90_000)),
        format!("number={long}"),
        format!("{long}={long}"),
        "a&".repeat(500_000),
        "number=1&".repeat(1_000),
        format!("sysparm_limit={}", "9".repeat(1_000_000)),
        format!("sysparm_tiny={long}"),
        format!("sysparm_limit=1&pad={long}"),
    ] {
        let path = format!("/api/now/table/incident?{query}");
        let reply = instance.get("u", &path).await;
        let shown = &query[..query.len().min(40)];
        assert!(reply.status.as_u16() < 500, "{shown}: {}", reply.reason);
    }
    let path = format!("/api/now/table/{long}");
    assert_eq!(instance.get("u", &path).await.status, 400);
    let body = json!({ "comments": long, "caller_id": long, "watch_list": "a,".repeat(20_000) });
    let path = "/api/now/table/incident?sysparm_display_value=true";
    let made = instance
        .call("u", Method::POST, path, &[], body.to_string())
        .await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn parts_of_a_date_are_asked_of_anything() {
    let instance = desk();
    instance.made("u", "incident", json!({})).await;
    for field in [
        "priority",
        "active",
        "short_description",
        "caller_id",
        "caller_id.notification",
    ] {
        for part in [
            "DATEPARTx@javascript:gs.datePart('year','2026','GE')",
            "SAMEASreassignment_count@day",
            "MORETHANreassignment_count@day@before@1",
            "LESSTHANsys_updated_on@day@before or after@1",
            "RELATIVEGT@day@ago@1",
            "ONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()",
        ] {
            let query = format!("{field}{part}");
            let path = format!("/api/now/table/incident?sysparm_query={query}");
            let reply = instance.get("u", &path).await;
            assert_eq!(reply.status, 200, "{query}: {}", reply.reason);
        }
    }
}

#[tokio::test]
async fn a_long_query_by_way_of_a_short_name_is_bounded() {
    let instance = desk();
    let parts = [
        "sys_class_nameINSTANCEOFtask^",
        "123TEXTQUERY321=a^",
        "caller_id.company.nameLIKEa^ORDERBYcaller_id.company.name^",
        "JOINincident.sys_id=task.parent!active=true^",
    ];
    for part in parts {
        let url = format!(
            "/api/now/table/incident?sysparm_limit=1&sysparm_query={}&{}",
            part.repeat(60_000 / part.len()),
            "a&".repeat(100_000),
        );
        let body = json!({"url": url}).to_string();
        let short = instance
            .call("u", Method::POST, "/api/now/tinyurl", &[], body)
            .await;
        let short = result(&short);
        let (_, tiny) = short.as_str().unwrap().split_once('?').unwrap();
        let path = format!("/api/now/table/incident?{tiny}");
        let reply = instance.get("u", &path).await;
        assert_eq!(reply.status, 200, "{part}: {}", reply.reason);
    }
}
