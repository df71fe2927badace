//! How long one record takes, alone and beside 200 connections whose answers have fallen silent:
//! median and 99th percentile of both in wall time, and the ratio, which is to stay within 1.5.
//!
//! Rounds alternate, so that a busy machine disturbs both alike.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use std::time::{Duration, Instant};

use snowproof_benches::caller::Caller;
use snowproof_benches::{cpu, instance, is_tried};

const ROUNDS: usize = 6;
const REQUESTS: usize = 1000;
const STALLED: usize = 200;
const SERVERS: &str = "/api/now/table/cmdb_ci_server";

fn main() {
    let (rounds, requests, stalled) = if is_tried() {
        (1, 20, 5)
    } else {
        (ROUNDS, REQUESTS, STALLED)
    };
    let steps = serde_json::json!({
        "falls-silent": {
            "when": { "request": "GET /*falls=silent*", "from": 1 },
            "do": [{ "stall": { "after_body_bytes": 10 } }],
        },
    });
    let ours = cpu::runtime("simulator", 2);
    let address = ours.block_on(instance::serve_with(300, steps));
    let mut caller = Caller::connect(address);
    caller.get(&format!("{SERVERS}?sysparm_limit=1&sysparm_fields=sys_id"));
    let found: serde_json::Value = serde_json::from_slice(&caller.answer().1).unwrap();
    let sys_id = found["result"][0]["sys_id"].as_str().unwrap();
    let path = format!("{SERVERS}/{sys_id}");
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        alone.extend(times(&mut caller, &path, requests));
        let silent: Vec<Caller> = (0..stalled)
            .map(|_| {
                let mut silent = Caller::connect(address);
                silent.begin(&format!("{SERVERS}?sysparm_limit=5&falls=silent"));
                silent
            })
            .collect();
        beside.extend(times(&mut caller, &path, requests));
        drop(silent);
    }
    let (alone_50, alone_99) = percentiles(alone);
    let (beside_50, beside_99) = percentiles(beside);
    println!(
        "one record beside {stalled} stalled connections: p50 {alone_50:.2?} alone, \
         {beside_50:.2?} beside; p99 {alone_99:.2?} alone, {beside_99:.2?} beside, {:.2} times",
        beside_99.as_secs_f64() / alone_99.as_secs_f64(),
    );
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

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
