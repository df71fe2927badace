//! `replay-exactly-once`: a write that met trouble is there once in the end.
//!
//! How is left to the connector: it may try again, or find that the first attempt had worked.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ReplayExactlyOnce;

impl Check for ReplayExactlyOnce {
    type Settings = NoSettings;

    const ID: &'static str = "replay-exactly-once";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "ends with what was asked for done exactly once after a write that was refused or broken off";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let writings: Vec<_> = wire::writings(evidence)
            .into_iter()
            .filter(|writing| writing.troubled)
            .filter(|writing| {
                let last = writing.last();
                last.is_some_and(|last| !acts::was_killed(evidence, last))
            })
            .collect();
        if writings.is_empty() {
            return Ruling::not_applicable("no write was refused or broken off");
        }
        let once = |writing: &wire::Writing<'_>| {
            writing.is_done() && writing.created.len() == writing.may_create()
        };
        let worst = writings
            .iter()
            .find(|writing| !once(writing))
            .unwrap_or(&writings[0]);
        let count = worst.created.len();
        Ruling::of(
            if once(worst) { CheckResult::Pass } else { CheckResult::Fail },
            "done exactly once",
            match worst.may_create() {
                0 if worst.is_done() => format!("{} made", worst.record()),
                0 => format!("{} not made", worst.record()),
                _ => format!("{} created {count}×", worst.record()),
            },
            writings.iter().flat_map(|writing| writing.created.iter().copied()),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        ReplayExactlyOnce::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn giving_up_what_was_refused_fails() {
        let mut run = Run::write();
        run.ask("POST", "/api/now/table/t", Some("{}"))
            .fails(429, Condition::RateLimited);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn creating_it_again_fails() {
        let mut run = Run::write();
        run.creates("a").cut();
        run.creates("b").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn another_attempt_or_a_look_passes() {
        let mut run = Run::write();
        run.ask("POST", "/api/now/table/t", Some("{}"))
            .fails(503, Condition::Scripted);
        run.creates("a").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = Run::write();
        run.creates("a").cut();
        run.get("/api/now/table/t?sysparm_query=correlation_id=k").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_change_that_broke_off_counts_by_what_the_instance_holds() {
        for (held, result) in [(true, CheckResult::Pass), (false, CheckResult::Fail)] {
            let mut run = Run::doing(Verb::Update, held);
            run.ask("PATCH", "/api/now/table/t/a", Some("{}")).cut();
            assert_eq!(decide(&mut run), result);
        }
    }

    #[test]
    fn an_untroubled_write_does_not_apply() {
        let mut run = Run::write();
        run.creates("a").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
