//! Each sin of the bundled connector is caught by the checks that are meant for it and by no
//! other, and each near-miss passes.
//!
//! The real binary is driven over real sockets; what it writes into `report.json` is read.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

/// Runs at once. Most of a run is waiting.
const AT_ONCE: usize = 4;

/// A sin, the scenario that meets it, and what must come of that.
struct Caught {
    sin: &'static str,
    scenario: &'static str,
    /// Every check that fails.
    by: &'static [&'static str],
    /// Checks that fail too, depending on chance or on the clock.
    perhaps: &'static [&'static str],
}

const fn caught(sin: &'static str, scenario: &'static str, by: &'static [&'static str]) -> Caught {
    Caught {
        sin,
        scenario,
        by,
        perhaps: &[],
    }
}

/// What catches what.
const CAUGHT: &[Caught] = &[
    caught(
        "skips-verification",
        "tls/expired-certificate",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    caught(
        "retries-bad-certificate",
        "tls/expired-certificate",
        &["no-retry-on-certificate-failure"],
    ),
    caught(
        "password-in-url",
        "authentication/wrong-password",
        &["no-secret-in-url"],
    ),
    caught(
        "prints-password",
        "core/healthy-check",
        &["no-secret-in-output"],
    ),
    Caught {
        sin: "retries-refused-password",
        scenario: "authentication/wrong-password",
        by: &["no-account-lockout", "no-retry-on-401-basic"],
        perhaps: &["gives-up-within"],
    },
    caught(
        "retries-forbidden",
        "permissions/missing-role",
        &["no-retry-on-403"],
    ),
    caught(
        "trusts-200",
        "availability/hibernating-at-check",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
            "rejects-200-non-json",
        ],
    ),
    caught(
        "no-retry",
        "network/reset-mid-body",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    Caught {
        sin: "ignores-retry-after",
        scenario: "throttle/rate-limit-retry-after",
        by: &["no-request-inside-window", "waits-at-least-retry-after"],
        perhaps: &["no-lost-records", "outcome-as-expected"],
    },
    caught(
        "multiplies-retry-after",
        "throttle/rate-limit-retry-after",
        &["retry-after-not-multiplied"],
    ),
    caught(
        "pages-without-order",
        "core/healthy-sync",
        &["stable-order-paging"],
    ),
    caught(
        "stops-on-short-page",
        "data/acl-shortened-pages",
        &["no-lost-records", "pages-past-short-page"],
    ),
    // It counts the rows that it dropped as hidden ones.
    caught(
        "drops-failed-page",
        "network/reset-mid-body",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    caught(
        "duplicates-last-page",
        "core/healthy-sync",
        &["no-duplicate-records"],
    ),
    caught(
        "checkpoints-late",
        "data/killed-and-resumed",
        &["no-duplicate-records"],
    ),
    caught(
        "restarts-from-zero",
        "data/killed-and-resumed",
        &["no-duplicate-records", "resumes-from-checkpoint"],
    ),
    caught(
        "blames-the-password",
        "availability/hibernating-at-check",
        &["diagnosis-class", "diagnosis-never"],
    ),
    caught(
        "one-cause-for-all",
        "authentication/wrong-password",
        &["diagnosis-class", "diagnosis-never"],
    ),
    caught(
        "no-next-step",
        "availability/hibernating-at-check",
        &["offers-next-step"],
    ),
    caught(
        "says-success-on-failure",
        "authentication/wrong-password",
        &["no-silent-truncation", "outcome-as-expected"],
    ),
    caught(
        "silent-failure",
        "authentication/wrong-password",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
        ],
    ),
    caught(
        "vanishes-on-failure",
        "authentication/wrong-password",
        &["diagnosis-class", "gives-up-within", "outcome-as-expected"],
    ),
    // Requests within the reaction allowance count as in flight.
    Caught {
        sin: "keeps-talking-after-result",
        scenario: "authentication/wrong-password",
        by: &["no-retry-on-401-basic"],
        perhaps: &["silent-after-give-up"],
    },
];

/// Sins that no scenario meets yet, and what one would have to do.
const UNMET: &[(&str, &str)] = &[
    ("hot-loop", "fail a read twice or more and name no time"),
    (
        "retries-before-long-retry-after",
        "ask to wait longer than any connector does",
    ),
    (
        "hides-what-is-missing",
        "hide rows and expect that to be said",
    ),
    (
        "no-attempt-timeout",
        "end before the whole budget is used up",
    ),
    ("never-gives-up", "end before the whole budget is used up"),
];

#[test]
fn every_sin_is_caught_by_its_checks_and_by_no_other() {
    let deviations = in_parallel(CAUGHT, |case| {
        let failed = failed_checks(&["--sin", case.sin, case.scenario])?;
        let by: BTreeSet<String> = case.by.iter().map(|&id| id.to_owned()).collect();
        let perhaps: BTreeSet<String> = case.perhaps.iter().map(|&id| id.to_owned()).collect();
        let missed: Vec<_> = by.difference(&failed).collect();
        let accused: Vec<_> = failed
            .iter()
            .filter(|id| !by.contains(*id) && !perhaps.contains(*id))
            .collect();
        if missed.is_empty() && accused.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{} in {}: missed by {missed:?}, and accused by {accused:?}",
            case.sin, case.scenario
        ))
    });
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

#[test]
fn every_sin_is_caught_or_said_to_be_unmet() {
    let named: BTreeSet<&str> = CAUGHT
        .iter()
        .map(|case| case.sin)
        .chain(UNMET.iter().map(|(sin, _)| *sin))
        .collect();
    let all: BTreeSet<&str> = snowproof_connector::SINS
        .iter()
        .map(|sin| sin.name)
        .collect();
    assert_eq!(named, all);
    assert_eq!(
        named.len(),
        CAUGHT.len() + UNMET.len(),
        "a sin is listed twice"
    );
}

/// Near-misses and the scenarios in which each is most likely to be mistaken for a sin.
const NEAR: &[(&str, &str)] = &[
    (
        "waits-retry-after-plus-4s",
        "throttle/rate-limit-retry-after",
    ),
    ("immediate-first-retry", "network/reset-mid-body"),
    ("slower-backoff", "network/reset-mid-body"),
    ("fewer-attempts", "network/reset-mid-body"),
    ("pages-by-offset", "data/acl-shortened-pages"),
    ("smaller-pages", "data/killed-and-resumed"),
    ("dummy-parameter", "core/healthy-sync"),
    ("chatty-logs", "core/healthy-sync"),
    ("no-keep-alive", "core/healthy-sync"),
    ("replays-401-once", "authentication/wrong-password"),
    ("names-one-cause", "authentication/wrong-password"),
    ("single-attempt-check", "availability/hibernating-at-check"),
];

#[test]
fn no_near_miss_is_accused() {
    let named: BTreeSet<&str> = NEAR.iter().map(|(name, _)| *name).collect();
    let all: BTreeSet<&str> = snowproof_connector::NEAR_MISSES
        .iter()
        .map(|near_miss| near_miss.name)
        .collect();
    assert_eq!(named, all);
    let deviations = in_parallel(NEAR, |(name, scenario)| {
        let failed = failed_checks(&["--near-miss", name, scenario])?;
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("{name} in {scenario} is accused by {failed:?}"))
    });
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}

/// The checks of any severity that fail in a run of `snowproof test` with these arguments. An
/// error when something could not be judged at all.
fn failed_checks(arguments: &[&str]) -> Result<BTreeSet<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(arguments)
        .arg("--out")
        .arg(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = report(folder.path()).ok_or_else(|| {
        format!(
            "{arguments:?}: no report: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let mut failed = BTreeSet::new();
    for run in report["runs"].as_array().unwrap() {
        let name = format!("{} {}", run["id"], run["variant"]);
        let verdict = run["verdict"].as_str().unwrap();
        if !matches!(verdict, "pass" | "warn" | "fail") {
            return Err(format!(
                "{arguments:?}: {name} is {verdict}: {}",
                run["reason"]
            ));
        }
        for check in run["checks"].as_array().unwrap() {
            if check["verdict"] == "fail" {
                failed.insert(check["id"].as_str().unwrap().to_owned());
            }
        }
    }
    Ok(failed)
}

fn report(folder: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(folder.join("report.json")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// What the cases come to, a few at a time; the errors.
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
