//! A hundred listeners side by side: no two on one port, no fault reaches a neighbour, nothing is
//! left behind.
//!
//! Alone in its process, so that everything counted here is the simulators' own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator};

const SIMULATORS: usize = 32;
/// How long a caller of a faulty instance waits, and how long one of a healthy instance.
const SHORT: Duration = Duration::from_millis(700);
const LONG: Duration = Duration::from_secs(120);
const USER: &str = "sync.user";
const LIST: &str = "/api/now/table/incident?sysparm_query=ORDERBYsys_id&sysparm_limit=10";

/// What is wrong with the first instance of a simulator; the second is healthy.
const FAULTS: [&str; 8] = [
    "none", "closed", "filtered", "mute", "reset", "stall", "drip", "truncate",
];

fn setup(fault: &str) -> Setup {
    let healthy = json!({
        "tables": { "incident": { "rows": 30 } },
        "users": { USER: { "roles": ["itil"] } },
    });
    let mut main = healthy.clone();
    let mut steps = json!({});
    let action = match fault {
        "closed" | "filtered" | "mute" => {
            main["port"] = json!(fault);
            None
        }
        "reset" => Some(json!({ "hang_up": { "after_body_bytes": 100 } })),
        "stall" => Some(json!({ "stall": { "after_body_bytes": 100 } })),
        "drip" => Some(json!({ "drip": { "every": "20ms" } })),
        "truncate" => Some(json!({ "truncate": { "after_body_bytes": 100 } })),
        _ => None,
    };
    if let Some(action) = action {
        // The path of the faulty instance's callers; the trigger counts requests of all instances.
        steps["fault"] =
            json!({ "when": { "request": "GET /*faulty=1*", "from": 1 }, "do": [action] });
    }
    let mut instances = vec![("main", main), ("second", healthy.clone())];
    if fault == "none" {
        instances.push(("third", healthy));
    }
    Setup {
        instances: instances
            .into_iter()
            .map(|(name, setup)| (name.to_owned(), serde_json::from_value(setup).unwrap()))
            .collect(),
        steps: serde_json::from_value(steps).unwrap(),
        passwords: [(USER.to_owned(), "a-canary-of-a-password".to_owned())].into(),
        ..Setup::default()
    }
}

fn client(authority: &Authority) -> reqwest::Client {
    let roots = reqwest::Certificate::from_pem_bundle(authority.ca_pem().as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only(roots)
        .build()
        .unwrap()
}

/// Rows of one list read, or why there are none.
async fn rows(
    client: &reqwest::Client,
    address: SocketAddr,
    more: &str,
    patience: Duration,
) -> Result<usize, String> {
    let answer = client
        .get(format!("https://{address}{LIST}{more}"))
        .basic_auth(USER, Some("a-canary-of-a-password"))
        .timeout(patience)
        .send()
        .await
        .map_err(|error| format!("{error:?}"))?;
    let body = answer.text().await.map_err(|error| format!("{error:?}"))?;
    let value: Value = serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))?;
    value["result"].as_array().map(Vec::len).ok_or(body)
}

/// Calls the faulty instance and its healthy neighbour at once.
async fn live(running: &Running, fault: &str, authority: &Authority) {
    let main = running.addresses["main"].https;
    let faulty = async {
        let client = client(authority);
        for _ in 0..2 {
            if fault == "none" {
                let read = rows(&client, main, "&faulty=1", LONG).await;
                assert_eq!(read, Ok(10), "{fault}");
            } else {
                let met = rows(&client, main, "&faulty=1", SHORT).await;
                assert!(met.is_err(), "{fault}");
            }
        }
    };
    let healthy = async {
        let client = client(authority);
        for address in running.addresses.values().skip(1) {
            for _ in 0..5 {
                let read = rows(&client, address.https, "", LONG).await;
                assert_eq!(read, Ok(10), "beside {fault}");
            }
        }
    };
    tokio::join!(faulty, healthy);
}

/// Open sockets and databases: the rest is the runtime's.
fn sockets() -> usize {
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|path| {
            let text = path.to_string_lossy();
            text.starts_with("socket:") || text.ends_with("instance.db")
        })
        .count()
}

fn children() -> String {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neighbours_do_not_meet_each_other_s_faults_and_leave_nothing() {
    let authority = Arc::new(Authority::generate().unwrap());
    let before = sockets();
    let starts = (0..SIMULATORS).map(|number| {
        let authority = Arc::clone(&authority);
        tokio::spawn(async move {
            let fault = FAULTS[number % FAULTS.len()];
            let options = Options {
                listen_http: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
                ..Options::default()
            };
            let running = Simulator::start(setup(fault), &authority, options).await;
            (running.unwrap(), fault)
        })
    });
    let mut simulators = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        simulators.push(start.await.unwrap());
    }
    let ports: Vec<u16> = simulators
        .iter()
        .flat_map(|(running, _)| running.addresses.values())
        .flat_map(|address| [Some(address.https), address.http])
        .flatten()
        .map(|address| address.port())
        .collect();
    assert!(ports.len() >= 100, "{}", ports.len());
    assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());

    let lives = simulators.into_iter().map(|(running, fault)| {
        let authority = Arc::clone(&authority);
        tokio::spawn(async move {
            live(&running, fault, &authority).await;
            running.shutdown().await.unwrap();
        })
    });
    for life in lives.collect::<Vec<_>>() {
        life.await.unwrap();
    }
    assert_eq!(sockets(), before);
    assert_eq!(children(), "");
    assert_eq!(Arc::strong_count(&authority), 1);
}
