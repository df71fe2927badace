//! `no-token-call-after-403`: a 403 is about rights, and a new token has the same ones.
//!
//! A scope, a role or an access control is missing (wire-failures 4): neither a refresh nor another
//! login changes that.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoTokenCallAfter403;

impl Check for NoTokenCallAfter403 {
    type Settings = NoSettings;

    const ID: &'static str = "no-token-call-after-403";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "asks for no token because of a 403";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let calls = wire::token_calls(&exchanges);
        let forbidden: Vec<_> = exchanges
            .iter()
            .filter(|each| wire::shows_token(each) && each.status() == Some(403))
            .collect();
        if forbidden.is_empty() {
            return Ruling::not_applicable("no request with a token was forbidden");
        }
        let refused = wire::refused_tokens(&exchanges);
        // A token that was refused since the last one was got is a reason of its own.
        let is_excused = |call: &wire::Exchange<'_>| {
            let last = calls
                .iter()
                .rfind(|each| wire::is_granted(each) && wire::follows(call, each));
            refused.iter().any(|refusal| {
                wire::follows(call, refusal)
                    && last.is_none_or(|last| refusal.ended() > last.ended())
            })
        };
        let because: Vec<u64> = calls
            .iter()
            .filter(|call| forbidden.iter().any(|each| wire::follows(call, each)))
            .filter(|call| !is_excused(call))
            .map(|call| call.seq)
            .collect();
        Ruling::of(
            if because.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            "no request for a token after a 403",
            format!("{} requests", because.len()),
            forbidden.iter().map(|each| each.seq).chain(because),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoTokenCallAfter403::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_new_token_for_missing_rights_fails() {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1)).ok();
        run.shows(1, "/api/now/table/t").fails(403, Condition::ScopeRefused);
        run.asks_for_token("refresh_token", Some(2)).ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_token_that_died_later_is_replaced() {
        let mut run = Run::sync();
        run.shows(1, "/api/now/table/t").fails(403, Condition::ScopeRefused);
        run.shows(1, "/api/now/table/u").fails(401, Condition::AccessTokenExpired);
        run.asks_for_token("refresh_token", Some(2)).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_token_that_died_before_it_excuses_one_new_one_only() {
        let mut run = Run::sync();
        run.shows(1, "/api/now/table/t").fails(401, Condition::AccessTokenExpired);
        for number in 2..5 {
            run.asks_for_token("refresh_token", Some(number)).ok();
            run.shows(number, "/api/now/table/t").fails(403, Condition::ScopeRefused);
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn the_grant_before_it_passes_and_without_a_403_it_does_not_apply() {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
        run.shows(1, "/api/now/table/t").fails(403, Condition::ScopeRefused);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }
}
