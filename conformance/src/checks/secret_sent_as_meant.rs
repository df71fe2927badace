//! `secret-sent-as-meant`: a client secret that was pasted with white space around it is trimmed or
//! refused before it is sent.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;
use crate::scenario::Credentials;

/// See the module.
#[derive(Debug)]
pub struct SecretSentAsMeant;

impl Check for SecretSentAsMeant {
    type Settings = NoSettings;

    const ID: &'static str = "secret-sent-as-meant";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "trims a client secret that was pasted with white space, or refuses it before it is sent";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let padded: Vec<u32> = evidence
            .acts
            .iter()
            .zip(&evidence.scenario.acts)
            .filter(|(_, planned)| planned.credentials == Some(Credentials::Padded))
            .map(|(act, _)| act.act)
            .collect();
        if padded.is_empty() {
            return Ruling::not_applicable("no client secret was pasted with white space");
        }
        let exchanges = wire::of_subject(evidence);
        let refused: Vec<u64> = wire::token_calls(&exchanges)
            .iter()
            .filter(|call| padded.contains(&call.act) && matches!(call.status(), Some(400 | 401)))
            .map(|call| call.seq)
            .collect();
        Ruling::of(
            if refused.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            "no request for a token that is refused for white space",
            format!("{} requests", refused.len()),
            refused,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn padded() -> Run {
        let mut run = Run::check();
        run.evidence.scenario.acts[0].credentials = Some(Credentials::Padded);
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        SecretSentAsMeant::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn sending_it_as_it_is_fails() {
        let mut run = padded();
        run.asks_for_token("client_credentials", None).fails(401, Condition::ClientSecretRefused);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn trimming_and_refusing_it_pass() {
        let mut run = padded();
        run.asks_for_token("client_credentials", Some(1)).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        assert_eq!(decide(&mut padded()), CheckResult::Pass);
    }

    #[test]
    fn other_credentials_do_not_apply() {
        assert_eq!(decide(&mut Run::check()), CheckResult::NotApplicable);
    }
}
