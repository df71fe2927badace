//! `diagnosis-never`: the connector does not send its user after a false lead.
//!
//! A class in `never` is one, named as the cause or as a candidate; so is a candidate that the
//! wire rules out. Candidates that a dialect adds are the judge's, not the connector's, and free;
//! words that a dialect reads as several causes, such as a bare status, lead astray only where none
//! of these may be right, and what a parser met is a fact and leads nowhere.

use super::diagnosis_class::listed;
use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis::Class;
use crate::evidence::{Evidence, ReadBy, Said};
use crate::scenario::ExpectedDiagnosis;

/// See the module.
#[derive(Debug)]
pub struct DiagnosisNever;

impl Check for DiagnosisNever {
    type Settings = NoSettings;

    const ID: &'static str = "diagnosis-never";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "gives no false lead";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let expected = &evidence.scenario.diagnosis;
        if expected.never.as_deref().unwrap_or_default().is_empty()
            && expected.any_of.as_deref().unwrap_or_default().is_empty()
        {
            return Ruling::not_applicable("no false lead is known");
        }
        let spoken: Vec<&Said> = acts::with_words(evidence)
            .into_iter()
            .map(|act| &act.said)
            .filter(|said| said.class.is_some() || !said.candidates.is_empty())
            .collect();
        if spoken.is_empty() {
            return Ruling::not_applicable("it named no cause");
        }
        let mut leads: Vec<Class> = spoken
            .iter()
            .flat_map(|said| false_leads(said, expected))
            .collect();
        leads.sort();
        leads.dedup();
        let wanted = "no false lead";
        if leads.is_empty() {
            return Ruling::of(CheckResult::Pass, wanted, "none", []);
        }
        Ruling::of(CheckResult::Fail, wanted, listed(&leads), [])
    }
}

fn false_leads(said: &Said, expected: &ExpectedDiagnosis) -> Vec<Class> {
    let never = expected.never.as_deref().unwrap_or_default();
    let any_of = expected.any_of.as_deref().unwrap_or_default();
    let free = expected.candidates.as_deref().unwrap_or_default();
    let by_dialect = matches!(said.read_by, Some(ReadBy::Dialect(_)));
    let may_be_right = by_dialect
        && said
            .candidates
            .iter()
            .any(|candidate| any_of.contains(candidate) || !never.contains(candidate));
    let parsers = [Class::ProtocolNotJson, Class::ProtocolMalformed];
    let primary = said.class.filter(|class| {
        never.contains(class) && !may_be_right && !(by_dialect && parsers.contains(class))
    });
    let candidates = said.candidates.iter().copied().filter(|candidate| {
        !by_dialect
            && (never.contains(candidate)
                || (!any_of.is_empty()
                    && !any_of.contains(candidate)
                    && !free.contains(candidate)
                    && said.class.is_some()))
    });
    primary.into_iter().chain(candidates).collect()
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;

    use super::super::synthetic::Run;
    use super::*;

    fn saying(class: Option<Class>, candidates: &[Class]) -> Run {
        let mut run = Run::check();
        run.evidence.scenario.diagnosis = ExpectedDiagnosis {
            any_of: Some(vec![Class::AuthInvalidCredentials]),
            candidates: Some(vec![Class::AuthAccountLocked]),
            never: Some(vec![Class::InstanceHibernating]),
            quiet_is_right: None,
        };
        run.says(Outcome::Failure, class, "no");
        run.act().said.candidates = candidates.to_vec();
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        DiagnosisNever::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_false_lead_fails_as_cause_and_as_candidate() {
        let hibernating = Class::InstanceHibernating;
        assert_eq!(decide(&mut saying(Some(hibernating), &[])), CheckResult::Fail);
        let right = Some(Class::AuthInvalidCredentials);
        assert_eq!(decide(&mut saying(right, &[hibernating])), CheckResult::Fail);
        assert_eq!(decide(&mut saying(right, &[Class::NetDns])), CheckResult::Fail);
    }

    #[test]
    fn candidates_that_the_wire_allows_are_free() {
        let right = Some(Class::AuthInvalidCredentials);
        assert_eq!(decide(&mut saying(right, &[Class::AuthAccountLocked])), CheckResult::Pass);
    }

    #[test]
    fn what_a_dialect_adds_is_not_held_against_the_connector() {
        let mut run = saying(Some(Class::AuthInvalidCredentials), &[Class::NetDns]);
        run.act().said.read_by = Some(ReadBy::Dialect("curl".into()));
        assert_eq!(decide(&mut run), CheckResult::Pass);
        run.act().said.class = Some(Class::InstanceHibernating);
        run.act().said.candidates.clear();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn what_a_parser_met_leads_nowhere() {
        let mut run = saying(Some(Class::ProtocolNotJson), &[Class::ProtocolMalformed]);
        let never = vec![Class::ProtocolNotJson, Class::ProtocolMalformed];
        run.evidence.scenario.diagnosis.never = Some(never);
        assert_eq!(decide(&mut run), CheckResult::Fail, "its own diagnosis");
        run.act().said.read_by = Some(ReadBy::Dialect("python-requests".into()));
        assert_eq!(decide(&mut run), CheckResult::Pass, "a raw error");
    }

    #[test]
    fn words_for_several_causes_lead_astray_where_none_of_them_may_be_right() {
        // A bare 403: a role, says the dialect first, or a table, or an address.
        let mut run = saying(Some(Class::InstanceHibernating), &[Class::InstanceWaking]);
        run.act().said.read_by = Some(ReadBy::Dialect("servicenow".into()));
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let never = vec![Class::InstanceHibernating, Class::InstanceWaking];
        run.evidence.scenario.diagnosis.never = Some(never);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn silence_does_not_apply() {
        assert_eq!(decide(&mut saying(None, &[])), CheckResult::NotApplicable);
    }
}
