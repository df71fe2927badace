//! An instance as it is filled: told of, stopped, and repeatable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use snowproof_simulator::journal::Event;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, StartError};
use snowproof_simulator::store::StoreError;
use snowproof_simulator::store::seed::Watch;

use crate::stage;

fn rows(rows: u32) -> Setup {
    stage::setup(
        json!({ "tables": { "cmdb_ci_server": { "rows": rows }, "incident": { "rows": 20 } } }),
        json!({}),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_is_told_and_can_stop_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let options = |goes_on: bool, told: &Arc<AtomicU64>| {
        let told = Arc::clone(told);
        Options {
            data: Some(file.clone()),
            watch: Some(Watch::new(move |filled| {
                told.fetch_max(filled.rows, Ordering::Relaxed);
                goes_on || filled.rows < 2000
            })),
            ..Options::default()
        }
    };
    let told = Arc::default();
    let stopped = stage::try_start(rows(5000), options(false, &told)).await;
    let Err(StartError::Store { error, .. }) = stopped else {
        panic!("it started");
    };
    assert!(matches!(error, StoreError::Stopped), "{error}");
    assert_eq!(told.load(Ordering::Relaxed), 2000);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let told = Arc::default();
    let running = stage::try_start(rows(5000), options(true, &told)).await;
    assert_eq!(told.load(Ordering::Relaxed), 5020);
    running.unwrap().shutdown().await.unwrap();
    assert!(file.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_filled_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(folder.path().join("kept.db")),
        ..Options::default()
    };
    let wrong = json!({ "tables": { "incident": { "set": { "no_column": ["x"] } } } });
    let setup = stage::setup(wrong, json!({}));
    stage::try_start(setup, options).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// What every user sees when an instance with this seed has started, and how it is called.
async fn seen(seed: u64) -> (String, Vec<Value>) {
    let setup = Setup { seed, ..rows(30) };
    let running = stage::try_start(setup, Options::default()).await.unwrap();
    running.start_act(1, "sync").await;
    let entries = running.journal.entries();
    let host = running.addresses["main"].host.clone();
    running.shutdown().await.unwrap();
    let seen = entries.iter().filter_map(|entry| match &entry.event {
        Event::Visibility(seen) => Some(serde_json::to_value(seen).unwrap()),
        _ => None,
    });
    (host, seen.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_starts_with_one_seed_are_equal_and_two_seeds_differ() {
    let first = seen(1).await;
    assert_eq!(first.1.len(), 2);
    assert_eq!(first, seen(1).await);
    let other = seen(2).await;
    assert_ne!(first.0, other.0);
    let ids = |seen: &Value| seen["visible"].as_array().unwrap().clone();
    for (one, other) in first.1.iter().zip(&other.1) {
        assert_eq!(ids(one).len(), ids(other).len());
        assert!(ids(one).iter().all(|id| !ids(other).contains(id)));
    }
}
