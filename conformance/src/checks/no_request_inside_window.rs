//! `no-request-inside-window`: a refusal binds the whole connector, not one worker of it.
//!
//! The rule counts a user's calls to one API, so until its window ends every further call is
//! refused too and only prolongs the trouble (wire-failures 5.1).

use std::collections::BTreeSet;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Requests inside windows are counted up to here: a hot loop makes no end of them.
const COUNTED: usize = 1_000;

/// See the module.
#[derive(Debug)]
pub struct NoRequestInsideWindow;

impl Check for NoRequestInsideWindow {
    type Settings = NoSettings;

    const ID: &'static str = "no-request-inside-window";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "sends no request of the refused user and API until the refusing window has ended";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refusals = wire::refusals(&exchanges, evidence);
        if refusals.is_empty() {
            return Ruling::not_applicable("no answer stated until when it refuses");
        }
        let mut inside: BTreeSet<u64> = BTreeSet::new();
        let mut first: Option<(i128, i128, u64)> = None;
        for refusal in &refusals {
            let (from, until) = refusal.window(evidence);
            let begun = exchanges.partition_point(|each| i128::from(each.started()) < from);
            for exchange in &exchanges[begun..] {
                let started = i128::from(exchange.started());
                if started >= until || inside.len() >= COUNTED {
                    break;
                }
                if !refusal.binds(exchange) {
                    continue;
                }
                let ended = i128::from(refusal.ended);
                first.get_or_insert((started - ended, until - ended, refusal.exchange.seq));
                inside.insert(exchange.seq);
            }
        }
        let Some((after, length, refused)) = first else {
            return Ruling::of(
                CheckResult::Pass,
                "no request inside a window",
                format!("{} refusals, no request inside their windows", refusals.len()),
                refusals.iter().map(|refusal| refusal.exchange.seq),
            );
        };
        Ruling::of(
            CheckResult::Fail,
            format!(
                "silence for {} after the refusal, {} of reaction allowed for",
                wire::in_seconds(length),
                wire::in_seconds(wire::reaction(evidence)),
            ),
            format!(
                "{} requests inside a window, the first {} after the refusal",
                inside.len(),
                wire::in_seconds(after),
            ),
            std::iter::once(refused).chain(inside),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::synthetic::{MS, Run};
    use super::*;

    fn result(run: &Run) -> CheckResult {
        NoRequestInsideWindow::decide(&NoSettings {}, &run.evidence()).result
    }

    #[test]
    fn another_worker_inside_the_window_fails() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_offset=10").rate_limited("3");
        run.wait(1_000);
        run.get("/api/now/table/t?sysparm_offset=20").ok();
        assert_eq!(result(run.end()), CheckResult::Fail);
    }

    #[test]
    fn in_flight_other_api_and_other_user_pass() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_offset=10").rate_limited("3");
        run.wait(200);
        run.get("/api/now/table/t?sysparm_offset=20").ok();
        run.wait(1_000);
        run.get("/api/now/stats/t?sysparm_count=true").ok();
        run.get("/api/now/table/t?sysparm_offset=30")
            .edit(|request| request.user = Some("another".into()))
            .ok();
        run.wait(2_000);
        run.get("/api/now/table/t?sysparm_offset=10").ok();
        assert_eq!(result(run.end()), CheckResult::Pass);
    }

    #[test]
    fn the_earlier_of_the_stated_times_counts() {
        let mut run = Run::sync();
        let reset = 1_782_554_400 + 2;
        run.get("/api/now/table/t")
            .edit(|request| {
                request.decision.refused_until = Some(snowproof_simulator::journal::RefusedUntil {
                    rule: "rule".into(),
                    window_ends_ns: 3_600_000 * MS,
                    retry_after: Some("3600".into()),
                    reset_unix: Some(reset),
                });
            })
            .fails(429, snowproof_simulator::journal::Condition::RateLimited);
        run.wait(2_000);
        run.get("/api/now/table/t").ok();
        assert_eq!(result(run.end()), CheckResult::Pass);
    }

    #[test]
    fn without_a_refusal_it_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        assert_eq!(result(run.end()), CheckResult::NotApplicable);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// Requests at known times after one refusal: the ruling is Fail exactly if one of them
        /// lies between the reaction allowance and the stated time less its tolerance.
        #[test]
        fn agrees_with_the_known_truth(
            stated in 1_u64..10,
            mut offsets in prop::collection::vec(6_u64..12_000, 1..8),
            lag in 0_u64..3_000,
        ) {
            offsets.sort_unstable();
            let mut run = Run::sync();
            run.get("/api/now/table/t").rate_limited(&stated.to_string());
            let end = run.now;
            for (page, offset) in offsets.iter().enumerate() {
                run.now = run.now.max(end + offset * MS);
                let target = format!("/api/now/table/t?sysparm_offset={}", page + 1);
                run.get(&target).taking(0).ok();
            }
            run.end();
            let until = stated * 1_000 - (stated * 20).max(50);
            let inside = offsets.iter().any(|offset| (250..until).contains(offset));
            prop_assert_eq!(
                result(&run),
                if inside { CheckResult::Fail } else { CheckResult::Pass }
            );
            run.evidence.lag.p99_ms = lag;
            if !inside {
                prop_assert_eq!(result(&run), CheckResult::Pass);
            }
        }
    }
}
