//! The kill matrix: `docs/kill-matrix.md` is written from the sins and near-misses listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use snowproof::checks::{Checks, Severity};

use super::{Miss, UNCAUGHT, Unit, caught, near};

/// What writes it.
const COMMAND: &str = "SNOWPROOF_WRITE_KILL_MATRIX=1 cargo test -p snowproof --test sins matrix";

#[test]
fn the_kill_matrix_is_what_the_sins_come_to() {
    let text = rendered();
    if std::env::var_os("SNOWPROOF_WRITE_KILL_MATRIX").is_some() {
        std::fs::write(path(), &text).unwrap();
    }
    let kept = std::fs::read_to_string(path()).unwrap();
    assert!(
        kept == text,
        "docs/kill-matrix.md is not up to date: {COMMAND}"
    );
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs/kill-matrix.md")
}

fn rendered() -> String {
    let (mut by_check, mut passing) = (Listed::new(), Listed::new());
    let mut by_sin: BTreeMap<&str, BTreeMap<&str, &[&str]>> = BTreeMap::new();
    for (sin, scenario, checks) in caught() {
        by_sin.entry(sin).or_default().insert(scenario, checks);
        for check in checks {
            by_check.entry(check).or_default().insert(sin);
        }
    }
    for (check, near) in near() {
        let name = match near {
            Miss(name, _) => name,
            Unit(test) => test,
        };
        passing.entry(check).or_default().insert(name);
    }
    let mut text = format!("<!-- Written by `{COMMAND}`; a test holds it true. -->\n\n{HEAD}");
    for about in Checks::ALL {
        let sins = match UNCAUGHT.iter().find(|(check, _)| *check == about.id) {
            Some((_, why)) => format!("none: {why}"),
            None => quoted(&by_check, about.id),
        };
        let severity = match about.severity {
            Severity::Must => "must",
            Severity::Should => "should",
        };
        let near = quoted(&passing, about.id);
        writeln!(text, "| `{}` | {severity} | {sins} | {near} |", about.id).unwrap();
    }
    text.push_str(SINS);
    for sin in snowproof_connector::SINS {
        for (at, (scenario, checks)) in by_sin[sin.name].iter().enumerate() {
            let (name, about) = if at == 0 {
                (format!("`{}`", sin.name), sin.about)
            } else {
                (String::new(), "")
            };
            let checks: Vec<String> = checks.iter().map(|check| format!("`{check}`")).collect();
            let checks = checks.join(", ");
            writeln!(text, "| {name} | {about} | {scenario} | {checks} |").unwrap();
        }
    }
    text
}

type Listed = BTreeMap<&'static str, BTreeSet<&'static str>>;

fn quoted(listed: &Listed, check: &str) -> String {
    let names = listed.get(check).into_iter().flatten();
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

const HEAD: &str = "# What the judge catches, and what it lets pass

The bundled connector can be told to sin in one respect, and to come near a sin without committing it. A test runs each of
these against the real binary over real sockets and asserts that exactly the checks named here fail, no more and no fewer,
and that no near-miss is accused. A near-miss with underscores is a unit test beside the check: no run can come that near.

## By check

| check | severity | sins that it catches | near-misses that it lets pass |
|---|---|---|---|
";

const SINS: &str = "
## By sin

| sin | what it does | scenario | checks that fail there, and no others |
|---|---|---|---|
";
