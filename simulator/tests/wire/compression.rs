//! Answers in gzip, and the faults that act on them.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Event, ReplyEnd};

use crate::client::Answer;
use crate::stage::{self, LIST, credentials, requests};

fn plain(answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
    let mut plain = Vec::new();
    GzDecoder::new(&answer.body[..])
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

fn offering() -> String {
    credentials() + "Accept-Encoding: gzip, deflate\r\n"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_offers_gzip_gets_it_errors_included_and_nobody_else() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let bare = client.get(LIST, &credentials()).await;
    assert_eq!(bare.header("Content-Encoding"), None);
    let packed = client.get(LIST, &offering()).await;
    assert_eq!(packed.header("Transfer-Encoding"), Some("chunked"));
    assert!(packed.body.len() < bare.body.len());
    let rows: Value = serde_json::from_slice(&plain(&packed)).unwrap();
    assert_eq!(rows, bare.json());
    let absent = client.get("/api/now/table/nothing", &offering()).await;
    assert_eq!(absent.status, 400);
    assert!(plain(&absent).starts_with(b"{\"error\""));
    client.send("HEAD", LIST, &offering(), "").await;
    client.head_and(0).await;
    let refusing = credentials() + "Accept-Encoding: gzip;q=0\r\n";
    let refused = client.get(LIST, &refusing).await;
    assert_eq!(refused.header("Content-Encoding"), None);
    let mut client = stage::secure(&running).await;
    let denied = client.get(LIST, "Accept-Encoding: gzip\r\n").await;
    assert_eq!(denied.status, 401);
    assert!(plain(&denied).starts_with(b"{\"error\""));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edge_compresses_nothing() {
    let running = stage::start(json!({ "state": "hibernating" }), json!({})).await;
    let answer = stage::secure(&running).await.get(LIST, &offering()).await;
    assert_eq!(answer.header("Content-Encoding"), None);
    assert!(answer.text().contains("Instance Hibernating page"));
    running.shutdown().await.unwrap();
}

/// What a caller who offers gzip gets where a step does this to every request.
async fn faulty(action: Value) -> (Answer, stage::Met) {
    let steps = json!({ "fault": { "when": { "request": "*" }, "do": [action] } });
    let running = stage::start(json!({}), steps).await;
    let answer = stage::secure(&running).await.get(LIST, &offering()).await;
    let journal = running.journal.clone();
    let ended = stage::entry(&running, |event| matches!(event, Event::Outcome(_))).await;
    running.shutdown().await.unwrap();
    let request = requests(&journal.entries()).remove(0);
    let Event::Outcome(outcome) = ended.event else {
        unreachable!()
    };
    (answer, stage::Met { request, outcome })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_met_by_callers_who_read_gzip() {
    let (answer, met) = faulty(json!({ "truncate": { "after_body_bytes": 700 } })).await;
    assert_eq!(plain(&answer).len(), 700, "whole gzip, broken JSON");
    assert_eq!(met.outcome.condition, Some(Condition::Truncated));

    // Within what is sent: the bytes sent are cut.
    let cut = json!({ "hang_up": { "after_body_bytes": 100 } });
    let (answer, met) = faulty(cut).await;
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
    assert_eq!((answer.body.len(), answer.broken.is_some()), (100, true));
    assert_eq!(met.outcome.end, ReplyEnd::Cut);

    // Beyond it: the answer is sent plain, so that the step's place is in it.
    let cut = json!({ "hang_up": { "after_body_bytes": 5000 } });
    let (answer, met) = faulty(cut).await;
    assert_eq!(answer.header("Content-Encoding"), None);
    assert_eq!((answer.body.len(), answer.broken.is_some()), (5000, true));
    assert_eq!(met.outcome.condition, Some(Condition::HungUp));
    assert_eq!(met.request.decision.status, Some(200));
}
