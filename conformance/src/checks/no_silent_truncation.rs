//! `no-silent-truncation`: records may be missing, but not under the word success.

use snowproof_protocol::Outcome;

use super::no_lost_records::{TableSettings, missing};
use super::{Axis, Check, CheckResult, Ruling, Severity, acts};
use crate::evidence::{ActEvidence, Evidence};

/// See the module.
#[derive(Debug)]
pub struct NoSilentTruncation;

impl Check for NoSilentTruncation {
    type Settings = TableSettings;

    const ID: &'static str = "no-silent-truncation";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "does not report success while visible records are missing";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_records {
            return Ruling::not_applicable("its records cannot be read");
        }
        let readings = acts::readings(evidence);
        if readings.is_empty() {
            return Ruling::not_applicable("nothing was to be read");
        }
        let expected = "success only with every visible record";
        let admits = |reading: &Vec<&ActEvidence>| {
            reading.last().is_some_and(|last| {
                matches!(last.said.outcome, Some(Outcome::Failure | Outcome::Partial))
            })
        };
        if readings.iter().all(admits) {
            return Ruling::of(CheckResult::Pass, expected, "it did not report success", []);
        }
        let Some(truth) = settings.truth(evidence) else {
            return Ruling::of(
                CheckResult::Inconclusive,
                format!("the visible records of `{}`", settings.table(evidence)),
                settings.unknown(evidence),
                [],
            );
        };
        let mut undecided = None;
        for reading in readings {
            let missing = missing(truth, &reading);
            let Some(last) = reading.last().filter(|_| missing > 0) else {
                continue;
            };
            match last.said.outcome {
                Some(Outcome::Success) => {
                    return Ruling::of(
                        CheckResult::Fail,
                        expected,
                        format!("success with {missing} of {} records missing", truth.must.len()),
                        [],
                    );
                }
                Some(Outcome::Failure | Outcome::Partial) => {}
                // Whoever is killed reports nothing.
                None if acts::was_killed(evidence, last) => {}
                None => undecided = Some(missing),
            }
        }
        match undecided {
            Some(missing) => Ruling::of(
                CheckResult::Inconclusive,
                expected,
                format!("{missing} records missing and no outcome reported"),
                [],
            ),
            None => Ruling::of(CheckResult::Pass, expected, "no success with records missing", []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn truncated(outcome: Option<Outcome>) -> CheckResult {
        let mut run = Run::sync();
        run.truth(&["a", "b"], &["a", "b"]).delivers(&["a"]);
        run.act().said.outcome = outcome;
        NoSilentTruncation::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn success_with_records_missing_fails() {
        assert_eq!(truncated(Some(Outcome::Success)), CheckResult::Fail);
    }

    #[test]
    fn saying_so_passes() {
        assert_eq!(truncated(Some(Outcome::Partial)), CheckResult::Pass);
        assert_eq!(truncated(Some(Outcome::Failure)), CheckResult::Pass);
        assert_eq!(truncated(None), CheckResult::Inconclusive);
    }

    #[test]
    fn whoever_is_killed_as_planned_reports_nothing() {
        let mut run = Run::sync();
        run.truth(&["a", "b"], &["a", "b"]).delivers(&["a"]);
        run.act().said.outcome = None;
        run.act().ending = crate::evidence::ProcessEnding::KilledAsPlanned;
        let ruling = NoSilentTruncation::decide(&TableSettings::default(), &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn an_admitted_failure_needs_no_truth_and_a_success_does() {
        for (outcome, result) in [
            (Outcome::Failure, CheckResult::Pass),
            (Outcome::Success, CheckResult::Inconclusive),
        ] {
            let mut run = Run::sync();
            run.says(outcome, None, "");
            let ruling =
                NoSilentTruncation::decide(&TableSettings::default(), &run.end().evidence());
            assert_eq!(ruling.result, result);
        }
    }

    #[test]
    fn a_success_over_a_table_too_large_to_be_listed_is_not_decided() {
        for (outcome, result) in [
            (Outcome::Partial, CheckResult::Pass),
            (Outcome::Success, CheckResult::Inconclusive),
        ] {
            let mut run = Run::sync();
            run.unlisted(30_000).says(outcome, None, "");
            let ruling =
                NoSilentTruncation::decide(&TableSettings::default(), &run.end().evidence());
            assert_eq!(ruling.result, result);
            assert_eq!(ruling.observed.contains("20000"), result == CheckResult::Inconclusive);
        }
    }

    #[test]
    fn a_check_does_not_apply() {
        let mut run = Run::check();
        run.truth(&["a"], &["a"]);
        let ruling = NoSilentTruncation::decide(&TableSettings::default(), &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
