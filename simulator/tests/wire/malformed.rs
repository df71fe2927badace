//! Answers that are no good HTTP, or whose body is not what their head says.

use std::io::{ErrorKind, Read};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, ClosedBy, Condition, Event, ReplyEnd};
use snowproof_simulator::setup::Malformation;
use tokio::io::AsyncReadExt;

use crate::stage::{self, LIST, credentials, outcomes};

fn step(action: Value) -> Value {
    json!({ "fault": { "when": { "request": "*", "nth": 2 }, "do": [action] } })
}

/// Everything that comes after the second request of a kept connection, up to its end.
async fn second_answer(
    action: Value,
    secure: bool,
) -> (Vec<u8>, snowproof_simulator::simulator::Running) {
    let running = stage::start(json!({}), step(action)).await;
    let mut client = if secure {
        stage::secure(&running).await
    } else {
        stage::plain(&running).await
    };
    assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
    client.send("GET", LIST, &credentials(), "").await;
    let mut bytes = Vec::new();
    let ended = client.stream.read_to_end(&mut bytes).await;
    // Over TLS the end comes without close_notify.
    if let Err(error) = ended {
        assert!(
            secure && error.kind() == ErrorKind::UnexpectedEof,
            "{error}"
        );
    }
    (bytes, running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_http_leaves_whole_and_ends_the_connection() {
    for (at, what) in Malformation::ALL
        .into_iter()
        .filter(|what| what.is_of_http())
        .enumerate()
    {
        let (bytes, running) = second_answer(json!({ "malform": what }), at % 2 == 0).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let garbage = what == Malformation::GarbageStatusLine;
        assert_eq!(
            text.starts_with("HTTP/1.1 200 OK\r\n"),
            !garbage,
            "{what:?}"
        );
        let lengths = text.matches("\r\nContent-Length: ").count();
        let chunked = text.contains("\r\nTransfer-Encoding: chunked\r\n");
        assert_eq!(
            (lengths, chunked),
            match what {
                Malformation::GarbageStatusLine => (0, false),
                Malformation::HugeHeader | Malformation::ManyHeaders => (1, false),
                Malformation::DuplicateContentLength | Malformation::UnequalContentLength => {
                    (2, false)
                }
                Malformation::ContentLengthWithTransferEncoding => (1, true),
                _ => (0, true),
            },
            "{what:?}"
        );
        // The rest is the instance's answer.
        assert_eq!(
            text.contains("\r\nX-Total-Count: 30\r\n"),
            !garbage,
            "{what:?}"
        );
        assert_eq!(text.contains("]}"), !garbage, "{what:?}");

        let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
        let Event::Closed(closed) = closed.event else {
            unreachable!()
        };
        assert_eq!(closed.by, ClosedBy::Instance);
        let entries = running.journal.entries();
        let (outcome, entry) = outcomes(&entries).pop().unwrap();
        assert_eq!(outcome.end, ReplyEnd::Delivered);
        assert_eq!(outcome.status, (!garbage).then_some(200));
        assert_eq!(
            (outcome.condition, &outcome.served),
            (Some(Condition::Malformed), &None)
        );
        assert_eq!(entry.cause, Some(Cause::Step("fault".to_owned())));
        let request = stage::requests(&entries).pop().unwrap();
        let reason = format!("step `fault`: {}", what.in_words());
        assert_eq!(request.decision.reason, reason);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoiled_bodies_come_in_whole_messages_on_a_connection_that_goes_on() {
    for what in Malformation::ALL
        .into_iter()
        .filter(|what| !what.is_of_http())
    {
        let running = stage::start(json!({}), step(json!({ "malform": what }))).await;
        let mut client = stage::secure(&running).await;
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
        let answer = client.get(LIST, &credentials()).await;
        assert_eq!((answer.status, answer.broken), (200, None), "{what:?}");
        let is_gzip = answer.header("Content-Encoding") == Some("gzip");
        let claims_gzip = matches!(what, Malformation::BadGzip | Malformation::TruncatedGzip);
        assert_eq!(is_gzip, claims_gzip, "{what:?}");
        if is_gzip {
            let mut plain = Vec::new();
            let error = GzDecoder::new(&answer.body[..])
                .read_to_end(&mut plain)
                .unwrap_err();
            let cut = what == Malformation::TruncatedGzip;
            assert_eq!(error.kind() == ErrorKind::UnexpectedEof, cut, "{error}");
        } else {
            serde_json::from_slice::<Value>(&answer.body).unwrap_err();
        }
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
        let outcome = stage::outcome(&running, 2).await;
        assert_eq!(outcome.end, ReplyEnd::Delivered);
        assert_eq!(
            (outcome.condition, outcome.served),
            (Some(Condition::Malformed), None)
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_breaks_off_and_the_connection_ends() {
    for (within, rest, status) in [
        ("status_line", "HTTP/1.1 2", None),
        ("header", "\r\nTransfer-Encoding: chun", Some(200)),
    ] {
        let hang_up = json!({ "hang_up": { "within": within, "manner": "close" } });
        let (bytes, running) = second_answer(hang_up, true).await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with(rest), "{text}");
        let outcome = stage::outcome(&running, 2).await;
        assert_eq!((outcome.end, outcome.status), (ReplyEnd::Cut, status));
        assert_eq!(outcome.condition, Some(Condition::HungUp));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_breaks_off_and_silence_lasts_until_the_caller_leaves() {
    for (within, status) in [("status_line", None), ("header", Some(200))] {
        let stall = json!({ "stall": { "within": within } });
        let running = stage::start(json!({}), step(stall)).await;
        let mut client = stage::secure(&running).await;
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
        client.send("GET", LIST, &credentials(), "").await;
        let mut begun = [0; 10];
        client.stream.read_exact(&mut begun).await.unwrap();
        assert_eq!(&begun, b"HTTP/1.1 2");
        drop(client);
        let outcome = stage::outcome(&running, 2).await;
        assert_eq!((outcome.end, outcome.status), (ReplyEnd::Silent, status));
        assert_eq!(
            (outcome.condition, outcome.body_bytes),
            (Some(Condition::Stalled), 0)
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_instance_refuses_is_damaged_too() {
    let step = json!({ "fault": { "when": { "request": "*" }, "do": [{ "malform": "unequal_content_length" }] } });
    let running = stage::start(json!({}), step).await;
    let mut client = stage::plain(&running).await;
    client.send("GET", LIST, "", "").await;
    let mut bytes = Vec::new();
    client.stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{text}");
    assert!(text.contains("\r\nWWW-Authenticate: "), "{text}");
    running.shutdown().await.unwrap();
}
