//! `backoff-grows`: who is refused again waits longer than the first time.
//!
//! Waits are compared over several repeats, the longest of each kind, so that random ones pass;
//! where the server named the time there is nothing to choose. The scheduler's lag lengthens a wait,
//! so that it is taken off the first one.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Repeats from which on the longest waits can be compared.
const REPEATS: usize = 3;
/// The same for random waits: of three, the first may well be the longest by chance.
const REPEATS_OF_RANDOM: usize = 8;

/// See the module.
#[derive(Debug)]
pub struct BackoffGrows;

impl Check for BackoffGrows {
    type Settings = NoSettings;

    const ID: &'static str = "backoff-grows";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "waits longer with each further failure where the server names no time";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let waits = wire::own_waits(evidence);
        let often: Vec<_> = waits.values().take_while(|gaps| gaps.len() >= REPEATS).collect();
        let expected = "the longest of the later waits is at least 1.25 times the first";
        let [first, later @ ..] = &often[..] else {
            return Ruling::not_applicable("nothing was tried again by its own back-off");
        };
        let longest = |gaps: &[wire::Gap<'_>]| gaps.iter().map(|gap| gap.length).max();
        let (Some(first_longest), Some(later_longest)) =
            (longest(first), later.iter().filter_map(|gaps| longest(gaps)).max())
        else {
            let found = format!("fewer than {REPEATS} chains of two waits");
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        };
        let shortest = first.iter().map(|gap| gap.length).min().unwrap_or(first_longest);
        let is_random = first_longest - shortest > (first_longest / 4).max(wire::distinct(evidence));
        let grew = later_longest * 4 >= (first_longest - wire::nanos(evidence.lag.p99())) * 5;
        if is_random && !grew && first.len() < REPEATS_OF_RANDOM {
            let found = format!("random waits in fewer than {REPEATS_OF_RANDOM} chains");
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        }
        let at_its_cap = first_longest >= wire::nanos(evidence.subject.declares.max_wait.effective);
        let entries = often.iter().flat_map(|gaps| gaps.iter().map(|gap| gap.after.seq));
        Ruling::of(
            if at_its_cap || grew {
                CheckResult::Pass
            } else {
                CheckResult::Fail
            },
            expected,
            format!(
                "at most {} after the first failure, at most {} after later ones",
                wire::in_seconds(first_longest),
                wire::in_seconds(later_longest),
            ),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn result(chains: &[[u64; 3]]) -> CheckResult {
        with_lag(chains, 2)
    }

    fn with_lag(chains: &[[u64; 3]], p99_ms: u64) -> CheckResult {
        let mut run = Run::sync();
        for (page, gaps) in chains.iter().enumerate() {
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            for gap in gaps {
                run.get(&target).fails(429, Condition::QueueFull);
                run.wait(*gap);
            }
            run.get(&target).ok();
        }
        run.evidence.lag.p99_ms = p99_ms;
        BackoffGrows::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_first_wait_that_the_machine_lengthened_is_not_held_against_it() {
        let chains = [[700, 200, 300], [600, 450, 300], [650, 200, 330]];
        assert_eq!(with_lag(&chains, 2), CheckResult::Fail);
        assert_eq!(with_lag(&chains, 370), CheckResult::Pass);
    }

    #[test]
    fn a_few_random_waits_prove_nothing_and_many_do() {
        let unlucky = [[900, 700, 800], [100, 300, 200], [400, 650, 100]];
        assert_eq!(result(&unlucky), CheckResult::NotMeasured);
        let many: Vec<_> = unlucky.into_iter().cycle().take(9).collect();
        assert_eq!(result(&many), CheckResult::Fail);
    }

    #[test]
    fn waiting_the_same_each_time_fails_and_so_does_waiting_less() {
        assert_eq!(result(&[[400; 3]; 3]), CheckResult::Fail);
        assert_eq!(result(&[[400, 300, 200]; 4]), CheckResult::Fail);
    }

    #[test]
    fn growing_by_doubling_or_by_steps_passes() {
        assert_eq!(result(&[[100, 200, 400]; 3]), CheckResult::Pass);
        assert_eq!(result(&[[1_000, 2_000, 3_000]; 3]), CheckResult::Pass);
        assert_eq!(result(&[[1, 200, 300], [1, 110, 190], [1, 150, 700]]), CheckResult::Pass);
    }

    #[test]
    fn a_few_waits_and_waits_at_the_cap_prove_nothing() {
        assert_eq!(result(&[[400; 3]; 2]), CheckResult::NotApplicable);
        assert_eq!(result(&[[60_000; 3]; 3]), CheckResult::Pass);
        assert_eq!(result(&[]), CheckResult::NotApplicable);
    }

    #[test]
    fn stated_waits_do_not_count() {
        let mut run = Run::sync();
        for _ in 0..9 {
            run.get("/api/now/table/t").rate_limited("1");
            run.wait(1_000);
        }
        let ruling = BackoffGrows::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Random waits below a doubling ceiling pass as long as one of the later ones shows it.
        #[test]
        fn full_jitter_passes(parts in prop::collection::vec(0_u64..=100, 9), lucky in 0_usize..3) {
            let mut chains: Vec<[u64; 3]> = parts
                .chunks(3)
                .map(|it| [100 + 3 * it[0], 100 + 7 * it[1], 100 + 15 * it[2]])
                .collect();
            chains[lucky][2] = 1_000;
            prop_assert_eq!(result(&chains), CheckResult::Pass);
        }
    }
}
