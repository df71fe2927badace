//! `refresh-on-401`: a token that the instance refuses is replaced, and the work goes on.
//!
//! Tokens live thirty minutes and may be revoked at any time (wire-failures 2.2, 2.4): a 401 with
//! a token asks for another one first.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, absent, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct RefreshOn401;

impl Check for RefreshOn401 {
    type Settings = NoSettings;

    const ID: &'static str = "refresh-on-401";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "asks for a new token once the instance refuses the one it shows";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let calls = wire::token_calls(&exchanges);
        let refused = wire::refused_tokens(&exchanges);
        if refused.is_empty() {
            return Ruling::not_applicable("no token was refused");
        }
        // A worker that was refused meanwhile is helped by what another one got.
        let replaced = |refusal: &&wire::Exchange<'_>| {
            calls.iter().any(|call| call.act == refusal.act && call.started() > refusal.started())
        };
        // A token that was just issued and never taken is not replaced again: its age is not the
        // reason.
        let fresh = |refusal: &wire::Exchange<'_>| {
            let issued = |call: &wire::Exchange<'_>| {
                call.act == refusal.act && wire::granted(call) == refusal.request.token
            };
            let taken = |each: &wire::Exchange<'_>| {
                wire::shows_token(each)
                    && each.request.token == refusal.request.token
                    && each.status().is_some_and(|status| (200..300).contains(&status))
            };
            refusal.request.token.is_some()
                && calls.iter().any(issued)
                && !exchanges.iter().any(taken)
        };
        let left = refused.iter().find(|refusal| {
            let first = refused.iter().find(|first| first.request.token == refusal.request.token);
            !fresh(refusal) && !replaced(refusal) && !first.as_ref().is_some_and(replaced)
        });
        let expected = "a request for a token after a token was refused";
        match left {
            Some(refusal) => Ruling::of(
                absent(evidence),
                expected,
                "none followed",
                refusal.entries(),
            ),
            None => Ruling::of(
                CheckResult::Pass,
                expected,
                "one followed",
                refused.iter().chain(&calls).map(|each| each.seq),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    const PAGE: &str = "/api/now/table/t";

    fn decide(run: &mut Run) -> CheckResult {
        RefreshOn401::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn giving_up_fails() {
        let mut run = Run::sync();
        run.shows(1, PAGE).ok();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenRevoked);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_token_of_this_act_that_was_good_for_a_while_is_replaced_too() {
        let mut run = Run::sync();
        run.asks_for_token("password", Some(1)).ok();
        run.shows(1, PAGE).ok();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenExpired);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_new_token_that_is_refused_hides_no_other_refusal() {
        let mut run = Run::sync();
        run.asks_for_token("password", Some(1)).ok();
        run.shows(1, PAGE).fails(401, Condition::AccountLocked);
        run.shows(7, PAGE).fails(401, Condition::AccessTokenExpired);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_journal_that_is_cut_does_not_tell_what_followed() {
        let mut run = Run::sync();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenRevoked);
        let ruling = RefreshOn401::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
    }

    #[test]
    fn a_new_token_passes_for_all_who_showed_the_old_one() {
        let mut run = Run::sync();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenRevoked);
        run.asks_for_token("refresh_token", Some(2)).ok();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenRevoked);
        run.shows(2, PAGE).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_new_token_that_is_refused_need_not_be_replaced() {
        let mut run = Run::sync();
        run.shows(1, PAGE).fails(401, Condition::AccessTokenRevoked);
        run.asks_for_token("refresh_token", Some(2)).ok();
        run.shows(2, PAGE).fails(401, Condition::AccountLocked);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_refusal_it_does_not_apply() {
        let mut run = Run::sync();
        run.shows(1, PAGE).ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
