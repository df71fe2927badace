//! `snowproof diagnose` as a person meets it: a log goes in, what it means comes out.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A sync as a Python connector logs it: throttled, recovered, and stopped by a certificate.
const LOG: &str = "\
2026-03-01 10:00:00 INFO request timeout is 30 s
2026-03-01 10:00:00 DEBUG GET https://sync.user:Hunter2-Zt9@dev1.service-now.com/api/now/table/cmdb_ci
2026-03-01 10:00:01 DEBUG > Authorization: Basic c3luYy51c2VyOkh1bnRlcjItWnQ5
2026-03-01 10:00:02 WARNING 429 Client Error: Too Many Requests for url: https://dev1.service-now.com/api
2026-03-01 10:00:07 INFO 100 records
Traceback (most recent call last):
  File \"sync.py\", line 12, in <module>
requests.exceptions.SSLError: (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)'))) password=Hunter2-Zt9
2026-03-01 10:00:09 ERROR sync failed
";

fn diagnose(arguments: &[&str], log: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("diagnose")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that ends before it has read all is no failure of the test.
    let _ = stdin.write_all(log);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(stream: &[u8]) -> String {
    String::from_utf8(stream.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_final_word_goes_first_with_all_a_person_needs() {
    let output = diagnose(&[], LOG.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let page = text(&output.stdout);
    for expected in [
        "likely the final word",
        "tls.expired",
        "line 8",
        "[python-requests]",
        "who acts    the administrator of the instance",
        "renew certificate",
        "retry helps no, not before the cause is mended",
        "reproduce   SP-S01",
        "snowproof exec SP-S01 -- YOUR-CONNECTOR",
        "also in the log",
        "throttle.rate_limit",
    ] {
        assert!(page.contains(expected), "no `{expected}` in\n{page}");
    }
    assert!(page.find("tls.expired") < page.find("throttle.rate_limit"));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn no_secret_of_the_log_is_shown() {
    for format in ["text", "json"] {
        let log = format!(
            "{LOG}curl: (6) Could not resolve host: x, Authorization: Basic c3luYy51c2VyOkh1bnRlcjItWnQ5\n"
        );
        let output = diagnose(&["--format", format], log.as_bytes());
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(shown.contains("certificate has expired"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
        for secret in ["Hunter2", "c3luYy51c2VyOkh1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn json_says_the_same() {
    let output = diagnose(&["--format", "json"], LOG.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let all = json(&output);
    assert_eq!(all["lines"], 9);
    let first = &all["findings"][0];
    assert_eq!(first["class"], "tls.expired");
    assert_eq!(first["likely_final"], true);
    assert_eq!(first["actor"], "instance-admin");
    assert_eq!(first["retry"], "after-fix");
    assert_eq!(first["mentions"][0]["line"], 8);
    assert_eq!(first["mentions"][0]["dialects"][0], "python-requests");
    let scenarios = first["scenarios"].as_array().unwrap();
    let names: Vec<_> = scenarios.iter().map(|each| &each["name"]).collect();
    assert!(names.contains(&&Value::from("SP-S01")), "{names:?}");
    let classes: Vec<_> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["class"].as_str().unwrap())
        .collect();
    // What a line says in passing goes last.
    assert_eq!(
        classes,
        ["tls.expired", "throttle.rate_limit", "net.read_timeout"]
    );
}

#[test]
fn an_unknown_log_is_2_and_says_what_to_do() {
    for log in ["", "all is well\n", "something went wrong\n"] {
        let output = diagnose(&[], log.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{log}");
        assert_eq!(text(&output.stdout), "");
        let said = text(&output.stderr);
        assert!(said.contains("nothing was recognised"), "{said}");
        assert!(said.contains("snowproof exec CODE"), "{said}");
    }
    let output = diagnose(&["--format", "json"], b"all is well");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(json(&output)["findings"], Value::Array(vec![]));
}

#[test]
fn a_dialect_is_singled_out_and_an_unknown_one_is_3() {
    let words = b"TypeError: fetch failed <- Error[ECONNREFUSED]: connect ECONNREFUSED 127.0.0.1:4";
    let output = diagnose(&["--dialect", "curl"], words);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("leave --dialect out"));
    let output = diagnose(&["--dialect", "curl", "--dialect", "node-fetch"], words);
    assert!(text(&output.stdout).contains("net.refused"));
    let output = diagnose(&["--dialect", "klingon"], words);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("java-httpclient"));
}

#[test]
fn bytes_that_are_no_text_are_no_obstacle() {
    let mut log = b"\xff\xfe\x00 garbage \x1b[31m\n".to_vec();
    log.extend_from_slice(b"\xc3( curl: (52) Empty reply from server \xff\n");
    let output = diagnose(&[], &log);
    assert_eq!(output.status.code(), Some(0));
    let page = text(&output.stdout);
    assert!(
        page.contains("net.closed") && page.contains("line 2"),
        "{page}"
    );
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn of_a_log_that_is_too_long_the_end_is_read() {
    let line = "a record was written and nothing is to be said of it; ".repeat(100) + "\n";
    let filler = line.repeat(3_400);
    assert!(filler.len() > 16 * 1024 * 1024);
    let log = format!(
        "curl: (6) Could not resolve host: x\n{filler}curl: (52) Empty reply from server\n"
    );
    let output = diagnose(&["--format", "json"], log.as_bytes());
    let all = json(&output);
    assert_eq!(all["findings"].as_array().unwrap().len(), 1);
    assert_eq!(all["findings"][0]["class"], "net.closed");
    assert_eq!(all["findings"][0]["mentions"][0]["line"], 3_402);
    assert!(text(&output.stderr).contains("only the last 16 MiB"));
}
