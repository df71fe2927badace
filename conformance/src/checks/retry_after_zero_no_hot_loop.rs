//! `retry-after-zero-no-hot-loop`: a stated wait of zero is not an invitation to a loop.
//!
//! Zero seconds, or a date that has passed (RFC 9110, 10.2.3). To take it at its word once is no loop.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The shortest wait between two attempts, in nanoseconds, as published.
const FLOOR: i128 = 100_000_000;

/// See the module.
#[derive(Debug)]
pub struct RetryAfterZeroNoHotLoop;

impl Check for RetryAfterZeroNoHotLoop {
    type Settings = NoSettings;

    const ID: &'static str = "retry-after-zero-no-hot-loop";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "waits at least 100 ms where Retry-After is zero or a date that has passed, but for once";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let zero: Vec<u64> = wire::refusals(&exchanges, evidence)
            .iter()
            .filter(|refusal| refusal.retry_after.is_some_and(|stated| stated.wait <= 0))
            .map(|refusal| refusal.exchange.seq)
            .collect();
        if zero.is_empty() {
            return Ruling::not_applicable("no answer stated a Retry-After of zero");
        }
        let chains = wire::chains(&exchanges);
        let shortest = chains
            .iter()
            .flat_map(|chain| chain.gaps(evidence))
            .filter(|gap| gap.index > 0 && zero.contains(&gap.before.seq))
            .min_by_key(|gap| gap.length);
        let expected = "at least 0.100 s between attempts";
        match shortest {
            None => Ruling::of(CheckResult::Pass, expected, "it did not try again twice", zero),
            Some(gap) => Ruling::of(
                if gap.length < FLOOR { CheckResult::Fail } else { CheckResult::Pass },
                expected,
                format!("the shortest gap was {}", wire::in_seconds(gap.length)),
                gap.before.entries().chain([gap.after.seq]),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn waiting(stated: &str, waited: u64) -> CheckResult {
        let mut run = Run::sync();
        for wait in [0, waited] {
            run.get("/api/now/table/t").rate_limited(stated);
            run.wait(wait);
        }
        run.get("/api/now/table/t").ok();
        RetryAfterZeroNoHotLoop::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn coming_back_at_once_fails() {
        assert_eq!(waiting("0", 20), CheckResult::Fail);
        assert_eq!(waiting("Wed, 21 Oct 2015 07:28:00 GMT", 20), CheckResult::Fail);
    }

    #[test]
    fn a_moment_is_enough_and_giving_up_passes() {
        assert_eq!(waiting("0", 100), CheckResult::Pass);
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("0");
        let ruling = RetryAfterZeroNoHotLoop::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn any_other_time_is_not_its_business() {
        assert_eq!(waiting("1", 20), CheckResult::NotApplicable);
        assert_eq!(waiting("soon", 20), CheckResult::NotApplicable);
    }
}
