//! The journal is whole at the end, and nothing is left behind.

use std::sync::Arc;

use serde_json::json;
use snowproof_simulator::journal::{ClosedBy, Entry, Event, Header, ReplyEnd};
use snowproof_simulator::simulator::{Options, Simulator};
use tokio::net::TcpStream;

use crate::stage::{self, LIST, PASSWORD, authority, credentials, outcomes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_exchange_gets_its_outcome_before_the_journal_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.jsonl");
    let steps = json!({ "stall": { "when": { "request": "*" }, "do": [{ "stall": {} }] } });
    let options = Options {
        journal_file: Some(file.clone()),
        ..Options::default()
    };
    let running = stage::try_start(stage::setup(json!({}), steps), options)
        .await
        .unwrap();
    let journal = running.journal.clone();
    let mut client = stage::secure(&running).await;
    client.send("GET", LIST, &credentials(), "").await;
    stage::entry(&running, |event| matches!(event, Event::Request(_))).await;
    let idle = stage::plain(&running).await;
    stage::entry(
        &running,
        |event| matches!(event, Event::Accepted(a) if !a.tls),
    )
    .await;
    let address = running.addresses["main"].clone();
    running.shutdown().await.unwrap();

    let entries = journal.entries();
    let (outcome, _) = outcomes(&entries).pop().unwrap();
    assert_eq!(outcome.end, ReplyEnd::Silent);
    let closings = stage::closings(&entries);
    assert_eq!(closings.len(), 2);
    assert!(
        closings
            .iter()
            .all(|closed| closed.by == ClosedBy::Shutdown)
    );
    assert!(TcpStream::connect(address.https).await.is_err());
    assert!(TcpStream::connect(address.http.unwrap()).await.is_err());
    drop((client, idle));

    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(&header, journal.header());
    let written: Vec<Entry> = lines.map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(written, entries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_has_one_outcome_and_every_connection_one_end() {
    let running = stage::start(json!({}), json!({})).await;
    let journal = running.journal.clone();
    for _ in 0..3 {
        let mut client = stage::plain(&running).await;
        client.get(LIST, &credentials()).await;
        client.send("HEAD", LIST, &credentials(), "").await;
        // A caller that leaves at once, its answer unread.
    }
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let mut asked: Vec<u64> = stage::requests(&entries)
        .iter()
        .map(|r| r.request)
        .collect();
    let mut ended: Vec<u64> = outcomes(&entries).iter().map(|(o, _)| o.request).collect();
    ended.sort_unstable();
    asked.sort_unstable();
    assert_eq!(asked, ended);
    for (outcome, entry) in outcomes(&entries) {
        let request = stage::requests(&entries)
            .into_iter()
            .find(|request| request.request == outcome.request)
            .unwrap();
        assert!(request.started_ns <= outcome.ended_ns && outcome.ended_ns <= entry.at_ns);
    }
    assert_eq!(stage::closings(&entries).len(), 3);
    for (index, entry) in entries.iter().enumerate() {
        assert_eq!(entry.seq, index as u64 + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_simulators_share_one_authority_and_end_alone() {
    let mut all = Vec::new();
    for seed in 0..6 {
        let mut setup = stage::setup(json!({}), json!({}));
        setup.seed = seed;
        let options = Options::default();
        all.push(Simulator::start(setup, authority(), options).await.unwrap());
    }
    let hosts: std::collections::BTreeSet<_> = all
        .iter()
        .map(|running| running.addresses["main"].host.clone())
        .collect();
    assert_eq!(hosts.len(), 6);
    all.remove(0).shutdown().await.unwrap();
    for running in &all {
        let answer = stage::secure(running).await.get(LIST, &credentials()).await;
        assert_eq!(answer.status, 200);
    }
    for running in all {
        running.shutdown().await.unwrap();
    }
    assert!(
        Arc::strong_count(authority()) <= 2 + 64,
        "instances let go of the authority"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_has_its_place_among_the_entries() {
    let running = stage::start(json!({}), json!({})).await;
    running.start_act(1, "check").await;
    let before = running.journal.entries().last().unwrap().at_ns;
    let moment = running.journal_ns(tokio::time::Instant::now());
    running.end_act().await;
    let after = running.journal.entries().last().unwrap().at_ns;
    assert!(
        before <= moment && moment <= after,
        "{before} {moment} {after}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_simulator_stops_it() {
    let running = stage::start(json!({}), json!({})).await;
    let address = running.addresses["main"].https;
    let mut subscription = running.journal.subscribe();
    let client = stage::secure(&running).await;
    drop(running);
    let ended = async {
        while let Some(entry) = subscription.next().await {
            if let Event::Closed(closed) = &entry.event {
                return Some(closed.by);
            }
        }
        None
    };
    assert_eq!(ended.await, Some(ClosedBy::Shutdown));
    drop(client);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reason_that_quotes_the_caller_holds_no_secret() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let target = format!("/api/now/{PASSWORD}");
    assert_eq!(client.get(&target, &credentials()).await.status, 400);
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let text = serde_json::to_string(&journal.entries()).unwrap();
    assert!(!text.contains(PASSWORD));
    assert!(text.contains("no API at"), "{text}");
}
