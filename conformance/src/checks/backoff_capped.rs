//! `backoff-capped`: a back-off that grows comes to an end, where its user was told that it does.
//!
//! Judged only where the server named no time, on eight waits or more: none is longer than the wait
//! that the subject declares, and what a loaded machine adds to that.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Waits from which on it is measured.
const SAMPLES: usize = 8;

/// See the module.
#[derive(Debug)]
pub struct BackoffCapped;

impl Check for BackoffCapped {
    type Settings = NoSettings;

    const ID: &'static str = "backoff-capped";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "waits no longer than it declares before a retry where the server names no time";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let waits: Vec<_> = wire::own_waits(evidence).into_values().flatten().collect();
        let Some(longest) = waits.iter().max_by_key(|gap| gap.length) else {
            return Ruling::not_applicable("nothing was tried again by its own back-off");
        };
        let declared = wire::nanos(evidence.subject.declares.max_wait.effective);
        let allowed = declared + wire::late(declared, evidence);
        let expected = format!(
            "at most {} for a declared wait of {}",
            wire::in_seconds(allowed),
            wire::in_seconds(declared)
        );
        if longest.length > allowed || waits.len() >= SAMPLES {
            return Ruling::of(
                if longest.length > allowed { CheckResult::Fail } else { CheckResult::Pass },
                expected,
                format!("{} waits, at most {}", waits.len(), wire::in_seconds(longest.length)),
                longest.before.entries().chain([longest.after.seq]),
            );
        }
        let found = format!("{} waits, {SAMPLES} are needed", waits.len());
        Ruling::of(CheckResult::NotMeasured, expected, found, [])
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    /// A connector that declares 2 s, and waits so many milliseconds after refusals without a time.
    fn with_lag(waits: &[u64], p99_ms: u64) -> CheckResult {
        let mut run = Run::sync();
        run.evidence.subject.declares.max_wait = "2s".parse().unwrap();
        for (page, chain) in waits.chunks(4).enumerate() {
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            for wait in chain {
                run.get(&target).fails(429, Condition::QueueFull);
                run.wait(*wait);
            }
            run.get(&target).ok();
        }
        run.evidence.lag.p99_ms = p99_ms;
        BackoffCapped::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn result(waits: &[u64]) -> CheckResult {
        with_lag(waits, 2)
    }

    #[test]
    fn a_wait_beyond_the_declared_one_fails() {
        assert_eq!(result(&[400, 800, 1_600, 3_200, 400, 800, 1_600, 3_200]), CheckResult::Fail);
        assert_eq!(result(&[3_000]), CheckResult::Fail);
    }

    #[test]
    fn waits_at_the_cap_pass_also_where_the_machine_lengthens_them() {
        assert_eq!(result(&[400, 800, 1_600, 2_000, 400, 800, 1_600, 2_400]), CheckResult::Pass);
        assert_eq!(with_lag(&[2_800; 8], 400), CheckResult::Pass);
    }

    #[test]
    fn a_few_short_waits_prove_nothing() {
        assert_eq!(result(&[400; 7]), CheckResult::NotMeasured);
        assert_eq!(result(&[]), CheckResult::NotApplicable);
    }

    #[test]
    fn a_named_time_does_not_count() {
        let mut run = Run::sync();
        run.evidence.subject.declares.max_wait = "1s".parse().unwrap();
        for _ in 0..9 {
            run.get("/api/now/table/t").rate_limited("5");
            run.wait(5_000);
        }
        let ruling = BackoffCapped::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
