//! `outcome-as-expected`: an act ends as the scenario says that it can only end.
//!
//! Where failure is expected, a part that is said to be one will do: its user knows what is missing.
//! Where a part is expected, so will a failure that names the cause: an exit status knows no parts.

use snowproof_protocol::Outcome;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::evidence::Evidence;
use crate::scenario::ExpectedOutcome;

/// See the module.
#[derive(Debug)]
pub struct OutcomeAsExpected;

impl Check for OutcomeAsExpected {
    type Settings = NoSettings;

    const ID: &'static str = "outcome-as-expected";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "ends each act with the outcome that the scenario expects";
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let (mut expected, mut observed, mut differs) = (Vec::new(), Vec::new(), false);
        for act in &evidence.acts {
            let (wanted, right): (_, &[Outcome]) = match acts::expected(evidence, act) {
                ExpectedOutcome::Success => ("success", &[Outcome::Success]),
                ExpectedOutcome::Failure => ("failure", &[Outcome::Failure, Outcome::Partial]),
                ExpectedOutcome::Partial => ("partial", &[Outcome::Partial]),
                ExpectedOutcome::Any => continue,
            };
            if acts::was_killed(evidence, act) {
                continue;
            }
            let said = act.said.outcome.map_or("no outcome", acts::name);
            let named = act
                .said
                .class
                .is_some_and(|class| acts::right_classes(evidence, act).contains(&class));
            let tells_of_a_part =
                wanted == "partial" && act.said.outcome == Some(Outcome::Failure) && named;
            differs |= !tells_of_a_part
                && act.said.outcome.is_none_or(|outcome| !right.contains(&outcome));
            expected.push(format!("act {}: {wanted}", act.act));
            observed.push(format!("act {}: {said}", act.act));
        }
        if expected.is_empty() {
            return Ruling::not_applicable("any outcome is right");
        }
        Ruling::of(
            if differs { CheckResult::Fail } else { CheckResult::Pass },
            expected.join(", "),
            observed.join(", "),
            [],
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::{Outcome, Verb};

    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;

    fn ending(expected: ExpectedOutcome, outcome: Option<Outcome>) -> CheckResult {
        let mut run = Run::check();
        run.evidence.scenario.outcome = expected;
        run.act().said.outcome = outcome;
        OutcomeAsExpected::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn another_outcome_fails() {
        let success = Some(Outcome::Success);
        assert_eq!(ending(ExpectedOutcome::Failure, success), CheckResult::Fail);
        assert_eq!(ending(ExpectedOutcome::Failure, None), CheckResult::Fail);
        assert_eq!(ending(ExpectedOutcome::Partial, success), CheckResult::Fail);
    }

    #[test]
    fn the_expected_one_passes_and_any_does_not_apply() {
        let failure = Some(Outcome::Failure);
        assert_eq!(ending(ExpectedOutcome::Failure, failure), CheckResult::Pass);
        assert_eq!(ending(ExpectedOutcome::Any, failure), CheckResult::NotApplicable);
    }

    #[test]
    fn who_kept_a_part_and_says_so_has_not_hidden_a_failure() {
        let partial = Some(Outcome::Partial);
        assert_eq!(ending(ExpectedOutcome::Failure, partial), CheckResult::Pass);
        assert_eq!(ending(ExpectedOutcome::Success, partial), CheckResult::Fail);
        let failure = Some(Outcome::Failure);
        assert_eq!(ending(ExpectedOutcome::Partial, failure), CheckResult::Fail);
    }

    #[test]
    fn a_failure_that_names_what_is_missing_tells_of_a_part() {
        let mut run = Run::sync();
        run.evidence.scenario.outcome = ExpectedOutcome::Partial;
        run.evidence.scenario.diagnosis.any_of = Some(vec![Class::DataPartial]);
        run.says(Outcome::Failure, Some(Class::DataPartial), "not complete").end();
        let decide = |run: &Run| OutcomeAsExpected::decide(&NoSettings {}, &run.evidence()).result;
        assert_eq!(decide(&run), CheckResult::Pass);
        run.act().said.class = Some(Class::NetReset);
        assert_eq!(decide(&run), CheckResult::Fail);
        run.act().said.class = Some(Class::DataPartial);
        run.act().said.outcome = Some(Outcome::Success);
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn each_act_has_its_own_expectation_and_a_killed_one_none() {
        let mut run = Run::sync();
        run.evidence.scenario.outcome = ExpectedOutcome::Success;
        run.evidence.scenario.acts[0].killed_at = Some("step".into());
        run.act().said.outcome = None;
        run.next_act(Verb::Sync, true);
        let ruling = OutcomeAsExpected::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
        assert_eq!(ruling.expected, "act 2: success");
    }
}
