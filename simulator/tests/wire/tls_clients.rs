//! What curl and OpenSSL say of each certificate (connection-faults 6). Where one of them is not
//! installed, its test says so on stderr and is skipped.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;
use snowproof_simulator::journal::Event;
use snowproof_simulator::simulator::Running;
use tokio::process::Command;

use crate::stage::{self, authority};

/// Kind, and a part of OpenSSL's words for it. A missing intermediate and an unknown authority
/// read alike; OpenSSL 1.1 writes `self signed` without the hyphen.
const SAID: [(&str, &str); 11] = [
    ("expired", "certificate has expired"),
    ("not_yet_valid", "certificate is not yet valid"),
    ("self_signed", "self.signed certificate"),
    ("inspected", "self.signed certificate in certificate chain"),
    (
        "unknown_authority",
        "unable to get local issuer certificate",
    ),
    (
        "missing_intermediate",
        "unable to get local issuer certificate",
    ),
    ("wrong_host", "match|mismatch"),
    ("wildcard_mismatch", "match|mismatch"),
    ("expired_intermediate", "certificate has expired"),
    ("name_constraint", "permitted subtree violation"),
    ("wrong_key_usage", "unsuitable certificate purpose"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_refuses_each_bad_certificate_in_its_own_words() {
    let ca = ca_file();
    for (kind, words) in SAID {
        let running = stage::start(json!({ "certificate": kind }), json!({})).await;
        let url = running.addresses["main"].base_url();
        let Some(said) = run("curl", &["-sS", "--cacert", &path(&ca), &url]).await else {
            return;
        };
        assert!(mentions(&said, words), "{kind}: {said}");
        // curl looks at the name once the handshake is over, and leaves without a request.
        let ended = |event: &Event| matches!(event, Event::TlsFailed(_) | Event::TlsFinished(_));
        assert!(
            stage::entry(&running, ended).await.cause.is_some(),
            "{kind}"
        );
        let entries = running.journal.entries();
        assert!(stage::requests(&entries).is_empty(), "{kind}");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_that_does_not_verify_is_seen_to_go_on() {
    let running = stage::start(json!({ "certificate": "self_signed" }), json!({})).await;
    let url = running.addresses["main"].base_url();
    let Some(said) = run("curl", &["-sSk", &url]).await else {
        return;
    };
    assert!(!said.contains("certificate"), "{said}");
    stage::entry(&running, |event| matches!(event, Event::TlsFinished(_))).await;
    stage::entry(&running, |event| matches!(event, Event::Request(_))).await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_is_sent_no_more_certificates_than_the_kind_says() {
    let ca = ca_file();
    for (kind, sent, words) in [
        ("valid", 1, r"Verify return code: 0 (ok)"),
        ("missing_intermediate", 1, "unable to"),
        (
            "inspected",
            2,
            "self.signed certificate in certificate chain",
        ),
        ("complete_chain", 2, r"Verify return code: 0 (ok)"),
        ("bad_signature", 1, "certificate signature failure"),
        (
            "sha1_signature",
            2,
            "digest algorithm too weak|Verify return code: 0 (ok)",
        ),
        (
            "weak_authority",
            2,
            "key too weak|Verify return code: 0 (ok)",
        ),
    ] {
        let running = stage::start(json!({ "certificate": kind }), json!({})).await;
        let Some(said) = s_client(&running, &path(&ca)).await else {
            return;
        };
        let certificates = said.matches("-----BEGIN CERTIFICATE-----").count();
        assert_eq!(certificates, sent, "{kind}: {said}");
        assert!(mentions(&said, words), "{kind}: {said}");
        running.shutdown().await.unwrap();
    }
}

async fn s_client(running: &Running, ca: &str) -> Option<String> {
    let address = running.addresses["main"].https.to_string();
    run(
        "openssl",
        &[
            "s_client",
            "-showcerts",
            "-CAfile",
            ca,
            "-connect",
            &address,
        ],
    )
    .await
}

/// What a program printed, both streams; none where it is not installed.
pub(crate) async fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .await;
    match output {
        Ok(output) => Some(
            [output.stdout, output.stderr]
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .concat(),
        ),
        Err(error) => {
            let line = format!("skipped: {program} cannot be run: {error}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

/// Whether one of the alternatives occurs; a dot stands for any character.
fn mentions(said: &str, words: &str) -> bool {
    let said = said.to_lowercase().replace('-', " ");
    words
        .split('|')
        .any(|words| said.contains(&words.to_lowercase().replace(['-', '.'], " ")))
}

pub(crate) fn ca_file() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(authority().ca_pem().as_bytes()).unwrap();
    file
}

pub(crate) fn path(file: &tempfile::NamedTempFile) -> String {
    file.path().display().to_string()
}
