//! What a report leaves open, each once: what only warns, what could not be decided, and what was
//! not asked.

use indexmap::IndexMap;

use super::super::Report;
use super::markdown::{Page, code, said_of};
use super::named;
use crate::checks::{CheckResult, OUT_OF_SCOPE, Severity};
use crate::verdict::Verdict;

/// Reasons that are told apart; the rest are counted.
const REASONS_AT_MOST: usize = 12;

/// The checks of severity `should` that do not hold, with how often.
pub(super) fn warnings(page: &mut Page, report: &Report) {
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for run in &report.runs {
        let decided = matches!(run.verdict, Verdict::Fail | Verdict::Warn | Verdict::Flaky);
        let warns = run.checks.iter().filter(|check| {
            check.severity == Severity::Should && check.ruling.result == CheckResult::Fail
        });
        for check in warns.filter(|_| decided && !report.strict) {
            *counts.entry(&check.id).or_default() += 1;
        }
    }
    counts.sort_by(|_, one, _, other| other.cmp(one));
    let told: Vec<String> = counts
        .iter()
        .map(|(id, count)| format!("{} {count}×", code(id)))
        .collect();
    if !told.is_empty() {
        page.paragraph(&format!("Warnings: {}.", told.join(", ")));
    }
}

/// What could not be decided, by reason.
pub(super) fn undecided(page: &mut Page, report: &Report) {
    let verdicts = [Verdict::Inconclusive, Verdict::HarnessError];
    grouped(page, report, "Not decided", &verdicts, |reason| {
        // What has to be met differs by scenario.
        if reason.starts_with("not met: ") {
            return "the failure was not met".to_owned();
        }
        let (before, _) = reason.split_once(": act ").unwrap_or((reason, ""));
        before.to_owned()
    });
}

/// What was not asked, by reason.
pub(super) fn not_asked(page: &mut Page, report: &Report) {
    let checks = report.runs.iter().flat_map(|run| &run.checks);
    let mut beyond: IndexMap<&str, &str> = IndexMap::new();
    for check in checks.filter(|check| check.ruling.observed.starts_with(OUT_OF_SCOPE)) {
        beyond.insert(&check.id, &check.ruling.observed);
    }
    for (id, why) in &beyond {
        page.paragraph(&format!("{} is not judged: {}.", code(id), said_of(why)));
    }
    grouped(
        page,
        report,
        "Not asked",
        &[Verdict::NotApplicable],
        str::to_owned,
    );
}

fn grouped(
    page: &mut Page,
    report: &Report,
    heading: &str,
    verdicts: &[Verdict],
    brief: impl Fn(&str) -> String,
) {
    let mut by_reason: IndexMap<String, Vec<String>> = IndexMap::new();
    for run in report
        .runs
        .iter()
        .filter(|run| verdicts.contains(&run.verdict))
    {
        let reason = brief(run.reason.as_deref().unwrap_or("no reason is told"));
        by_reason.entry(reason).or_default().push(run.name());
    }
    if by_reason.is_empty() {
        return;
    }
    by_reason.sort_by(|_, one, _, other| other.len().cmp(&one.len()));
    page.paragraph(&format!("{heading}:"));
    for (reason, names) in by_reason.iter().take(REASONS_AT_MOST) {
        // What a subject cannot do says it all; what was tried, or left out by choice, is named.
        let tells_all = verdicts == [Verdict::NotApplicable] && !reason.starts_with(OUT_OF_SCOPE);
        let which = match tells_all {
            true => String::new(),
            false => format!(": {}", named(names)),
        };
        page.line(&format!("- {} ({}){which}", said_of(reason), names.len()));
    }
    if by_reason.len() > REASONS_AT_MOST {
        let rest: usize = by_reason.values().skip(REASONS_AT_MOST).map(Vec::len).sum();
        page.line(&format!("- for other reasons ({rest})"));
    }
    page.end();
}
