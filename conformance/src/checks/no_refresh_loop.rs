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
        // New ones: issued in the act, and never taken by the instance for what it refused them.
        let taken = |refusal: &wire::Exchange<'_>| {
            exchanges.iter().any(|each| {
                wire::shows_token(each)
                    && each.request.token == refusal.request.token
                    && wire::path(each.request) == wire::path(refusal.request)
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
        // What helped in the end is no loop, and the next refusal is another matter.
        let helped = |refusal: &wire::Exchange<'_>| {
            let taken_after = |each: &&wire::Exchange<'_>| {
                each.act == refusal.act
                    && each.started() > refusal.started()
                    && wire::shows_token(each)
                    && wire::path(each.request) == wire::path(refusal.request)
                    && each.status().is_some_and(|status| (200..300).contains(&status))
            };
            exchanges.iter().find(taken_after).map(wire::Exchange::started)
        };
        let after: Vec<u64> = refused
            .iter()
            .filter(|refusal| issued(refusal) && !taken(refusal))
            .map(|refusal| {
                let until = helped(refusal);
                let later = calls.iter().filter(|call| {
                    wire::follows(call, refusal) && until.is_none_or(|until| call.started() < until)
                });
                later.map(|call| call.seq).collect::<Vec<u64>>()
            })
            .max_by_key(Vec::len)
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
    fn what_another_path_takes_is_refused_all_the_same() {
        let mut run = Run::sync();
        for number in 1..6 {
            run.asks_for_token("refresh_token", Some(number)).ok();
            run.shows(number, "/api/now/table/sys_user?sysparm_limit=1").ok();
            run.shows(number, "/api/now/table/t").fails(401, Condition::AccountLocked);
        }
        let ruling = NoRefreshLoop::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
    }

    #[test]
    fn a_token_whose_time_is_up_at_another_path_passes() {
        let mut run = Run::sync();
        for number in 1..6 {
            run.shows(number, "/api/now/table/u").fails(401, Condition::AccessTokenExpired);
            run.asks_for_token("refresh_token", Some(number + 1)).ok();
            run.shows(number + 1, "/api/now/table/u").ok();
            run.shows(number + 1, "/api/now/table/t").fails(401, Condition::AccessTokenExpired);
            run.asks_for_token("refresh_token", Some(number + 2)).ok();
            run.shows(number + 2, "/api/now/table/t").ok();
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
