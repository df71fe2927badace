//! Failures in random company: a sync meets several of them at places that a seed chooses, is killed
//! perhaps, goes on until it is done, and nothing is lost and nothing comes twice.
//!
//! `SNOWPROOF_COMPOSED` is how many compositions are run, 8 if unset; `SNOWPROOF_COMPOSED_SEED` makes
//! the same ones again.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Rows of a page, and pages of the table.
const PAGE: u64 = 20;
const PAGES: u64 = 6;

/// Acts of a run: each failure ends one at most, and the last one meets none.
const ACTS: u64 = 5;

/// The connector waits for an answer that never comes.
const STALL: &str = "[{ stall: {} }]";

/// What can happen once, when a page is asked for.
const FAILURES: [&str; 13] = [
    "[{ hang_up: { manner: reset } }]",
    "[{ hang_up: { after_body_bytes: 900, manner: close } }]",
    "[{ hang_up: { after_body_bytes: 900, manner: reset } }]",
    "[{ truncate: { after_body_bytes: 900 } }]",
    STALL,
    "[{ stall: { after_body_bytes: 900 } }]",
    "[{ respond: { status: 500 } }]",
    "[{ respond: { status: 502 } }]",
    "[{ respond: { status: 503, headers: { Retry-After: \"1\" } } }]",
    "[{ respond: { status: 202 } }]",
    "[{ insert_records: { table: $table, rows: 9 } }]",
    "[{ update_records: { table: $table, query: \"sys_id<8\", set: { short_description: changed } } }]",
    "[{ delete_records: { table: $table, query: \"sys_id>=4^sys_id<6\" } }]",
];

/// Numbers that look random and follow from the first one (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A scenario of so many failures as there are acts that may fail.
fn composed(number: u64, numbers: &mut Numbers) -> String {
    let failures = 2 + numbers.below(ACTS - 2);
    let killed = numbers.below(2) == 1;
    let mut text = format!(
        "schema: snowproof.scenario/1
code: ZZ-R{number:03}
id: composed/number-{number}
title: Failures in random company
covers: []
source: {{ document: none, says: chosen at random }}
profile: data
level: protect
why: Failures come together.
parameters: [base_url, user, password, table, page_size, timeout]
subject: {{ page_size: {PAGE}, timeout: 1s }}
instance:
  tables: {{ $table: {{ rows: {} }} }}
  users: {{ sync.user: {{ roles: [itil, cmdb_read] }} }}
  acls: {{ deletions: {{ table: sys_audit_delete, operation: read, roles: [itil] }} }}
expect:
  outcome: success
  checks:
    outcome-as-expected: {{}}
    exit-status-consistent: {{}}
    no-lost-records: {{}}
    no-duplicate-records: {{}}
    no-silent-truncation: {{}}
    stable-order-paging: {{}}
    no-secret-in-output: {{}}
acts:
",
        PAGE * PAGES + numbers.below(PAGE),
    );
    for act in 1..=ACTS {
        let resume = if act > 1 { ", resume: true" } else { "" };
        let kill = if act == 1 && killed {
            ", killed_at: failure-1"
        } else {
            ""
        };
        let outcome = if act < ACTS { ", outcome: any" } else { "" };
        writeln!(text, "  - {{ verb: sync{resume}{kill}{outcome} }}").unwrap();
    }
    text.push_str("steps:\n");
    for failure in 1..=failures {
        let chosen = usize::try_from(numbers.below(FAILURES.len() as u64)).unwrap();
        // Whoever is killed while it writes has delivered half a page that no checkpoint covers.
        let waits = killed && failure == 1;
        let what = if waits { STALL } else { FAILURES[chosen] };
        let page = 1 + numbers.below(PAGES);
        writeln!(
            text,
            "  failure-{failure}:\n    when: {{ read: $table, page: {page} }}\n    do: {what}"
        )
        .unwrap();
    }
    text
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(folder: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .arg("--scenarios")
        .arg(folder)
        .args(["ZZ-R*", "--out"])
        .arg(folder.join("out"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = std::fs::read_to_string(folder.join("out/report.json"));
    let report = report.unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    serde_json::from_str(&report).unwrap()
}

#[test]
fn a_sync_survives_failures_in_random_company() {
    let count = setting("SNOWPROOF_COMPOSED").unwrap_or(8);
    let seed = setting("SNOWPROOF_COMPOSED_SEED").unwrap_or_else(rand::random);
    println!("{count} compositions of seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let family = folder.path().join("composed");
    std::fs::create_dir(&family).unwrap();
    let mut numbers = Numbers(seed);
    let mut written = Vec::new();
    for number in 0..count {
        let text = composed(number, &mut numbers);
        std::fs::write(family.join(format!("number-{number}.yaml")), &text).unwrap();
        written.push(text);
    }
    let report = run(folder.path());
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len() as u64, count, "of seed {seed}");
    let wrong = runs.iter().zip(&written).filter_map(|(run, text)| {
        let checks = run["checks"].as_array()?;
        let failed: Vec<&Value> = checks.iter().filter(|it| it["verdict"] == "fail").collect();
        let said = format!("{} {} {failed:#?}\n{text}", run["verdict"], run["reason"]);
        (run["verdict"] != "pass").then_some(said)
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "seed {seed}: {}", wrong.join("\n"));
}
