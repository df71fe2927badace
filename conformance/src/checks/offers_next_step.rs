//! `offers-next-step`: the user is told what to do.
//!
//! A next step of its own counts; so do words that share two significant words with the published
//! step of the class that was said, or of one that would have been right.

use std::collections::BTreeSet;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis::{self, Class};
use crate::evidence::{Evidence, Said};

/// See the module.
#[derive(Debug)]
pub struct OffersNextStep;

/// Words that two texts must share.
const SHARED: usize = 2;
/// Shorter words carry no meaning of their own.
const SIGNIFICANT: usize = 4;

impl Check for OffersNextStep {
    type Settings = NoSettings;

    const ID: &'static str = "offers-next-step";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "tells the user what to do next";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let any_of = evidence.scenario.diagnosis.any_of.as_deref().unwrap_or_default();
        let spoken: Vec<&Said> = acts::with_words(evidence)
            .into_iter()
            .map(|act| &act.said)
            .filter(|said| said.class.is_some() || !said.text.trim().is_empty())
            .collect();
        if spoken.is_empty() {
            return Ruling::not_applicable("it said nothing");
        }
        let offered = spoken.iter().all(|said| offers(said, any_of));
        let example = any_of
            .first()
            .copied()
            .or_else(|| spoken.iter().find_map(|said| said.class))
            .map_or("what to do", |class| diagnosis::about(class).next_step);
        Ruling::of(
            if offered { CheckResult::Pass } else { CheckResult::Fail },
            format!("a next step, such as: {example}"),
            if offered { "one is offered" } else { "none" },
            [],
        )
    }
}

fn offers(said: &Said, any_of: &[Class]) -> bool {
    if said.next_step.as_deref().is_some_and(|step| !step.trim().is_empty()) {
        return true;
    }
    let words = significant(&said.text);
    any_of
        .iter()
        .copied()
        .chain(said.class)
        .any(|class| significant(diagnosis::about(class).next_step).intersection(&words).count() >= SHARED)
}

fn significant(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= SIGNIFICANT)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;

    use super::super::synthetic::Run;
    use super::*;

    fn saying(text: &str, next_step: Option<&str>) -> CheckResult {
        let mut run = Run::check();
        run.says(Outcome::Failure, Some(Class::InstanceHibernating), text);
        run.act().said.next_step = next_step.map(str::to_owned);
        OffersNextStep::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_bare_error_fails() {
        assert_eq!(saying("the instance is hibernating", None), CheckResult::Fail);
        assert_eq!(saying("the instance is hibernating", Some(" ")), CheckResult::Fail);
    }

    #[test]
    fn a_step_of_its_own_or_in_the_words_passes() {
        assert_eq!(saying("asleep", Some("wake it")), CheckResult::Pass);
        assert_eq!(
            saying("hibernating: wake the instance at developer.servicenow.com", None),
            CheckResult::Pass
        );
    }

    #[test]
    fn silence_does_not_apply() {
        let mut run = Run::check();
        let ruling = OffersNextStep::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
