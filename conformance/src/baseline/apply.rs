//! A baseline beside a report: what it excuses, and what is no longer true of it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Baseline, Known};
use crate::checks::{CheckResult, Severity};
use crate::report::{Report, RunReport};
use crate::verdict::Verdict;

/// Days before its end on which an entry warns.
pub const WARNED_DAYS: i32 = 14;

/// A baseline as it stood beside a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The file.
    pub file: String,
    /// The day that counted as today (UTC).
    #[schemars(with = "String")]
    pub as_of: Date,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// An entry, and how it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What is accepted.
    pub known: Known,
    /// How it stood.
    pub standing: Standing,
}

/// How an entry stands beside a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The check fails, and that is accepted.
    Accepted,
    /// The same, and its last day is near.
    Expiring,
    /// The check fails, and its last day is over: nothing is excused.
    Expired,
    /// The check does not fail any more: the entry must go.
    Passes,
    /// There is no such scenario, or it does not set the check: the entry must go.
    Unknown,
    /// The scenario was not run, or not judged: nothing can be said.
    NotJudged,
}

impl Standing {
    /// Whether the check's failure is excused.
    #[must_use]
    pub const fn excuses(self) -> bool {
        matches!(self, Self::Accepted | Self::Expiring)
    }

    /// Whether the entry is no longer true, which fails a run.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::Passes | Self::Unknown)
    }
}

impl Applied {
    /// Whether an entry is no longer true.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.entries.iter().any(|entry| entry.standing.is_stale())
    }

    /// Whether there was no such scenario.
    #[must_use]
    pub fn stood_unknown(&self, code: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.known.code == code && entry.standing == Standing::Unknown)
    }

    /// The baseline that it was.
    #[must_use]
    pub fn baseline(&self) -> Baseline {
        Baseline {
            entries: self.entries.iter().map(|it| it.known.clone()).collect(),
            ..Baseline::default()
        }
    }
}

impl Baseline {
    /// Sets the baseline beside a report: a failed run becomes a warning where every check that
    /// fails it is excused. `exists` says whether there is a scenario of this name, run or not.
    pub fn apply(
        &self,
        report: &mut Report,
        file: &str,
        as_of: Date,
        strict: bool,
        exists: impl Fn(&str) -> bool,
    ) {
        let entries: Vec<Entry> = self
            .entries
            .iter()
            .map(|known| Entry {
                standing: standing(known, report, as_of, &exists),
                known: known.clone(),
            })
            .collect();
        for run in &mut report.runs {
            excuse(run, &entries, strict);
        }
        report.count();
        report.baseline = Some(Applied {
            file: file.to_owned(),
            as_of,
            entries,
        });
    }
}

fn standing(
    known: &Known,
    report: &Report,
    as_of: Date,
    exists: impl Fn(&str) -> bool,
) -> Standing {
    let Some(run) = report.runs.iter().find(|run| run.name() == known.code) else {
        return if exists(&known.code) {
            Standing::NotJudged
        } else {
            Standing::Unknown
        };
    };
    if run.checks.is_empty() {
        return Standing::NotJudged;
    }
    let Some(check) = run.checks.iter().find(|check| check.id == known.check) else {
        return Standing::Unknown;
    };
    match check.ruling.result {
        CheckResult::Pass | CheckResult::NotApplicable => Standing::Passes,
        CheckResult::NotMeasured | CheckResult::Inconclusive => Standing::NotJudged,
        CheckResult::Fail if known.expires < as_of => Standing::Expired,
        CheckResult::Fail => {
            let left = (known.expires - as_of).get_days();
            if left <= WARNED_DAYS {
                Standing::Expiring
            } else {
                Standing::Accepted
            }
        }
    }
}

/// Makes a warning of a run that fails for accepted checks alone. A failed run has a reason where
/// it failed for what the process did, and that is never excused.
fn excuse(run: &mut RunReport, entries: &[Entry], strict: bool) {
    if run.verdict != Verdict::Fail || run.reason.is_some() {
        return;
    }
    let name = run.name();
    let mut reasons = Vec::new();
    for check in failing(run, strict) {
        let entry = entries.iter().find(|entry| {
            entry.known.code == name && entry.known.check == check && entry.standing.excuses()
        });
        let Some(Entry { known, .. }) = entry else {
            return;
        };
        reasons.push(format!(
            "`{check}` is accepted until {}: {}",
            known.expires, known.reason
        ));
    }
    if !reasons.is_empty() {
        run.verdict = Verdict::Warn;
        run.reason = Some(reasons.join("; "));
    }
}

/// The checks that fail a run.
pub(super) fn failing(run: &RunReport, strict: bool) -> impl Iterator<Item = &str> {
    run.checks
        .iter()
        .filter(move |check| {
            check.ruling.result == CheckResult::Fail && (strict || check.severity == Severity::Must)
        })
        .map(|check| check.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const TODAY: &str = "2026-11-22";

    fn today() -> Date {
        TODAY.parse().unwrap()
    }

    fn known(code: &str, check: &str, expires: &str) -> Known {
        Known {
            code: code.into(),
            check: check.into(),
            reason: "known".into(),
            issue: None,
            expires: expires.parse().unwrap(),
        }
    }

    /// The failing checks of the sample's one failed run, `SP-T02/asleep`.
    fn all_of_them(expires: &str) -> Baseline {
        let report = sample();
        let run = report.runs.iter().find(|run| run.verdict == Verdict::Fail);
        let run = run.unwrap();
        Baseline {
            entries: failing(run, false)
                .map(|check| known("SP-T02/asleep", check, expires))
                .collect(),
            ..Baseline::default()
        }
    }

    fn applied(baseline: &Baseline) -> Report {
        let mut report = sample();
        baseline.apply(&mut report, "b.yaml", today(), false, |name| {
            name == "SP-T77"
        });
        report
    }

    fn standings(report: &Report) -> Vec<Standing> {
        let applied = report.baseline.as_ref().unwrap();
        applied.entries.iter().map(|entry| entry.standing).collect()
    }

    #[test]
    fn a_run_whose_failures_are_all_accepted_warns_and_says_why() {
        let report = applied(&all_of_them("2027-01-31"));
        assert_eq!((report.totals.fail, report.totals.warn), (0, 2));
        let run = report.runs.iter().find(|run| run.code == "SP-T02").unwrap();
        let reason = run.reason.as_deref().unwrap();
        assert!(reason.contains("until 2027-01-31: known"), "{reason}");
        assert!(!report.baseline.unwrap().is_stale());
    }

    #[test]
    fn one_failure_that_is_not_accepted_fails_it_still() {
        let mut baseline = all_of_them("2027-01-31");
        assert!(baseline.entries.len() > 1, "the sample fails for several");
        baseline.entries.pop();
        assert_eq!(applied(&baseline).totals.fail, 1);
    }

    #[test]
    fn what_the_process_did_is_never_excused() {
        let mut report = sample();
        for run in &mut report.runs {
            if run.verdict == Verdict::Fail {
                run.reason = Some("act 1: killed by signal 11".into());
            }
        }
        let baseline = all_of_them("2027-01-31");
        baseline.apply(&mut report, "b.yaml", today(), false, |_| true);
        assert_eq!(report.totals.fail, 1);
    }

    #[test]
    fn an_entry_warns_for_two_weeks_and_ends() {
        for (expires, standing, fails) in [
            ("2026-12-07", Standing::Accepted, 0),
            ("2026-12-06", Standing::Expiring, 0),
            (TODAY, Standing::Expiring, 0),
            ("2026-11-21", Standing::Expired, 1),
        ] {
            let report = applied(&all_of_them(expires));
            assert!(
                standings(&report).iter().all(|found| *found == standing),
                "{expires}"
            );
            assert_eq!(report.totals.fail, fails, "{expires}");
        }
    }

    #[test]
    fn what_passes_or_is_unknown_is_stale_and_what_was_not_judged_is_not() {
        let baseline = Baseline {
            entries: vec![
                known("SP-T01", "outcome-as-expected", "2027-01-31"),
                known("SP-T01", "backoff-floor", "2027-01-31"),
                known("SP-T99", "backoff-floor", "2027-01-31"),
                known("SP-T77", "backoff-floor", "2027-01-31"),
                known("SP-T04", "backoff-floor", "2027-01-31"),
            ],
            ..Baseline::default()
        };
        let report = applied(&baseline);
        assert_eq!(
            standings(&report),
            [
                Standing::Passes,
                Standing::Unknown,
                Standing::Unknown,
                Standing::NotJudged,
                Standing::NotJudged
            ]
        );
        assert!(report.baseline.unwrap().is_stale());
    }
}
