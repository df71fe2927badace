//! `state-verified`: a callback that answers another request is refused.
//!
//! Without a state, or where it is not compared, anybody can make a connector use a code of theirs
//! (RFC 6749, 10.12; wire-failures 2.1).

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::{ActEvidence, Evidence, WENT_BACK};
use crate::scenario::Person;

/// See the module.
#[derive(Debug)]
pub struct StateVerified;

impl Check for StateVerified {
    type Settings = NoSettings;

    const ID: &'static str = "state-verified";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "sends a state with the person, and asks for no token when another one comes back";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let pages = wire::consent_pages(evidence);
        if pages.is_empty() {
            return Ruling::not_applicable("no person was sent to the consent page");
        }
        let expected = "a state in the request, and no request for a token for a foreign one";
        let without: Vec<u64> = pages
            .iter()
            .filter(|(_, _, request)| {
                wire::parameter(wire::query(request), "state").is_none_or(|state| state.is_empty())
            })
            .map(|(seq, ..)| *seq)
            .collect();
        if !without.is_empty() {
            return Ruling::of(CheckResult::Fail, expected, "no state in the request", without);
        }
        let exchanges = wire::of_subject(evidence);
        let foreign = |act: u32| {
            let act = usize::try_from(act).ok().and_then(|act| act.checked_sub(1));
            let planned = act.and_then(|act| evidence.scenario.acts.get(act));
            planned.is_some_and(|planned| planned.person == Some(Person::ForeignState))
        };
        let calls: Vec<u64> = wire::token_calls(&exchanges)
            .iter()
            .filter(|call| foreign(call.act))
            .map(|call| call.seq)
            .collect();
        let arrived = |act: &ActEvidence| {
            act.person.iter().any(|note| note.starts_with(WENT_BACK))
        };
        let (result, observed) = if !calls.is_empty() {
            (CheckResult::Fail, "a token was asked for with the code of a foreign callback")
        } else if evidence.acts.iter().any(|act| foreign(act.act) && !arrived(act)) {
            (CheckResult::Inconclusive, "the foreign callback did not reach it")
        } else {
            (CheckResult::Pass, "as expected")
        };
        Ruling::of(result, expected, observed, pages.iter().map(|(seq, ..)| *seq).chain(calls))
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        StateVerified::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn brought_back(person: Person) -> Run {
        let mut run = Run::check();
        run.evidence.scenario.acts[0].person = Some(person);
        run.person_opens("client_id=x&state=s");
        run.act().person.push(format!("{WENT_BACK}: 400"));
        run
    }

    #[test]
    fn a_token_for_a_foreign_callback_fails() {
        let mut run = brought_back(Person::ForeignState);
        run.asks_for_token("authorization_code", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_request_without_a_state_fails() {
        let mut run = Run::check();
        run.person_opens("client_id=x&redirect_uri=y");
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn an_empty_state_is_none() {
        let mut run = Run::check();
        run.person_opens("client_id=x&state=");
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_callback_that_nobody_took_shows_nothing() {
        let mut run = brought_back(Person::ForeignState);
        run.act().person = vec!["the instance sent the browser back".into()];
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
    }

    #[test]
    fn refusing_the_callback_and_taking_an_own_one_pass() {
        assert_eq!(decide(&mut brought_back(Person::ForeignState)), CheckResult::Pass);
        let mut run = brought_back(Person::Allows);
        run.asks_for_token("authorization_code", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_person_it_does_not_apply() {
        assert_eq!(decide(&mut Run::check()), CheckResult::NotApplicable);
    }
}
