//! Living with the judge in a pipeline: a baseline, a gate, the working folder's own flags,
//! repeated runs. The real binary, in a folder of its own.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// It says one cause for every failure, so that `SP-A01` fails.
const SIN: [&str; 2] = ["--sin", "one-cause-for-all"];

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .current_dir(self.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Runs it, and looks at its exit status; both streams.
    fn ends_with(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{told}");
        told
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.read("snowproof-report/report.json")).unwrap()
    }
}

fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

#[test]
fn a_known_failure_is_accepted_until_it_ends_or_passes() {
    let folder = Folder::new();
    let failing = with(&["test", "exact:SP-A01"], &SIN);
    folder.ends_with(1, &failing);
    let accept = [
        "baseline",
        "accept",
        "snowproof-report",
        "--reason",
        "fixed in 2.4",
    ];
    let told = folder.ends_with(0, &accept);
    assert!(told.contains("accepted until"), "{told}");
    let written = folder.read("snowproof-baseline.yaml");
    assert!(written.contains(r#""code":"SP-A01""#), "{written}");

    let baseline = ["--baseline", "snowproof-baseline.yaml"];
    let accepted = with(&failing, &baseline);
    let told = folder.ends_with(0, &accepted);
    assert!(told.contains("is accepted until"), "{told}");
    assert_eq!(folder.report()["totals"]["warn"], 1);

    // Judged again from its evidence it is what it was.
    let again = folder.run(&["judge", "snowproof-report"]);
    assert_eq!(again.status.code(), Some(0));
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, folder.report());

    let told = folder.ends_with(1, &with(&accepted, &["--as-of", "2099-01-01"]));
    assert!(told.contains("ended on"), "{told}");

    let mended = with(&["test", "exact:SP-A01"], &baseline);
    let told = folder.ends_with(1, &mended);
    assert!(told.contains("does not fail any more"), "{told}");
    let told = folder.ends_with(0, &["baseline", "prune", "snowproof-report"]);
    assert!(told.contains("0 left"), "{told}");
    folder.ends_with(0, &mended);
}

#[test]
fn a_crash_is_not_accepted() {
    let folder = Folder::new();
    folder.ends_with(1, &["exec", "SP-C01", "--", "sh", "-c", "kill -SEGV $$"]);
    let told = folder.ends_with(
        0,
        &[
            "baseline",
            "accept",
            "snowproof-report",
            "--reason",
            "known",
        ],
    );
    assert!(told.contains("not accepted: SP-C01"), "{told}");
    assert!(
        folder
            .read("snowproof-baseline.yaml")
            .contains("entries: []")
    );
}

#[test]
fn what_is_wrong_is_told_before_anything_is_run() {
    let folder = Folder::new();
    folder.write(
        "b.yaml",
        "schema: snowproof.baseline/1\nentries:\n  - { code: SP-A01, check: no-such, reason: r, expires: 2027-01-31 }\n",
    );
    let told = folder.ends_with(3, &["test", "SP-C01", "--baseline", "b.yaml"]);
    assert!(
        told.contains("b.yaml:3") && told.contains("`no-such`"),
        "{told}"
    );
    let told = folder.ends_with(3, &["test", "SP-C01", "--baseline", "none.yaml"]);
    assert!(told.contains("none.yaml"), "{told}");
    let told = folder.ends_with(3, &["test", "--require", "core:L9"]);
    assert!(told.contains("L1, L2, L3"), "{told}");
    let told = folder.ends_with(3, &["test", "--fail-on", "fail,wran"]);
    assert!(told.contains("did you mean `warn`?"), "{told}");
    let told = folder.ends_with(3, &["test", "SP-C01", "--last-failed"]);
    assert!(told.contains("finds no report"), "{told}");
    let told = folder.ends_with(3, &["baseline", "accept", "nowhere", "--reason", "r"]);
    assert!(told.contains("nowhere"), "{told}");
    assert!(!folder.path().join("snowproof-report").exists());
}

#[test]
fn the_working_folder_gives_flags_and_the_command_line_goes_first() {
    let folder = Folder::new();
    folder.write(
        "snowproof.yaml",
        "schema: snowproof.config/1\ntest:\n  sin: one-cause-for-all\n  filter: ['exact:SP-A01']\n  out: mine\n",
    );
    folder.ends_with(1, &["test"]);
    let report: Value = serde_json::from_str(&folder.read("mine/report.json")).unwrap();
    assert_eq!(report["runs"].as_array().unwrap().len(), 1);
    folder.ends_with(0, &["test", "exact:SP-C01", "--out", "other"]);
    folder.write(
        "snowproof.yaml",
        "schema: snowproof.config/1\ntest: { subjct: x }\n",
    );
    let told = folder.ends_with(3, &["test"]);
    assert!(
        told.contains("snowproof.yaml:2") && told.contains("did you mean `subject`?"),
        "{told}"
    );
}

#[test]
fn a_gate_says_what_must_hold() {
    let folder = Folder::new();
    let failing = with(&["test", "exact:SP-A01", "exact:SP-C01"], &SIN);
    // One of the many scenarios of a profile says nothing of it, unless it fails.
    let told = folder.ends_with(1, &with(&failing, &["--require", "auth-basic:L1"]));
    assert!(
        told.contains("required auth-basic:L1 does not hold"),
        "{told}"
    );
    let told = folder.ends_with(2, &with(&failing, &["--require", "throttle:L1"]));
    assert!(told.contains("required throttle:L1 is undecided"), "{told}");
    folder.ends_with(0, &with(&failing, &["--fail-on", "flaky"]));

    let told = folder.ends_with(1, &with(&["test", "--last-failed"], &SIN));
    assert!(told.contains("1 scenario for"), "{told}");
    folder.ends_with(0, &["test", "exact:SP-A01"]);
    let told = folder.ends_with(4, &["test", "--last-failed"]);
    assert!(
        told.contains("nothing of what is selected failed"),
        "{told}"
    );
}

#[test]
fn repeated_runs_are_one_report_that_says_whether_they_agree() {
    let folder = Folder::new();
    let told = folder.ends_with(0, &["test", "exact:SP-C01", "--repeat", "3", "--seed", "7"]);
    assert!(told.contains("3 runs agree in every verdict"), "{told}");
    let report = folder.report();
    assert_eq!(report["agreement"]["repeats"], 3);
    assert_eq!(report["runs"][0]["evidence"], "run-1/evidence/SP-C01");
    let again = folder.run(&["judge", "snowproof-report"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, report);
}

#[test]
fn a_minute_is_a_minute_at_full_scale() {
    let folder = Folder::new();
    let scaled = folder.ends_with(0, &["explain", "SP-T12"]);
    assert!(
        scaled.contains("waits longer than 1m shown as 700ms"),
        "{scaled}"
    );
    let full = ["explain", "SP-T12", "--time-scale", "full"];
    let full = folder.ends_with(0, &full);
    assert!(full.contains("waits longer than 1m\n"), "{full}");
    assert!(full.contains("budget    6m "), "{full}");

    let told = folder.ends_with(0, &["test", "exact:SP-C01", "--time-scale", "full"]);
    assert!(
        told.contains("1 scenario for snowproof-connector"),
        "{told}"
    );
    let evidence = "snowproof-report/evidence/SP-C01/subject.json";
    let subject: Value = serde_json::from_str(&folder.read(evidence)).unwrap();
    assert_eq!(subject["declares"]["max_wait"], "2h");
}

#[test]
fn an_edition_says_what_counts_and_the_rest_warns() {
    let folder = Folder::new();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/scenarios");
    let filters = [
        "test",
        "exact:SP-A01",
        "exact:FX-H01/asleep",
        "--scenarios",
        fixtures,
    ];
    let edition = ["--edition", "2026.1"];
    let judged = |code: &str| {
        let report = folder.report();
        let runs = report["runs"].as_array().unwrap();
        let run = runs.iter().find(|run| run["code"] == code).unwrap();
        (
            run["verdict"].as_str().unwrap().to_owned(),
            run["reason"].to_string(),
        )
    };
    let told = folder.ends_with(1, &with(&with(&filters, &edition), &SIN));
    assert!(told.contains("claims of edition 2026.1"), "{told}");
    assert_eq!(judged("SP-A01").0, "fail");
    let (verdict, reason) = judged("FX-H01");
    assert_eq!(verdict, "warn", "{reason}");
    assert!(reason.contains("not in edition 2026.1"), "{reason}");

    // Judged again from its evidence it is what it was.
    let again = folder.run(&["judge", "snowproof-report"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, folder.report());

    // Without an edition everything counts.
    let told = folder.ends_with(1, &with(&filters, &SIN));
    assert!(told.contains("claims of the living catalogue"), "{told}");
    assert_eq!(judged("FX-H01").0, "fail");

    let told = folder.ends_with(3, &["test", "SP-C01", "--edition", "2062.1"]);
    assert!(told.contains("there are 2026.1"), "{told}");
    let told = folder.ends_with(0, &["list", "edition:2026.1"]);
    assert!(told.contains("SP-A01"), "{told}");
}
