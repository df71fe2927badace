//! `waits-at-least-retry-after`: a stated wait is a promise of the server, not a suggestion.
//!
//! Seconds and HTTP-dates, on 429 and 503 (RFC 9110, 10.2.3; wire-failures 5.1). Giving up is
//! right too.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct WaitsAtLeastRetryAfter;

impl Check for WaitsAtLeastRetryAfter {
    type Settings = NoSettings;

    const ID: &'static str = "waits-at-least-retry-after";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "waits at least as long as Retry-After states before it tries the same call again";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refusals = wire::refusals(&exchanges, evidence);
        let stated: BTreeMap<u64, wire::Stated> = refusals
            .iter()
            .filter_map(|refusal| Some((refusal.exchange.seq, refusal.retry_after?)))
            .collect();
        if stated.is_empty() {
            return Ruling::not_applicable("no answer stated a Retry-After");
        }
        let mut shortest: Option<(i128, i128, i128, Vec<u64>)> = None;
        let mut gaps = 0;
        for gap in wire::chains(&exchanges).iter().flat_map(|chain| chain.gaps(evidence)) {
            let Some(stated) = stated.get(&gap.before.seq) else {
                continue;
            };
            gaps += 1;
            let margin = gap.length - stated.at_least();
            if shortest.as_ref().is_none_or(|(least, ..)| margin < *least) {
                let entries = gap.before.entries().chain([gap.after.seq]).collect();
                shortest = Some((margin, gap.length, stated.wait, entries));
            }
        }
        let Some((margin, length, wait, entries)) = shortest else {
            return Ruling::of(
                CheckResult::Pass,
                "no second attempt before the stated time",
                "it did not try again",
                refusals.iter().flat_map(|refusal| refusal.exchange.entries().collect::<Vec<_>>()),
            );
        };
        Ruling::of(
            if margin < 0 { CheckResult::Fail } else { CheckResult::Pass },
            format!("waits the stated {} before the next attempt", wire::in_seconds(wait)),
            format!(
                "waited {} in the closest of {gaps} cases",
                wire::in_seconds(length)
            ),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::synthetic::Run;
    use super::*;

    fn result(run: &Run) -> CheckResult {
        WaitsAtLeastRetryAfter::decide(&NoSettings {}, &run.evidence()).result
    }

    fn waiting(stated: &str, waited: u64) -> Run {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited(stated);
        run.wait(waited);
        run.get("/api/now/table/t").ok();
        run.end();
        run
    }

    #[test]
    fn coming_back_early_fails() {
        let run = waiting("3", 2_000);
        let ruling = WaitsAtLeastRetryAfter::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
        assert!(ruling.observed.contains("2.000 s"), "{}", ruling.observed);
        assert!(!ruling.evidence.is_empty());
    }

    #[test]
    fn waiting_longer_or_giving_up_passes() {
        assert_eq!(result(&waiting("3", 2_950)), CheckResult::Pass);
        assert_eq!(result(&waiting("3", 7_000)), CheckResult::Pass);
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("3");
        assert_eq!(result(run.end()), CheckResult::Pass);
    }

    #[test]
    fn another_page_is_another_call() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_offset=10").rate_limited("3");
        run.get("/api/now/table/t?sysparm_offset=20").ok();
        assert_eq!(result(run.end()), CheckResult::Pass);
    }

    #[test]
    fn a_smaller_page_is_the_same_call() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_limit=100").rate_limited("3");
        run.wait(50);
        run.get("/api/now/table/t?sysparm_limit=10&_=1").ok();
        assert_eq!(result(run.end()), CheckResult::Fail);
    }

    #[test]
    fn a_date_has_whole_seconds() {
        assert_eq!(result(&waiting("Sat, 27 Jun 2026 10:00:03 GMT", 2_100)), CheckResult::Pass);
        assert_eq!(result(&waiting("Sat, 27 Jun 2026 10:00:03 GMT", 1_500)), CheckResult::Fail);
    }

    #[test]
    fn without_a_stated_wait_it_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        assert_eq!(result(run.end()), CheckResult::NotApplicable);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// A policy that waits `stated + error` each time breaks the promise exactly if one error
        /// is below the tolerance; lag never makes a pass a failure.
        #[test]
        fn agrees_with_the_known_truth(
            stated in 1_u64..20,
            errors in prop::collection::vec(-2_000_i64..2_000, 1..6),
            lag in 0_u64..2_000,
        ) {
            let mut run = Run::sync();
            for error in &errors {
                run.get("/api/now/table/t").rate_limited(&stated.to_string());
                let wait = i64::try_from(stated * 1_000).unwrap() + error;
                run.wait(u64::try_from(wait.max(0)).unwrap());
            }
            run.get("/api/now/table/t").ok();
            run.end();
            let tolerance = i64::try_from((stated * 20).max(50)).unwrap();
            let early = errors.iter().any(|error| {
                (*error).max(-i64::try_from(stated * 1_000).unwrap()) < -tolerance
            });
            let truth = if early { CheckResult::Fail } else { CheckResult::Pass };
            prop_assert_eq!(result(&run), truth);
            run.evidence.lag.p99_ms += lag;
            prop_assert_eq!(result(&run), truth);
        }
    }
}
