//! `rejects-error-in-success`: an error in the body is an error, whatever the status says.
//!
//! A cancelled query answers 200 with some of its rows and the error behind them, or with the
//! error alone (wire-failures 5.3, wire-core 2.3).

use snowproof_simulator::journal::Condition;

use super::no_lost_records::TableSettings;
use super::recovers_after_202::unanswered;
use super::{Axis, Check, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct RejectsErrorInSuccess;

impl Check for RejectsErrorInSuccess {
    type Settings = TableSettings;

    const ID: &'static str = "rejects-error-in-success";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "does not take a body that holds an error for a good answer because its status is 200";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let holds_error = |each: &wire::Exchange<'_>| holds_error(each, evidence);
        unanswered(settings, evidence, &exchanges, holds_error, "a 200 that holds an error")
    }
}

fn holds_error(exchange: &wire::Exchange<'_>, evidence: &Evidence) -> bool {
    if !exchange.delivered() || !matches!(exchange.status(), Some(200..=299)) {
        return false;
    }
    match exchange.condition() {
        Some(Condition::QueryCancelled) => true,
        Some(Condition::Scripted) => exchange.script(evidence).is_some_and(|script| {
            serde_json::from_str::<serde_json::Value>(&script.body)
                .is_ok_and(|body| body.get("error").is_some())
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;
    use snowproof_simulator::setup::{Action, RawResponse};

    use super::super::CheckResult;
    use super::super::synthetic::Run;
    use super::*;

    fn cancelled(delivered: &[&str]) -> Run {
        let mut run = Run::sync();
        run.truth(&["a", "b"], &["a", "b"]).delivers(delivered);
        run.get("/api/now/table/t?sysparm_limit=100").fails(200, Condition::QueryCancelled);
        run
    }

    fn decide(run: &mut Run, outcome: Outcome) -> CheckResult {
        run.act().said.outcome = Some(outcome);
        RejectsErrorInSuccess::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn success_with_what_came_before_the_error_fails() {
        assert_eq!(decide(&mut cancelled(&["a"]), Outcome::Success), CheckResult::Fail);
    }

    #[test]
    fn a_smaller_page_passes_and_so_does_going_on_behind_the_rows() {
        let mut run = cancelled(&["a"]);
        run.get("/api/now/table/t?sysparm_limit=50").ok();
        assert_eq!(decide(&mut run, Outcome::Success), CheckResult::Pass);
        let mut run = cancelled(&["a"]);
        run.get("/api/now/table/t?sysparm_query=sys_id>a").ok();
        run.delivers(&["b"]);
        assert_eq!(decide(&mut run, Outcome::Success), CheckResult::Pass);
        assert_eq!(decide(&mut cancelled(&["a"]), Outcome::Partial), CheckResult::Pass);
    }

    #[test]
    fn a_scripted_error_is_told_from_scripted_rows() {
        for (body, result) in [
            (r#"{"error":{"message":"m"},"status":"failure"}"#, CheckResult::Fail),
            (r#"{"result":[]}"#, CheckResult::NotApplicable),
        ] {
            let mut run = Run::check();
            let response = RawResponse {
                status: 200,
                headers: indexmap::IndexMap::new(),
                body: body.into(),
            };
            run.step("error", vec![Action::Respond(response)]);
            run.get("/api/now/table/t").because("error").fails(200, Condition::Scripted);
            assert_eq!(decide(&mut run, Outcome::Success), result, "{body}");
        }
    }
}
