//! Several requests in flight: nothing is lost, nothing comes twice, and a refusal binds them all.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;

/// Keys that are spread over the whole range, in order.
fn spread_keys(count: usize) -> Vec<String> {
    let step = u128::MAX / (count.max(1) as u128);
    (0..count as u128)
        .map(|n| format!("{:032x}", n * step))
        .collect()
}

fn settings(responder: &Responder, parallelism: u32, page_size: u32) -> Settings {
    Settings {
        parallelism,
        page_size,
        ..Settings::for_test(&responder.url)
    }
}

fn sorted(said: &Said) -> Vec<String> {
    let mut keys = said.keys.clone();
    keys.sort();
    keys
}

#[tokio::test]
async fn a_run_that_fails_can_be_resumed_with_any_number_of_workers() {
    let all = spread_keys(100);
    let served = all.clone();
    let broken = Arc::new(AtomicUsize::new(12));
    let from = Arc::clone(&broken);
    let responder = Responder::start(move |number, head| {
        if number >= from.load(Ordering::SeqCst) {
            return refusal("403 Forbidden", &[], "User Not Authorized", "");
        }
        table(head, &served, |_| true)
    })
    .await;
    let policy = Policy::default();
    let failed = run_with(&policy, settings(&responder, 4, 5), Verb::Sync, None).await;
    assert_eq!(failed.outcome, Outcome::Failure);
    assert!(!failed.keys.is_empty() && failed.keys.len() < 100);
    broken.store(usize::MAX, Ordering::SeqCst);
    for workers in [1, 2, 7] {
        let settings = settings(&responder, workers, 5);
        let state = failed.states.last().cloned();
        let rest = run_with(&policy, settings, Verb::Sync, state).await;
        assert_eq!(rest.outcome, Outcome::Success);
        let mut both = [failed.keys.clone(), rest.keys].concat();
        both.sort();
        assert_eq!(both, all, "{workers} workers");
    }
}

#[tokio::test]
async fn a_refusal_holds_back_every_worker_and_leaves_fewer_in_flight() {
    let served = spread_keys(60);
    let times = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&times);
    let responder = Responder::start(move |number, head| {
        kept.lock().unwrap().push(Instant::now());
        if number == 6 {
            let headers = ["retry-after: 1"];
            return refusal("429 Too Many Requests", &headers, "Rate limit exceeded", "");
        }
        table(head, &served, |_| true)
    })
    .await;
    let policy = Policy::default();
    let said = run_with(&policy, settings(&responder, 4, 2), Verb::Sync, None).await;
    assert_eq!(
        (said.outcome, sorted(&said)),
        (Outcome::Success, spread_keys(60))
    );
    let times = times.lock().unwrap();
    let refused = times[6];
    // Those that had left already may still arrive: one of each other worker.
    let later = times[7..]
        .iter()
        .filter(|time| time.duration_since(refused) < Duration::from_secs(1))
        .count();
    assert!(later <= 3, "{later} requests while the gate was closed");
}

#[tokio::test]
async fn a_wish_to_stop_ends_all_workers_with_a_checkpoint_that_holds() {
    let responder = Responder::start(|_, _| Act::Silence).await;
    let policy = Policy::default();
    let settings = settings(&responder, 5, 10);
    let client = Client::new(&settings, &policy).await.unwrap();
    let stopper = Stopper::new();
    let stop = stopper.watch();
    let mut out = Vec::new();
    let voice = Voice::new(&mut out, "r1", &policy);
    let run = conduct(Verb::Sync, None, &client, &voice, &stop);
    let wish = async {
        while responder.heads().len() < 5 {
            tokio::task::yield_now().await;
        }
        stopper.raise();
    };
    let (outcome, ()) = tokio::join!(run, wish);
    assert_eq!(outcome.unwrap(), Outcome::Partial);
    let said = Said::read(&out, Outcome::Partial);
    assert_eq!(said.class(), Some("data.partial"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_visible_row_is_delivered_once_whatever_fails(
        rows in 0_usize..120,
        workers in 1_u32..9,
        page_size in 1_u32..25,
        hidden in prop::collection::btree_set(0_usize..120, 0..40),
        failing in prop::collection::btree_map(0_usize..40, 0_u8..3, 0..5),
        clustered in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let all = if clustered { keys(rows) } else { spread_keys(rows) };
            let (served, unseen) = (all.clone(), hidden.clone());
            let responder = Responder::start(move |number, head| match failing.get(&number) {
                Some(0) => refusal("503 Service Unavailable", &[], "down", ""),
                Some(1) => refusal("429 Too Many Requests", &["retry-after: 0"], "busy", ""),
                Some(_) => Act::CutAfter("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{".into()),
                None => table_seen(head, &served, &unseen),
            })
            .await;
            let policy = Policy { workers: crate::policy::Workers {
                spread: Duration::from_millis(1),
                ..crate::policy::Workers::default()
            }, ..brisk() };
            let settings = settings(&responder, workers, page_size);
            let said = run_with(&policy, settings, Verb::Sync, None).await;
            let visible: Vec<String> = all
                .iter()
                .enumerate()
                .filter(|(at, _)| !hidden.contains(at))
                .map(|(_, key)| key.clone())
                .collect();
            prop_assert!(sorted(&said) == visible, "{:?}", said.keys);
            let unseen = rows - visible.len();
            let outcome = match (visible.len(), unseen) {
                (_, 0) => Outcome::Success,
                (0, _) => Outcome::Failure,
                _ => Outcome::Partial,
            };
            prop_assert_eq!(said.outcome, outcome);
            if outcome == Outcome::Partial {
                let told = format!("{unseen} of {rows} records");
                prop_assert!(said.text.contains(&told), "{}", said.text);
            }
            Ok(())
        })?;
    }
}

/// As [`table`], where `unseen` are the places of rows that access controls hide. They hide rows
/// of the table, not places of an answer, so the place is looked up by key.
fn table_seen(head: &str, keys: &[String], unseen: &BTreeSet<usize>) -> Act {
    table(head, keys, |at| !unseen.contains(&at))
}
