//! Scenarios side by side: none meets another's fault, none waits for another that hangs, and
//! nothing is left when the run is over.
//!
//! Alone in its process, which adopts whatever a run leaves behind.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// One run at a time, so that what is left can be put down to it.
fn alone() -> MutexGuard<'static, ()> {
    static RUN: Mutex<()> = Mutex::new(());
    let run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    run
}

fn run(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(arguments)
        .arg("--out")
        .arg(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = std::fs::read_to_string(folder.join("report.json"));
    let report = report.unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    serde_json::from_str(&report).unwrap()
}

/// Processes that were left behind, and are ours now; an ended one counts too.
fn left_behind() -> Vec<String> {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn faults_side_by_side_reach_nobody_else_and_leave_no_process() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let filters = [
        "SP-C*", "SP-N01", "SP-N02*", "SP-N03*", "SP-N04*", "SP-N05*", "SP-N06*", "SP-N07*",
        "SP-N08*", "SP-S01*", "SP-P01", "SP-D01",
    ];
    let report = run(folder.path(), &[&filters[..], &["--jobs", "32"]].concat());
    let runs = report["runs"].as_array().unwrap();
    assert!(runs.len() >= 24, "{}", runs.len());
    for run in runs {
        let verdict = run["verdict"].as_str().unwrap();
        assert!(["pass", "warn"].contains(&verdict), "{run:#}");
    }
    assert_eq!(left_behind(), [] as [&str; 0]);
}

#[test]
fn processes_that_are_kept_are_gone_when_the_run_is_over() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    let text = "schema: snowproof.subject/1\nsubject: kept\nadapter: native\n\
        run: { native: [\"{self}\", connector] }\nlifetime: run\n\
        tables: { default: cmdb_ci_server }\ncapabilities: [check, sync, basic, multi-run]\n";
    std::fs::write(&manifest, text).unwrap();
    let manifest = manifest.to_str().unwrap();
    let out = folder.path().join("out");
    let report = run(
        &out,
        &[
            "SP-C*",
            "exact:SP-A01",
            "--subject",
            manifest,
            "--jobs",
            "2",
        ],
    );
    for run in report["runs"].as_array().unwrap() {
        assert_ne!(run["verdict"], "fail", "{run:#}");
    }
    assert_eq!(left_behind(), [] as [&str; 0]);
}

/// Its second run presses Ctrl-C, as it were, while the process of another run may be idle.
#[test]
fn an_interrupted_run_leaves_no_kept_process() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    let hello = r#"{"type":"hello","protocol":"snowproof.native/1","name":"x","version":"1","capabilities":["multi-run"]}"#;
    let script = format!(
        "echo '{hello}'\nread run\nid=$(printf %s \"$run\" | sed 's/.*\"run_id\":\"\\([0-9a-f]*\\)\".*/\\1/')\n\
         echo '{{\"type\":\"result\",\"run_id\":\"'$id'\",\"outcome\":\"success\"}}'\nread run\nkill -INT $PPID\nexec sleep 600\n"
    );
    std::fs::write(folder.path().join("rogue.sh"), script).unwrap();
    let text = "schema: snowproof.subject/1\nsubject: kept\nadapter: native\n\
        run: { native: [sh, \"{subject_dir}/rogue.sh\"] }\nlifetime: run\n\
        tables: { default: cmdb_ci_server }\ncapabilities: [check, sync, basic, multi-run]\n";
    std::fs::write(&manifest, text).unwrap();
    let manifest = manifest.to_str().unwrap();
    let out = folder.path().join("out");
    let report = run(
        &out,
        &["SP-C*", "SP-A0*", "--subject", manifest, "--jobs", "2"],
    );
    assert_eq!(report["interrupted"], true);
    assert_eq!(left_behind(), [] as [&str; 0]);
}

#[test]
fn one_that_hangs_costs_its_budget_and_its_neighbours_nothing() {
    const BUDGET_MS: u64 = 3_000;
    const GRACE_MS: u64 = 2_000;
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    let text = "schema: snowproof.subject/1\nsubject: hangs\nadapter: native\n\
        run: { native: [\"{self}\", connector, --sin, no-attempt-timeout] }\n\
        tables: { default: cmdb_ci_server }\ncapabilities: [check, sync, basic]\n";
    std::fs::write(&manifest, text).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/isolation");
    let out = folder.path().join("out");
    let report = run(
        &out,
        &[
            "FX-P02",
            "SP-C01",
            "--scenarios",
            fixtures.to_str().unwrap(),
            "--subject",
            manifest.to_str().unwrap(),
        ],
    );
    let runs = report["runs"].as_array().unwrap();
    let of = |code: &str| runs.iter().find(|run| run["code"] == code).unwrap();
    assert_eq!(of("FX-P02")["verdict"], "fail");
    assert_eq!(of("SP-C01")["verdict"], "pass");

    let json = |name: &str| -> Value {
        let text = std::fs::read_to_string(out.join("evidence/FX-P02").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let act = json("act-1/act.json");
    assert_eq!(act["ending"], "over_budget");
    let ms = |name: &str| act[name].as_u64().unwrap() / 1_000_000;
    let held = ms("exited_ns") - ms("first_contact_ns");
    // As late as this machine's scheduler was at worst while it ran.
    let late = 500 + 4 * json("lag.json")["max_ms"].as_u64().unwrap();
    assert!(
        (BUDGET_MS..=BUDGET_MS + GRACE_MS + late).contains(&held),
        "{held} ms"
    );
    // The run is over when the act is: both scenarios ran at once.
    let wall = report["wall_ms"].as_u64().unwrap();
    let longest = of("FX-P02")["wall_ms"].as_u64().unwrap();
    let neighbour = of("SP-C01")["wall_ms"].as_u64().unwrap();
    assert!(
        wall <= longest + neighbour + 1_000 + late,
        "{wall} ms in all, {longest} ms of it"
    );
    assert_eq!(left_behind(), [] as [&str; 0]);
}
