//! Judging one scenario run. Pure: the same evidence gives the same verdict.

use snowproof_simulator::journal::Event;

use super::{Axes, Judged, JudgedCheck, Verdict, process};
use crate::checks::{Axis, CheckResult, Severity};
use crate::evidence::Evidence;

/// Judges evidence. With `strict`, a failed check of severity `should` fails the scenario.
#[must_use]
pub fn judge(evidence: &Evidence, strict: bool) -> Judged {
    let checks: Vec<JudgedCheck> = evidence
        .scenario
        .checks
        .with_implied()
        .decide(evidence)
        .into_iter()
        .map(|(about, ruling)| JudgedCheck {
            id: about.id.to_owned(),
            severity: about.severity,
            axis: about.axis,
            ruling,
        })
        .collect();
    let unmet = undecided_by_met(&checks);
    let unmodelled = unmodelled(evidence);
    let mut axes = Axes {
        diagnosis: of_axis(&checks, Axis::Diagnosis, strict),
        retry: of_axis(&checks, Axis::Retry, strict),
        data_and_safety: of_axis(&checks, Axis::DataAndSafety, strict),
    };
    let mut findings = process::findings(evidence, strict);
    if unmodelled.is_some() {
        findings
            .iter_mut()
            .for_each(|(verdict, _)| *verdict = undecided(*verdict));
    }
    if unmodelled.is_some() || unmet.is_some() {
        axes.diagnosis = undecided(axes.diagnosis);
        axes.retry = undecided(axes.retry);
        axes.data_and_safety = undecided(axes.data_and_safety);
    }
    let reasons = findings
        .into_iter()
        .chain(unmodelled.map(|reason| (Verdict::Inconclusive, reason)))
        .chain(unmet.map(|reason| (Verdict::Inconclusive, reason)));
    let by_checks = [axes.diagnosis, axes.retry, axes.data_and_safety]
        .into_iter()
        .filter(|verdict| *verdict != Verdict::NotApplicable)
        .max();
    let (mut verdict, mut reason) = (by_checks.unwrap_or(Verdict::NotApplicable), None);
    if by_checks.is_none() {
        reason = Some("none of its checks applies to this subject".to_owned());
    } else if verdict == Verdict::Inconclusive {
        reason = undecided_check(&checks);
    }
    for (worse, why) in reasons {
        if worse > verdict || (worse == verdict && reason.is_none()) {
            verdict = worse;
            reason = Some(why);
        }
    }
    Judged {
        verdict,
        reason,
        axes,
        checks,
    }
}

/// Nothing is held against a connector where the run itself is in doubt.
fn undecided(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Fail | Verdict::Warn | Verdict::Flaky => Verdict::Inconclusive,
        other => other,
    }
}

fn of_axis(checks: &[JudgedCheck], axis: Axis, strict: bool) -> Verdict {
    checks
        .iter()
        .filter(|check| check.axis == axis)
        .filter_map(|check| of_check(check, strict))
        .max()
        .unwrap_or(Verdict::NotApplicable)
}

/// The verdict of one check; none where it is neutral.
fn of_check(check: &JudgedCheck, strict: bool) -> Option<Verdict> {
    match (check.ruling.result, check.severity) {
        (CheckResult::Pass, _) => Some(Verdict::Pass),
        (CheckResult::NotApplicable | CheckResult::NotMeasured, _)
        | (CheckResult::Inconclusive, Severity::Should) => None,
        (CheckResult::Inconclusive, Severity::Must) => Some(Verdict::Inconclusive),
        (CheckResult::Fail, Severity::Should) if !strict => Some(Verdict::Warn),
        (CheckResult::Fail, _) => Some(Verdict::Fail),
    }
}

fn undecided_by_met(checks: &[JudgedCheck]) -> Option<String> {
    checks
        .iter()
        .find(|check| {
            check.axis == Axis::Harness
                && matches!(
                    check.ruling.result,
                    CheckResult::Inconclusive | CheckResult::Fail
                )
        })
        .map(|check| {
            let ruling = &check.ruling;
            if ruling.expected.is_empty() {
                ruling.observed.clone()
            } else {
                format!("not {}; met {}", ruling.expected, ruling.observed)
            }
        })
}

fn undecided_check(checks: &[JudgedCheck]) -> Option<String> {
    checks
        .iter()
        .find(|check| {
            check.severity == Severity::Must && check.ruling.result == CheckResult::Inconclusive
        })
        .map(|check| {
            format!(
                "`{}` cannot be decided: {}",
                check.id, check.ruling.observed
            )
        })
}

/// What was used and is not modelled, the first few by name.
fn unmodelled(evidence: &Evidence) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for entry in &evidence.journal {
        if let Event::Unmodelled(unmodelled) = &entry.event
            && !names.contains(&unmodelled.what.as_str())
        {
            names.push(&unmodelled.what);
        }
    }
    let more = names.len().saturating_sub(3);
    names.truncate(3);
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("used what is not modelled: {}", names.join(", "))),
        (false, more) => Some(format!(
            "used what is not modelled: {}, and {more} more",
            names.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests;
