//! `preflight-url`: a URL that cannot be right is refused before any byte leaves.
//!
//! Whoever connects first and looks afterwards has given something away: over `http://` the
//! credentials, at another domain the customer's name.

use snowproof_simulator::journal::{Actor, Event};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity};
use crate::evidence::Evidence;
use crate::scenario::Address;

/// See the module.
#[derive(Debug)]
pub struct PreflightUrl;

impl Check for PreflightUrl {
    type Settings = NoSettings;

    const ID: &'static str = "preflight-url";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "refuses an instance URL that cannot be right before any byte leaves";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let given = evidence.scenario.subject.address;
        if !given.is_some_and(Address::is_hopeless) {
            return Ruling::not_applicable("the instance URL can be used, or normalised");
        }
        let contacts: Vec<u64> = evidence
            .journal
            .iter()
            .filter(|entry| entry.actor == Actor::Subject)
            .filter(|entry| matches!(entry.event, Event::Accepted(_)))
            .map(|entry| entry.seq)
            .collect();
        let expected = "no connection";
        if contacts.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        let observed = format!("{} connections", contacts.len());
        Ruling::of(CheckResult::Fail, expected, observed, contacts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(address: Option<Address>, connects: bool) -> CheckResult {
        let mut run = Run::check();
        run.evidence.scenario.subject.address = address;
        if !connects {
            let is_contact = |event: &Event| matches!(event, Event::Accepted(_));
            run.evidence.journal.retain(|entry| !is_contact(&entry.event));
        }
        PreflightUrl::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn connecting_first_fails() {
        for address in [Address::Http, Address::WrongDomain, Address::Placeholder] {
            assert_eq!(decide(Some(address), true), CheckResult::Fail);
        }
    }

    #[test]
    fn refusing_at_once_passes() {
        assert_eq!(decide(Some(Address::Http), false), CheckResult::Pass);
    }

    #[test]
    fn a_url_that_can_be_used_does_not_apply() {
        for address in [None, Some(Address::TrailingSlash), Some(Address::BareHost)] {
            assert_eq!(decide(address, true), CheckResult::NotApplicable);
        }
    }
}
