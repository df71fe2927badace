//! How long one record takes, alone and beside four callers who scan 100,000 rows each: the 99th
//! percentile of both in wall time, and their ratio.
//!
//! Rounds alternate, so that a busy machine disturbs both alike.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use snowproof_benches::caller::Caller;
use snowproof_benches::{cpu, instance, is_tried};

const ROUNDS: usize = 4;
const REQUESTS: usize = 1000;
const SCANS: usize = 4;
const SERVERS: &str = "/api/now/table/cmdb_ci_server";

/// The path of the scan of this number: none was asked for before.
type Ask = fn(u64) -> String;

/// What the callers beside ask for.
const BESIDE: [(&str, Ask); 2] = [
    ("scans that find nothing", |number| {
        format!("{SERVERS}?sysparm_query=nameLIKEno-{number}")
    }),
    ("sorted pages of 10,000 rows", |number| {
        format!(
            "{SERVERS}?sysparm_query=name!=no-{number}%5EORDERBYserial_number&sysparm_limit=10000"
        )
    }),
];

fn main() {
    let (rows, rounds, requests) = if is_tried() {
        (300, 1, 20)
    } else {
        (100_000, ROUNDS, REQUESTS)
    };
    let ours = cpu::runtime("simulator", 2);
    let address = ours.block_on(instance::serve(rows));
    let mut caller = Caller::connect(address);
    caller.get(&format!("{SERVERS}?sysparm_limit=1&sysparm_fields=sys_id"));
    let found: serde_json::Value = serde_json::from_slice(&caller.answer().1).unwrap();
    let path = format!(
        "{SERVERS}/{}",
        found["result"][0]["sys_id"].as_str().unwrap()
    );
    for (what, ask) in BESIDE {
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        let scans = AtomicU64::new(0);
        let mut scanned = Duration::ZERO;
        for _ in 0..rounds {
            alone.extend(times(&mut caller, &path, requests));
            let began = Instant::now();
            beside.extend(beside_scans(address, ask, &scans, || {
                times(&mut caller, &path, requests)
            }));
            scanned += began.elapsed();
        }
        let (alone_50, alone_99) = percentiles(alone);
        let (beside_50, beside_99) = percentiles(beside);
        println!(
            "one record beside {SCANS} x {what}: p50 {alone_50:.2?} alone, {beside_50:.2?} beside; \
             p99 {alone_99:.2?} alone, {beside_99:.2?} beside, {:.2} times; {} scans in {scanned:.1?}",
            beside_99.as_secs_f64() / alone_99.as_secs_f64(),
            scans.load(Ordering::Relaxed),
        );
    }
}

fn times(caller: &mut Caller, path: &str, requests: usize) -> Vec<Duration> {
    (0..requests)
        .map(|_| {
            let began = Instant::now();
            caller.get(path);
            began.elapsed()
        })
        .collect()
}

/// Runs `work` while the others scan.
fn beside_scans<T>(
    address: SocketAddr,
    ask: Ask,
    scans: &AtomicU64,
    work: impl FnOnce() -> T,
) -> T {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..SCANS {
            scope.spawn(|| {
                let mut caller = Caller::connect(address);
                while !done.load(Ordering::Relaxed) {
                    caller.get(&ask(NUMBERS.fetch_add(1, Ordering::Relaxed)));
                    scans.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
