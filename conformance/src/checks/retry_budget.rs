//! `retry-budget`: failures are not multiplied.
//!
//! One retry for each failure is what a failure costs. Whoever starts over, or retries in several
//! layers at once, sends a weak instance a multiple of that. Looking again whether a record is there,
//! before another attempt to create it, is no retry.

use std::collections::BTreeSet;


use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Failures of one act below which a ratio says nothing.
const FEWEST: usize = 3;

/// See the module.
#[derive(Debug)]
pub struct RetryBudget;

impl Check for RetryBudget {
    type Settings = NoSettings;

    const ID: &'static str = "retry-budget";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "repeats at most one and a half times as many requests as failed";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let mut faults_met = false;
        let mut worst: Option<(usize, usize, Vec<u64>)> = None;
        for act in &evidence.acts {
            let within: Vec<_> = exchanges.iter().filter(|each| each.act == act.act).collect();
            let faults = within.iter().filter(|each| each.failed()).count();
            faults_met |= faults > 0;
            if faults < FEWEST {
                continue;
            }
            let (mut known, mut failed) = (BTreeSet::new(), BTreeSet::new());
            let mut repeated = Vec::new();
            for each in &within {
                let op = wire::Op::of(each);
                let looks = super::acts::creates(act.verb) && each.request.method != "POST";
                if !known.insert(op.clone()) && (!looks || failed.contains(&op)) {
                    repeated.push(each.seq);
                }
                if each.failed() {
                    failed.insert(op);
                } else {
                    failed.remove(&op);
                }
            }
            // Compared as fractions: repeated / faults.
            let is_worse = worst
                .as_ref()
                .is_none_or(|(most, of, _)| repeated.len() * of > most * faults);
            if is_worse {
                worst = Some((repeated.len(), faults, repeated));
            }
        }
        let expected = "at most 1.5 repeated requests for each that failed";
        let Some((repeated, faults, entries)) = worst else {
            return if faults_met {
                let few = format!("fewer than {FEWEST} requests failed");
                Ruling::of(CheckResult::NotMeasured, expected, few, [])
            } else {
                Ruling::not_applicable("no request failed")
            };
        };
        Ruling::of(
            if repeated * 2 > faults * 3 { CheckResult::Fail } else { CheckResult::Pass },
            expected,
            format!("{repeated} requests repeated, {faults} failed"),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn page(offset: u64) -> String {
        format!("/api/now/table/t?sysparm_offset={offset}")
    }

    fn decide(run: &mut Run) -> CheckResult {
        RetryBudget::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn starting_over_after_each_failure_fails() {
        let mut run = Run::sync();
        for _ in 0..3 {
            for offset in 0..3 {
                run.get(&page(offset)).ok();
            }
            run.get(&page(3)).fails(502, Condition::Restarting);
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn looking_before_each_attempt_to_create_passes() {
        let mut run = Run::write();
        for _ in 0..4 {
            run.get("/api/now/table/t?sysparm_query=correlation_id=k").ok();
            run.ask("POST", "/api/now/table/t", Some("{}"))
                .fails(502, Condition::Restarting);
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn one_retry_a_failure_passes() {
        let mut run = Run::sync();
        for offset in 0..4 {
            run.get(&page(offset)).fails(502, Condition::Restarting);
            run.wait(200);
            run.get(&page(offset)).ok();
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn too_few_failures_are_not_measured() {
        let mut run = Run::sync();
        run.get(&page(0)).fails(502, Condition::Restarting);
        for _ in 0..5 {
            run.get(&page(0)).ok();
        }
        assert_eq!(decide(&mut run), CheckResult::NotMeasured);
        let mut healthy = Run::sync();
        healthy.get(&page(0)).ok();
        assert_eq!(decide(&mut healthy), CheckResult::NotApplicable);
    }
}
