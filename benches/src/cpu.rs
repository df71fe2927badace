//! CPU time by threads, which have names. It is read from `/proc`, so this needs Linux.

use std::fs;

use tokio::runtime::{Builder, Runtime};

/// A runtime whose threads, the blocking ones too, bear this name of at most 15 characters.
#[must_use]
pub fn runtime(name: &str, workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(name)
        .enable_all()
        .build()
        .unwrap()
}

/// CPU time of the threads of this name so far, in nanoseconds.
#[must_use]
pub fn nanos(name: &str) -> u64 {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| {
            let task = task.ok()?.path();
            let comm = fs::read_to_string(task.join("comm")).ok()?;
            if comm.trim() != name {
                return None;
            }
            let schedstat = fs::read_to_string(task.join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        })
        .sum()
}

/// CPU time of the threads of this name for each of so many calls, in nanoseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "far fewer than 2^52 nanoseconds"
)]
pub fn nanos_per_call(name: &str, calls: u32, mut call: impl FnMut()) -> f64 {
    let before = nanos(name);
    for _ in 0..calls {
        call();
    }
    (nanos(name) - before) as f64 / f64::from(calls)
}
