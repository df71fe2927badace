//! `code-exchanged-once`: an authorization code is good for one use (RFC 6749, 4.1.2).
//!
//! A second attempt is refused at best, and may cost what the first one brought: a browser that loads
//! the callback again, or a refusal, is no reason for one.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct CodeExchangedOnce;

impl Check for CodeExchangedOnce {
    type Settings = NoSettings;

    const ID: &'static str = "code-exchanged-once";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "shows an authorization code no second time once the token endpoint has answered it";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let mut by_code: BTreeMap<(&str, u64), Vec<wire::Exchange<'_>>> = BTreeMap::new();
        for call in wire::token_calls(&exchanges) {
            // Where the instance's edge or a limit answered, the endpoint never saw the code.
            let code = call.request.token_call.as_ref().and_then(|asked| asked.code);
            if let Some(code) = code {
                by_code.entry((call.instance, code)).or_default().push(call);
            }
        }
        if by_code.is_empty() {
            return Ruling::not_applicable("no authorization code was shown");
        }
        // What never arrived may be asked for again.
        let again: Vec<u64> = by_code
            .values()
            .filter_map(|uses| {
                let answered = uses.iter().position(wire::Exchange::delivered)?;
                Some(uses[answered + 1..].iter().map(|call| call.seq))
            })
            .flatten()
            .collect();
        let count = again.len();
        let shown = by_code.into_values().flatten().map(|call| call.seq);
        Ruling::of(
            if count > 0 { CheckResult::Fail } else { CheckResult::Pass },
            "no code is shown again after an answer to it",
            format!("{count} further requests"),
            shown,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::{Asked, Run};
    use super::*;

    fn shows(run: &mut Run, code: u64, token: Option<u64>) -> Asked<'_> {
        run.asks_for_token("authorization_code", token).edit(|request| {
            if let Some(call) = &mut request.token_call {
                call.code = Some(code);
            }
        })
    }

    fn decide(run: &mut Run) -> CheckResult {
        CodeExchangedOnce::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn showing_it_again_fails_whatever_came_of_it() {
        let mut run = Run::check();
        shows(&mut run, 1, Some(1)).ok();
        shows(&mut run, 1, None).fails(401, Condition::CodeRefused);
        assert_eq!(decide(&mut run), CheckResult::Fail);
        let mut run = Run::check();
        for _ in 0..2 {
            shows(&mut run, 1, None).fails(401, Condition::CodeRefused);
        }
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn another_code_and_an_answer_that_never_came_pass() {
        let mut run = Run::check();
        shows(&mut run, 1, None).fails(401, Condition::CodeRefused);
        shows(&mut run, 2, None).dropped();
        shows(&mut run, 2, Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_a_code_it_does_not_apply() {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
