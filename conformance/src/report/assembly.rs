//! Putting a report together: totals and times follow from the runs.

use super::{Report, ReportedDiagnosis, ReportedSubject, RunReport, SCHEMA, Totals, told};
use crate::evidence::Evidence;
use crate::scenario::Scenario;
use crate::verdict::{Judged, Verdict};

/// What a report knows beside its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// SHA-256 of the plan.
    pub plan_hash: String,
    /// Seed of the run.
    pub seed: u64,
    /// Who was judged.
    pub subject: ReportedSubject,
    /// The command line that repeats one scenario; see [`Report::command`].
    pub command: Vec<String>,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall time of the run, milliseconds.
    pub wall_ms: u64,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Whether a failed check of severity `should` failed its scenario.
    pub strict: bool,
}

impl Report {
    /// A report of these runs, in plan order.
    #[must_use]
    pub fn assemble(frame: Frame, runs: Vec<RunReport>) -> Self {
        let mut report = Self {
            schema: SCHEMA.to_owned(),
            plan_hash: frame.plan_hash,
            seed: frame.seed,
            subject: frame.subject,
            command: frame.command,
            started: frame.started,
            wall_ms: frame.wall_ms,
            longest_ms: 0,
            sum_ms: 0,
            interrupted: frame.interrupted,
            strict: frame.strict,
            totals: Totals::default(),
            claims: Vec::new(),
            edition: None,
            baseline: None,
            agreement: None,
            reads_alike: Vec::new(),
            unmapped: Vec::new(),
            runs,
        };
        report.measure();
        report
    }

    /// What follows from the runs: totals, times and findings over all of them.
    pub(super) fn measure(&mut self) {
        let times = self.runs.iter().map(|run| run.wall_ms);
        self.longest_ms = times.clone().max().unwrap_or(0);
        self.sum_ms = times.fold(0_u64, u64::saturating_add);
        self.reads_alike = told::alike(&self.runs);
        self.unmapped = told::without_class(&self.runs);
        self.count();
    }

    /// Counts the runs by verdict anew.
    pub(crate) fn count(&mut self) {
        let mut totals = Totals::default();
        for run in &self.runs {
            *totals.of(run.verdict) += 1;
        }
        self.totals = totals;
    }
}

impl Totals {
    fn of(&mut self, verdict: Verdict) -> &mut u32 {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Warn => &mut self.warn,
            Verdict::Flaky => &mut self.flaky,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Fail => &mut self.fail,
            Verdict::HarnessError => &mut self.harness_error,
        }
    }
}

impl RunReport {
    /// A run that was judged; `evidence_folder` is relative to the report.
    #[must_use]
    pub fn judged(evidence: &Evidence, judged: Judged, evidence_folder: Option<String>) -> Self {
        let first = evidence.acts.iter().map(|act| act.spawned_ns).min();
        let last = evidence.acts.iter().map(|act| act.exited_ns).max();
        let said = evidence.acts.last().map(|act| &act.said);
        Self {
            told: if judged.in_doubt {
                Vec::new()
            } else {
                told::told(evidence)
            },
            axes: Some(judged.axes),
            checks: judged.checks,
            diagnosis: said
                .filter(|said| said.class.is_some() || !said.text.is_empty())
                .map(|said| ReportedDiagnosis {
                    class: said.class.map(|class| class.name().to_owned()),
                    candidates: said
                        .candidates
                        .iter()
                        .map(|class| class.name().to_owned())
                        .collect(),
                    text: said.text.clone(),
                }),
            earlier_runs: evidence
                .acts
                .iter()
                .map(|act| act.earlier_runs)
                .max()
                .unwrap_or(0),
            wall_ms: last.unwrap_or(0).saturating_sub(first.unwrap_or(0)) / 1_000_000,
            evidence: evidence_folder,
            ..Self::unjudged(&evidence.scenario, judged.verdict, judged.reason)
        }
    }

    /// A run that was not judged: not applicable, never started, or lost to a harness error.
    #[must_use]
    pub fn unjudged(scenario: &Scenario, verdict: Verdict, reason: Option<String>) -> Self {
        Self {
            code: scenario.code.clone(),
            variant: scenario.variant.clone(),
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            profile: scenario.profile,
            level: scenario.level,
            verdict,
            reason,
            axes: None,
            checks: Vec::new(),
            diagnosis: None,
            told: Vec::new(),
            earlier_runs: 0,
            wall_ms: 0,
            evidence: None,
        }
    }

    /// `SP-A01`, or `SP-A01/variant`: its stable name in every face.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.code),
            None => self.code.clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use snowproof_protocol::Outcome;
    use snowproof_simulator::journal::Condition;

    use super::*;
    use crate::checks::Checks;
    use crate::checks::synthetic::Run;
    use crate::diagnosis::Class;
    use crate::scenario::ExpectedOutcome;
    use crate::verdict::judge;

    fn healthy() -> RunReport {
        let mut run = Run::check();
        run.evidence.scenario.outcome = ExpectedOutcome::Success;
        run.evidence.scenario.title = "A healthy instance".into();
        run.get("/api/now/table/t").ok();
        run.end();
        let evidence = run.evidence();
        let judged = judge(&evidence, false);
        RunReport::judged(&evidence, judged, Some("evidence/SP-T01".into()))
    }

    fn failing() -> RunReport {
        let mut run = Run::check();
        let scenario = &mut run.evidence.scenario;
        scenario.code = "SP-T02".into();
        scenario.variant = Some("asleep".into());
        scenario.title = "The instance sleeps & says <html>".into();
        scenario.outcome = ExpectedOutcome::Failure;
        scenario.diagnosis.any_of = Some(vec![Class::InstanceHibernating]);
        scenario.diagnosis.never = Some(vec![Class::AuthInvalidCredentials]);
        scenario.met.insert("hibernating".into(), 1);
        let mut checks = serde_json::Map::new();
        for id in [
            "rejects-200-non-json",
            "offers-next-step",
            "no-lost-records",
        ] {
            checks.insert(id.into(), serde_json::json!({}));
        }
        scenario.checks = serde_json::from_value::<Checks>(checks.into()).unwrap();
        run.get("/api/now/table/t")
            .fails(200, Condition::Hibernating);
        run.says(
            Outcome::Success,
            Some(Class::AuthInvalidCredentials),
            "the password is wrong",
        );
        run.end();
        let evidence = run.evidence();
        let judged = judge(&evidence, false);
        RunReport::judged(&evidence, judged, Some("evidence/SP-T02/asleep".into()))
    }

    /// A report with a run of every verdict.
    pub(crate) fn report() -> Report {
        let scenario = Run::check().evidence().scenario;
        let unjudged = |code: &str, verdict, reason: &str| {
            let scenario = Scenario {
                code: code.into(),
                ..scenario.clone()
            };
            RunReport::unjudged(&scenario, verdict, Some(reason.into()))
        };
        Report::assemble(
            Frame {
                plan_hash: "ab".repeat(32),
                seed: 7,
                subject: ReportedSubject {
                    name: "my-sync".into(),
                    about: None,
                    version: Some("1.2.3".into()),
                    has_words: true,
                },
                command: [
                    "snowproof",
                    "test",
                    "exact:{scenario}",
                    "--subject",
                    "my sync.yaml",
                ]
                .map(str::to_owned)
                .to_vec(),
                started: "2026-06-27T10:00:00Z".into(),
                wall_ms: 4_200,
                interrupted: false,
                strict: false,
            },
            vec![
                healthy(),
                failing(),
                unjudged("SP-T03", Verdict::NotApplicable, "cannot set `table`"),
                unjudged("SP-T04", Verdict::Inconclusive, "bypassed the simulator"),
                unjudged("SP-T05", Verdict::HarnessError, "no port is free"),
                unjudged(
                    "SP-T06",
                    Verdict::Warn,
                    "act 1: flooded stdout with 9 bytes",
                ),
            ],
        )
    }

    #[test]
    fn totals_and_times_follow_from_the_runs() {
        let report = report();
        let totals = report.totals;
        assert_eq!(
            [
                totals.pass,
                totals.warn,
                totals.not_applicable,
                totals.flaky,
                totals.inconclusive,
                totals.fail,
                totals.harness_error
            ],
            [1, 1, 1, 0, 1, 1, 1]
        );
        assert_eq!(
            report.longest_ms,
            report.runs.iter().map(|run| run.wall_ms).max().unwrap()
        );
        assert_eq!(
            report.sum_ms,
            report.runs.iter().map(|run| run.wall_ms).sum::<u64>()
        );
    }

    #[test]
    fn a_report_without_runs_is_valid() {
        let frame = Frame {
            plan_hash: String::new(),
            seed: 0,
            subject: ReportedSubject {
                name: String::new(),
                about: None,
                version: None,
                has_words: true,
            },
            command: Vec::new(),
            started: String::new(),
            wall_ms: 0,
            interrupted: true,
            strict: false,
        };
        let report = Report::assemble(frame, Vec::new());
        assert_eq!(report.totals, Totals::default());
        assert_eq!((report.longest_ms, report.sum_ms), (0, 0));
    }
}
