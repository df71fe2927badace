//! The person whom a connector sends to the instance, by HTTP and in a real browser: what they do
//! reads alike, and so do the verdicts.
//!
//! Where no Chromium is installed the test says so on stderr and is skipped; with
//! `SNOWPROOF_REQUIRE_CHROMIUM` or `SNOWPROOF_REQUIRE_SUBJECTS` set it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What is told of a scenario: its verdict, those of its checks, and what the person did.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    verdict: Value,
    checks: Vec<(Value, Value)>,
    person: Vec<String>,
}

fn snowproof(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowproof"));
    command.args(arguments).arg("--out").arg(folder);
    command.output().unwrap()
}

/// Every scenario in which a person is sent to the instance.
fn people(arguments: &[&str], folder: &Path) -> BTreeMap<String, Told> {
    let output = snowproof(&[&["test", "verb:connect"], arguments].concat(), folder);
    let report = std::fs::read_to_string(folder.join("report.json"))
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let report: Value = serde_json::from_str(&report).unwrap();
    let runs = report["runs"].as_array().unwrap().iter();
    runs.map(|run| {
        let name = format!("{} {}", run["id"], run["variant"]);
        let checks = run["checks"].as_array().unwrap().iter();
        let told = Told {
            verdict: run["verdict"].clone(),
            checks: checks
                .map(|check| (check["id"].clone(), check["verdict"].clone()))
                .collect(),
            person: notes(&folder.join(run["evidence"].as_str().unwrap())),
        };
        (name, told)
    })
    .collect()
}

/// What the person did in the first act.
fn notes(evidence: &Path) -> Vec<String> {
    let act = std::fs::read_to_string(evidence.join("act-1/act.json")).unwrap();
    let act: Value = serde_json::from_str(&act).unwrap();
    let notes = act["person"].as_array().unwrap().iter();
    notes.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// What a browser without a window cannot tell, or tells of the moment.
fn is_of_a_window(note: &str) -> bool {
    note.starts_with("the connector") || note.starts_with("the page was loaded again")
}

#[test]
fn people_act_alike_by_http_and_in_chromium() {
    if snowproof_browser::find(None).is_err() {
        let line = "SKIPPED people_act_alike_by_http_and_in_chromium: chromium is not installed\n";
        let is_set = |name| std::env::var_os(name).is_some();
        let required = ["SNOWPROOF_REQUIRE_SUBJECTS", "SNOWPROOF_REQUIRE_CHROMIUM"];
        assert!(!required.into_iter().any(is_set), "{line}");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let by_http = people(&[], &folder.path().join("http"));
    let mut in_chromium = people(&["--browser"], &folder.path().join("chromium"));
    assert!(by_http.len() >= 12, "{by_http:#?}");

    let page = "the connector showed a page titled `Back to the connector`: You can close this \
                window The connector tells how the connection went.";
    let came_back = |told: &Told| {
        let mut notes = told.person.iter();
        notes.any(|it| it.starts_with("the browser went back to the connector"))
    };
    for (name, told) in &in_chromium {
        let shown = told.person.iter().any(|it| it == page);
        assert_eq!(shown, came_back(told), "{name}: {:?}", told.person);
    }
    for told in in_chromium.values_mut() {
        told.person.retain(|it| !is_of_a_window(it));
    }
    for (name, mut told) in by_http {
        told.person.retain(|it| !is_of_a_window(it));
        assert_eq!(in_chromium[&name], told, "{name}");
        assert_eq!(told.verdict, "pass", "{name}");
    }
}

#[test]
fn a_browser_that_is_not_there_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = snowproof(&["test", "SP-O20", "--browser=/nowhere/chromium"], &out);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("`/nowhere/chromium`"), "{told}");
    assert!(told.contains("install Chromium"), "{told}");
    assert!(!out.exists());
}
