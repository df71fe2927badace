//! `no-retry-on-token-error`: what the token endpoint refused is not asked for again.
//!
//! Its catch-all is called `server_error` and is permanent (wire-failures 2.2); a refused password
//! grant may lock the account.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOnTokenError;

impl Check for NoRetryOnTokenError {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-token-error";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "sends a request for a token that was refused once per act, in-flight requests excepted";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let mut refused: BTreeMap<(u32, &str), Vec<wire::Exchange<'_>>> = BTreeMap::new();
        for call in wire::token_calls(&exchanges) {
            if matches!(call.status(), Some(400 | 401 | 403)) {
                let grant = call.request.token_call.as_ref().map_or("", |call| call.grant.as_str());
                refused.entry((call.act, grant)).or_default().push(call);
            }
        }
        let worst = refused
            .values()
            .filter_map(|refusals| {
                let ended = refusals.iter().filter_map(|each| Some((each.ended()?, each)));
                let (end, first) = ended.min_by_key(|(end, _)| *end)?;
                let after = wire::begun_after_reaction(refusals, end, evidence);
                let after: Vec<u64> =
                    after.iter().filter(|each| each.seq != first.seq).map(|each| each.seq).collect();
                Some((first.seq, after))
            })
            .max_by_key(|(_, after)| after.len());
        let Some((first, after)) = worst else {
            return Ruling::not_applicable("no request for a token was refused");
        };
        let count = after.len();
        Ruling::of(
            if count > 0 { CheckResult::Fail } else { CheckResult::Pass },
            "no further request for a token after one was refused",
            format!("{count} further requests"),
            std::iter::once(first).chain(after),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoRetryOnTokenError::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn asking_again_fails() {
        let mut run = Run::check();
        for _ in 0..3 {
            run.asks_for_token("password", None).fails(401, Condition::ClientSecretRefused);
            run.wait(500);
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn one_whose_end_is_unknown_hides_no_other() {
        let mut run = Run::check();
        for _ in 0..3 {
            run.asks_for_token("password", None).fails(401, Condition::ClientSecretRefused);
            run.wait(500);
        }
        run.end();
        let last = run.evidence.journal.iter().rposition(|entry| {
            matches!(entry.event, snowproof_simulator::journal::Event::Outcome(_))
        });
        run.evidence.journal.remove(last.unwrap());
        let ruling = NoRetryOnTokenError::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
    }

    #[test]
    fn another_grant_and_a_passing_fault_pass() {
        let mut run = Run::sync();
        run.asks_for_token("refresh_token", None).fails(401, Condition::RefreshTokenExpired);
        run.wait(500);
        run.asks_for_token("password", None).fails(429, Condition::RateLimited);
        run.wait(500);
        run.asks_for_token("password", Some(2)).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_refusal_it_does_not_apply() {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
