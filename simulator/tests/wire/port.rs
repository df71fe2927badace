//! What the port does with whoever connects: refuses, drops, accepts and says nothing.

use std::io::ErrorKind;

use serde_json::json;
use snowproof_simulator::journal::{Cause, ClosedBy, Entry, Event};
use snowproof_simulator::setup::{Action, Port};
use snowproof_simulator::simulator::Running;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stage::{self, LIST, credentials};

async fn connect(running: &Running) -> std::io::Result<TcpStream> {
    TcpStream::connect(running.addresses["main"].https).await
}

async fn turn(running: &Running, port: Port) {
    let cause = Cause::Hand;
    let action = Action::SetPort(port);
    running
        .director
        .apply("main", &action, cause)
        .await
        .unwrap();
}

/// Whether the end of an unanswered attempt is written down.
fn is_over(entries: &[Entry], attempt: u64) -> bool {
    let ends = |event: &Event| matches!(event, Event::SynGone(it) if it.attempt == attempt);
    entries.iter().any(|entry| ends(&entry.event))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_port_refuses_from_the_start_and_until_it_opens() {
    let running = stage::start(json!({ "port": "closed" }), json!({})).await;
    for _ in 0..3 {
        let refused = connect(&running).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
    turn(&running, Port::Open).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    turn(&running, Port::Closed).await;
    connect(&running).await.unwrap_err();
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_closes_the_port_before_its_answer_ends_and_opens_it_again() {
    let steps = json!({
        "closes": {
            "when": { "request": "*", "nth": 2 }, "at": "delivered",
            "do": [{ "set_port": "closed" }],
        },
        "opens": {
            "when": { "event": "closes", "after": "1s" },
            "do": [{ "set_port": "open" }],
        },
    });
    let running = stage::start(json!({}), steps).await;
    let mut client = stage::secure(&running).await;
    for _ in 0..2 {
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
    }
    let refused = connect(&running).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    // The connection that it had is closed too.
    client.answer().await.unwrap_err();
    stage::entry(
        &running,
        |event| matches!(event, Event::StepFired(fired) if fired.step == "opens"),
    )
    .await;
    turn(&running, Port::Open).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filtered_port_answers_no_syn_and_sees_who_tries() {
    let running = stage::start(json!({ "port": "filtered" }), json!({})).await;
    let address = running.addresses["main"].https;
    for attempt in 1..=2 {
        let tries = tokio::spawn(TcpStream::connect(address));
        let begins =
            |event: &Event| matches!(event, Event::SynSeen(seen) if seen.attempt == attempt);
        stage::entry(&running, begins).await;
        assert!(!tries.is_finished());
        tries.abort();
        let ends = |event: &Event| matches!(event, Event::SynGone(it) if it.attempt == attempt);
        stage::entry(&running, ends).await;
    }
    let entries = running.journal.entries();
    let seen: Vec<_> = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::SynSeen(_)))
        .collect();
    assert_eq!(seen.len(), 2, "one for each attempt, none for our own");
    assert!(seen.iter().all(|entry| entry.cause == Some(Cause::Setup)));
    assert!(
        !entries
            .iter()
            .any(|entry| matches!(entry.event, Event::Accepted(_)))
    );
    turn(&running, Port::Open).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    turn(&running, Port::Filtered).await;
    // Whoever still tries when the port opens, or the instance stops, is not left without an end.
    let tries = tokio::spawn(TcpStream::connect(address));
    let third = |event: &Event| matches!(event, Event::SynSeen(seen) if seen.attempt > 3);
    let Event::SynSeen(seen) = stage::entry(&running, third).await.event else {
        unreachable!()
    };
    turn(&running, Port::Open).await;
    assert!(is_over(&running.journal.entries(), seen.attempt));
    tries.abort();
    turn(&running, Port::Filtered).await;
    let tries = tokio::spawn(TcpStream::connect(address));
    let fourth = |event: &Event| matches!(event, Event::SynSeen(it) if it.attempt > seen.attempt);
    let Event::SynSeen(seen) = stage::entry(&running, fourth).await.event else {
        unreachable!()
    };
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    assert!(is_over(&journal.entries(), seen.attempt));
    tries.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mute_port_accepts_and_answers_no_handshake() {
    let running = stage::start(json!({ "port": "mute" }), json!({})).await;
    let mut caller = connect(&running).await.unwrap();
    caller.write_all(&[0x16, 3, 1, 0, 1, 1]).await.unwrap();
    let stalled = stage::entry(&running, |event| {
        matches!(event, Event::HandshakeStalled(_))
    })
    .await;
    assert_eq!(stalled.cause, Some(Cause::Setup));
    drop(caller);
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    assert!(matches!(&closed.event, Event::Closed(closed) if closed.by == ClosedBy::Caller));
    turn(&running, Port::Open).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_in_a_stalled_handshake_does_not_hold_up_the_end() {
    let running = stage::start(json!({ "port": "mute" }), json!({})).await;
    let mut caller = connect(&running).await.unwrap();
    caller.write_all(&[0x16]).await.unwrap();
    stage::entry(&running, |event| {
        matches!(event, Event::HandshakeStalled(_))
    })
    .await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_drops_connections_ends_them_before_a_byte_is_answered() {
    for (port, by_reset) in [(Port::HangsUp, false), (Port::Resets, true)] {
        for secure in [true, false] {
            let running = stage::start(json!({ "port": port }), json!({})).await;
            let address = &running.addresses["main"];
            let address = if secure {
                address.https
            } else {
                address.http.unwrap()
            };
            // A reset may be there before the caller knows that it is connected.
            let ended = match TcpStream::connect(address).await {
                Err(error) => Err(error),
                Ok(mut stream) => {
                    let _may_be_too_late = stream.write_all(b"whatever is said").await;
                    stream.read_to_end(&mut Vec::new()).await
                }
            };
            match ended {
                Ok(heard) => assert!(!by_reset && heard == 0, "{port:?}"),
                Err(error) => {
                    assert!(by_reset);
                    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                }
            }
            let wanted = |event: &Event| matches!(event, Event::TurnedAway(_));
            let entry = stage::entry(&running, wanted).await;
            let Event::TurnedAway(turned_away) = &entry.event else {
                unreachable!()
            };
            assert_eq!(
                (turned_away.connection, turned_away.by_reset),
                (1, by_reset)
            );
            assert_eq!(entry.cause, Some(Cause::Setup));
            let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
            let Event::Closed(closed) = closed.event else {
                unreachable!()
            };
            assert_eq!((closed.by, closed.bytes_out), (ClosedBy::Instance, 0));
            turn(&running, Port::Open).await;
            let answer = stage::secure(&running)
                .await
                .get(LIST, &credentials())
                .await;
            assert_eq!(answer.rows(), 10);
            running.shutdown().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stays_after_the_end_does_not_hold_the_connection() {
    let running = stage::start(json!({ "port": "hangs_up" }), json!({})).await;
    let mut stays = connect(&running).await.unwrap();
    assert_eq!(stays.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    let Event::Closed(closed) = closed.event else {
        unreachable!()
    };
    assert_eq!(closed.by, ClosedBy::Instance);
    running.shutdown().await.unwrap();
    drop(stays);
}
