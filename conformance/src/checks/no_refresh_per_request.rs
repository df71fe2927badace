//! `no-refresh-per-request`: a token is used until it dies.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Tokens that may be asked for while another is alive, per act, as published: a connection test
/// tries the refresh token once, and one may be replaced just before its time is up.
const AT_MOST: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct NoRefreshPerRequest;

impl Check for NoRefreshPerRequest {
    type Settings = NoSettings;

    const ID: &'static str = "no-refresh-per-request";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "uses a token until it dies";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let granted: Vec<_> =
            wire::token_calls(&exchanges).into_iter().filter(wire::is_granted).collect();
        if granted.is_empty() {
            return Ruling::not_applicable("no token was granted");
        }
        let refused = wire::refused_tokens(&exchanges);
        let mut worst: Vec<u64> = Vec::new();
        for act in &evidence.acts {
            let mut needless = Vec::new();
            let of_act: Vec<_> = granted.iter().filter(|call| call.act == act.act).collect();
            for pair in of_act.windows(2) {
                let died = refused.iter().any(|refusal| {
                    refusal.act == act.act
                        && refusal.started() >= pair[0].started()
                        && refusal.started() <= pair[1].started()
                });
                if !died {
                    needless.push(pair[1].seq);
                }
            }
            if needless.len() > worst.len() {
                worst = needless;
            }
        }
        Ruling::of(
            if worst.len() > AT_MOST { CheckResult::Fail } else { CheckResult::Pass },
            format!("at most {AT_MOST} tokens asked for while another was alive"),
            format!("{} of {} tokens", worst.len(), granted.len()),
            worst,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoRefreshPerRequest::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_token_for_every_page_fails() {
        let mut run = Run::sync();
        for number in 1..6 {
            run.asks_for_token("refresh_token", Some(number)).ok();
            run.shows(number, "/api/now/table/t").ok();
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_token_for_every_death_and_a_trial_pass() {
        let mut run = Run::sync();
        run.asks_for_token("authorization_code", Some(1)).ok();
        run.asks_for_token("refresh_token", Some(2)).ok();
        for number in 3..8 {
            run.shows(number - 1, "/api/now/table/t").fails(401, Condition::AccessTokenExpired);
            run.asks_for_token("refresh_token", Some(number)).ok();
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_grant_it_does_not_apply() {
        let mut run = Run::sync();
        run.shows(1, "/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
