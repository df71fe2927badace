//! `diagnosis-distinguishes` over a whole run: who names one cause for all is found, whoever judges
//! the evidence again finds the same, and who leaves candidates out is not accused.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Causes of which each is plain on the wire.
const APART: [&str; 3] = ["exact:SP-S01", "exact:SP-S01/wrong-host", "exact:SP-U07"];

fn snowproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(arguments)
        .output()
        .unwrap()
}

fn judged(variation: [&str; 2], out: &Path) -> (Value, Output) {
    let out = out.display().to_string();
    let mut arguments = vec!["test"];
    arguments.extend(APART);
    arguments.extend(variation);
    arguments.extend(["--strict", "--out", &out]);
    let output = snowproof(&arguments);
    let report = std::fs::read_to_string(Path::new(&out).join("report.json")).unwrap();
    (serde_json::from_str(&report).unwrap(), output)
}

#[test]
fn one_cause_for_all_is_found_over_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (report, output) = judged(["--sin", "one-cause-for-all"], &out);
    let alike = &report["reads_alike"];
    assert_eq!(alike[0]["said"], "instance.unavailable", "{alike:#}");
    assert_eq!(alike[0]["causes"], 3, "{alike:#}");
    let console = String::from_utf8_lossy(&output.stdout);
    assert!(
        console.contains("3 causes all read `instance.unavailable`"),
        "{console}"
    );
    let again = snowproof(&["judge", "--strict", &out.display().to_string()]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, report);
    // Without the report beside it, the evidence alone says so too.
    let evidence = out.join("evidence").display().to_string();
    let alone = snowproof(&["judge", &evidence]);
    let alone: Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert_eq!(alone["reads_alike"][0]["causes"], 3);
}

#[test]
fn the_likeliest_cause_alone_reads_differently() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (report, output) = judged(["--near-miss", "names-one-cause"], &out);
    assert_eq!(report["reads_alike"], Value::Null, "{report:#}");
    assert_eq!(output.status.code(), Some(0));
}
