//! What fails, once a check and observation: the scenarios, and the first of them with its evidence.

use indexmap::IndexMap;

use super::super::{Report, RunReport};
use super::markdown::{Page, code, command, prose, said_of};
use super::named;
use crate::checks::{Axis, CheckResult, Checks, Severity, about};
use crate::diagnosis::settled;
use crate::verdict::{JudgedCheck, Verdict};

/// Observations of one check that are told apart; the rest are told as one.
const OBSERVATIONS_AT_MOST: usize = 6;
/// Words that begin alike for so many characters are told as one.
const BEGINNING: usize = 48;
/// Journal entries that are named.
const ENTRIES_AT_MOST: usize = 8;

/// A check that fails in one way, and where.
pub(super) struct Finding<'r> {
    check: &'r JudgedCheck,
    first: &'r RunReport,
    scenarios: Vec<String>,
    /// Whether the other scenarios were observed otherwise than the first.
    mixed: bool,
}

/// What fails in a report by check, in the order in which checks are published; what is found in
/// most scenarios comes first of a check.
pub(super) fn findings(report: &Report) -> Vec<Vec<Finding<'_>>> {
    let mut by_check: IndexMap<&str, IndexMap<String, Finding<'_>>> = IndexMap::new();
    for run in report
        .runs
        .iter()
        .filter(|run| run.verdict == Verdict::Fail)
    {
        for check in &run.checks {
            let must = check.severity == Severity::Must || report.strict;
            let counts = !in_doubt(run) || about(&check.id).is_some_and(|it| it.stands_alone);
            if !must || !counts || check.ruling.result != CheckResult::Fail {
                continue;
            }
            let ways = by_check.entry(&check.id).or_default();
            let finding = ways.entry(way(check, run)).or_insert_with(|| Finding {
                check,
                first: run,
                scenarios: Vec::new(),
                mixed: false,
            });
            finding.scenarios.push(run.name());
        }
    }
    let published = |id: &str| Checks::ALL.iter().position(|it| it.id == id);
    by_check.sort_by_key(|id, _| published(id));
    by_check
        .into_values()
        .map(|ways| by_count(ways.into_values().collect()))
        .collect()
}

/// The most frequent first; the least frequent of too many as one.
fn by_count(mut ways: Vec<Finding<'_>>) -> Vec<Finding<'_>> {
    ways.sort_by_key(|finding| std::cmp::Reverse(finding.scenarios.len()));
    let rest = ways.split_off(ways.len().min(OBSERVATIONS_AT_MOST));
    if let (Some(last), false) = (ways.last_mut(), rest.is_empty()) {
        last.mixed = true;
        last.scenarios
            .extend(rest.into_iter().flat_map(|it| it.scenarios));
    }
    ways
}

/// What one check finds, as one entry of a list.
pub(super) fn write(page: &mut Page, report: &Report, ways: &[Finding<'_>]) {
    let Some(first) = ways.first() else { return };
    let count = ways.iter().map(|finding| finding.scenarios.len()).sum();
    page.line(&format!(
        "- {} ({}): {}",
        code(&first.check.id),
        prose(about(&first.check.id).map_or("", |about| about.demands)),
        super::super::counted(count)
    ));
    for finding in ways {
        finding.write(page, report);
    }
}

/// Whether the failure of a scenario was not met, so that only what stands alone counts.
fn in_doubt(run: &RunReport) -> bool {
    let mut of_harness = run
        .checks
        .iter()
        .filter(|check| check.axis == Axis::Harness);
    of_harness.any(|check| check.ruling.result != CheckResult::Pass)
        || run
            .reason
            .as_ref()
            .is_some_and(|reason| reason.contains("never connected"))
}

/// What tells one way to fail from another: the words of a diagnosis, else the observation without
/// its numbers and names.
fn way(check: &JudgedCheck, run: &RunReport) -> String {
    let masked = |at: usize, part: &str| match at % 2 {
        1 if !check.id.starts_with("diagnosis-") => "`…`".to_owned(),
        1 => format!("`{part}`"),
        _ => part
            .split(|c: char| c.is_ascii_digit() || c == '.')
            .collect(),
    };
    let parts = check.ruling.observed.split('`').enumerate();
    let way: String = parts.map(|(at, part)| masked(at, part)).collect();
    if check.id.starts_with("diagnosis-") {
        let said = run.diagnosis.as_ref().map(|it| settled(&it.text));
        let beginning: String = said
            .iter()
            .flat_map(|it| it.chars())
            .take(BEGINNING)
            .collect();
        if !beginning.is_empty() {
            return beginning;
        }
    }
    way
}

impl Finding<'_> {
    fn write(&self, page: &mut Page, report: &Report) {
        let ruling = &self.check.ruling;
        let otherwise = if self.mixed {
            ", some of them otherwise"
        } else {
            ""
        };
        page.line(&format!("  - {}{otherwise}", named(&self.scenarios)));
        page.line(&format!(
            "    - {} ({}): expected {}; observed {}{}",
            self.first.name(),
            prose(&self.first.title),
            said_of(&ruling.expected),
            said_of(&ruling.observed),
            entries(&ruling.evidence)
        ));
        let words = self.first.diagnosis.as_ref().map(|it| settled(&it.text));
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            page.line(&format!("    - said {}", code(&words)));
        }
        if let Some(again) = report.repeating(&self.first.name()) {
            page.line(&format!("    - {}", command(&again)));
        }
    }
}

fn entries(evidence: &[u64]) -> String {
    if evidence.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = evidence
        .iter()
        .take(ENTRIES_AT_MOST)
        .map(u64::to_string)
        .collect();
    let more = if evidence.len() > ENTRIES_AT_MOST {
        ", …"
    } else {
        ""
    };
    format!(" (journal {}{more})", shown.join(", "))
}
