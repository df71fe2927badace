//! `diagnosis-class`: the connector names the right cause.
//!
//! Right is any class the wire allows to conclude. Words that a dialect reads may stand for
//! several causes that the connector's own stack cannot tell apart; one of them suffices.

use snowproof_protocol::Outcome;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis::Class;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding, ReadBy, Said};

/// See the module.
#[derive(Debug)]
pub struct DiagnosisClass;

impl Check for DiagnosisClass {
    type Settings = NoSettings;

    const ID: &'static str = "diagnosis-class";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "names a cause that is right, as far as the wire can tell";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let expected = &evidence.scenario.diagnosis;
        let any_of = expected.any_of.as_deref().unwrap_or_default();
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        if any_of.is_empty() {
            return Ruling::not_applicable("no diagnosis is expected");
        }
        let quiet_is_right = expected.quiet_is_right == Some(true);
        let wanted = format!(
            "{}{}",
            wanted(evidence, any_of),
            if quiet_is_right { ", or a success without complaint" } else { "" }
        );
        let mut worst: Option<(CheckResult, String)> = None;
        for act in acts::with_words(evidence) {
            let right = acts::right_classes(evidence, act);
            // Where it might have gone on to succeed, nobody knows what it would have said.
            let judged = if quiet_is_right && ended_by_the_runner(act) {
                let observed = "ended by the runner before it said anything";
                (CheckResult::Inconclusive, observed.to_owned())
            } else {
                one(&act.said, right, quiet_is_right)
            };
            if worst.as_ref().is_none_or(|(result, _)| judged.0 > *result) {
                worst = Some(judged);
            }
        }
        match worst {
            Some((result, observed)) => Ruling::of(result, wanted, observed, []),
            None => Ruling::not_applicable("every act was killed"),
        }
    }
}

/// What is right, by act where that differs.
fn wanted(evidence: &Evidence, of_all: &[Class]) -> String {
    let own = |act: &&ActEvidence| acts::right_classes(evidence, act) != of_all;
    let acts = acts::with_words(evidence);
    if !acts.iter().any(own) {
        return listed(of_all);
    }
    let by_act = acts.iter().map(|act| {
        let right = acts::right_classes(evidence, act);
        format!("act {}: {}", act.act, listed(right))
    });
    by_act.collect::<Vec<_>>().join("; ")
}

fn ended_by_the_runner(act: &ActEvidence) -> bool {
    let said = &act.said;
    let silent = said.class.is_none() && said.candidates.is_empty() && said.text.trim().is_empty();
    silent && act.ending == ProcessEnding::OverBudget
}

fn one(said: &Said, any_of: &[Class], quiet_is_right: bool) -> (CheckResult, String) {
    let Some(class) = said.class else {
        let succeeded = said.outcome == Some(Outcome::Success);
        if !said.candidates.is_empty() {
            return (
                CheckResult::Fail,
                format!("no one cause, but {}", listed(&said.candidates)),
            );
        }
        if quiet_is_right && succeeded {
            return (CheckResult::Pass, "success without complaint".into());
        }
        if matches!(said.read_by, Some(ReadBy::Map(_))) && !succeeded {
            return (
                CheckResult::Fail,
                format!("words that name no cause: `{}`", clipped(&said.text)),
            );
        }
        if said.text.trim().is_empty() || said.read_by == Some(ReadBy::Native) || succeeded {
            return (CheckResult::Fail, "no diagnosis".into());
        }
        return (
            CheckResult::Inconclusive,
            format!("words that no map or dialect knows: `{}`", clipped(&said.text)),
        );
    };
    let by_dialect = matches!(said.read_by, Some(ReadBy::Dialect(_)));
    let right = any_of.contains(&class)
        || (by_dialect && said.candidates.iter().any(|candidate| any_of.contains(candidate)));
    let how = match &said.read_by {
        Some(ReadBy::Dialect(name)) => format!(", read by the dialect `{name}`"),
        _ => String::new(),
    };
    (
        if right { CheckResult::Pass } else { CheckResult::Fail },
        format!("`{class}`{how}"),
    )
}

/// Classes for people: `a`, `b`.
pub(super) fn listed(classes: &[Class]) -> String {
    classes
        .iter()
        .map(|class| format!("`{class}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn clipped(text: &str) -> String {
    text.trim().chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn saying(outcome: Outcome, class: Option<Class>, text: &str) -> Run {
        let mut run = Run::check();
        run.evidence.scenario.diagnosis.any_of = Some(vec![Class::TlsExpired]);
        run.says(outcome, class, text).end();
        run
    }

    fn decide(run: &Run) -> CheckResult {
        DiagnosisClass::decide(&NoSettings {}, &run.evidence()).result
    }

    #[test]
    fn another_cause_or_none_fails() {
        let other = saying(Outcome::Failure, Some(Class::NetReset), "reset");
        assert_eq!(decide(&other), CheckResult::Fail);
        assert_eq!(decide(&saying(Outcome::Failure, None, "")), CheckResult::Fail);
        assert_eq!(decide(&saying(Outcome::Success, None, "")), CheckResult::Fail);
    }

    #[test]
    fn a_right_cause_passes() {
        let right = saying(Outcome::Failure, Some(Class::TlsExpired), "expired");
        assert_eq!(decide(&right), CheckResult::Pass);
    }

    #[test]
    fn who_was_ended_on_the_way_to_a_success_is_not_judged_by_its_silence() {
        let mut run = saying(Outcome::Success, None, "");
        run.evidence.scenario.diagnosis.quiet_is_right = Some(true);
        run.act().said.outcome = None;
        run.act().ending = ProcessEnding::OverBudget;
        assert_eq!(decide(&run), CheckResult::Inconclusive);
        run.act().said.class = Some(Class::NetReset);
        assert_eq!(decide(&run), CheckResult::Fail, "it did speak");
        run.act().said.class = None;
        run.evidence.scenario.diagnosis.quiet_is_right = None;
        assert_eq!(decide(&run), CheckResult::Fail, "it had to speak");
    }

    #[test]
    fn quiet_success_passes_only_where_it_is_right() {
        let mut run = saying(Outcome::Success, None, "");
        run.evidence.scenario.diagnosis.quiet_is_right = Some(true);
        assert_eq!(decide(&run), CheckResult::Pass);
        run.act().said.outcome = Some(Outcome::Failure);
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn a_dialect_may_mean_several_causes_and_a_connector_may_not() {
        let mut run = saying(Outcome::Failure, Some(Class::TlsNotYetValid), "validity check failed");
        run.act().said.candidates = vec![Class::TlsExpired];
        assert_eq!(decide(&run), CheckResult::Fail);
        run.act().said.read_by = Some(ReadBy::Dialect("java-httpclient".into()));
        assert_eq!(decide(&run), CheckResult::Pass);
    }

    #[test]
    fn unknown_words_decide_nothing_and_vague_ones_fail() {
        let mut run = saying(Outcome::Failure, None, "kaputt");
        assert_eq!(decide(&run), CheckResult::Inconclusive);
        run.act().said.candidates = vec![Class::NetDns, Class::TlsExpired, Class::AuthzRole];
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn words_that_are_known_to_name_no_cause_fail() {
        let mut run = saying(Outcome::Failure, None, "request failed");
        run.act().said.read_by = Some(ReadBy::Map(1));
        assert_eq!(decide(&run), CheckResult::Fail);
    }

    #[test]
    fn without_words_or_expectation_it_does_not_apply() {
        let mut run = saying(Outcome::Failure, None, "");
        run.evidence.subject.has_words = false;
        assert_eq!(decide(&run), CheckResult::NotApplicable);
        let mut run = saying(Outcome::Failure, None, "");
        run.evidence.scenario.diagnosis.any_of = None;
        assert_eq!(decide(&run), CheckResult::NotApplicable);
    }

    #[test]
    fn an_act_may_have_causes_of_its_own() {
        let mut run = saying(Outcome::Failure, Some(Class::NetReset), "reset");
        run.evidence.scenario.acts[0].any_of = Some(vec![Class::NetReset]);
        assert_eq!(decide(&run), CheckResult::Pass);
        run.evidence.scenario.acts[0].any_of = Some(vec![Class::NetDns]);
        let ruling = DiagnosisClass::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
        assert_eq!(ruling.expected, "act 1: `net.dns`");
    }

    #[test]
    fn only_troubled_acts_are_judged() {
        let mut run = saying(Outcome::Failure, Some(Class::TlsExpired), "expired");
        run.next_act(snowproof_protocol::Verb::Check, false);
        run.evidence.scenario.acts[1].outcome =
            Some(crate::scenario::ExpectedOutcome::Success);
        run.says(Outcome::Success, None, "").end();
        assert_eq!(decide(&run), CheckResult::Pass);
    }
}
