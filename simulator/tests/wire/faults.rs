//! Faults that happen to the bytes of an answer, over TCP and over TLS.

use std::io::ErrorKind;

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, ClosedBy, Condition, Event, ReplyEnd};
use tokio::io::AsyncReadExt;

use crate::client::{Client, basic};
use crate::stage::{self, LIST, credentials, outcomes};

fn step(action: Value) -> Value {
    json!({ "fault": { "when": { "request": "*", "nth": 2 }, "at": "decided", "do": [action] } })
}

/// A keep-alive connection on which the second answer meets the fault.
async fn met(client: &mut Client) {
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    client.send("GET", LIST, &credentials(), "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_cut_by_a_reset_over_tcp_and_tls() {
    for tls in [false, true] {
        let running = stage::start(
            json!({}),
            step(json!({ "hang_up": { "after_body_bytes": 100 } })),
        )
        .await;
        let mut client = if tls {
            stage::secure(&running).await
        } else {
            stage::plain(&running).await
        };
        met(&mut client).await;
        let answer = client.answer().await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 100));
        assert_eq!(answer.broken, Some(ErrorKind::ConnectionReset));
        stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
        let entries = running.journal.entries();
        let (outcome, entry) = outcomes(&entries).pop().unwrap();
        assert_eq!(outcome.end, ReplyEnd::Cut);
        assert_eq!((outcome.status, outcome.body_bytes), (Some(200), 100));
        assert_eq!(outcome.condition, Some(Condition::HungUp));
        assert_eq!(entry.cause, Some(Cause::Step("fault".to_owned())));
        assert_eq!(stage::closings(&entries)[0].by, ClosedBy::Instance);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_cut_by_an_orderly_close_without_close_notify() {
    for tls in [false, true] {
        let hang_up = json!({ "hang_up": { "after_body_bytes": 7, "manner": "close" } });
        let running = stage::start(json!({}), step(hang_up)).await;
        let mut client = if tls {
            stage::secure(&running).await
        } else {
            stage::plain(&running).await
        };
        met(&mut client).await;
        let answer = client.answer().await.unwrap();
        // rustls tells an end without close_notify as an unexpected end too.
        assert_eq!(
            (answer.body.len(), answer.broken),
            (7, Some(ErrorKind::UnexpectedEof))
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_instead_of_an_answer() {
    let running = stage::start(json!({}), step(json!({ "hang_up": {} }))).await;
    let mut client = stage::secure(&running).await;
    met(&mut client).await;
    let error = client.answer().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_lasts_until_the_caller_leaves_and_that_is_seen() {
    for (stall, status, bytes) in [
        (json!({}), None, 0),
        (json!({ "after_body_bytes": 0 }), Some(200), 0),
        (json!({ "after_body_bytes": 50 }), Some(200), 50),
    ] {
        let running = stage::start(json!({}), step(json!({ "stall": stall }))).await;
        let mut client = stage::secure(&running).await;
        met(&mut client).await;
        stage::entry(&running, |event| {
            matches!(event, Event::Request(request)
                if request.decision.condition == Some(Condition::Stalled))
        })
        .await;
        if status.is_some() {
            // What comes before the silence does arrive.
            client.head_and(usize::try_from(bytes).unwrap()).await;
        }
        drop(client);
        let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
        let Event::Closed(closed) = closed.event else {
            unreachable!()
        };
        assert_eq!(closed.by, ClosedBy::Caller);
        let (outcome, _) = outcomes(&running.journal.entries()).pop().unwrap();
        assert_eq!(outcome.end, ReplyEnd::Silent);
        assert_eq!((outcome.status, outcome.body_bytes), (status, bytes));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_body_may_announce_its_whole_length() {
    let hang_up = json!({ "after_body_bytes": 9, "manner": "close", "announced": true });
    let running = stage::start(json!({}), step(json!({ "hang_up": hang_up }))).await;
    let mut whole = stage::plain(&running).await;
    let length = whole.get(LIST, &credentials()).await.body.len();
    let mut client = stage::plain(&running).await;
    client.send("GET", LIST, &credentials(), "").await;
    let answer = client.answer().await.unwrap();
    assert_eq!(
        answer.header("Content-Length"),
        Some(length.to_string().as_str())
    );
    assert_eq!(answer.header("Transfer-Encoding"), None);
    assert_eq!(answer.text(), "{\"result\"");
    assert_eq!(answer.broken, Some(ErrorKind::UnexpectedEof));
    // A caller may see the end before it is written down.
    let cut = |event: &Event| matches!(event, Event::Outcome(it) if it.end == ReplyEnd::Cut);
    let Event::Outcome(outcome) = stage::entry(&running, cut).await.event else {
        unreachable!()
    };
    assert_eq!(outcome.condition, Some(Condition::HungUp));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_lasts_until_the_end_is_cut_without_close_notify() {
    let hang_up = json!({ "after_body_bytes": 9, "manner": "close", "until_close": true });
    let running = stage::start(json!({}), step(json!({ "hang_up": hang_up }))).await;
    let mut client = stage::secure(&running).await;
    client.get(LIST, &credentials()).await;
    client.send("GET", LIST, &credentials(), "").await;
    let mut heard = Vec::new();
    let error = client.stream.read_to_end(&mut heard).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let heard = String::from_utf8(heard).unwrap();
    assert!(heard.starts_with("HTTP/1.0 200 OK\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\n{\"result\""), "{heard}");
    for header in ["content-length", "transfer-encoding"] {
        assert!(!heard.to_lowercase().contains(header), "{heard}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_answer_is_a_complete_message_of_broken_json() {
    let truncate = json!({ "truncate": { "after_body_bytes": 300 } });
    let running = stage::start(json!({}), step(truncate)).await;
    for secure in [false, true] {
        let mut client = if secure {
            stage::secure(&running).await
        } else {
            stage::plain(&running).await
        };
        let first = client.get(LIST, &credentials()).await;
        if secure {
            // The step fired on the connection before; the next answer is whole again.
            assert_eq!(first.rows(), 10);
            continue;
        }
        let broken = client.get(LIST, &credentials()).await;
        assert_eq!((broken.status, broken.broken), (200, None));
        assert_eq!(broken.body, first.body[..300]);
        serde_json::from_slice::<Value>(&broken.body).unwrap_err();
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
    }
    let entries = running.journal.entries();
    let (outcome, entry) = outcomes(&entries)
        .into_iter()
        .find(|(outcome, _)| outcome.condition.is_some())
        .unwrap();
    assert_eq!(outcome.condition, Some(Condition::Truncated));
    assert_eq!(outcome.end, ReplyEnd::Delivered);
    assert_eq!(outcome.served, None);
    assert_eq!(entry.cause, Some(Cause::Step("fault".to_owned())));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drips_come_one_at_a_time_and_to_the_end_if_the_caller_stays() {
    let drip = json!({ "after_body_bytes": 40, "bytes": 4000, "every": "10ms" });
    let running = stage::start(json!({}), step(json!({ "drip": drip }))).await;
    let mut client = stage::secure(&running).await;
    let whole = client.get(LIST, &credentials()).await;
    client.send("GET", LIST, &credentials(), "").await;
    client.head_and(40).await;
    let mut body = whole.body[..40].to_vec();
    loop {
        let drip = client.chunk().await.unwrap();
        if drip.is_empty() {
            break;
        }
        assert!(drip.len() <= 4000);
        body.extend(drip);
    }
    assert_eq!(body, whole.body);
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::Dripping));
    assert_eq!(outcome.end, ReplyEnd::Delivered);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_does_not_drip_and_keeps_its_condition() {
    let drip = json!({ "every": "1h" });
    let running = stage::start(json!({}), step(json!({ "drip": drip }))).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let wrong = basic(stage::USER, "another");
    assert_eq!(client.get(LIST, &wrong).await.status, 401);
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::PasswordRefused));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_a_drip_is_seen_to_leave() {
    let running = stage::start(json!({}), step(json!({ "drip": { "every": "5ms" } }))).await;
    let mut client = stage::secure(&running).await;
    met(&mut client).await;
    client.head_and(1).await;
    assert_eq!(client.chunk().await.unwrap().len(), 1);
    drop(client);
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.end, ReplyEnd::Abandoned);
    assert!(outcome.body_bytes >= 2);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scripted_answer_has_the_script_s_headers_only() {
    let respond = json!({
        "fault": { "when": { "request": "GET /x*" }, "do": [{ "respond": {
            "status": 503, "headers": { "Retry-After": "5" }, "body": "<html>busy</html>",
        } }] }
    });
    let running = stage::start(json!({}), respond).await;
    let answer = stage::plain(&running).await.get("/x?a=b", "").await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (503, "<html>busy</html>")
    );
    assert_eq!(answer.header("Retry-After"), Some("5"));
    assert_eq!(answer.header("Set-Cookie"), None);
    assert_eq!(answer.header("Server"), None);
    let request = &stage::requests(&running.journal.entries())[0];
    assert_eq!(request.decision.stage, "script");
    running.shutdown().await.unwrap();
}
