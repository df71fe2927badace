//! The examples of the native protocol conform to the core profile. One whose language is not here is left out by name.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(clippy::print_stderr, reason = "what is left out is told")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The lines that an example has at most.
const LINES: usize = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects/examples")
}

/// What an example needs is here; else its absence is told, so that nobody takes it for a pass.
fn has(example: &str, program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("LEFT OUT: the example {example}: `{program}` is not here");
    }
    there
}

fn conforms(example: &str, script: &str) {
    let text = std::fs::read_to_string(folder().join(script)).unwrap();
    assert!(text.lines().count() < LINES, "{script} is too long");
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["test", "profile:core", "exact:SP-A01", "--subject"])
        .arg(folder().join(format!("{example}.yaml")))
        .arg("--out")
        .arg(out.path().join("out"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    let report = std::fs::read_to_string(out.path().join("out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let core = report["claims"].as_array().unwrap();
    let core = core
        .iter()
        .find(|claim| claim["profile"] == "core")
        .unwrap();
    let level = &core["levels"][0];
    assert_eq!(level["held"], "yes", "{core:#}");
    assert_eq!(level["judged"], level["total"], "{core:#}");
}

#[test]
fn the_example_in_python_conforms_to_the_core_profile() {
    if has("python", "python3") {
        conforms("python", "connector.py");
    }
}

#[test]
fn the_example_in_node_conforms_to_the_core_profile() {
    if has("node", "node") {
        conforms("node", "connector.mjs");
    }
}

#[test]
fn the_example_in_shell_conforms_to_the_core_profile() {
    if has("shell", "curl") {
        conforms("shell", "connector.sh");
    }
}
