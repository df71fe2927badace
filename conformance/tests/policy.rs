//! `snowproof policy` finds what variations of the bundled connector, and a real curl, truly do.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[test]
fn the_bundled_connector_is_read_as_it_declares() {
    let policy = read_variation(&[]);
    for status in [400, 401, 403, 404] {
        assert_eq!(attempts(&policy, status), 1, "{status}");
    }
    for status in [429, 502, 503, 504] {
        assert_eq!(attempts(&policy, status), 5, "{status}");
    }
    assert_eq!(policy["retry_after"][0]["obeyed"], "yes", "{policy:#}");
    assert_eq!(policy["retry_after"][1]["obeyed"], "yes", "{policy:#}");
    assert_eq!(policy["handshakes"]["attempts"], 1);
    assert_eq!(policy["reset"]["attempts"], 5);
    assert_eq!(policy["page_size"], 100);
    assert_eq!(policy["refreshes_token"], Value::Null);
    let timeout = policy["silence"]["timeout_ms"].as_u64().unwrap();
    assert!(
        (900..2_500).contains(&timeout),
        "declared 1 s: {timeout} ms"
    );
    let backoff = &policy["backoff"];
    assert!(backoff["base_ms"].as_f64().unwrap() >= 100.0, "{backoff:#}");
    assert_eq!(backoff["jitter"], true, "{backoff:#}");
}

#[test]
fn sins_show_in_the_policy() {
    let early = read_variation(&["--sin", "ignores-retry-after"]);
    assert_eq!(early["retry_after"][0]["obeyed"], "early", "{early:#}");
    let handshakes = read_variation(&["--sin", "retries-bad-certificate"]);
    assert_eq!(handshakes["handshakes"]["attempts"], 5);
    let hot = read_variation(&["--sin", "hot-loop"]);
    assert_eq!(hot["backoff"]["base_ms"], Value::Null, "{hot:#}");
    assert_eq!(hot["backoff"]["first_at_once"], true);
}

#[test]
fn curl_retries_what_its_manual_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: curl_retries_what_its_manual_says: curl is missing");
        return;
    }
    let script = "exec curl -sSf --max-time 2 --retry 2 --retry-delay 1 \
         -K - \"$SNOWPROOF_BASE_URL/api/now/table/$SNOWPROOF_TABLE?sysparm_limit=10\" <<END
user = \"$SNOWPROOF_USER:$SNOWPROOF_PASSWORD\"
cacert = \"$SNOWPROOF_CA_FILE\"
END";
    let output = snowproof(&["policy", "--budget", "20s", "--", "sh", "-c", script]);
    assert!(output.status.success(), "{}", words(&output.stderr));
    let text = words(&output.stdout);
    for line in [
        "429 (3 attempts)",
        "503 (3 attempts)",
        "not retried       400, 401, 403, 404",
        "1 handshake, not retried",
        "max_attempts: 3",
        "attempt_timeout: 2s",
        "page_size: 10",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

#[test]
fn a_command_that_goes_elsewhere_has_no_policy() {
    let output = snowproof(&["policy", "--contact-within", "2s", "--", "true"]);
    assert_eq!(output.status.code(), Some(2));
    let told = words(&output.stderr);
    assert!(told.contains("bypassed the simulator"), "{told}");
    assert!(output.stdout.is_empty());
}

/// The policy of a variation of the bundled connector that declares short waits.
fn read_variation(variation: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    let words_of = variation.iter().map(|word| format!(", {word}"));
    let manifest_text = format!(
        "schema: snowproof.subject/1
subject: varied
adapter: native
run: {{ native: [\"{{self}}\", connector{}] }}
capabilities: [check, sync, basic, resume, multi-run]
declares: {{ max_wait: 5s, attempt_timeout: 1s }}
",
        words_of.collect::<String>()
    );
    std::fs::write(&manifest, manifest_text).unwrap();
    let path = manifest.display().to_string();
    let output = snowproof(&[
        "policy",
        "--subject",
        &path,
        "--format",
        "json",
        "--budget",
        "20s",
    ]);
    assert!(output.status.success(), "{}", words(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn attempts(policy: &Value, status: u64) -> u64 {
    let statuses = policy["statuses"].as_array().unwrap();
    let found = statuses.iter().find(|tried| tried["of"] == status);
    found.unwrap()["attempts"].as_u64().unwrap()
}

fn snowproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
