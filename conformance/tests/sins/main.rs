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

mod authentication;
mod availability;
mod configuration;
mod consent;
mod core;
mod data;
mod matrix;
mod network;
mod oauth;
mod permissions;
mod rows;
mod scenarios;
mod throttle;
mod tls;
mod told;
mod webhooks;
mod writes;

/// Runs at once, per test. Nearly all of a run is waiting.
const AT_ONCE: usize = 5;

/// A sin, the scenario or variant that meets it, and every check that fails there.
type Caught = (&'static str, &'static str, &'static [&'static str]);

/// A check and its near-miss.
type NearMiss = (&'static str, Near);

/// The families. Those whose sins wait longest come first, so that the others are done meanwhile.
const FAMILIES: &[(&[Caught], &[NearMiss])] = &[
    (network::CAUGHT, network::NEAR),
    (throttle::CAUGHT, throttle::NEAR),
    (authentication::CAUGHT, authentication::NEAR),
    (permissions::CAUGHT, permissions::NEAR),
    (tls::CAUGHT, tls::NEAR),
    (availability::CAUGHT, availability::NEAR),
    (data::CAUGHT, data::NEAR),
    (core::CAUGHT, core::NEAR),
    (writes::CAUGHT, writes::NEAR),
    (configuration::CAUGHT, configuration::NEAR),
    (oauth::CAUGHT, oauth::NEAR),
    (consent::CAUGHT, consent::NEAR),
    (webhooks::CAUGHT, webhooks::NEAR),
];

/// Sins that take all the time they are given. What a subject declares decides how much that is,
/// so that these are judged as a connector that declares short waits.
const TAKES_ALL_ITS_TIME: &[&str] = &["never-gives-up", "no-attempt-timeout", "no-total-deadline"];

/// Sins that wait longer than a subject says: judged as a connector that declares short waits, and the
/// usual time for an attempt.
const WAITS_BEYOND_ITS_WORD: &[&str] = &["waits-beyond-its-word"];

/// Checks that no sin fails in a run, and why.
const UNCAUGHT: &[(&str, &str)] = &[(
    "fault-was-exercised",
    "it never fails: where it does not hold nothing is decided",
)];

/// What looks like the mistake that a check is about, and passes it.
#[derive(Debug, Clone, Copy)]
enum Near {
    /// A near-miss of the connector, and the scenario or variant in which this check passes it.
    Miss(&'static str, &'static str),
    /// A unit test in the check's own file: no run can come that near.
    Unit(&'static str),
}
use Near::{Miss, Unit};

#[test]
fn every_sin_is_caught_by_its_checks_and_by_no_other() {
    let deviations = in_parallel(&caught(), |(sin, scenario, by)| {
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
    for (check, near) in &near() {
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
    let sins: BTreeSet<&str> = caught().iter().map(|(sin, ..)| *sin).collect();
    let all = snowproof_connector::SINS.iter().map(|sin| sin.name);
    assert_eq!(sins, all.collect());
    let near_misses: BTreeSet<&str> = near()
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
    let caught: BTreeSet<&str> = caught()
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

    let listed = near();
    let near: BTreeSet<&str> = listed.iter().map(|(check, _)| *check).collect();
    assert_eq!(near, all);
    for (check, near) in &listed {
        let Unit(test) = near else { continue };
        let file = format!("src/checks/{}.rs", check.replace('-', "_"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        let text = std::fs::read_to_string(path).unwrap();
        let test = format!("#[test]\n    fn {test}()");
        assert!(text.contains(&test), "{file} has no `{test}`");
    }
}

fn caught() -> Vec<Caught> {
    let families = FAMILIES.iter();
    families
        .flat_map(|(caught, _)| caught.iter().copied())
        .collect()
}

fn near() -> Vec<NearMiss> {
    let families = FAMILIES.iter();
    families
        .flat_map(|(_, near)| near.iter().copied())
        .collect()
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
    let attempt = match name {
        _ if TAKES_ALL_ITS_TIME.contains(&name) => Some("1s"),
        _ if WAITS_BEYOND_ITS_WORD.contains(&name) => Some("30s"),
        _ => None,
    };
    if let Some(attempt) = attempt {
        let manifest = folder.path().join("subject.yaml");
        std::fs::write(&manifest, brief(kind, name, attempt)).unwrap();
        arguments = vec!["--subject".to_owned(), manifest.display().to_string()];
    }
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(arguments)
        .arg(format!("exact:{scenario}"))
        .arg("--out")
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
fn brief(kind: &str, name: &str, attempt: &str) -> String {
    format!(
        r#"
schema: snowproof.subject/1
subject: brief
adapter: native
run: {{ native: ["{{self}}", connector, {kind}, {name}] }}
tables: {{ default: cmdb_ci_server }}
capabilities: [check, sync, basic, resume, multi-run, write, parallel]
declares:
  max_attempts: 5
  max_wait: 1s
  attempt_timeout: {attempt}
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
