//! `serve --judge`: a scenario stands open, somebody connects from elsewhere, and the control API
//! says what was seen. The real binary on both sides, over real sockets.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_snowproof");

/// A scenario that stands open.
struct Served {
    process: Child,
    ready: Value,
    folder: tempfile::TempDir,
}

impl Served {
    fn open(scenario: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--judge", "--scenario", scenario, "--ready-json"])
            .args(["--listen", "127.0.0.1:0", "--ca-dir", "ca", "--out", "out"])
            .args(more)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        process.stdout = Some(stdout.into_inner());
        Self {
            ready: serde_json::from_str(&line).unwrap(),
            process,
            folder,
        }
    }

    /// `POST /PATH` of the control API.
    fn call(&self, path: &str) -> Value {
        let control = self.ready["control"].as_str().unwrap();
        let address = control.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let token = self.ready["control_token"].as_str().unwrap();
        write!(
            stream,
            "POST /{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    /// The bundled connector reads the table, as somebody who was told the settings.
    fn sync(&self, variation: &[&str]) {
        let mut settings = self.ready["parameters"].clone();
        // What was printed is relative to the folder in which it was started.
        settings["ca_file"] = json!(self.folder.path().join("ca/ca.pem"));
        let run = json!({"type": "run", "run_id": "r", "verb": "sync", "parameters": settings});
        let mut connector = Command::new(PROGRAM)
            .arg("connector")
            .args(variation)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(connector.stdin.take().unwrap(), "{run}").unwrap();
        let said = connector.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains(r#""type":"result""#), "{said}");
    }

    /// Ends it as Ctrl-C does.
    fn interrupt(self) -> (Output, tempfile::TempDir) {
        let pid = self.process.id().to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(killed.success());
        (self.process.wait_with_output().unwrap(), self.folder)
    }
}

fn check<'v>(verdict: &'v Value, id: &str) -> &'v Value {
    let checks = verdict["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()
}

#[test]
fn who_waits_passes_who_does_not_fails_and_each_verdict_is_of_its_own_round() {
    let served = Served::open(
        "SP-T02/starts-late",
        &["--password", "a password that was chosen"],
    );
    assert_eq!(served.ready["password"], "a password that was chosen");
    let nothing = served.call("judge");
    assert_eq!(nothing["verdict"], "inconclusive");
    assert!(
        nothing["reason"]
            .as_str()
            .unwrap()
            .contains("nothing was seen"),
        "{nothing:#}"
    );

    served.sync(&[]);
    let good = served.call("judge");
    // A late machine may make a `should` of the back-off a warning.
    let verdict = good["verdict"].as_str().unwrap().to_owned();
    assert!(["pass", "warn"].contains(&verdict.as_str()), "{good:#}");
    assert_eq!(
        check(&good, "waits-at-least-retry-after")["verdict"],
        "pass"
    );
    let needing = good["needs_words"].as_array().unwrap();
    assert!(needing.contains(&json!("outcome-as-expected")), "{good:#}");

    assert_eq!(served.call("clear")["run"], 2);
    assert_eq!(served.call("judge")["verdict"], "inconclusive");
    served.sync(&["--sin", "ignores-retry-after"]);
    let bad = served.call("judge");
    assert_eq!(bad["verdict"], "fail", "{bad:#}");
    let waits = check(&bad, "waits-at-least-retry-after");
    assert_eq!(waits["verdict"], "fail");
    assert!(
        !waits["evidence"].as_array().unwrap().is_empty(),
        "{waits:#}"
    );

    let (ended, folder) = served.interrupt();
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(told.contains("waits-at-least-retry-after"), "{told}");
    for (run, verdict) in [("run-1", verdict.as_str()), ("run-2", "fail")] {
        assert_eq!(judged_again(&folder.path().join("out").join(run)), verdict);
    }
    let evidence = folder
        .path()
        .join("out/run-2/evidence/SP-T02/starts-late/journal.jsonl");
    let journal = std::fs::read_to_string(evidence).unwrap();
    assert!(!journal.contains("a password that was chosen"));
}

/// The verdict of `snowproof judge`, which reads the evidence alone.
fn judged_again(folder: &Path) -> Value {
    let output = Command::new(PROGRAM)
        .arg("judge")
        .arg(folder)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let saved = std::fs::read_to_string(folder.join("report.json")).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(report, saved);
    report["runs"][0]["verdict"].clone()
}

#[test]
fn nobody_came_is_inconclusive_and_the_address_outlives_a_new_beginning() {
    let served = Served::open("SP-A01", &[]);
    let before = served.ready["https"].as_str().unwrap().to_owned();
    for run in 2..=4 {
        assert_eq!(served.call("clear")["run"], run);
    }
    let address = before.strip_prefix("https://").unwrap();
    TcpStream::connect(address).unwrap();
    let (ended, _folder) = served.interrupt();
    assert_eq!(ended.status.code(), Some(2));
}

#[test]
fn what_takes_a_process_of_our_own_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, why) in [
        ("SP-W01", "it asks for a deed"),
        ("SP-D02", "it has several acts"),
    ] {
        let output = Command::new(PROGRAM)
            .args([
                "serve",
                "--judge",
                "--scenario",
                scenario,
                "--listen",
                "127.0.0.1:0",
            ])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(why), "{told}");
    }
}
