//! `Expect: 100-continue`: met, left waiting, refused.

use serde_json::json;
use snowproof_simulator::journal::{Condition, Event};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::Client;
use crate::stage::{self, credentials};

const BODY: &str = "{\"short_description\":\"asked first\"}";

/// A head that asks before its body is sent.
async fn ask(client: &mut Client) {
    let head = format!(
        "POST /api/now/table/incident HTTP/1.1\r\nHost: dev.instance.test\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n{}\r\n",
        BODY.len(),
        credentials()
    );
    client.stream.write_all(head.as_bytes()).await.unwrap();
    client.stream.flush().await.unwrap();
}

async fn first_line(client: &mut Client) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(client.stream.read_u8().await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_is_told_to_go_on() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    ask(&mut client).await;
    assert_eq!(first_line(&mut client).await, "HTTP/1.1 100 Continue\r\n");
    assert_eq!(first_line(&mut client).await, "\r\n");
    client.stream.write_all(BODY.as_bytes()).await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 201);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_it_waits_and_whoever_does_not_is_answered() {
    let running = stage::start(json!({ "expect_continue": "ignored" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    ask(&mut client).await;
    // The answer comes first: nothing came before the body.
    client.stream.write_all(BODY.as_bytes()).await.unwrap();
    assert_eq!(client.answer().await.unwrap().status, 201);
    assert_eq!(client.get(stage::LIST, &credentials()).await.rows(), 10);

    let mut waits = stage::secure(&running).await;
    ask(&mut waits).await;
    drop(waits);
    let closed = |event: &Event| matches!(event, Event::Closed(it) if it.connection == 2 && it.bytes_out == 0);
    stage::entry(&running, closed).await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_comes_before_the_body_and_ends_the_connection() {
    let running = stage::start(json!({ "expect_continue": "refused" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    ask(&mut client).await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 417);
    assert_eq!(answer.header("Connection"), Some("close"));
    insta::assert_snapshot!(answer.text());
    let outcome = stage::outcome(&running, 1).await;
    assert_eq!(outcome.condition, Some(Condition::ContinueRefused));
    running.shutdown().await.unwrap();
}
