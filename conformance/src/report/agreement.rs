//! Repeated runs as one report: every scenario takes its worst verdict, and where the runs
//! disagree that is said. A failure is never voted away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Report, RunReport};
use crate::verdict::Verdict;

/// How far repeated runs agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// How often the scenarios were run.
    pub repeats: u32,
    /// The scenarios whose verdicts differ.
    pub differing: Vec<Disagreement>,
}

/// A scenario whose verdicts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// Its name.
    pub code: String,
    /// Its verdicts, in the order of the runs.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// One report of repeated runs, which all followed one plan; none of none. The folder of the
    /// evidence of run `n`, from 1, stands in `folder_of(n)`.
    #[must_use]
    pub fn agreeing(reports: Vec<Self>, folder_of: impl Fn(usize) -> String) -> Option<Self> {
        let repeats = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        let mut reports = reports.into_iter().enumerate().map(|(at, mut report)| {
            let folder = folder_of(at + 1);
            for evidence in report.runs.iter_mut().filter_map(|it| it.evidence.as_mut()) {
                *evidence = format!("{folder}/{evidence}");
            }
            report
        });
        let mut whole = reports.next()?;
        let mut verdicts: Vec<Vec<Verdict>> =
            whole.runs.iter().map(|run| vec![run.verdict]).collect();
        for report in reports {
            whole.wall_ms = whole.wall_ms.saturating_add(report.wall_ms);
            whole.interrupted |= report.interrupted;
            let runs: Vec<RunReport> = report.runs;
            for (at, run) in runs.into_iter().enumerate() {
                if let (Some(said), Some(worst)) = (verdicts.get_mut(at), whole.runs.get_mut(at)) {
                    said.push(run.verdict);
                    if run.verdict > worst.verdict {
                        *worst = run;
                    }
                }
            }
        }
        let differs = |said: &[Verdict]| said.iter().any(|verdict| *verdict != said[0]);
        let differing = whole.runs.iter().zip(verdicts);
        let differing = differing.filter(|(_, said)| differs(said));
        let differing = differing.map(|(run, verdicts)| Disagreement {
            code: run.name(),
            verdicts,
        });
        whole.agreement = Some(Agreement {
            repeats,
            differing: differing.collect(),
        });
        whole.measure();
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_worst_verdict_stands_and_the_difference_is_told() {
        let good = sample();
        let mut bad = sample();
        bad.runs[0].verdict = Verdict::Fail;
        bad.count();
        let whole =
            Report::agreeing(vec![good.clone(), bad, good], |n| format!("run-{n}")).unwrap();
        assert_eq!(whole.runs[0].verdict, Verdict::Fail);
        assert_eq!(
            whole.runs[0].evidence.as_deref(),
            Some("run-2/evidence/SP-T01")
        );
        let agreement = whole.agreement.unwrap();
        assert_eq!(agreement.repeats, 3);
        assert_eq!(
            agreement.differing,
            [Disagreement {
                code: "SP-T01".into(),
                verdicts: vec![Verdict::Pass, Verdict::Fail, Verdict::Pass],
            }]
        );
        assert_eq!(whole.totals.fail, 2);
        assert!(Report::agreeing(Vec::new(), |_| String::new()).is_none());
    }
}
