//! Clients that ask before they send a body (`Expect: 100-continue`), which no stack of the atlas
//! does by itself: curl sends after a second without an answer, the others wait.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Condition, Event};
use snowproof_simulator::simulator::Running;

use crate::faults::{USER, start};
use crate::stacks;

/// A client, and what comes of it where the edge meets, ignores and refuses the question.
const CLIENTS: [(&str, &str, [&str; 3]); 3] = [
    ("curl", "ask_curl.sh", ["201", "201", "417"]),
    ("aiohttp", "ask_aiohttp.py", ["201", "gave up", "417"]),
    ("Node https", "ask_node.mjs", ["201", "gave up", "417"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_before_a_body_meets_what_the_edge_does() {
    let authority = Arc::new(Authority::generate().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority.ca_pem()).unwrap();
    let users = json!({ USER: { "roles": ["admin"] } });
    let names = ["met", "ignored", "refused"];
    let instances: serde_json::Map<_, _> = names
        .iter()
        .map(|name| {
            let instance = json!({ "expect_continue": name, "users": users });
            ((*name).to_owned(), instance)
        })
        .collect();
    let running = start(&authority, instances.into(), json!({})).await;
    let mut met = 0;
    for (client, file, comes_of_it) in CLIENTS {
        if stacks::asking(file, &ca_file, "").is_none() {
            stacks::missing(client, true);
            continue;
        }
        met += 1;
        let answers = names.iter().map(|name| ask(&running, name, file, &ca_file));
        let answers = futures_util::future::join_all(answers).await;
        assert_eq!(answers, comes_of_it, "{client}");
    }
    let refused = running.journal.since(0).into_iter().filter(|entry| {
        matches!(&entry.event, Event::Outcome(outcome) if outcome.condition == Some(Condition::ContinueRefused))
    });
    assert_eq!(refused.count(), met);
    running.shutdown().await.unwrap();
}

/// What a client says of an instance.
async fn ask(running: &Running, instance: &str, file: &str, ca_file: &Path) -> String {
    let port = running.addresses[instance].https.port();
    let url = format!("https://127.0.0.1:{port}/api/now/table/cmdb_ci_server");
    // Time for what must be waited for, and for what must not time out on a busy machine.
    let seconds = if instance == "ignored" { "4" } else { "30" };
    let mut command = stacks::asking(file, ca_file, &url).unwrap();
    command.arg(seconds);
    let output = command.kill_on_drop(true).output().await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(!said.is_empty(), "{file}: {words}");
    said
}
