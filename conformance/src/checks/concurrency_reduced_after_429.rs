//! `concurrency-reduced-after-429`: many workers that come back as many are refused again.
//!
//! The most requests in flight at one instant, before the first refusal and among those that began
//! after it. What was in flight when it came, and what began within the reaction allowance, counts
//! for neither.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ConcurrencyReducedAfter429;

impl Check for ConcurrencyReducedAfter429 {
    type Settings = NoSettings;

    const ID: &'static str = "concurrency-reduced-after-429";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "keeps fewer requests in flight after a 429 than before it";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refused = exchanges
            .iter()
            .filter(|exchange| exchange.status() == Some(429))
            .filter_map(|exchange| exchange.ended())
            .min();
        let Some(refused) = refused else {
            return Ruling::not_applicable("no request was refused with 429");
        };
        let learned = i128::from(refused) + wire::reaction(evidence);
        let (earlier, later): (Vec<_>, Vec<_>) = exchanges
            .iter()
            .filter(|exchange| {
                exchange.started() <= refused || i128::from(exchange.started()) > learned
            })
            .partition(|exchange| exchange.started() <= refused);
        let before = most_in_flight(&earlier);
        if before < 2 {
            return Ruling::not_applicable("one request at a time was in flight");
        }
        let expected = format!("fewer than {before} requests in flight after a 429");
        if later.len() < before {
            let found = format!("{} requests after a 429, {before} are needed", later.len());
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        }
        let after = most_in_flight(&later);
        Ruling::of(
            if after < before { CheckResult::Pass } else { CheckResult::Fail },
            expected,
            format!("{after} in flight after it, {before} before it"),
            later.iter().map(|exchange| exchange.seq),
        )
    }
}

/// The most of these that are in flight at one instant. One whose end is not known is left out.
fn most_in_flight(exchanges: &[&wire::Exchange<'_>]) -> usize {
    // An end sorts before a start at the same instant: one follows the other then.
    let mut moments: Vec<(u64, bool)> = exchanges
        .iter()
        .filter_map(|exchange| Some((exchange.started(), exchange.ended()?)))
        .flat_map(|(started, ended)| [(started, true), (ended, false)])
        .collect();
    moments.sort_unstable();
    let (mut now, mut most) = (0_usize, 0);
    for (_, begins) in moments {
        now = if begins { now + 1 } else { now.saturating_sub(1) };
        most = most.max(now);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    /// Waves of requests in flight at once, each of 100 ms; in the first the last is refused.
    fn result(waves: &[usize]) -> CheckResult {
        let mut run = Run::sync();
        for (number, &wave) in waves.iter().enumerate() {
            let begun = run.now;
            for worker in 0..wave {
                run.now = begun;
                let target = format!("/api/now/table/t?sysparm_offset={number}{worker}");
                let asked = run.get(&target).taking(100);
                if number == 0 && worker + 1 == wave {
                    asked.rate_limited("1");
                } else {
                    asked.ok();
                }
            }
            run.wait(1_000);
        }
        ConcurrencyReducedAfter429::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn as_many_in_flight_as_before_fail() {
        assert_eq!(result(&[5, 5]), CheckResult::Fail);
        assert_eq!(result(&[5, 2, 5]), CheckResult::Fail);
    }

    #[test]
    fn fewer_in_flight_pass() {
        assert_eq!(result(&[5, 4, 4]), CheckResult::Pass);
        assert_eq!(result(&[2, 1, 1]), CheckResult::Pass);
    }

    #[test]
    fn what_was_on_its_way_counts_for_neither() {
        let mut run = Run::sync();
        for page in 0..3 {
            run.now = 0;
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            let asked = run.get(&target).taking(100);
            if page == 0 { asked.rate_limited("1") } else { asked.ok() }
        }
        let begun = run.now + 20_000_000;
        for page in 3..6 {
            run.now = begun;
            run.get(&format!("/api/now/table/t?sysparm_offset={page}")).taking(100).ok();
        }
        for page in 6..9 {
            run.wait(1_000);
            run.get(&format!("/api/now/table/t?sysparm_offset={page}")).ok();
        }
        let evidence = run.end().evidence();
        let ruling = ConcurrencyReducedAfter429::decide(&NoSettings {}, &evidence);
        assert_eq!(ruling.result, CheckResult::Pass, "{}", ruling.observed);
    }

    #[test]
    fn one_at_a_time_and_no_refusal_do_not_apply() {
        assert_eq!(result(&[1, 1, 1]), CheckResult::NotApplicable);
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        let evidence = run.end().evidence();
        let ruling = ConcurrencyReducedAfter429::decide(&NoSettings {}, &evidence);
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }

    #[test]
    fn a_few_requests_afterwards_prove_nothing() {
        assert_eq!(result(&[5, 3]), CheckResult::NotMeasured);
    }
}
