//! `uses-proof-key`: the exchange of a code is bound to the request for it (RFC 7636, S256), so that
//! a code which somebody slipped in is worth nothing.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct UsesProofKey;

impl Check for UsesProofKey {
    type Settings = NoSettings;

    const ID: &'static str = "uses-proof-key";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "sends a challenge with the person whose digest is S256";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let pages = wire::consent_pages(evidence);
        if pages.is_empty() {
            return Ruling::not_applicable("no person was sent to the consent page");
        }
        let bound = |request: &snowproof_simulator::journal::Request| {
            let query = wire::query(request);
            let method = wire::parameter(query, "code_challenge_method");
            wire::parameter(query, "code_challenge").is_some_and(|challenge| !challenge.is_empty())
                && method.as_deref() == Some("S256")
        };
        let unbound: Vec<u64> = pages
            .iter()
            .filter(|(_, _, request)| !bound(request))
            .map(|(seq, ..)| *seq)
            .collect();
        Ruling::of(
            if unbound.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            "code_challenge and code_challenge_method=S256 in the request",
            format!("{} of {} requests are without", unbound.len(), pages.len()),
            unbound,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn opening(query: &str) -> CheckResult {
        let mut run = Run::check();
        run.person_opens(query);
        UsesProofKey::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn none_and_a_plain_one_fail() {
        assert_eq!(opening("state=s"), CheckResult::Fail);
        assert_eq!(opening("state=s&code_challenge=x&code_challenge_method=plain"), CheckResult::Fail);
        assert_eq!(opening("code_challenge=&code_challenge_method=S256"), CheckResult::Fail);
    }

    #[test]
    fn a_digest_passes() {
        assert_eq!(opening("code_challenge=x&code_challenge_method=S256"), CheckResult::Pass);
    }

    #[test]
    fn without_a_person_it_does_not_apply() {
        let ruling = UsesProofKey::decide(&NoSettings {}, &Run::check().end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
