//! `jitter-present`: many connectors that are refused together do not come back together.
//!
//! Judged only where the server named no time, on eight waits or more: waits at the same place of
//! different chains differ, those of a second and more by a tenth up to 250 ms, which no late
//! scheduler adds. A tenth of a short wait cannot be told from the machine's own scatter.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Waits from which on it is measured.
const SAMPLES: usize = 8;

/// The shortest wait, in nanoseconds, of which a tenth can be seen.
const LONG_ENOUGH: i128 = 500_000_000;

/// The most by which waits must differ beyond what a late scheduler explains, in nanoseconds.
const FAR_ENOUGH: i128 = 250_000_000;

/// See the module.
#[derive(Debug)]
pub struct JitterPresent;

impl Check for JitterPresent {
    type Settings = NoSettings;

    const ID: &'static str = "jitter-present";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "waits for different times after the same failure";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let waits = wire::own_waits(evidence);
        let repeated: Vec<_> = waits.values().filter(|gaps| gaps.len() > 1).collect();
        let samples: usize = repeated.iter().map(|gaps| gaps.len()).sum();
        let expected = format!(
            "waits that differ by {} or more between repeats, long ones by a tenth",
            wire::in_seconds(wire::distinct(evidence))
        );
        if waits.is_empty() {
            return Ruling::not_applicable("nothing was tried again by its own back-off");
        }
        if samples < SAMPLES {
            let found = format!("{samples} waits that were repeated, {SAMPLES} are needed");
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        }
        let spread = |gaps: &[wire::Gap<'_>]| {
            let lengths = || gaps.iter().map(|gap| gap.length);
            lengths().max().unwrap_or(0) - lengths().min().unwrap_or(0)
        };
        let widest = repeated.iter().map(|gaps| spread(gaps)).max().unwrap_or(0);
        let differs = repeated.iter().any(|gaps| {
            let shortest = gaps.iter().map(|gap| gap.length).min().unwrap_or(0);
            spread(gaps) >= wire::distinct(evidence).max((shortest / 10).min(FAR_ENOUGH))
        });
        let longest = repeated.iter().flat_map(|gaps| gaps.iter()).map(|gap| gap.length).max();
        let too_short = longest.is_none_or(|it| it < LONG_ENOUGH.max(5 * wire::distinct(evidence)));
        if too_short && !differs {
            let found = "waits too short to tell whether they differ";
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        }
        Ruling::of(
            if differs { CheckResult::Pass } else { CheckResult::Fail },
            expected,
            format!("{samples} waits, those of a kind at most {} apart", wire::in_seconds(widest)),
            repeated.iter().flat_map(|gaps| gaps.iter().map(|gap| gap.after.seq)),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn result(chains: &[[u64; 3]]) -> CheckResult {
        let mut run = Run::sync();
        for (page, gaps) in chains.iter().enumerate() {
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            for gap in gaps {
                run.get(&target).fails(503, Condition::Scripted);
                run.wait(*gap);
            }
            run.get(&target).ok();
        }
        JitterPresent::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn the_same_waits_each_time_fail() {
        assert_eq!(result(&[[400, 800, 1_600]; 3]), CheckResult::Fail);
        assert_eq!(
            result(&[[400, 800, 1_600], [410, 790, 1_610], [402, 803, 1_640]]),
            CheckResult::Fail
        );
    }

    #[test]
    fn what_a_late_scheduler_adds_to_a_long_wait_is_no_jitter() {
        assert_eq!(result(&[[1_500, 1_510, 1_500], [1_620, 1_500, 1_580], [1_500; 3]]), CheckResult::Fail);
        assert_eq!(result(&[[1_500, 1_500, 1_500], [1_760, 1_500, 1_500], [1_500; 3]]), CheckResult::Pass);
        assert_eq!(result(&[[9_000, 9_000, 9_000], [9_260, 9_000, 9_000], [9_000; 3]]), CheckResult::Pass);
    }

    #[test]
    fn waits_that_differ_pass() {
        assert_eq!(
            result(&[[1, 300, 900], [2, 700, 200], [1, 120, 1_400]]),
            CheckResult::Pass
        );
    }

    #[test]
    fn a_few_waits_prove_nothing() {
        assert_eq!(result(&[[400, 800, 1_600]; 2]), CheckResult::NotMeasured);
        assert_eq!(result(&[[100, 200, 400]; 3]), CheckResult::NotMeasured);
        assert_eq!(result(&[]), CheckResult::NotApplicable);
    }
}
