//! `no-retry-on-403`: what is forbidden stays forbidden until somebody changes rights.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOn403;

impl Check for NoRetryOn403 {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-403";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "does not repeat a call that was answered 403";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let (met, repeated) = wire::repeated(evidence, 403);
        if met.is_empty() {
            return Ruling::not_applicable("no answer was 403");
        }
        let expected = "one attempt at a forbidden call";
        if repeated.is_empty() {
            return Ruling::of(
                CheckResult::Pass,
                expected,
                format!("{} forbidden calls, none repeated", met.len()),
                met,
            );
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            "a forbidden call was made again",
            repeated,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoRetryOn403::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_second_attempt_fails_even_when_it_looks_different() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_limit=10").fails(403, Condition::TableDenied);
        run.get("/api/now/table/t?sysparm_limit=1&_=2").fails(403, Condition::TableDenied);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn trying_other_tables_or_another_act_passes() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        run.get("/api/now/table/u").fails(403, Condition::TableDenied);
        run.next_act(snowproof_protocol::Verb::Check, false);
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_403_it_does_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(404, Condition::RecordNotFound);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
