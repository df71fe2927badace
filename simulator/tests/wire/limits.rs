//! How large a request may be, and which methods there are (wire-core 1.6, wire-failures 4.19).

use serde_json::json;
use snowproof_simulator::journal::Condition;

use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

/// A list whose target is this many bytes long.
fn target(length: usize) -> String {
    let padding = length - LIST.len() - 3;
    format!("{LIST}&x={}", "a".repeat(padding))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_line_of_8192_bytes_passes_and_a_longer_one_is_414() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    for length in [8182, 8192] {
        let answer = client.get(&target(length), &credentials()).await;
        assert_eq!(answer.status, 200, "{length}");
    }
    for length in [8193, 8347, 23_000, 100_000, 1_000_000] {
        let mut client = stage::secure(&running).await;
        let answer = client.get(&target(length), &credentials()).await;
        assert_eq!(answer.status, 414, "{length}");
        assert_eq!(answer.header("Content-Type"), Some("text/html"));
        assert_eq!(answer.header("Connection"), Some("close"));
        assert_eq!(answer.header("Set-Cookie"), None);
        assert!(answer.text().starts_with("<html>"), "{}", answer.text());
        assert!(client.answer().await.is_err());
    }
    let entries = requests(&running.journal.entries());
    assert_eq!(entries.len(), 7);
    assert!(entries.iter().all(|request| request.target.len() < 16_384));
    let decision = &entries[6].decision;
    assert_eq!(decision.stage, "edge");
    assert_eq!(decision.condition, Some(Condition::RequestTooLong));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_are_too_large_are_answered_400_with_a_page_and_journalled() {
    let running = stage::start(json!({}), json!({})).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(1_000_000));
    let many = "X-Many: x\r\n".repeat(200);
    for headers in [long, many] {
        let mut client = stage::secure(&running).await;
        let answer = client.get(LIST, &(credentials() + &headers)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("Request header is too large"));
        assert_eq!(answer.header("Connection"), Some("close"));
    }
    let entries = requests(&running.journal.entries());
    assert_eq!(entries.len(), 2);
    for request in entries {
        assert_eq!(request.decision.status, Some(400));
        assert_eq!(request.decision.condition, Some(Condition::RequestTooLong));
    }
    // Some headers are not too many.
    let some = "X-Some: x\r\n".repeat(60);
    let mut client = stage::secure(&running).await;
    let answer = client.get(LIST, &(credentials() + &some)).await;
    assert_eq!(answer.status, 200);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_reads_less_refuses_a_head_of_one_byte_more() {
    let narrow = json!({ "switches": { "largest_head": 1000 } });
    let running = stage::start(narrow, json!({})).await;
    let mut client = stage::secure(&running).await;
    // What the request is without the padding that fills it up.
    let line = format!("GET {LIST}&x= HTTP/1.1\r\n");
    let rest = format!("Host: dev.instance.test\r\n{}\r\n", credentials());
    let padded = |length: usize| format!("{LIST}&x={}", "a".repeat(length));
    let fits = 1000 - line.len() - rest.len();
    let answer = client.get(&padded(fits), &credentials()).await;
    assert_eq!(answer.status, 200);
    let answer = client.get(&padded(fits + 1), &credentials()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("Request header is too large"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_between_heads_are_not_clipped() {
    let running = stage::start(
        json!({ "users": { USER: { "roles": ["itil"] } } }),
        json!({}),
    )
    .await;
    let mut client = stage::secure(&running).await;
    let text = "d".repeat(200_000);
    let body = json!({ "description": text }).to_string();
    let path = "/api/now/table/incident?sysparm_fields=description";
    for _ in 0..2 {
        client.send("POST", path, &credentials(), &body).await;
        let made = client.answer().await.unwrap();
        assert_eq!(made.status, 201);
        assert_eq!(made.json()["result"]["description"], text);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_may_stand_for_another_method_and_is_journalled_as_sent() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let headers = credentials() + "X-HTTP-Method-Override: get\r\n";
    client.send("POST", LIST, &headers, "{}").await;
    let answer = client.answer().await.unwrap();
    assert_eq!((answer.status, answer.rows()), (200, 10));
    let headers = credentials() + "X-HTTP-Method-Override: DELETE\r\n";
    let absent = "/api/now/table/incident/0";
    client.send("POST", absent, &headers, "").await;
    assert_eq!(client.answer().await.unwrap().status, 404);
    // Another method stands for itself.
    assert_eq!(client.get(LIST, &headers).await.status, 200);
    let methods: Vec<String> = requests(&running.journal.entries())
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(methods, ["POST", "POST", "GET"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_methods_are_refused_and_nothing_breaks() {
    let running = stage::start(json!({}), json!({})).await;
    for (method, target, status) in [
        ("OPTIONS", LIST, 405),
        ("BREW", LIST, 405),
        ("TRACE", LIST, 405),
        ("CONNECT", "other.instance.test:443", 405),
        ("PUT", LIST, 405),
        ("DELETE", LIST, 405),
    ] {
        let mut client = stage::secure(&running).await;
        client.send(method, target, &credentials(), "").await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, status, "{method}");
    }
    let mut client = stage::secure(&running).await;
    client.send("OPTIONS", LIST, "", "").await;
    assert_eq!(client.answer().await.unwrap().status, 401);
    let text = serde_json::to_string(&running.journal.entries()).unwrap();
    assert!(!text.contains(PASSWORD));
    running.shutdown().await.unwrap();
}
