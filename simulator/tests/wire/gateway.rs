//! A gateway before the instance: what its rules do not know goes no further.

use serde_json::json;
use snowproof_simulator::journal::Condition;

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, USER, credentials, requests};

const RECORDS: &str = "/api/now/table/incident";

/// Everything but the date.
fn shown(answer: &Answer) -> String {
    let lines = answer.head.lines();
    let head: Vec<&str> = lines.filter(|line| !line.starts_with("Date: ")).collect();
    format!("{}\n\n{}", head.join("\n"), answer.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_method_that_it_does_not_know_is_refused_whoever_asks() {
    let rules = json!({ "gateway": { "methods": ["GET", "POST"] } });
    let running = stage::start(rules, json!({})).await;
    let mut client = stage::secure(&running).await;
    let path = format!("{RECORDS}/0");
    for headers in [credentials(), basic(USER, "wrong")] {
        client.send("PATCH", &path, &headers, "{}").await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, 405);
        insta::assert_snapshot!("method_not_allowed", shown(&answer));
    }
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let decision = &requests(&running.journal.entries())[0].decision;
    assert_eq!(decision.stage, "gateway");
    assert_eq!(decision.condition, Some(Condition::GatewayRefused));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_another_type_is_refused_and_a_read_has_none() {
    let rules = json!({ "gateway": { "bodies": ["application/xml"] } });
    let running = stage::start(rules, json!({})).await;
    let mut client = stage::secure(&running).await;
    for (kind, status) in [
        ("Content-Type: application/json\r\n", 415),
        ("", 415),
        ("Content-Type: Application/XML; charset=utf-8\r\n", 201),
    ] {
        let headers = format!("{}{kind}", credentials());
        let body = "<request><entry><short_description>x</short_description></entry></request>";
        client.send("POST", RECORDS, &headers, body).await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, status, "{kind}: {}", answer.text());
        if kind.contains("json") {
            insta::assert_snapshot!("unsupported_media_type", shown(&answer));
        }
    }
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_must_be_named_to_be_handed_out() {
    let rules = json!({ "gateway": { "accepts": ["application/xml", "text/xml"] } });
    let running = stage::start(rules, json!({})).await;
    let mut client = stage::secure(&running).await;
    for (accept, status) in [
        ("application/json", 406),
        ("*/*", 406),
        ("application/json, text/xml;q=0.5", 200),
        ("application/xml", 200),
    ] {
        let headers = format!("{}Accept: {accept}\r\n", credentials());
        let answer = client.get(LIST, &headers).await;
        assert_eq!(answer.status, status, "{accept}");
        if accept == "*/*" {
            insta::assert_snapshot!("not_acceptable", shown(&answer));
        }
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_version_1_an_empty_list_is_404_under_a_path_that_names_none() {
    let first = json!({ "switches": { "latest_version": "v1" } });
    let running = stage::start(first, json!({})).await;
    let mut client = stage::secure(&running).await;
    let empty = "cmdb_ci_server?sysparm_query=sys_id=none";
    for (path, status) in [
        (format!("/api/now/table/{empty}"), 404),
        (format!("/api/now/v1/table/{empty}"), 404),
        (format!("/api/now/v2/table/{empty}"), 400),
        (LIST.to_owned(), 200),
    ] {
        let answer = client.get(&path, &credentials()).await;
        assert_eq!(answer.status, status, "{path}");
        if status == 404 {
            assert_eq!(answer.header("X-Total-Count"), Some("0"));
            assert!(answer.text().contains("No Record found"));
        }
    }
    running.shutdown().await.unwrap();
}
