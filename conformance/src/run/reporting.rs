//! From judged evidence to the report of a run.

use std::time::Duration;

use super::stage::wall_of;
use crate::evidence::Evidence;
use crate::report::{
    Report, ReportedDiagnosis, ReportedSubject, RunReport, SCHEMA, Totals,
};
use crate::scenario::Scenario;
use crate::verdict::{Judged, Verdict};

/// What a report says of the run as a whole.
#[derive(Debug, Clone)]
pub struct Head {
    /// SHA-256 of the plan.
    pub plan_hash: String,
    /// Seed of the run.
    pub seed: u64,
    /// Who was judged.
    pub subject: ReportedSubject,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall time of the run, milliseconds.
    pub wall_ms: u64,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// Puts a report together.
#[must_use]
pub fn assemble(head: Head, runs: Vec<RunReport>) -> Report {
    let mut totals = Totals::default();
    for run in &runs {
        let count = match run.verdict {
            Verdict::Pass => &mut totals.pass,
            Verdict::NotApplicable => &mut totals.not_applicable,
            Verdict::Warn => &mut totals.warn,
            Verdict::Flaky => &mut totals.flaky,
            Verdict::Inconclusive => &mut totals.inconclusive,
            Verdict::Fail => &mut totals.fail,
            Verdict::HarnessError => &mut totals.harness_error,
        };
        *count += 1;
    }
    Report {
        schema: SCHEMA.to_owned(),
        plan_hash: head.plan_hash,
        seed: head.seed,
        subject: head.subject,
        started: head.started,
        wall_ms: head.wall_ms,
        longest_ms: runs.iter().map(|run| run.wall_ms).max().unwrap_or_default(),
        sum_ms: runs.iter().map(|run| run.wall_ms).sum(),
        interrupted: head.interrupted,
        totals,
        runs,
    }
}

/// A scenario of which there is no evidence.
#[must_use]
pub fn without_evidence(scenario: &Scenario, verdict: Verdict, reason: String) -> RunReport {
    RunReport {
        code: scenario.code.clone(),
        variant: scenario.variant.clone(),
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        profile: scenario.profile,
        level: scenario.level,
        verdict,
        reason: Some(reason),
        axes: None,
        checks: Vec::new(),
        diagnosis: None,
        wall_ms: 0,
        evidence: None,
    }
}

/// A scenario that was judged. `relative` is its evidence folder as the report names it.
#[must_use]
pub fn judged(
    evidence: &Evidence,
    judged: Judged,
    wall: Duration,
    relative: String,
) -> RunReport {
    let said = evidence.acts.last().map(|act| &act.said);
    RunReport {
        verdict: judged.verdict,
        reason: judged.reason,
        axes: Some(judged.axes),
        checks: judged.checks,
        diagnosis: said.map(|said| ReportedDiagnosis {
            class: said.class.map(|class| class.name().to_owned()),
            candidates: said
                .candidates
                .iter()
                .map(|class| class.name().to_owned())
                .collect(),
            text: said.text.clone(),
        }),
        wall_ms: millis(wall),
        evidence: Some(relative),
        ..without_evidence(&evidence.scenario, judged.verdict, String::new())
    }
}

/// Judges saved evidence again.
#[must_use]
pub fn judged_again(evidence: &Evidence, strict: bool, relative: String) -> RunReport {
    let ruling = crate::verdict::judge(evidence, strict);
    judged(evidence, ruling, wall_of(&evidence.acts), relative)
}

/// Whole milliseconds.
#[must_use]
pub fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
