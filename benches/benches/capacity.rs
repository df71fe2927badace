//! Five hundred instances at once, each on ports of its own, and two hundred callers at once: how
//! long they take, what they hold while they run, that no journal knows a call of another
//! instance's caller, and that nothing is left when they are stopped.
//!
//! What is held is read from `/proc`, so this needs Linux.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use snowproof_benches::caller::Caller;
use snowproof_benches::{LOOPBACK, is_tried};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::Event;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator};
use tokio::task::JoinSet;

const INSTANCES: usize = 500;
const CALLERS: usize = 200;
/// Calls that each instance gets.
const CALLS: usize = 3;
/// Threads of the runtime that have nothing to do end after this time; a little more is allowed.
const IDLE_THREADS_END: Duration = Duration::from_secs(12);

fn main() {
    let (instances, callers) = if is_tried() {
        (8, 4)
    } else {
        (INSTANCES, CALLERS)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let authority = Arc::new(Authority::generate().unwrap());
    // What a process makes once is there before anything is counted.
    let first = runtime.block_on(start(&authority));
    runtime.block_on(first.shutdown()).unwrap();
    let before = Held::now();
    println!("before: {before}");

    let began = Instant::now();
    let running = runtime.block_on(start_all(&authority, instances));
    println!("{instances} instances started in {:.1?}", began.elapsed());
    let files = databases();
    let addresses: Vec<SocketAddr> = running.iter().map(plain).collect();
    let ports: BTreeSet<u16> = running
        .iter()
        .flat_map(|running| running.addresses.values())
        .flat_map(|address| [Some(address.https), address.http])
        .flatten()
        .inspect(|address| assert!(address.ip().is_loopback(), "{address}"))
        .map(|address| address.port())
        .collect();
    assert_eq!(ports.len(), 2 * instances, "two listeners share a port");

    let began = Instant::now();
    let mut times = call_all(&addresses, callers);
    times.sort();
    println!(
        "{} calls by {callers} callers at once in {:.1?}: p50 {:.1?}, p99 {:.1?}",
        times.len(),
        began.elapsed(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    );
    println!("while they run: {}", Held::now());
    for (number, running) in running.iter().enumerate() {
        assert_eq!(foreign(running, number), (CALLS, 0), "instance {number}");
    }

    let began = Instant::now();
    runtime.block_on(async {
        let mut stopping = JoinSet::new();
        for running in running {
            stopping.spawn(running.shutdown());
        }
        for stopped in stopping.join_all().await {
            stopped.unwrap();
        }
    });
    println!("stopped in {:.1?}", began.elapsed());
    let left: Vec<&PathBuf> = files.iter().filter(|file| file.exists()).collect();
    assert!(left.is_empty(), "{} databases are left", left.len());
    let after = settled(&before);
    println!("after: {after}");
    assert_eq!(after.files, before.files, "open files");
    assert_eq!(
        Arc::strong_count(&authority),
        1,
        "somebody holds the authority"
    );
}

async fn start(authority: &Arc<Authority>) -> Running {
    let setup = Setup {
        instances: [("main".to_owned(), Default::default())].into(),
        passwords: [("admin".to_owned(), "bench-password".to_owned())].into(),
        ..Setup::default()
    };
    let options = Options {
        listen_http: Some(LOOPBACK),
        ..Options::default()
    };
    Simulator::start(setup, authority, options).await.unwrap()
}

async fn start_all(authority: &Arc<Authority>, instances: usize) -> Vec<Running> {
    let mut starting = JoinSet::new();
    for _ in 0..instances {
        let authority = Arc::clone(authority);
        starting.spawn(async move { start(&authority).await });
    }
    starting.join_all().await
}

fn plain(running: &Running) -> SocketAddr {
    running.addresses["main"].http.unwrap()
}

/// Calls every instance from callers at once; each call names the instance that it is meant for.
fn call_all(addresses: &[SocketAddr], callers: usize) -> Vec<Duration> {
    thread::scope(|scope| {
        let calling: Vec<_> = (0..callers)
            .map(|first| {
                scope.spawn(move || {
                    let mut times = Vec::new();
                    let mine = addresses.iter().enumerate().skip(first).step_by(callers);
                    for (number, address) in mine {
                        let mut caller = Caller::connect(*address);
                        for _ in 0..CALLS {
                            let began = Instant::now();
                            caller.get(&target(number));
                            times.push(began.elapsed());
                        }
                    }
                    times
                })
            })
            .collect();
        calling
            .into_iter()
            .flat_map(|calling| calling.join().unwrap())
            .collect()
    })
}

fn target(number: usize) -> String {
    format!("/api/now/table/sys_user?sysparm_limit=1&meant_for={number}.")
}

/// Calls in an instance's journal that were meant for it, and others.
fn foreign(running: &Running, number: usize) -> (usize, usize) {
    let entries = running.journal.entries();
    let targets = entries.iter().filter_map(|entry| match &entry.event {
        Event::Request(request) => Some(&request.target),
        _ => None,
    });
    let (own, others): (Vec<_>, Vec<_>) = targets.partition(|asked| **asked == target(number));
    (own.len(), others.len())
}

/// What this process holds.
#[derive(Debug)]
struct Held {
    files: usize,
    threads: usize,
    resident_mb: u64,
}

impl Held {
    fn now() -> Self {
        let count = |path| fs::read_dir(path).unwrap().count();
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = resident.and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok());
        Self {
            // Without the one that lists them.
            files: count("/proc/self/fd") - 1,
            threads: count("/proc/self/task"),
            resident_mb: kb.unwrap_or(0) / 1024,
        }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (files, threads, mb) = (self.files, self.threads, self.resident_mb);
        write!(f, "{files} open files, {threads} threads, {mb} MB resident")
    }
}

/// What is held once idle threads had time to end.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells when a thread has ended, and no runtime is on this one"
)]
fn settled(before: &Held) -> Held {
    let began = Instant::now();
    loop {
        let held = Held::now();
        if held.threads <= before.threads || began.elapsed() > IDLE_THREADS_END {
            return held;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// The databases that are open.
fn databases() -> Vec<PathBuf> {
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|path| path.ends_with("instance.db"))
        .collect()
}
