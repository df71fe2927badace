//! `diagnosis-within`: a user who waits in front of a screen is told in time what is wrong.
//!
//! What is judged is when the words were said, not when the process ended. Words that are read
//! from the output of a command are stamped when they arrive, which for a buffered output is when
//! it exits: those are not measured.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::duration::ScaledDuration;

use super::{Axis, Check, CheckResult, Ruling, Severity, acts, wire};
use crate::evidence::{Evidence, ReadBy};

/// See the module.
#[derive(Debug)]
pub struct DiagnosisWithin;

/// Settings of `diagnosis-within`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisWithinSettings {
    /// From the first failure of an act to its words. Default 10 s.
    #[serde(default = "ten_seconds")]
    pub after: ScaledDuration,
}

impl Default for DiagnosisWithinSettings {
    fn default() -> Self {
        Self { after: ten_seconds() }
    }
}

const fn ten_seconds() -> ScaledDuration {
    ScaledDuration::plain(Duration::from_secs(10))
}

impl Check for DiagnosisWithin {
    type Settings = DiagnosisWithinSettings;

    const ID: &'static str = "diagnosis-within";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "says what is wrong within the stated time of the first failure";
    const OF_THE_PROCESS: bool = true;

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let bound = wire::nanos(settings.after.effective);
        let expected = format!("words within {} of the first failure", wire::in_seconds(bound));
        let mut slowest: Option<(i128, u64)> = None;
        let mut unmeasured = None;
        for act in acts::with_words(evidence) {
            let first = exchanges
                .iter()
                .find(|each| each.act == act.act && each.failed())
                .map(|each| (each.ended().unwrap_or_else(|| each.started()), each.seq));
            let Some((failed, seq)) = first else {
                continue;
            };
            let (Some(ReadBy::Native), Some(said)) = (&act.said.read_by, act.said.at_ns) else {
                unmeasured = Some(seq);
                continue;
            };
            let took = i128::from(said) - i128::from(failed);
            if slowest.is_none_or(|(longest, _)| took > longest) {
                slowest = Some((took, seq));
            }
        }
        match (slowest, unmeasured) {
            (Some((took, seq)), _) => {
                let in_time = took <= bound + wire::late(bound, evidence);
                Ruling::of(
                    if in_time { CheckResult::Pass } else { CheckResult::Fail },
                    expected,
                    format!("said {} after it", wire::in_seconds(took)),
                    [seq],
                )
            }
            (None, Some(seq)) => Ruling::of(
                CheckResult::NotMeasured,
                expected,
                "when its words were said is not known",
                [seq],
            ),
            (None, None) => Ruling::not_applicable("no failure was met"),
        }
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;

    fn said_after(millis: u64, class: Option<Class>) -> CheckResult {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(200, Condition::Hibernating);
        run.wait(millis);
        run.says(Outcome::Failure, class, "asleep");
        let settings = DiagnosisWithinSettings { after: "2s".parse().unwrap() };
        DiagnosisWithin::decide(&settings, &run.end().evidence()).result
    }

    #[test]
    fn words_that_come_too_late_fail() {
        assert_eq!(said_after(4_000, Some(Class::InstanceHibernating)), CheckResult::Fail);
    }

    #[test]
    fn a_little_late_passes() {
        assert_eq!(said_after(2_300, Some(Class::InstanceHibernating)), CheckResult::Pass);
    }

    #[test]
    fn words_whose_time_is_not_known_are_not_measured() {
        assert_eq!(said_after(100, None), CheckResult::NotMeasured);
        let mut healthy = Run::check();
        healthy.get("/api/now/table/t").ok();
        let settings = DiagnosisWithinSettings::default();
        let ruling = DiagnosisWithin::decide(&settings, &healthy.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
