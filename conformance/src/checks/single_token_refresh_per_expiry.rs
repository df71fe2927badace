//! `single-token-refresh-per-expiry`: a token that died is replaced once, however many workers
//! met its death.

use std::collections::BTreeSet;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct SingleTokenRefreshPerExpiry;

impl Check for SingleTokenRefreshPerExpiry {
    type Settings = NoSettings;

    const ID: &'static str = "single-token-refresh-per-expiry";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "replaces a token that died once, whoever of its workers met that";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refused = wire::refused_tokens(&exchanges);
        if refused.is_empty() {
            return Ruling::not_applicable("no token was refused");
        }
        let calls = wire::token_calls(&exchanges);
        let (mut worst, mut entries) = ((0_usize, 0_usize), Vec::new());
        for act in &evidence.acts {
            let deaths: BTreeSet<Option<u64>> = refused
                .iter()
                .filter(|refusal| refusal.act == act.act)
                .map(|refusal| refusal.request.token)
                .collect();
            let learned = refused
                .iter()
                .filter(|refusal| refusal.act == act.act)
                .filter_map(wire::Exchange::ended)
                .min();
            let after: Vec<u64> = calls
                .iter()
                .filter(|call| call.act == act.act && wire::is_granted(call))
                .filter(|call| learned.is_some_and(|learned| call.started() >= learned))
                .map(|call| call.seq)
                .collect();
            if after.len().saturating_sub(deaths.len()) >= worst.0.saturating_sub(worst.1) {
                worst = (after.len(), deaths.len());
                entries = after;
            }
        }
        let (granted, deaths) = worst;
        Ruling::of(
            if granted > deaths { CheckResult::Fail } else { CheckResult::Pass },
            "one new token for each that died",
            format!("{granted} new tokens for {deaths} that died"),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        SingleTokenRefreshPerExpiry::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn workers_meet_a_death(run: &mut Run) {
        let start = run.now;
        for page in 0..4 {
            run.now = start;
            run.shows(1, &format!("/api/now/table/t?sysparm_offset={page}"))
                .fails(401, Condition::AccessTokenExpired);
        }
    }

    #[test]
    fn a_new_token_for_each_worker_fails() {
        let mut run = Run::sync();
        workers_meet_a_death(&mut run);
        for number in 2..4 {
            run.asks_for_token("refresh_token", Some(number)).ok();
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn one_for_all_passes_and_so_does_the_grant_before() {
        let mut run = Run::sync();
        run.asks_for_token("password", Some(1)).ok();
        workers_meet_a_death(&mut run);
        run.asks_for_token("refresh_token", None).fails(401, Condition::RefreshTokenExpired);
        run.asks_for_token("password", Some(2)).ok();
        run.shows(2, "/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn each_death_counts() {
        let mut run = Run::sync();
        for number in 1..4 {
            run.shows(number, "/api/now/table/t").fails(401, Condition::AccessTokenExpired);
            run.asks_for_token("refresh_token", Some(number + 1)).ok();
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = Run::sync();
        run.shows(1, "/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
