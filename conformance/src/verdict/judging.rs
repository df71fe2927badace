//! Judging one scenario run. Pure: the same evidence gives the same verdict.

use snowproof_simulator::journal::Event;

use super::{Axes, Judged, JudgedCheck, Verdict, coherence, process};
use crate::checks::{Axis, CheckResult, Ruling, Severity, about};
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
            ruling: match evidence.subject.out_of_scope.get(about.id) {
                Some(why) if about.may_be_out_of_scope() => Ruling::out_of_scope(why),
                _ => ruling,
            },
        })
        .collect();
    let unmet = undecided_by_met(&checks);
    let unmodelled = unmodelled(evidence);
    let stayed_away = process::stayed_away(evidence);
    let incoherent = coherence::finding(evidence);
    let in_doubt = unmodelled.is_some() || unmet.is_some() || incoherent.is_some() || stayed_away;
    let of_axis = |axis| match of_axis(&checks, axis, strict, in_doubt) {
        // Silence towards the instance proves nothing about how it is met.
        Verdict::Pass if stayed_away => Verdict::Inconclusive,
        verdict => verdict,
    };
    let axes = Axes {
        diagnosis: of_axis(Axis::Diagnosis),
        retry: of_axis(Axis::Retry),
        data_and_safety: of_axis(Axis::DataAndSafety),
    };
    let findings = process::findings(evidence, strict);
    let worst = findings.first().map(|(verdict, _)| *verdict);
    let told: Vec<String> = findings.into_iter().map(|(_, what)| what).collect();
    let of_process = worst.map(|worst| {
        let verdict = if unmodelled.is_some() {
            undecided(worst)
        } else {
            worst
        };
        (verdict, told.join("; "))
    });
    let reasons = incoherent
        .into_iter()
        .chain(of_process)
        .chain(unmodelled.map(|reason| (Verdict::Inconclusive, reason)))
        .chain(unmet.map(|reason| (Verdict::Inconclusive, reason)))
        .chain(undecided_check(&checks).map(|reason| (Verdict::Inconclusive, reason)));
    let by_checks = [axes.diagnosis, axes.retry, axes.data_and_safety]
        .into_iter()
        .filter(|verdict| *verdict != Verdict::NotApplicable)
        .max();
    let (mut verdict, mut reason) = (by_checks.unwrap_or(Verdict::NotApplicable), None);
    if by_checks.is_none() {
        reason = Some("none of its checks applies to this subject".to_owned());
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
        in_doubt,
    }
}

/// Nothing is held against a connector where the run itself is in doubt.
fn undecided(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Fail | Verdict::Warn | Verdict::Flaky => Verdict::Inconclusive,
        other => other,
    }
}

fn of_axis(checks: &[JudgedCheck], axis: Axis, strict: bool, in_doubt: bool) -> Verdict {
    let stands_alone = |check: &JudgedCheck| about(&check.id).is_some_and(|it| it.stands_alone);
    checks
        .iter()
        .filter(|check| check.axis == axis)
        .filter_map(|check| {
            let verdict = of_check(check, strict)?;
            Some(if in_doubt && !stands_alone(check) {
                undecided(verdict)
            } else {
                verdict
            })
        })
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
        .map(JudgedCheck::undecided)
}

fn undecided_check(checks: &[JudgedCheck]) -> Option<String> {
    checks
        .iter()
        .find(|check| {
            check.severity == Severity::Must && check.ruling.result == CheckResult::Inconclusive
        })
        .map(JudgedCheck::undecided)
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
        (false, 0) => Some(format!(
            "not modelled: {}, not your connector",
            names.join(", ")
        )),
        (false, more) => Some(format!(
            "not modelled: {}, and {more} more, not your connector",
            names.join(", ")
        )),
    }
}

#[cfg(test)]
mod known_truth;
#[cfg(test)]
mod tests;
