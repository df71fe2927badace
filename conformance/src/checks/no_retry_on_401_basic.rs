//! `no-retry-on-401-basic`: a refused password is not sent again and again.
//!
//! An instance locks the account after a few failures (wire-failures 1.4). One replay is allowed:
//! clients that wait for a challenge need it. A request with a session cookie is not counted.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Refusals of the same credentials within one act, as published.
const AT_MOST: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOn401Basic;

impl Check for NoRetryOn401Basic {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-401-basic";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "sends refused Basic credentials at most twice per act, in-flight requests excepted";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let mut refused: BTreeMap<(u32, &str), Vec<wire::Exchange<'_>>> = BTreeMap::new();
        let exchanges = wire::of_subject(evidence);
        for exchange in &exchanges {
            let basic = exchange
                .header("authorization")
                .and_then(|value| value.get(..6))
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "));
            if let Some(credentials) = exchange.request.credentials.as_deref()
                && exchange.status() == Some(401)
                && basic
                && exchange.header("cookie").is_none()
            {
                refused
                    .entry((exchange.act, credentials))
                    .or_default()
                    .push(*exchange);
            }
        }
        let worst = refused
            .values()
            .filter_map(|refusals| {
                let first = refusals.iter().min_by_key(|each| each.ended())?;
                let learned = first.ended()?;
                let after = wire::begun_after_reaction(refusals, learned, evidence);
                let entries: Vec<u64> = std::iter::once(first.seq)
                    .chain(after.iter().map(|each| each.seq))
                    .collect();
                Some(entries)
            })
            .max_by_key(Vec::len);
        let Some(entries) = worst else {
            return Ruling::not_applicable("no Basic credentials were refused");
        };
        let count = entries.len();
        Ruling::of(
            if count > AT_MOST { CheckResult::Fail } else { CheckResult::Pass },
            format!("at most {AT_MOST} refusals of the same credentials"),
            format!("{count} refusals of the same credentials"),
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
        NoRetryOn401Basic::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn trying_three_times_fails_however_fast() {
        assert_eq!(decide(Run::check().refused_passwords(3, 1_000)), CheckResult::Fail);
        assert_eq!(decide(Run::check().refused_passwords(3, 1)), CheckResult::Fail);
    }

    #[test]
    fn one_replay_passes() {
        assert_eq!(decide(Run::check().refused_passwords(2, 1)), CheckResult::Pass);
    }

    #[test]
    fn what_was_in_flight_passes() {
        let mut run = Run::sync();
        let start = run.now;
        for page in 0..4 {
            run.now = start;
            run.get(&format!("/api/now/table/t?sysparm_offset={page}"))
                .taking(50)
                .fails(401, Condition::PasswordRefused);
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn declared_workers_are_allowed_for_once() {
        let mut run = Run::sync();
        run.evidence.subject.declares.parallelism = 4;
        assert_eq!(decide(run.refused_passwords(5, 10)), CheckResult::Pass);
        let mut run = Run::sync();
        run.evidence.subject.declares.parallelism = 4;
        assert_eq!(decide(run.refused_passwords(6, 10)), CheckResult::Fail);
    }

    #[test]
    fn another_act_starts_anew_and_good_credentials_do_not_apply() {
        let mut run = Run::check();
        run.refused_passwords(2, 1);
        run.next_act(snowproof_protocol::Verb::Check, false);
        assert_eq!(decide(run.refused_passwords(2, 1)), CheckResult::Pass);
        let mut run = Run::check();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
