//! `tries-refresh-token`: a refresh token that does not work is found while the person is there.

use snowproof_protocol::Verb;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, absent, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct TriesRefreshToken;

impl Check for TriesRefreshToken {
    type Settings = NoSettings;

    const ID: &'static str = "tries-refresh-token";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "uses a new refresh token once before it calls the connection good";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let calls: Vec<_> = wire::token_calls(&exchanges)
            .into_iter()
            .filter(|call| {
                let mut acts = evidence.acts.iter();
                acts.any(|act| act.act == call.act && act.verb == Verb::Connect)
            })
            .collect();
        let given = calls.iter().find(|call| {
            let given = call.request.token_call.as_ref();
            wire::is_granted(call) && given.is_some_and(|given| given.refresh_token.is_some())
        });
        let Some(given) = given else {
            return Ruling::not_applicable("no person's consent led to a refresh token");
        };
        let tried: Vec<u64> = calls
            .iter()
            .filter(|call| {
                let asked = call.request.token_call.as_ref();
                call.act == given.act && asked.is_some_and(|asked| asked.grant == "refresh_token")
            })
            .map(|call| call.seq)
            .collect();
        let (result, observed) = if tried.is_empty() {
            (absent(evidence), "none")
        } else {
            (CheckResult::Pass, "as expected")
        };
        Ruling::of(
            result,
            "a request that shows the new refresh token",
            observed,
            std::iter::once(given.seq).chain(tried),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn connected(tried: bool) -> CheckResult {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", Some(1)).ok();
        if tried {
            run.asks_for_token("refresh_token", None).fails(401, Condition::RefreshTokenRevoked);
        }
        TriesRefreshToken::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn trusting_it_fails() {
        assert_eq!(connected(false), CheckResult::Fail);
    }

    #[test]
    fn a_journal_that_is_cut_does_not_tell() {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", Some(1)).ok();
        let ruling = TriesRefreshToken::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
    }

    #[test]
    fn trying_it_passes_whatever_came_of_it() {
        assert_eq!(connected(true), CheckResult::Pass);
    }

    #[test]
    fn without_one_it_does_not_apply() {
        let ruling = TriesRefreshToken::decide(&NoSettings {}, &Run::check().end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
