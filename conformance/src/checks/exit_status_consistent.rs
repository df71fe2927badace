//! `exit-status-consistent`: a script that looks at the exit status learns what a person reads.

use snowproof_protocol::Outcome;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding, ReadBy};
use crate::scenario::ExpectedOutcome;

/// See the module.
#[derive(Debug)]
pub struct ExitStatusConsistent;

impl Check for ExitStatusConsistent {
    type Settings = NoSettings;

    const ID: &'static str = "exit-status-consistent";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "exits with a status that agrees with what it says";
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let (mut judged, mut odd) = (0, Vec::new());
        for act in &evidence.acts {
            if acts::was_killed(evidence, act) || act.ending != ProcessEnding::Exited {
                continue;
            }
            judged += 1;
            odd.extend(contradiction(evidence, act));
        }
        if judged == 0 {
            return Ruling::not_applicable("no act exited by itself");
        }
        let expected = "an exit status that agrees with the outcome";
        if odd.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "it does", []);
        }
        Ruling::of(CheckResult::Fail, expected, odd.join(", "), [])
    }
}

fn contradiction(evidence: &Evidence, act: &ActEvidence) -> Option<String> {
    if act.said.outcome != Some(Outcome::Success) {
        return None;
    }
    if let Some(signal) = act.signal {
        return Some(format!("success, and ended by signal {signal}"));
    }
    let native = act.said.read_by == Some(ReadBy::Native) || evidence.subject.adapter == "native";
    match (act.exit_code, act.said.class) {
        (Some(code), _) if native && code != 0 => {
            Some(format!("success, and exit status {code}"))
        }
        (_, Some(class))
            if !native
                && acts::expected(evidence, act) != ExpectedOutcome::Success
                && !diagnosis::about(class).goes_with_success() =>
        {
            Some(format!("an exit status of success, and words that mean `{class}`"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;

    fn by_command(outcome: Outcome, class: Option<Class>) -> Run {
        let mut run = Run::check();
        run.evidence.subject.adapter = "command".into();
        run.says(outcome, class, "words");
        run.act().said.read_by = class.map(|_| ReadBy::Map(1));
        run.end();
        run
    }

    fn decide(run: &Run) -> CheckResult {
        ExitStatusConsistent::decide(&NoSettings {}, &run.evidence()).result
    }

    #[test]
    fn an_error_with_exit_status_zero_fails() {
        let run = by_command(Outcome::Success, Some(Class::AuthInvalidCredentials));
        assert_eq!(decide(&run), CheckResult::Fail);
        let mut run = by_command(Outcome::Success, None);
        run.evidence.subject.adapter = "native".into();
        run.act().exit_code = Some(3);
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn a_note_beside_success_passes() {
        let run = by_command(Outcome::Success, Some(Class::DataPartial));
        assert_eq!(decide(&run), CheckResult::Pass);
        let mut recovered = by_command(Outcome::Success, Some(Class::ThrottleRateLimit));
        recovered.evidence.scenario.outcome = ExpectedOutcome::Success;
        assert_eq!(decide(&recovered), CheckResult::Pass);
        let run = by_command(Outcome::Failure, Some(Class::AuthInvalidCredentials));
        assert_eq!(decide(&run), CheckResult::Pass);
    }

    #[test]
    fn a_killed_act_does_not_apply() {
        let mut run = by_command(Outcome::Success, None);
        run.act().ending = ProcessEnding::KilledAsPlanned;
        assert_eq!(decide(&run), CheckResult::NotApplicable);
    }
}
