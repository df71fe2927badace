//! `backoff-floor`: no hot loop.
//!
//! Exempt are one immediate first retry, the replay of a request on a connection that turned out
//! to be stale, a 202, a redirect, a 401 (a refresh and a replay belong to it), and a page that
//! is asked for again with fewer rows.

use snowproof_simulator::journal::ReplyEnd;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The shortest wait between two attempts, in nanoseconds, as published.
const FLOOR: i128 = 100_000_000;

/// See the module.
#[derive(Debug)]
pub struct BackoffFloor;

impl Check for BackoffFloor {
    type Settings = NoSettings;

    const ID: &'static str = "backoff-floor";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "waits at least 100 ms between attempts, one immediate first retry excepted";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let chains = wire::chains(&exchanges);
        let gaps: Vec<wire::Gap<'_>> = chains
            .iter()
            .flat_map(|chain| chain.gaps(evidence))
            .collect();
        if gaps.is_empty() {
            return Ruling::not_applicable("nothing was tried again");
        }
        // What belongs to the protocol does not use up the immediate retry.
        let shortest = chains
            .iter()
            .flat_map(|chain| {
                let waits = chain.gaps(evidence).into_iter();
                waits.filter(|gap| !exempt(gap, &exchanges)).skip(1)
            })
            .min_by_key(|gap| gap.length);
        let Some(shortest) = shortest else {
            return Ruling::of(
                CheckResult::Pass,
                "at least 0.100 s between attempts",
                format!("{} gaps, all of them exempt", gaps.len()),
                gaps.iter().map(|gap| gap.after.seq),
            );
        };
        Ruling::of(
            if shortest.length < FLOOR { CheckResult::Fail } else { CheckResult::Pass },
            "at least 0.100 s between attempts",
            format!("the shortest gap was {}", wire::in_seconds(shortest.length)),
            shortest.before.entries().chain([shortest.after.seq]),
        )
    }
}

fn exempt(gap: &wire::Gap<'_>, exchanges: &[wire::Exchange<'_>]) -> bool {
    let before = &gap.before;
    let moved_on = matches!(before.status(), Some(202 | 300..=399 | 401));
    let was_kept = || {
        exchanges.iter().any(|other| {
            other.request.connection == before.request.connection
                && other.started() < before.started()
        })
    };
    let stale = before
        .outcome
        .is_some_and(|outcome| outcome.status.is_none() && outcome.end == ReplyEnd::Cut)
        && was_kept();
    moved_on || stale || shrunk(gap)
}

fn shrunk(gap: &wire::Gap<'_>) -> bool {
    matches!((gap.before.limit(), gap.after.limit()), (Some(before), Some(after)) if after < before)
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn with_gaps(gaps: &[u64]) -> CheckResult {
        let mut run = Run::sync();
        for gap in gaps {
            run.get("/api/now/table/t").fails(503, Condition::Scripted);
            run.wait(*gap);
        }
        run.get("/api/now/table/t").ok();
        BackoffFloor::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_hot_loop_fails() {
        assert_eq!(with_gaps(&[5, 5, 5]), CheckResult::Fail);
        assert_eq!(with_gaps(&[200, 99]), CheckResult::Fail);
    }

    #[test]
    fn one_immediate_first_retry_passes() {
        assert_eq!(with_gaps(&[1, 100, 400]), CheckResult::Pass);
        assert_eq!(with_gaps(&[1]), CheckResult::Pass);
    }

    #[test]
    fn a_stale_connection_does_not_use_up_the_immediate_retry() {
        let cut_then = |kept: bool| {
            let mut run = Run::sync();
            run.connect(true);
            if kept {
                run.get("/api/now/table/t?sysparm_offset=0").ok();
            }
            run.get("/api/now/table/t?sysparm_offset=9").dropped();
            run.connect(true);
            run.get("/api/now/table/t?sysparm_offset=9")
                .fails(503, Condition::Scripted);
            run.get("/api/now/table/t?sysparm_offset=9").ok();
            BackoffFloor::decide(&NoSettings {}, &run.end().evidence()).result
        };
        assert_eq!(cut_then(true), CheckResult::Pass);
        assert_eq!(cut_then(false), CheckResult::Fail);
    }

    #[test]
    fn shrinking_the_page_at_once_passes() {
        let mut run = Run::sync();
        for limit in [1000, 500, 250] {
            run.get(&format!("/api/now/table/t?sysparm_limit={limit}"))
                .fails(500, Condition::Scripted);
        }
        run.get("/api/now/table/t?sysparm_limit=125").ok();
        let ruling = BackoffFloor::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn without_a_retry_it_does_not_apply() {
        assert_eq!(with_gaps(&[]), CheckResult::NotApplicable);
    }

    #[test]
    fn lag_is_given_back_where_the_caller_left() {
        let mut run = Run::sync();
        for _ in 0..3 {
            run.get("/api/now/table/t").silent();
            run.wait(80);
        }
        run.end();
        let decide = |run: &Run| BackoffFloor::decide(&NoSettings {}, &run.evidence()).result;
        assert_eq!(decide(&run), CheckResult::Fail);
        run.evidence.lag.p99_ms = 30;
        assert_eq!(decide(&run), CheckResult::Pass);
    }
}
