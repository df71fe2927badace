//! curl as a client of the API. Where it is not installed, its test says so on stderr and is skipped.

use serde_json::json;
use snowproof_simulator::journal::Event;

use crate::stage::{self, LIST, PASSWORD, USER, requests};
use crate::tls_clients::{ca_file, path, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_reads_gzip_and_lives_on_its_cookie_jar() {
    let running = stage::start(json!({}), json!({})).await;
    let ca = ca_file();
    let jar = tempfile::NamedTempFile::new().unwrap();
    let base = running.addresses["main"].base_url();
    let url = format!("{}{LIST}", base.trim_end_matches('/'));
    let user = format!("{USER}:{PASSWORD}");
    let (ca, jar) = (path(&ca), path(&jar));
    let common = ["-sS", "--http1.1", "--cacert", &ca, "-b", &jar, "-c", &jar];
    let first = [&common[..], &["--compressed", "-u", &user, &url]].concat();
    let Some(said) = run("curl", &first).await else {
        return;
    };
    let rows: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(rows["result"].as_array().unwrap().len(), 10);

    let by_cookie = [
        &common[..],
        &["-o", "/dev/null", "-w", "%{http_code}", &url],
    ]
    .concat();
    assert_eq!(run("curl", &by_cookie).await.as_deref(), Some("200"));
    let xml = [&common[..], &["-H", "Accept: application/xml", &url]].concat();
    let said = run("curl", &xml).await.unwrap();
    assert!(said.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><result>"));
    let long = format!("{url}&x={}", "a".repeat(100_000));
    // Without the jar: curl 7.88 never ends a head of more than 64 KiB that has cookies.
    let too_long = [
        "-sS",
        "--cacert",
        &ca,
        "-w",
        "%{http_code}",
        "-o",
        "/dev/null",
        &long,
    ];
    assert_eq!(run("curl", &too_long).await.as_deref(), Some("414"));

    let entries = running.journal.entries();
    assert_eq!(requests(&entries).len(), 4);
    let by_session = entries
        .iter()
        .any(|entry| matches!(&entry.event, Event::IdentityResolved(it) if it.method == "session"));
    assert!(by_session);
    running.shutdown().await.unwrap();
}
