//! No secret anywhere: whatever a run leaves behind is searched for every secret that was given or
//! made during it, in every encoding. `SNOWPROOF_CANARIES=all` searches the whole suite.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(
    clippy::print_stdout,
    reason = "how much was searched is worth knowing"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use snowproof::plan::{self, Plan};
use snowproof::report::{self, Layout, Report};
use snowproof::run::{self, Interrupter, Observer, Settings};
use snowproof::scenario::ScenarioSet;
use snowproof::subject::Subject;
use snowproof::verdict::Verdict;

mod planted;
mod search;

use search::Secrets;

/// What is run where the whole suite is too much: every way to authenticate, and one of each other
/// family.
const SLICE: &[&str] = &[
    "SP-A*", "SP-O*", "SP-C*", "SP-T01", "SP-T11", "SP-N01", "SP-D01", "SP-P01", "SP-W01", "SP-X01",
];

/// What a run had and left behind.
struct Left {
    secrets: Vec<(String, String)>,
    folder: tempfile::TempDir,
    report: Report,
    /// Command lines and environments of every process that it started.
    processes: BTreeSet<Vec<u8>>,
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Drives the bundled connector, with this sin if any, through the scenarios; the person whom it sends
/// to the instance acts in this browser if there is one.
fn left_by(filters: &[&str], sin: Option<&str>, browser: Option<PathBuf>) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    let model = include_str!("../../subjects/model.yaml");
    let sin = sin.map(|sin| format!(", --sin, {sin}")).unwrap_or_default();
    let command = format!("\"{}\", connector{sin}", env!("CARGO_BIN_EXE_snowproof"));
    let text = model.replace("\"{self}\", \"connector\"", &command);
    std::fs::write(&manifest, text).unwrap();
    let subject = Subject::open(&manifest).unwrap();
    let set = ScenarioSet::embedded().unwrap();
    let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
    let plan = Plan::new(&plan::select(&set, &filters).unwrap(), &subject).unwrap();
    let secrets = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&secrets);
    let settings = Settings {
        jobs: run::DEFAULT_JOBS,
        seed: 7,
        out: folder.path().join("out"),
        ca_dir: None,
        strict: false,
        fail_fast: false,
        deadline: None,
        has_words: true,
        command: vec!["snowproof".to_owned(), "test".to_owned()],
        contact_within: Duration::from_secs(60),
        browser,
        attendant: None,
        observer: Some(Observer::new(move |all| {
            told.lock().unwrap().extend_from_slice(all);
        })),
    };
    let over = Arc::new(AtomicBool::new(false));
    let watching = thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let mut seen = BTreeSet::new();
            while !over.load(Ordering::Relaxed) {
                look_at(std::process::id(), &mut seen);
                // Sampling: a process lives longer than this.
                thread::park_timeout(Duration::from_millis(20));
            }
            seen
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(run::run(
        plan,
        subject,
        settings,
        &Interrupter::default(),
        &|_| {},
    ));
    over.store(true, Ordering::Relaxed);
    watching.thread().unpark();
    let report = report.unwrap();
    let out = folder.path().join("out");
    report::write_json(&report, &out.join("report.json")).unwrap();
    std::fs::write(out.join("junit.xml"), report::junit_xml(&report)).unwrap();
    let layout = Layout {
        colour: true,
        width: 100,
        folder: &out,
    };
    std::fs::write(out.join("summary"), report::summary(&report, layout)).unwrap();
    let secrets = std::mem::take(&mut *secrets.lock().unwrap());
    Left {
        secrets,
        folder,
        report,
        processes: watching.join().unwrap(),
    }
}

/// Reads the command line and the environment of everything that a process started.
fn look_at(process: u32, seen: &mut BTreeSet<Vec<u8>>) {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    for thread in threads.into_iter().flatten().flatten() {
        let children = std::fs::read_to_string(thread.path().join("children"));
        let children = children.unwrap_or_default();
        for child in children.split_whitespace().filter_map(|id| id.parse().ok()) {
            for name in ["cmdline", "environ"] {
                // One that is gone has none.
                let held = std::fs::read(format!("/proc/{child}/{name}"));
                seen.extend(held.ok().filter(|held| !held.is_empty()));
            }
            look_at(child, seen);
        }
    }
}

/// Where anything that is left holds a secret.
fn found_in(left: &Left) -> Vec<String> {
    let secrets = Secrets::of(&left.secrets);
    let mut found = Vec::new();
    let files = files_below(&left.folder.path().join("out"));
    assert!(files.len() > 8, "{files:?}");
    let mut bytes = 0;
    for file in &files {
        let text = std::fs::read(file).unwrap();
        bytes += text.len();
        if let Some((name, kind)) = secrets.first_in(&text) {
            found.push(format!("{name} ({kind}) in {}", file.display()));
        }
    }
    for held in &left.processes {
        if let Some((name, kind)) = secrets.first_in(held) {
            found.push(format!(
                "{name} ({kind}) in {}",
                String::from_utf8_lossy(held)
            ));
        }
    }
    println!(
        "{} secrets in {} files of {bytes} bytes and {} lines of processes",
        secrets.number(),
        files.len(),
        left.processes.len()
    );
    found
}

/// Fails where anything that is left holds a secret.
fn holds_no_secret(left: &Left) {
    let found = found_in(left);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_artefact_of_a_run_holds_a_secret() {
    let whole = std::env::var("SNOWPROOF_CANARIES").is_ok_and(|value| value == "all");
    let filters: &[&str] = if whole { &[] } else { SLICE };
    let left = left_by(filters, None, None);
    let kinds: BTreeSet<&str> = left
        .secrets
        .iter()
        .filter_map(|(name, _)| name.split(' ').next())
        .collect();
    for kind in [
        "password",
        "mistyped",
        "proxy_password",
        "client_secret",
        "client_key",
        "api_key",
        "access_token",
        "refresh_token",
        "token",
        "code",
        "session",
        "user",
    ] {
        assert!(kinds.contains(kind), "no {kind} was made: {kinds:?}");
    }
    assert!(left.processes.len() > 2, "no process was seen");
    holds_no_secret(&left);
}

#[test]
fn what_a_connector_gives_away_is_found_and_left_out() {
    for (sin, scenario) in [
        ("prints-password", "exact:SP-A01"),
        ("password-in-url", "exact:SP-A01"),
        ("prints-token", "exact:SP-O06/same-token"),
        ("prints-token", "exact:SP-O20"),
    ] {
        let left = left_by(&[scenario], Some(sin), None);
        let verdicts: Vec<Verdict> = left.report.runs.iter().map(|run| run.verdict).collect();
        assert_eq!(verdicts, [Verdict::Fail], "{sin} in {scenario}");
        let text = files_below(&left.folder.path().join("out"));
        let text: Vec<u8> = text
            .iter()
            .flat_map(|it| std::fs::read(it).unwrap())
            .collect();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("<secret:"), "{sin} in {scenario}");
        holds_no_secret(&left);
    }
}

#[test]
fn what_is_put_among_the_artefacts_is_found() {
    let left = left_by(&["exact:SP-C01"], None, None);
    holds_no_secret(&left);
    let password = left.secrets.iter().find(|(name, _)| name == "password");
    let digits = password
        .unwrap()
        .1
        .bytes()
        .map(|byte| format!("{byte:02x}"));
    let evidence = left.folder.path().join("out").join("planted.txt");
    std::fs::write(evidence, format!("x={}", digits.collect::<String>())).unwrap();
    let found = found_in(&left);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("password (hex) in "), "{found:?}");
    assert!(found[0].ends_with("planted.txt"), "{found:?}");
}

#[test]
fn a_browser_is_told_no_secret_by_its_command_line_and_leaves_no_profile() {
    let Ok(program) = snowproof_browser::find(None) else {
        let required = std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_some();
        assert!(!required, "chromium is not installed");
        println!("SKIPPED: chromium is not installed");
        return;
    };
    let left = left_by(&["exact:SP-O20"], None, Some(program));
    let verdicts: Vec<Verdict> = left.report.runs.iter().map(|run| run.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass]);
    holds_no_secret(&left);
    let profiles: BTreeSet<PathBuf> = left
        .processes
        .iter()
        .flat_map(|held| held.split(|byte| *byte == 0))
        .filter_map(|word| {
            std::str::from_utf8(word)
                .ok()?
                .strip_prefix("--user-data-dir=")
        })
        .map(PathBuf::from)
        .collect();
    assert!(!profiles.is_empty(), "no browser was seen");
    for profile in profiles {
        assert!(!profile.exists(), "{} is left", profile.display());
    }
}
