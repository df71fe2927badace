//! `stops-hammering-when-down`: an instance that is not there is asked ever more seldom.
//!
//! A steady rate helps nobody while the instance sleeps, wakes, is down or is upgraded, and is the
//! first thing that hits it when it is back. Random waits need many samples before a rate can be
//! told, so that fewer than eight failures say nothing. A back-off that has grown to its cap is steady
//! for good reason, where it asks every five seconds or more seldom.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The pause, in nanoseconds, from which on a steady rate does no harm.
const SELDOM: u64 = 5_000_000_000;
/// Failures of one act below which a rate says nothing.
const FEWEST: usize = 8;

/// See the module.
#[derive(Debug)]
pub struct StopsHammeringWhenDown;

impl Check for StopsHammeringWhenDown {
    type Settings = NoSettings;

    const ID: &'static str = "stops-hammering-when-down";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "asks an instance that is not there at most a third as often in the end as in the beginning, \
         or every five seconds at most";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let mut met = false;
        let mut measured: Option<(Thirds, Vec<u64>)> = None;
        for act in &evidence.acts {
            let away = longest_absence(&exchanges, act.act);
            met |= !away.is_empty();
            if away.len() < FEWEST {
                continue;
            }
            let thirds = Thirds::of(&away);
            if measured.as_ref().is_none_or(|(worst, _)| !thirds.slows_down() && worst.slows_down())
            {
                measured = Some((thirds, away.iter().map(|each| each.seq).collect()));
            }
        }
        let expected =
            "at most a third of the first third's requests in the last third, or 5 s between them";
        let Some((thirds, entries)) = measured else {
            return if met {
                let few = format!("fewer than {FEWEST} requests met its absence");
                Ruling::of(CheckResult::NotMeasured, expected, few, [])
            } else {
                Ruling::not_applicable("the instance was always there")
            };
        };
        Ruling::of(
            if thirds.slows_down() { CheckResult::Pass } else { CheckResult::Fail },
            expected,
            format!("{} in the first third, {} in the last", thirds.first, thirds.last),
            entries,
        )
    }
}

/// Requests in the first and in the last third of an absence.
#[derive(Debug, Clone, Copy)]
struct Thirds {
    first: usize,
    last: usize,
    /// Whether each of the last third came [`SELDOM`] after the one before.
    seldom: bool,
}

impl Thirds {
    fn of(away: &[&wire::Exchange<'_>]) -> Self {
        let begin = away.first().map_or(0, |each| each.started());
        let end = away.last().map_or(0, |each| each.started());
        let third = (end - begin) / 3;
        let first = away.iter().filter(|each| each.started() <= begin + third);
        let last = away.iter().filter(|each| each.started() >= end - third);
        let in_the_end = away.windows(2).filter(|pair| pair[1].started() >= end - third);
        Self {
            first: first.count(),
            last: last.count(),
            seldom: in_the_end
                .map(|pair| pair[1].started() - pair[0].started())
                .min()
                .is_some_and(|shortest| shortest >= SELDOM),
        }
    }

    const fn slows_down(self) -> bool {
        self.last * 3 <= self.first || self.seldom
    }
}

/// The longest row of requests of an act that all met an instance that was not there.
fn longest_absence<'x, 'e>(
    exchanges: &'x [wire::Exchange<'e>],
    act: u32,
) -> Vec<&'x wire::Exchange<'e>> {
    let (mut longest, mut current) = (Vec::new(), Vec::new());
    for exchange in exchanges.iter().filter(|each| each.act == act) {
        if !exchange.failed() {
            current.clear();
        } else if exchange.is_away() {
            current.push(exchange);
        }
        if current.len() > longest.len() {
            longest.clone_from(&current);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn asked(condition: Condition, waits: &[u64]) -> CheckResult {
        let mut run = Run::sync();
        for wait in waits {
            run.get("/api/now/table/t").fails(503, condition);
            run.wait(*wait);
        }
        StopsHammeringWhenDown::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_steady_rate_fails() {
        assert_eq!(asked(Condition::Down, &[200; 12]), CheckResult::Fail);
    }

    #[test]
    fn asking_ever_more_seldom_passes() {
        let doubling = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800];
        assert_eq!(asked(Condition::Down, &doubling), CheckResult::Pass);
        assert_eq!(asked(Condition::Waking, &doubling), CheckResult::Pass);
    }

    #[test]
    fn a_back_off_at_its_cap_passes_where_the_cap_is_long() {
        let capped = |cap: u64| {
            let waits = [100, 200, 400, 800, 1_600, 3_200, cap, cap, cap, cap, cap, cap];
            asked(Condition::Down, &waits)
        };
        assert_eq!(capped(5_000), CheckResult::Pass);
        assert_eq!(capped(3_200), CheckResult::Fail);
    }

    #[test]
    fn few_requests_are_not_measured_and_other_failures_do_not_count() {
        assert_eq!(asked(Condition::Down, &[200; 7]), CheckResult::NotMeasured);
        assert_eq!(asked(Condition::ScriptError, &[200; 12]), CheckResult::NotApplicable);
    }

    #[test]
    fn an_instance_that_came_back_in_between_was_two_absences() {
        let mut run = Run::sync();
        for _ in 0..2 {
            for _ in 0..5 {
                run.get("/api/now/table/t").fails(503, Condition::Down);
                run.wait(200);
            }
            run.get("/api/now/table/t").ok();
        }
        let ruling = StopsHammeringWhenDown::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotMeasured);
    }
}
