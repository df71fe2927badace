//! A simulator that was shut down leaves nothing: no task, no socket, no file.
//!
//! Alone in its process, so that everything counted here is the simulator's own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::setup::{InstanceSetup, Setup};
use snowproof_simulator::simulator::{Options, Simulator};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

fn open_files() -> Vec<PathBuf> {
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .collect()
}

fn sockets() -> usize {
    let is_socket = |path: &&PathBuf| path.to_string_lossy().starts_with("socket:");
    open_files().iter().filter(is_socket).count()
}

fn databases() -> Vec<PathBuf> {
    let is_database = |path: &PathBuf| path.ends_with("instance.db");
    open_files().into_iter().filter(is_database).collect()
}

fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

#[tokio::test]
async fn shutdown_leaves_nothing() {
    let before = (tasks(), sockets());
    let setup = Setup {
        instances: [
            ("main".to_owned(), InstanceSetup::default()),
            ("other".to_owned(), InstanceSetup::default()),
        ]
        .into(),
        ..Setup::default()
    };
    let authority = Arc::new(Authority::generate().unwrap());
    let running = Simulator::start(setup, &authority, Options::default())
        .await
        .unwrap();
    let files = databases();
    assert!(!files.is_empty() && files.iter().all(|file| file.exists()));
    let mut clients = Vec::new();
    for address in running.addresses.values() {
        let mut client = TcpStream::connect(address.https).await.unwrap();
        client.write_all(b"\x16\x03\x01").await.unwrap();
        clients.push(client);
    }
    running.shutdown().await.unwrap();
    drop(clients);
    assert_eq!(databases(), [] as [PathBuf; 0]);
    assert!(files.iter().all(|file| !file.exists()), "{files:?}");
    assert_eq!((tasks(), sockets()), before);
    assert_eq!(Arc::strong_count(&authority), 1);
}
