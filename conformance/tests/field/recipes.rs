//! A recipe of `explain`, evaluated as it is shown, holds against the instance.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Needs, Runs, environment};

const PYTHON: Needs = Needs::Installed("bin/python");

/// The expression of `Retry` that is shown for a check and urllib3.
fn shown(check: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["explain", check])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().map(str::trim_start);
    let recipe = lines.find_map(|line| line.strip_prefix("urllib3 "));
    let recipe = recipe.unwrap_or_else(|| panic!("no recipe in {text}"));
    let mut spans = recipe.split('`').skip(1).step_by(2);
    let retry = spans.find(|span| span.starts_with("Retry("));
    retry.unwrap_or_else(|| panic!("{recipe}")).to_owned()
}

/// What is ruled of a reader that follows the recipe.
fn runs(test: &str, check: &str, scenario: &str) -> Option<Runs> {
    if !PYTHON.may_be_used(test, "urllib3") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/recipe_urllib3.py");
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["exec", scenario, "--out"])
        .arg(folder.path())
        .arg("--")
        .arg(environment().join("bin/python"))
        .arg(client)
        .arg(shown(check))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = std::fs::read_to_string(folder.path().join("report.json"))
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let report: Value = serde_json::from_str(&report).unwrap();
    Some(Runs(report["runs"].as_array().unwrap().clone()))
}

#[test]
fn the_recipe_for_stated_waits_holds_with_urllib3() {
    let test = "the_recipe_for_stated_waits_holds_with_urllib3";
    let Some(runs) = runs(test, "waits-at-least-retry-after", "SP-T01") else {
        return;
    };
    let run = runs.of("throttle/rate-limit-retry-after", None);
    for check in [
        "fault-was-exercised",
        "outcome-as-expected",
        "waits-at-least-retry-after",
        "no-request-inside-window",
        "retry-after-not-multiplied",
    ] {
        assert_eq!(
            run.result(check),
            "pass",
            "{check}: {}",
            run.observed(check)
        );
    }
}

#[test]
fn the_recipe_for_a_restarting_node_holds_with_urllib3() {
    let test = "the_recipe_for_a_restarting_node_holds_with_urllib3";
    let Some(runs) = runs(test, "retries-transient", "SP-I06") else {
        return;
    };
    let run = runs.of("availability/node-restarts", None);
    for check in [
        "fault-was-exercised",
        "outcome-as-expected",
        "retries-transient",
        "bounded-attempts",
        "backoff-floor",
        "retry-budget",
    ] {
        assert_eq!(
            run.result(check),
            "pass",
            "{check}: {}",
            run.observed(check)
        );
    }
}
