//! `retries-transient`: a sync does not die of one hiccup.
//!
//! 502, 503, 504, a connection that breaks or does not come about, a read that falls silent, drips
//! or breaks off are worth a second attempt. How is left to the connector: the same call again, or a
//! reading that begins earlier. Where the server names a time that is longer than the connector
//! declares to wait, giving up is right.

use std::collections::BTreeSet;

use snowproof_protocol::Verb;
use snowproof_simulator::journal::Condition;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct RetriesTransient;

impl Check for RetriesTransient {
    type Settings = NoSettings;

    const ID: &'static str = "retries-transient";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "tries a read again after 502, 503, 504, a broken connection or a silent answer";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let max_wait = wire::nanos(evidence.subject.declares.max_wait.effective);
        let too_long: Vec<u64> = wire::refusals(&exchanges, evidence)
            .iter()
            .filter(|refusal| refusal.retry_after.is_some_and(|stated| stated.wait > max_wait))
            .map(|refusal| refusal.exchange.seq)
            .collect();
        let (mut met, mut abandoned) = (Vec::new(), Vec::new());
        for act in &evidence.acts {
            if act.verb != Verb::Sync || acts::was_killed(evidence, act) {
                continue;
            }
            let within: Vec<_> = exchanges
                .iter()
                .filter(|each| each.act == act.act)
                .map(|each| (wire::Op::of(each), each))
                .collect();
            let doomed = within.iter().any(|(_, each)| is_final(each));
            let mut failed_before: BTreeSet<&wire::Op> = BTreeSet::new();
            for (index, (op, exchange)) in within.iter().enumerate() {
                let is_first = !failed_before.contains(op);
                if exchange.failed() {
                    failed_before.insert(op);
                }
                if !is_transient(exchange) || too_long.contains(&exchange.seq) {
                    continue;
                }
                met.push(exchange.seq);
                let tried_again = || within[index + 1..].iter().any(|(later, _)| later.covers(op));
                if is_first && !doomed && !tried_again() {
                    abandoned.extend(exchange.entries());
                }
            }
        }
        let syncs = wire::knocks(evidence, |act| {
            act.verb == Verb::Sync && !acts::was_killed(evidence, act)
        });
        for act in &evidence.acts {
            let mut of_act = syncs.iter().filter(|knock| knock.act == act.act && !knock.is_final);
            let Some(first) = of_act.next() else { continue };
            met.extend(&first.entries);
            let answered = exchanges
                .iter()
                .any(|each| each.act == act.act && each.started() > first.began);
            if of_act.next().is_none() && !answered {
                abandoned.extend(&first.entries);
            }
        }
        if met.is_empty() {
            return Ruling::not_applicable("no read of a sync met a transient failure");
        }
        let expected = "a second attempt at every read that met a transient failure";
        if abandoned.is_empty() {
            return Ruling::of(
                CheckResult::Pass,
                expected,
                format!("{} transient failures, each tried again", met.len()),
                met,
            );
        }
        let result = if wire::is_complete(evidence) {
            CheckResult::Fail
        } else {
            CheckResult::Inconclusive
        };
        Ruling::of(result, expected, "a read was given up after one attempt", abandoned)
    }
}

/// Whether an answer ends a sync for good reason, so that other calls need not be tried again.
fn is_final(exchange: &wire::Exchange<'_>) -> bool {
    exchange.failed()
        && !is_transient(exchange)
        && !matches!(exchange.status(), Some(202 | 408 | 429))
}

fn is_transient(exchange: &wire::Exchange<'_>) -> bool {
    let broken = match exchange.condition() {
        Some(
            Condition::Stalled
            | Condition::HungUp
            | Condition::FailingOver
            | Condition::Dripping
            | Condition::StreamEnded,
        ) => {
            !exchange.delivered()
        }
        Some(Condition::Truncated) => true,
        _ => false,
    };
    exchange.request.method == "GET"
        && (matches!(exchange.status(), Some(502..=504)) || broken)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        RetriesTransient::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn dying_of_a_reset_fails() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_offset=10").cut();
        run.wait(100);
        run.get("/api/now/table/t?sysparm_offset=20").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn the_same_page_or_an_earlier_one_passes() {
        for again in ["/api/now/table/t?sysparm_offset=10", "/api/now/table/t"] {
            let mut run = Run::sync();
            run.get("/api/now/table/t?sysparm_offset=10").cut();
            run.wait(100);
            run.get(again).ok();
            assert_eq!(decide(&mut run), CheckResult::Pass, "{again}");
        }
    }

    #[test]
    fn drips_broken_json_and_knocks_are_worth_a_second_attempt() {
        let dripping = |again: bool| {
            let mut run = Run::sync();
            run.get("/api/now/table/t").dripping();
            if again {
                run.get("/api/now/table/t").ok();
            }
            decide(&mut run)
        };
        let truncated = |again: bool| {
            let mut run = Run::sync();
            run.get("/api/now/table/t").fails(200, Condition::Truncated);
            if again {
                run.get("/api/now/table/t").ok();
            }
            decide(&mut run)
        };
        let knocking = |again: bool| {
            let mut run = Run::sync();
            run.knock(true, 500);
            if again {
                run.knock(true, 500);
            }
            decide(&mut run)
        };
        for again in [false, true] {
            let result = if again { CheckResult::Pass } else { CheckResult::Fail };
            assert_eq!(dripping(again), result);
            assert_eq!(truncated(again), result);
            assert_eq!(knocking(again), result);
        }
    }

    #[test]
    fn giving_up_after_a_second_attempt_passes() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(503, Condition::Scripted);
        run.wait(500);
        run.get("/api/now/table/t").fails(503, Condition::Scripted);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_rate_limit_elsewhere_is_no_excuse_and_a_403_is() {
        for (status, condition, result) in [
            (429, Condition::RateLimited, CheckResult::Fail),
            (403, Condition::TableDenied, CheckResult::Pass),
        ] {
            let mut run = Run::sync();
            run.get("/api/now/table/t?sysparm_offset=10").cut();
            run.get("/api/now/table/t?sysparm_offset=20")
                .fails(status, condition);
            assert_eq!(decide(&mut run), result, "{status}");
        }
    }

    #[test]
    fn a_check_or_a_refusal_does_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").cut();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }

    #[test]
    fn a_journal_without_an_end_decides_nothing() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").cut();
        let ruling = RetriesTransient::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
    }
}
