//! `no-refresh-loop`: a token that is refused when it is new is not replaced again and again.
//!
//! Its age is not the reason then: the account or an access policy is (wire-failures 2.3).

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Requests for a token after a new one was refused, as published: another grant may be tried.
const AT_MOST: usize = 1;

/// See the module.
#[derive(Debug)]
pub struct NoRefreshLoop;

impl Check for NoRefreshLoop {
    type Settings = NoSettings;

    const ID: &'static str = "no-refresh-loop";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "asks at most once more for a token after one that was just issued is refused";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refused = wire::refused_tokens(&exchanges);
        if refused.is_empty() {
            return Ruling::not_applicable("no token was refused");
        }
        let calls = wire::token_calls(&exchanges);
        // New ones: issued in the act, and never taken by the instance.
        let taken = |refusal: &wire::Exchange<'_>| {
            exchanges.iter().any(|each| {
                wire::shows_token(each)
                    && each.request.token == refusal.request.token
                    && each.status().is_some_and(|status| status != 401)
            })
        };
        let issued = |refusal: &wire::Exchange<'_>| {
            calls.iter().any(|call| {
                call.act == refusal.act
                    && refusal.request.token.is_some()
                    && wire::granted(call) == refusal.request.token
            })
        };
        let first = refused.iter().find(|refusal| issued(refusal) && !taken(refusal));
        let after: Vec<u64> = first
            .map(|first| {
                let later = calls.iter().filter(|call| {
                    call.act == first.act && first.ended().is_some_and(|end| call.started() >= end)
                });
                later.map(|call| call.seq).collect()
            })
            .unwrap_or_default();
        Ruling::of(
            if after.len() > AT_MOST { CheckResult::Fail } else { CheckResult::Pass },
            format!("at most {AT_MOST} request for a token after a new one was refused"),
            format!("{} requests", after.len()),
            after,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn refused_again(times: u64) -> CheckResult {
        let mut run = Run::sync();
        run.shows(1, "/api/now/table/t").fails(401, Condition::AccountLocked);
        for number in 2..2 + times {
            run.asks_for_token("refresh_token", Some(number)).ok();
            run.shows(number, "/api/now/table/t").fails(401, Condition::AccountLocked);
        }
        NoRefreshLoop::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn token_after_token_fails() {
        assert_eq!(refused_again(4), CheckResult::Fail);
    }

    #[test]
    fn one_more_grant_passes() {
        assert_eq!(refused_again(1), CheckResult::Pass);
        assert_eq!(refused_again(2), CheckResult::Pass);
    }

    #[test]
    fn tokens_that_were_good_for_a_while_pass() {
        let mut run = Run::sync();
        for number in 1..9 {
            run.asks_for_token("refresh_token", Some(number)).ok();
            run.shows(number, "/api/now/table/t").ok();
            run.shows(number, "/api/now/table/t").fails(401, Condition::AccessTokenExpired);
        }
        let ruling = NoRefreshLoop::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn without_a_refusal_it_does_not_apply() {
        let ruling = NoRefreshLoop::decide(&NoSettings {}, &Run::sync().end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
