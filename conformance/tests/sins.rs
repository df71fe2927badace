//! Each sin of the bundled connector is caught by the checks that are meant for it and by no
//! other, and each near-miss passes; each check has a sin and a near-miss.
//!
//! The real binary is driven over real sockets; what it writes into `report.json` is read.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;
use snowproof::checks::Checks;

/// Runs at once, per test. Nearly all of a run is waiting.
const AT_ONCE: usize = 5;

/// A sin, the scenario or variant that meets it, and every check that fails there. Those that
/// wait longest come first, so that the others are done meanwhile.
const CAUGHT: &[(&str, &str, &[&str])] = &[
    // It is asked to stop when its time is up, and calls what it delivered a part.
    (
        "never-gives-up",
        "SP-N02/for-good",
        &[
            "bounded-attempts",
            "diagnosis-class",
            "gives-up-within",
            "outcome-as-expected",
        ],
    ),
    (
        "multiplies-retry-after",
        "SP-T01",
        &["retry-after-not-multiplied"],
    ),
    (
        "no-attempt-timeout",
        "SP-N01",
        &[
            "attempt-timeout-set",
            "diagnosis-class",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "retries-before-long-retry-after",
        "SP-T01/for-long",
        &["no-request-inside-window", "waits-at-least-retry-after"],
    ),
    (
        "ignores-retry-after",
        "SP-T01/for-long",
        &["no-request-inside-window", "waits-at-least-retry-after"],
    ),
    (
        "retries-refused-password",
        "SP-A01",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    ("retries-forbidden", "SP-P01", &["no-retry-on-403"]),
    (
        "retries-bad-certificate",
        "SP-S01",
        &["no-retry-on-certificate-failure"],
    ),
    (
        "keeps-talking-after-result",
        "SP-A01",
        &["no-retry-on-401-basic", "silent-after-give-up"],
    ),
    (
        "skips-verification",
        "SP-S01",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    ("password-in-url", "SP-A01", &["no-secret-in-url"]),
    ("prints-password", "SP-C01", &["no-secret-in-output"]),
    (
        "trusts-200",
        "SP-I01/at-sync",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
            "rejects-200-non-json",
        ],
    ),
    (
        "no-retry",
        "SP-N02",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    ("hot-loop", "SP-N02/twice", &["backoff-floor"]),
    ("pages-without-order", "SP-C02", &["stable-order-paging"]),
    (
        "stops-on-short-page",
        "SP-D01",
        &["no-lost-records", "pages-past-short-page"],
    ),
    // It counts the rows that it dropped as hidden ones.
    (
        "drops-failed-page",
        "SP-N02",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    ("duplicates-last-page", "SP-C02", &["no-duplicate-records"]),
    ("checkpoints-late", "SP-D02", &["no-duplicate-records"]),
    (
        "restarts-from-zero",
        "SP-D02",
        &["no-duplicate-records", "resumes-from-checkpoint"],
    ),
    (
        "hides-what-is-missing",
        "SP-D01/must-be-said",
        &["diagnosis-class"],
    ),
    (
        "blames-the-password",
        "SP-I01",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A01",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("no-next-step", "SP-I01", &["offers-next-step"]),
    ("vague-words", "SP-P01", &["diagnosis-names-fact"]),
    ("complains-after-recovery", "SP-N02", &["quiet-diagnosis"]),
    (
        "says-success-on-failure",
        "SP-A01/at-sync",
        &["no-silent-truncation", "outcome-as-expected"],
    ),
    (
        "silent-failure",
        "SP-A01/at-sync",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
        ],
    ),
    (
        "vanishes-on-failure",
        "SP-A01",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    ("exits-with-failure", "SP-C01", &["exit-status-consistent"]),
];

/// Sins that take all the time they are given. What a subject declares decides how much that is,
/// so that these are judged as a connector that declares short waits.
const TAKES_ALL_ITS_TIME: &[&str] = &["never-gives-up", "no-attempt-timeout"];

/// Checks that no sin fails in a run, and why.
const UNCAUGHT: &[(&str, &str)] = &[
    (
        "fault-was-exercised",
        "it never fails: where it does not hold nothing is decided",
    ),
    (
        "credential-never-sent-in-clear",
        "a run gives an instance no listener without TLS, so nothing can be sent in clear",
    ),
];

/// What looks like the mistake that a check is about, and passes it.
#[derive(Debug)]
enum Near {
    /// A near-miss of the connector, and the scenario or variant in which this check passes it.
    Miss(&'static str, &'static str),
    /// A unit test in the check's own file: no run can come that near.
    Unit(&'static str),
}
use Near::{Miss, Unit};

/// Every check and its near-miss.
const NEAR: &[(&str, Near)] = &[
    ("gives-up-within", Miss("slower-backoff", "SP-N02/for-good")),
    (
        "waits-at-least-retry-after",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
    (
        "no-request-inside-window",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
    (
        "retry-after-not-multiplied",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
    (
        "bounded-attempts",
        Miss("fewer-attempts", "SP-N02/for-good"),
    ),
    ("attempt-timeout-set", Miss("no-keep-alive", "SP-N01")),
    ("retries-transient", Miss("fewer-attempts", "SP-N02/twice")),
    (
        "backoff-floor",
        Miss("immediate-first-retry", "SP-N02/twice"),
    ),
    ("quiet-diagnosis", Miss("chatty-logs", "SP-N02")),
    ("no-duplicate-records", Miss("smaller-pages", "SP-D02")),
    ("resumes-from-checkpoint", Miss("smaller-pages", "SP-D02")),
    ("fault-was-exercised", Miss("smaller-pages", "SP-D02")),
    ("no-lost-records", Miss("pages-by-offset", "SP-D01")),
    ("no-silent-truncation", Miss("pages-by-offset", "SP-D01")),
    (
        "pages-past-short-page",
        Miss("pages-by-offset", "SP-D01/empty-page"),
    ),
    ("stable-order-paging", Miss("pages-by-offset", "SP-C02")),
    ("no-retry-on-401-basic", Miss("replays-401-once", "SP-A01")),
    ("no-account-lockout", Miss("replays-401-once", "SP-A01")),
    ("silent-after-give-up", Miss("replays-401-once", "SP-A01")),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S01"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-A01")),
    ("diagnosis-never", Miss("names-one-cause", "SP-A01")),
    ("offers-next-step", Miss("names-one-cause", "SP-A01")),
    ("diagnosis-names-fact", Miss("names-one-cause", "SP-P01")),
    (
        "outcome-as-expected",
        Miss("single-attempt-check", "SP-I01"),
    ),
    (
        "exit-status-consistent",
        Miss("single-attempt-check", "SP-I01"),
    ),
    (
        "rejects-200-non-json",
        Miss("single-attempt-check", "SP-I01"),
    ),
    ("no-secret-in-output", Miss("chatty-logs", "SP-C01")),
    ("no-secret-in-url", Miss("dummy-parameter", "SP-C02")),
    (
        "no-retry-on-403",
        Unit("trying_other_tables_or_another_act_passes"),
    ),
    (
        "credential-never-sent-in-clear",
        Unit("asking_without_one_passes"),
    ),
];

#[test]
fn every_sin_is_caught_by_its_checks_and_by_no_other() {
    let deviations = in_parallel(CAUGHT, |(sin, scenario, by)| {
        let failed = with_result("fail", &run("--sin", sin, scenario)?);
        let by: BTreeSet<String> = by.iter().map(|&id| id.to_owned()).collect();
        if failed == by {
            return Ok(());
        }
        let missed: Vec<_> = by.difference(&failed).collect();
        let accused: Vec<_> = failed.difference(&by).collect();
        Err(format!(
            "{sin} in {scenario}: missed by {missed:?}, and accused by {accused:?}"
        ))
    });
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

#[test]
fn no_near_miss_is_accused_and_its_checks_apply_to_it() {
    let mut runs: Vec<(&str, &str, BTreeSet<String>)> = Vec::new();
    for (check, near) in NEAR {
        let Miss(name, scenario) = near else { continue };
        let at = runs
            .iter()
            .position(|(known, place, _)| known == name && place == scenario);
        let at = at.unwrap_or_else(|| {
            runs.push((name, scenario, BTreeSet::new()));
            runs.len() - 1
        });
        runs[at].2.insert((*check).to_owned());
    }
    let deviations = in_parallel(&runs, |(name, scenario, checks)| {
        let results = run("--near-miss", name, scenario)?;
        let failed = with_result("fail", &results);
        let passed = with_result("pass", &results);
        let idle: Vec<_> = checks.difference(&passed).collect();
        if failed.is_empty() && idle.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{name} in {scenario} is accused by {failed:?} and not passed by {idle:?}"
        ))
    });
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

#[test]
fn every_sin_and_every_near_miss_of_the_connector_is_run() {
    let sins: Vec<&str> = CAUGHT.iter().map(|(sin, ..)| *sin).collect();
    let all = snowproof_connector::SINS.iter().map(|sin| sin.name);
    assert_eq!(once_each(&sins), all.collect());
    let near_misses: BTreeSet<&str> = NEAR
        .iter()
        .filter_map(|(_, near)| match near {
            Miss(name, _) => Some(*name),
            Unit(_) => None,
        })
        .collect();
    let all = snowproof_connector::NEAR_MISSES.iter();
    assert_eq!(near_misses, all.map(|near_miss| near_miss.name).collect());
}

#[test]
fn every_check_has_its_sin_and_its_near_miss() {
    let all: BTreeSet<&str> = Checks::ALL.iter().map(|about| about.id).collect();
    let caught: BTreeSet<&str> = CAUGHT
        .iter()
        .flat_map(|(_, _, by)| by.iter().copied())
        .collect();
    let uncaught: Vec<&str> = UNCAUGHT.iter().map(|(check, _)| *check).collect();
    let uncaught = once_each(&uncaught);
    assert_eq!(
        caught.intersection(&uncaught).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "caught, and said not to be"
    );
    assert_eq!(
        caught.union(&uncaught).copied().collect::<BTreeSet<_>>(),
        all
    );
    assert!(UNCAUGHT.iter().all(|(_, why)| !why.is_empty()));

    let near: Vec<&str> = NEAR.iter().map(|(check, _)| *check).collect();
    assert_eq!(once_each(&near), all);
    for (check, near) in NEAR {
        let Unit(test) = near else { continue };
        let file = format!("src/checks/{}.rs", check.replace('-', "_"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        let text = std::fs::read_to_string(path).unwrap();
        let test = format!("#[test]\n    fn {test}()");
        assert!(text.contains(&test), "{file} has no `{test}`");
    }
}

fn once_each<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    let set: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(set.len(), names.len(), "a name is listed twice: {names:?}");
    set
}

fn with_result(result: &str, results: &BTreeMap<String, String>) -> BTreeSet<String> {
    results
        .iter()
        .filter(|(_, verdict)| *verdict == result)
        .map(|(check, _)| check.clone())
        .collect()
}

/// The result of every check of one scenario or variant with one variation of the connector. An
/// error when something could not be judged at all.
fn run(kind: &str, name: &str, scenario: &str) -> Result<BTreeMap<String, String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec![kind.to_owned(), name.to_owned()];
    if TAKES_ALL_ITS_TIME.contains(&name) {
        let manifest = folder.path().join("subject.yaml");
        std::fs::write(&manifest, brief(kind, name)).unwrap();
        arguments = vec!["--subject".to_owned(), manifest.display().to_string()];
    }
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(arguments)
        .args(["--debug", scenario, "--out"])
        .arg(folder.path().join("out"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = report(&folder.path().join("out")).ok_or_else(|| {
        let words = String::from_utf8_lossy(&output.stderr);
        format!("{kind} {name} in {scenario}: no report: {words}")
    })?;
    let [run] = report["runs"].as_array().unwrap().as_slice() else {
        return Err(format!("{kind} {name} in {scenario}: not one run"));
    };
    let verdict = run["verdict"].as_str().unwrap();
    if !matches!(verdict, "pass" | "warn" | "fail") {
        let why = &run["reason"];
        return Err(format!("{kind} {name} in {scenario} is {verdict}: {why}"));
    }
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = run["checks"].as_array().unwrap();
    Ok(checks
        .iter()
        .map(|check| (text(check, "id"), text(check, "verdict")))
        .collect())
}

/// The manifest of a variation of the bundled connector that declares short waits.
fn brief(kind: &str, name: &str) -> String {
    format!(
        r#"
schema: snowproof.subject/1
subject: brief
adapter: native
run: {{ native: ["{{self}}", connector, {kind}, {name}] }}
tables: {{ default: cmdb_ci_server }}
capabilities: [check, sync, basic, resume, multi-run]
declares:
  max_attempts: 5
  max_wait: 1s
  attempt_timeout: 1s
  page_size: 100
  parallelism: 1
  delivery: exactly-once
"#
    )
}

fn report(folder: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(folder.join("report.json")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// What the cases come to, a few at a time and in this order; the errors.
fn in_parallel<T: Sync>(
    cases: &[T],
    judge: impl Fn(&T) -> Result<(), String> + Sync,
) -> Vec<String> {
    let (next, errors) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(case) = next.lock().unwrap().next() else {
                        return;
                    };
                    if let Err(error) = judge(case) {
                        errors.lock().unwrap().push(error);
                    }
                }
            });
        }
    });
    let mut errors = errors.into_inner().unwrap();
    errors.sort();
    errors
}
