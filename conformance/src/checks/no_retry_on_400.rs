//! `no-retry-on-400`: a request that the instance cannot make sense of stays so.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOn400;

impl Check for NoRetryOn400 {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-400";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "does not repeat a call that was answered 400";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let (met, again) = wire::repeated(evidence, 400);
        if met.is_empty() {
            return Ruling::not_applicable("no answer was 400");
        }
        let expected = "one attempt at a call that is answered 400";
        if again.is_empty() {
            let observed = format!("{} such calls, none repeated", met.len());
            return Ruling::of(CheckResult::Pass, expected, observed, met);
        }
        Ruling::of(CheckResult::Fail, expected, "such a call was made again", again)
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoRetryOn400::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_second_attempt_fails_even_when_it_looks_different() {
        let mut run = Run::sync();
        run.get("/api/now/table/t?sysparm_limit=10").fails(400, Condition::InvalidTable);
        run.get("/api/now/table/t?sysparm_limit=1&_=2").fails(400, Condition::InvalidTable);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn asking_elsewhere_or_in_another_act_passes() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(400, Condition::InvalidTable);
        run.get("/api/now/table/u").fails(400, Condition::InvalidTable);
        run.next_act(Verb::Check, false);
        run.get("/api/now/table/t").fails(400, Condition::InvalidTable);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn asking_for_less_of_what_was_too_long_passes_and_asking_for_as_much_fails() {
        let long = "/api/now/table/t?sysparm_fields=sys_id,name,number";
        let short = "/api/now/table/t?sysparm_fields=sys_id,name";
        for (again, result) in [(short, CheckResult::Pass), (long, CheckResult::Fail)] {
            let mut run = Run::sync();
            run.get(long).fails(400, Condition::RequestTooLong);
            run.get(again).ok();
            assert_eq!(decide(&mut run), result, "{again}");
        }
    }

    #[test]
    fn other_answers_do_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
