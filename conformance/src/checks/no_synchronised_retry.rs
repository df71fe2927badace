//! `no-synchronised-retry`: what was refused together does not come back at the same instant.
//!
//! Judged only where the server named no time, on eight retries or more. Requests of different
//! calls that failed within 50 ms of each other are a *wave*; measured is the distance between
//! one retry of a wave and the next. Half of them may be close: back-off at random is right too.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Retries from which on it is measured.
const SAMPLES: usize = 8;
/// Nanoseconds: two retries that are no further apart are in step. The scheduler's lag,
/// which spreads what was sent together, is added up to as much again and no further.
const IN_STEP: i128 = 10_000_000;

/// See the module.
#[derive(Debug)]
pub struct NoSynchronisedRetry;

impl Check for NoSynchronisedRetry {
    type Settings = NoSettings;

    const ID: &'static str = "no-synchronised-retry";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "spreads the retries of requests that were refused at the same time";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let waves = waves(evidence);
        if waves.is_empty() {
            return Ruling::not_applicable("nothing was refused together and tried again");
        }
        let samples: usize = waves.iter().map(Vec::len).sum();
        let in_step = IN_STEP + wire::nanos(evidence.lag.p99()).min(IN_STEP);
        let expected = format!("retries more than {} apart", wire::in_seconds(in_step));
        if samples < SAMPLES {
            let found = format!("{samples} retries of refusals that came together, {SAMPLES} are needed");
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        }
        let mut distances: Vec<i128> = waves.iter().flat_map(|wave| distances(wave)).collect();
        distances.sort_unstable();
        // Each wave has two retries or more, and with them a distance.
        let median = distances.get(distances.len() / 2).copied().unwrap_or_default();
        Ruling::of(
            if median <= in_step { CheckResult::Fail } else { CheckResult::Pass },
            expected,
            format!("{samples} retries, half of them at most {} apart", wire::in_seconds(median)),
            waves.iter().flatten().map(|gap| gap.after.seq),
        )
    }
}

/// Waits of the connector's own choice, by wave; a wave of one is none.
fn waves(evidence: &Evidence) -> Vec<Vec<wire::Gap<'_>>> {
    let mut by_end: BTreeMap<(u64, u64), wire::Gap<'_>> = BTreeMap::new();
    for gap in wire::own_waits(evidence).into_values().flatten() {
        let ended = gap.before.ended().unwrap_or_else(|| gap.before.started());
        by_end.insert((ended, gap.before.seq), gap);
    }
    let together = wire::distinct(evidence);
    let mut waves: Vec<Vec<wire::Gap<'_>>> = Vec::new();
    let mut last: Option<u64> = None;
    for ((ended, _), gap) in by_end {
        let joins = last.is_some_and(|last| i128::from(ended - last) <= together);
        match waves.last_mut().filter(|_| joins) {
            Some(wave) => wave.push(gap),
            None => waves.push(vec![gap]),
        }
        last = Some(ended);
    }
    waves.retain(|wave| wave.len() > 1);
    waves
}

/// From one retry to the next, in nanoseconds.
fn distances(wave: &[wire::Gap<'_>]) -> Vec<i128> {
    let mut starts: Vec<u64> = wave.iter().map(|gap| gap.after.started()).collect();
    starts.sort_unstable();
    starts.windows(2).map(|pair| i128::from(pair[1] - pair[0])).collect()
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::{MS, Run};
    use super::*;

    /// Requests that are refused at the same time, and come back after so many milliseconds.
    fn refused_together(waits: &[u64], named: bool) -> Run {
        let mut run = Run::sync();
        let target = |page| format!("/api/now/table/t?sysparm_offset={page}");
        let begun = run.now;
        for page in 0..waits.len() {
            run.now = begun;
            let asked = run.get(&target(page));
            if named { asked.rate_limited("1") } else { asked.fails(429, Condition::QueueFull) }
        }
        let refused = run.now;
        for (page, wait) in waits.iter().enumerate() {
            run.now = refused + wait * MS;
            run.get(&target(page)).ok();
        }
        run.end();
        run
    }

    fn result(waits: &[u64], named: bool) -> CheckResult {
        let evidence = refused_together(waits, named).evidence();
        NoSynchronisedRetry::decide(&NoSettings {}, &evidence).result
    }

    #[test]
    fn all_at_the_same_instant_fail() {
        assert_eq!(result(&[400; 8], false), CheckResult::Fail);
        assert_eq!(result(&[400, 402, 404, 405, 407, 410, 411, 413], false), CheckResult::Fail);
        assert_eq!(result(&[400, 400, 400, 400, 800, 800, 800, 800], false), CheckResult::Fail);
    }

    #[test]
    fn lag_accuses_nobody() {
        let waits = [400, 440, 480, 520, 560, 600, 640, 680];
        let mut run = refused_together(&waits, false);
        run.evidence.lag.p99_ms = 200;
        let ruling = NoSynchronisedRetry::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Pass, "{}", ruling.observed);
    }

    #[test]
    fn spread_at_random_or_by_a_step_passes() {
        assert_eq!(result(&[110, 140, 141, 190, 230, 290, 350, 390], false), CheckResult::Pass);
        assert_eq!(result(&[400, 440, 480, 520, 560, 600, 640, 680], false), CheckResult::Pass);
    }

    #[test]
    fn one_after_the_other_is_no_wave() {
        let mut run = Run::sync();
        for page in 0..10 {
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            run.get(&target).fails(429, Condition::QueueFull);
            run.wait(400);
            run.get(&target).ok();
        }
        let evidence = run.end().evidence();
        let ruling = NoSynchronisedRetry::decide(&NoSettings {}, &evidence);
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }

    #[test]
    fn a_named_time_does_not_apply_and_a_few_retries_prove_nothing() {
        assert_eq!(result(&[1_000; 8], true), CheckResult::NotApplicable);
        assert_eq!(result(&[400; 7], false), CheckResult::NotMeasured);
    }
}
