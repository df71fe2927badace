//! Raw bytes to a socket: whatever comes, the connection ends and the instance goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Event, Subscription};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator};
use tokio::runtime::Runtime;

use crate::campaign;

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Inputs after which another simulator is asked: the records are changed, and deleted.
const RENEWED: u32 = 300;
/// How long an end may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// What every healthy instance refuses.
const HEALTHY: &[u8] =
    b"GET /api/now/table/incident HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
/// Bytes of an answer that are read, at most.
const READ: u64 = 1 << 20;

#[test]
fn any_bytes_end_in_an_answer_or_in_nothing() {
    let runtime = Runtime::new().unwrap();
    let authority = Arc::new(Authority::generate().unwrap());
    let mut running = runtime.block_on(start(&authority));
    let mut asked = 0;
    let seeds = campaign::seeds(include_str!("seeds/requests.txt"))
        .iter()
        .map(|seed| on_the_wire(seed))
        .collect();
    campaign::run(seeds, |input| {
        asked += 1;
        if asked % RENEWED == 0 {
            let next = runtime.block_on(start(&authority));
            let before = std::mem::replace(&mut running, next);
            runtime.block_on(before.shutdown()).unwrap();
        }
        let address = running.addresses["main"].http.unwrap();
        let mut entries = running.journal.subscribe();
        let answer = ask(address, input, true);
        let is_http = answer.is_empty() || answer.starts_with(b"HTTP/1.");
        assert!(is_http, "{}", answer.escape_ascii());
        runtime.block_on(closed(&mut entries));
        let answer = ask(address, HEALTHY, false);
        let is_refused = answer.starts_with(b"HTTP/1.1 401");
        assert!(is_refused, "{}", answer.escape_ascii());
        runtime.block_on(closed(&mut entries));
    });
    runtime.block_on(running.shutdown()).unwrap();
}

/// Reads the journal on to where the connection ended.
async fn closed(entries: &mut Subscription) {
    loop {
        let entry = tokio::time::timeout(PATIENCE, entries.next()).await;
        match &entry.unwrap().unwrap().event {
            Event::Closed(_) => return,
            Event::Unmodelled(unmodelled) => {
                let failed = unmodelled.what.contains("the simulator failed");
                assert!(!failed, "{}", unmodelled.what);
            }
            _ => {}
        }
    }
}

async fn start(authority: &Arc<Authority>) -> Running {
    let instance =
        json!({ "users": { "u": { "roles": ["itil"] } }, "tables": { "incident": { "rows": 5 } } });
    let setup = Setup {
        instances: [("main".to_owned(), serde_json::from_value(instance).unwrap())].into(),
        passwords: ["u", "admin"]
            .map(|user| (user.to_owned(), "pw".to_owned()))
            .into(),
        ..Setup::default()
    };
    let options = Options {
        listen_http: Some(LOOPBACK),
        ..Options::default()
    };
    Simulator::start(setup, authority, options).await.unwrap()
}

/// Sends all there is, says so where that is `all`, and reads what comes.
fn ask(address: SocketAddr, bytes: &[u8], all: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may have hung up on what came first.
    let _sent_or_refused = stream.write_all(bytes);
    if all {
        let _open_or_gone = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    match stream.take(READ).read_to_end(&mut answer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("no end comes: {error}"),
        Ok(_) | Err(_) => answer,
    }
}

/// A seed with the line ends of HTTP in its head, and the length of its body.
fn on_the_wire(seed: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(seed.to_vec()).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let length = match body.len() {
        0 => String::new(),
        bytes => format!("Content-Length: {bytes}\r\n"),
    };
    format!("{}\r\n{length}\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}
