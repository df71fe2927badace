//! `retry-after-bad-value-falls-back`: a Retry-After that cannot be read is as good as none.
//!
//! RFC 9110, 10.2.3, knows whole seconds and dates; `soon`, `-1` and `1.5` are neither. One
//! immediate first retry is allowed, as everywhere.

use snowproof_protocol::Verb;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// The shortest wait between two attempts, in nanoseconds, as published.
const FLOOR: i128 = 100_000_000;

/// See the module.
#[derive(Debug)]
pub struct RetryAfterBadValueFallsBack;

impl Check for RetryAfterBadValueFallsBack {
    type Settings = NoSettings;

    const ID: &'static str = "retry-after-bad-value-falls-back";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "goes on by its own back-off where Retry-After cannot be read, and does not crash";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let chains = wire::chains(&exchanges);
        let expected = "a further attempt, at least 0.100 s after the last but for the first";
        let (mut met, mut abandoned) = (Vec::new(), Vec::new());
        let mut hurried: Option<wire::Gap<'_>> = None;
        for chain in &chains {
            let bad = |exchange: &wire::Exchange<'_>| wire::states_unreadable(exchange, evidence);
            let Some(first) = chain.attempts.iter().find(|attempt| bad(attempt)) else {
                continue;
            };
            met.push(first.seq);
            let reads = evidence.acts.iter().any(|act| {
                act.act == first.act && act.verb == Verb::Sync && !acts::was_killed(evidence, act)
            });
            let op = wire::Op::of(first);
            let went_on = || {
                exchanges.iter().any(|later| {
                    later.act == first.act
                        && later.started() > first.started()
                        && wire::Op::of(later).covers(&op)
                })
            };
            if reads && !went_on() {
                abandoned.extend(first.entries());
            }
            let gaps = chain.gaps(evidence).into_iter();
            let shortest = gaps
                .filter(|gap| gap.index > 0 && bad(&gap.before) && gap.length < FLOOR)
                .min_by_key(|gap| gap.length);
            hurried = hurried.or(shortest);
        }
        if met.is_empty() {
            return Ruling::not_applicable("no answer stated a time that cannot be read");
        }
        // Who tries nothing twice has nothing to fall back to.
        if !abandoned.is_empty() && evidence.subject.declares.max_attempts > 1 {
            return Ruling::of(CheckResult::Fail, expected, "it did not try again", abandoned);
        }
        match hurried {
            Some(gap) => Ruling::of(
                CheckResult::Fail,
                expected,
                format!("tried again after {}", wire::in_seconds(gap.length)),
                gap.before.entries().chain([gap.after.seq]),
            ),
            None => Ruling::of(CheckResult::Pass, expected, "it went on by its own back-off", met),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        RetryAfterBadValueFallsBack::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn after(gaps: &[u64]) -> CheckResult {
        let mut run = Run::sync();
        for gap in gaps {
            run.get("/api/now/table/t").rate_limited("soon");
            run.wait(*gap);
        }
        run.get("/api/now/table/t").ok();
        decide(&mut run)
    }

    #[test]
    fn giving_up_fails_and_so_does_a_hot_loop() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("1.5");
        assert_eq!(decide(&mut run), CheckResult::Fail);
        assert_eq!(after(&[5, 5]), CheckResult::Fail);
    }

    #[test]
    fn backing_off_passes_and_so_does_one_immediate_retry() {
        assert_eq!(after(&[300, 500]), CheckResult::Pass);
        assert_eq!(after(&[1, 100]), CheckResult::Pass);
    }

    #[test]
    fn reading_from_the_beginning_is_going_on_too() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_offset=10").rate_limited("soon");
        run.wait(300);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_connector_without_retries_and_a_check_have_nothing_to_fall_back_to() {
        let mut run = Run::sync();
        run.evidence.subject.declares.max_attempts = 1;
        run.get("/api/now/table/t").rate_limited("-1");
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = Run::check();
        run.get("/api/now/table/t").rate_limited("-1");
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_time_that_can_be_read_is_not_its_business() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("0");
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
