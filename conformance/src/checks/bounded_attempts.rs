//! `bounded-attempts`: retries come to an end.
//!
//! While an instance sleeps, asking for long is right, so that chains of such answers are bounded
//! by rate. Beside the bound per call stands one that is blind to what a call is for, so that
//! variations of one request do not buy more attempts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::journal::Condition;

use super::{Axis, Check, CheckResult, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Published ceiling of attempts at one call.
const CEILING: u32 = 10;
/// Failed requests in a row, per request in flight, whatever they are for.
const CEILING_IN_A_ROW: u32 = 20;
/// While the instance sleeps or is down: attempts within this many nanoseconds.
const RATE_PERIOD: u64 = 10_000_000_000;

/// See the module.
#[derive(Debug)]
pub struct BoundedAttempts;

/// Settings of `bounded-attempts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundedAttemptsSettings {
    /// Attempts at one call at most, where the scenario is stricter than the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

impl Check for BoundedAttempts {
    type Settings = BoundedAttemptsSettings;

    const ID: &'static str = "bounded-attempts";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "makes no more attempts at one call than it declares, and never more than 10";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let knocks = wire::knocks(evidence, |_| true);
        if knocks.is_empty() && !exchanges.iter().any(wire::Exchange::failed) {
            return Ruling::not_applicable("no request failed");
        }
        let bound = evidence
            .subject
            .declares
            .max_attempts
            .min(settings.at_most.unwrap_or(CEILING))
            .clamp(1, CEILING) as usize;
        let chains = wire::chains(&exchanges);
        let worst = chains
            .iter()
            .map(|chain| (attempts(chain, evidence), chain))
            .max_by_key(|(attempts, _)| *attempts);
        if let Some((count, chain)) = worst
            && count > bound
        {
            return Ruling::of(
                CheckResult::Fail,
                format!("at most {bound} attempts at one call"),
                format!("{count} attempts at one call"),
                chain.entries(),
            );
        }
        let unanswered = longest_knocking(&knocks, &exchanges);
        let most_knocks = bound * wire::parallelism(evidence) as usize;
        if unanswered.len() > most_knocks {
            return Ruling::of(
                CheckResult::Fail,
                format!("at most {most_knocks} attempts to connect in a row that nobody answers"),
                format!("{} in a row", unanswered.len()),
                unanswered,
            );
        }
        let (in_a_row, entries) = longest_failure(&exchanges);
        let ceiling = (CEILING_IN_A_ROW * wire::parallelism(evidence)) as usize;
        if in_a_row > ceiling {
            return Ruling::of(
                CheckResult::Fail,
                format!("at most {ceiling} failed requests in a row, whatever they are for"),
                format!("{in_a_row} failed requests in a row"),
                entries,
            );
        }
        let most = worst.map_or(0, |(count, _)| count).max(unanswered.len());
        Ruling::of(
            CheckResult::Pass,
            format!("at most {bound} attempts at one call"),
            format!("at most {most} attempts at one call"),
            worst.map(|(_, chain)| chain.entries()).unwrap_or_default(),
        )
    }
}

/// Attempts of a chain; where the instance slept or was down, the most within one period.
fn attempts(chain: &wire::Chain<'_>, evidence: &Evidence) -> usize {
    let asleep = |exchange: &wire::Exchange<'_>| {
        exchange.condition() == Some(Condition::Hibernating)
            || (exchange.status() == Some(503) && exchange.script(evidence).is_none())
    };
    let failures: Vec<_> = chain.attempts.iter().filter(|each| each.failed()).collect();
    if failures.is_empty() || !failures.iter().all(|each| asleep(each)) {
        return chain.attempts.len();
    }
    let starts: Vec<u64> = chain.attempts.iter().map(wire::Exchange::started).collect();
    let (mut most, mut first) = (0, 0);
    for (last, start) in starts.iter().enumerate() {
        while start.saturating_sub(starts[first]) >= RATE_PERIOD {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}

/// The longest row of knocks within an act that no request interrupts; the entry of each.
fn longest_knocking(knocks: &[wire::Knock], exchanges: &[wire::Exchange<'_>]) -> Vec<u64> {
    let (mut longest, mut current): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut before: Option<&wire::Knock> = None;
    for knock in knocks {
        let goes_on = before.is_some_and(|before| {
            before.act == knock.act
                && !exchanges
                    .iter()
                    .any(|each| (before.began..knock.began).contains(&each.started()))
        });
        if !goes_on {
            current.clear();
        }
        current.extend(knock.entries.first());
        before = Some(knock);
        if current.len() > longest.len() {
            longest.clone_from(&current);
        }
    }
    longest
}

fn longest_failure(exchanges: &[wire::Exchange<'_>]) -> (usize, Vec<u64>) {
    let (mut longest, mut current): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut act = 0;
    for exchange in exchanges {
        if exchange.act != act || !exchange.failed() {
            act = exchange.act;
            current.clear();
        }
        if exchange.failed() && exchange.condition() != Some(Condition::Hibernating) {
            current.push(exchange.seq);
        }
        if current.len() > longest.len() {
            longest.clone_from(&current);
        }
    }
    (longest.len(), longest)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> Ruling {
        BoundedAttempts::decide(&BoundedAttemptsSettings::default(), &run.end().evidence())
    }

    fn failing(attempts: usize, condition: Condition, status: u16, gap: u64) -> Run {
        let mut run = Run::sync();
        for _ in 0..attempts {
            run.get("/api/now/table/t").fails(status, condition);
            run.wait(gap);
        }
        run
    }

    #[test]
    fn one_attempt_too_many_fails() {
        let ruling = decide(&mut failing(6, Condition::Scripted, 502, 200));
        assert_eq!(ruling.result, CheckResult::Fail);
        assert!(ruling.observed.contains('6'));
        assert_eq!(ruling.evidence.len(), 12);
        let passing = decide(&mut failing(5, Condition::Scripted, 502, 200));
        assert_eq!(passing.result, CheckResult::Pass);
    }

    #[test]
    fn declaring_many_does_not_lift_the_ceiling() {
        let mut run = failing(11, Condition::Scripted, 502, 200);
        run.evidence.subject.declares.max_attempts = 1_000;
        assert_eq!(decide(&mut run).result, CheckResult::Fail);
    }

    #[test]
    fn probing_a_sleeping_instance_slowly_passes() {
        let mut slow = failing(30, Condition::Hibernating, 200, 5_000);
        assert_eq!(decide(&mut slow).result, CheckResult::Pass);
        let mut fast = failing(30, Condition::Hibernating, 200, 200);
        assert_eq!(decide(&mut fast).result, CheckResult::Fail);
    }

    #[test]
    fn varying_the_request_does_not_buy_attempts() {
        let mut run = Run::sync();
        for offset in 0..25 {
            run.get(&format!("/api/now/table/t?sysparm_offset={offset}"))
                .fails(502, Condition::Scripted);
        }
        assert_eq!(decide(&mut run).result, CheckResult::Fail);
    }

    #[test]
    fn knocking_without_end_fails() {
        let knocking = |times: usize| {
            let mut run = Run::sync();
            for _ in 0..times {
                run.knock(false, 300);
            }
            decide(&mut run)
        };
        assert_eq!(knocking(6).result, CheckResult::Fail);
        assert_eq!(knocking(5).result, CheckResult::Pass);
        let mut run = Run::sync();
        for _ in 0..6 {
            run.knock(true, 300);
            run.get("/api/now/table/t").ok();
        }
        assert_eq!(decide(&mut run).result, CheckResult::Pass);
    }

    #[test]
    fn success_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run).result, CheckResult::NotApplicable);
    }
}
