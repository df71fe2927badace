//! `quiet-diagnosis`: a run that recovered does not end with an error.
//!
//! Classes that go with a success, such as `data.partial`, are no error.

use snowproof_protocol::Outcome;

use super::diagnosis_class::listed;
use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis;
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct QuietDiagnosis;

impl Check for QuietDiagnosis {
    type Settings = NoSettings;

    const ID: &'static str = "quiet-diagnosis";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "reports no error at the end of a run that recovered";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let succeeded: Vec<_> = evidence
            .acts
            .iter()
            .filter(|act| !acts::was_killed(evidence, act))
            .filter(|act| act.said.outcome == Some(Outcome::Success))
            .collect();
        if succeeded.is_empty() {
            return Ruling::not_applicable("no act succeeded");
        }
        let any_of = evidence.scenario.diagnosis.any_of.as_deref().unwrap_or_default();
        let quiet_is_right = evidence.scenario.diagnosis.quiet_is_right == Some(true);
        let complaints: Vec<_> = succeeded
            .iter()
            .filter_map(|act| act.said.class)
            .filter(|class| !diagnosis::about(*class).goes_with_success())
            .filter(|class| quiet_is_right || !any_of.contains(class))
            .collect();
        let expected = "no error reported with a success";
        if complaints.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        Ruling::of(CheckResult::Fail, expected, listed(&complaints), [])
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;

    fn saying(outcome: Outcome, class: Option<Class>) -> CheckResult {
        let mut run = Run::sync();
        run.evidence.scenario.diagnosis.any_of = Some(vec![Class::DataPartial]);
        run.says(outcome, class, "words");
        QuietDiagnosis::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn an_error_beside_success_fails() {
        let class = Some(Class::ThrottleRateLimit);
        assert_eq!(saying(Outcome::Success, class), CheckResult::Fail);
    }

    #[test]
    fn silence_and_what_is_expected_pass() {
        assert_eq!(saying(Outcome::Success, None), CheckResult::Pass);
        assert_eq!(saying(Outcome::Success, Some(Class::DataPartial)), CheckResult::Pass);
    }

    #[test]
    fn what_a_failure_might_say_a_recovered_run_may_not() {
        let mut run = Run::sync();
        run.evidence.scenario.diagnosis.any_of = Some(vec![Class::ThrottleRateLimit]);
        run.says(Outcome::Success, Some(Class::ThrottleRateLimit), "limited")
            .end();
        let decide = |run: &Run| QuietDiagnosis::decide(&NoSettings {}, &run.evidence()).result;
        assert_eq!(decide(&run), CheckResult::Pass);
        run.evidence.scenario.diagnosis.quiet_is_right = Some(true);
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn a_failure_does_not_apply() {
        let class = Some(Class::ThrottleRateLimit);
        assert_eq!(saying(Outcome::Failure, class), CheckResult::NotApplicable);
    }
}
