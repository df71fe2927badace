//! Starting simulators: one after another, and fifty at once, in wall time.
//!
//! Each has one instance with 300 servers, records of its own on disk and a TLS listener. The
//! first start of a process also builds the database image that every later one copies.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator};
use tokio::task::JoinSet;

const AT_ONCE: usize = 50;
const ONE_BY_ONE: usize = 10;

#[tokio::main]
async fn main() {
    let authority = Arc::new(Authority::generate().unwrap());
    let (first, running) = timed(start(&authority)).await;
    running.shutdown().await.unwrap();
    let mut later = Vec::new();
    for _ in 0..ONE_BY_ONE {
        let (took, running) = timed(start(&authority)).await;
        later.push(took);
        running.shutdown().await.unwrap();
    }
    later.sort();
    println!(
        "first start {first:.1?}, median of later ones {:.1?}",
        later[ONE_BY_ONE / 2]
    );

    let mut starting = JoinSet::new();
    let (took, all) = timed(async {
        for _ in 0..AT_ONCE {
            let authority = Arc::clone(&authority);
            starting.spawn(async move { start(&authority).await });
        }
        starting.join_all().await
    })
    .await;
    println!("{AT_ONCE} at once {took:.1?}");
    let (took, ()) = timed(async {
        for running in all {
            running.shutdown().await.unwrap();
        }
    })
    .await;
    println!("{AT_ONCE} stopped in {took:.1?}");
}

async fn start(authority: &Arc<Authority>) -> Running {
    let instance = serde_json::json!({ "tables": { "cmdb_ci_server": { "rows": 300 } } });
    let setup = Setup {
        instances: [("main".to_owned(), serde_json::from_value(instance).unwrap())].into(),
        passwords: [("admin".to_owned(), "bench-password".to_owned())].into(),
        ..Setup::default()
    };
    Simulator::start(setup, authority, Options::default())
        .await
        .unwrap()
}

async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let before = Instant::now();
    let done = work.await;
    (before.elapsed(), done)
}
