//! `retry-after-beyond-cap`: told to wait longer than it ever waits, a connector stays away.
//!
//! It gives up and says that it was throttled, or it stays silent until then; it never comes back
//! earlier. Windows are fixed hours (wire-failures 5.1), quotas may last for days.

use snowproof_protocol::Outcome;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct RetryAfterBeyondCap;

impl Check for RetryAfterBeyondCap {
    type Settings = NoSettings;

    const ID: &'static str = "retry-after-beyond-cap";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "does not come back early when told to wait longer than it declares to wait";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let cap = wire::nanos(evidence.subject.declares.max_wait.effective);
        let exchanges = wire::of_subject(evidence);
        let refusals = wire::refusals(&exchanges, evidence);
        let mut met = Vec::new();
        for refusal in &refusals {
            let Some(stated) = refusal.retry_after.filter(|stated| stated.wait > cap) else {
                continue;
            };
            met.extend(refusal.exchange.entries());
            let expected = format!(
                "silence for the stated {}, or giving up: it declares to wait {} at most",
                wire::in_seconds(stated.wait),
                wire::in_seconds(cap)
            );
            let until = i128::from(refusal.ended) + stated.at_least();
            let bound: Vec<_> = exchanges
                .iter()
                .filter(|other| refusal.binds(other))
                .copied()
                .collect();
            let early: Vec<_> = wire::begun_after_reaction(&bound, refusal.ended, evidence)
                .into_iter()
                .filter(|other| i128::from(other.started()) < until)
                .collect();
            if let Some(first) = early.first() {
                let after = i128::from(first.started()) - i128::from(refusal.ended);
                return Ruling::of(
                    CheckResult::Fail,
                    expected,
                    format!("came back after {}", wire::in_seconds(after)),
                    refusal.exchange.entries().chain([first.seq]),
                );
            }
            let act = evidence.acts.iter().find(|act| act.act == refusal.exchange.act);
            let came_back = bound.iter().any(|other| other.started() > refusal.ended);
            if !came_back && act.is_some_and(|act| act.said.outcome == Some(Outcome::Success)) {
                return Ruling::of(
                    CheckResult::Fail,
                    expected,
                    "it gave up and reported success",
                    refusal.exchange.entries(),
                );
            }
        }
        if met.is_empty() {
            return Ruling::not_applicable("no stated wait was longer than the declared one");
        }
        Ruling::of(
            CheckResult::Pass,
            "silence until the stated time, or giving up",
            "it did not come back early",
            met,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn after(stated: &str, waited: Option<u64>, outcome: Outcome) -> CheckResult {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited(stated);
        if let Some(waited) = waited {
            run.wait(waited);
            run.get("/api/now/table/t").rate_limited(stated);
        }
        run.says(outcome, None, "");
        RetryAfterBeyondCap::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn coming_back_early_or_claiming_success_fails() {
        assert_eq!(after("604800", Some(60_000), Outcome::Failure), CheckResult::Fail);
        assert_eq!(after("604800", None, Outcome::Success), CheckResult::Fail);
    }

    #[test]
    fn giving_up_passes_and_so_does_waiting_it_out() {
        assert_eq!(after("604800", None, Outcome::Failure), CheckResult::Pass);
        assert_eq!(after("100", Some(99_000), Outcome::Failure), CheckResult::Pass);
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("100");
        run.wait(100_000);
        run.get("/api/now/table/t").ok();
        run.says(Outcome::Success, None, "");
        let ruling = RetryAfterBeyondCap::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn a_wait_within_the_cap_is_not_its_business() {
        assert_eq!(after("3", Some(1_000), Outcome::Failure), CheckResult::NotApplicable);
    }
}
