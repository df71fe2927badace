//! `reads-identity`: whoever pressed Allow is who the connector acts as, so it looks who that was.

use snowproof_protocol::Verb;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ReadsIdentity;

impl Check for ReadsIdentity {
    type Settings = NoSettings;

    const ID: &'static str = "reads-identity";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "reads after a person's consent which user it was given";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let connects = |act: u32| {
            evidence.acts.iter().any(|each| each.act == act && each.verb == Verb::Connect)
        };
        let granted: Vec<_> = wire::token_calls(&exchanges)
            .into_iter()
            .filter(|call| connects(call.act) && wire::is_granted(call))
            .collect();
        let Some(last) = granted.last() else {
            return Ruling::not_applicable("no person's consent led to a token");
        };
        let tells = |each: &&wire::Exchange<'_>| {
            let path = wire::path(each.request);
            each.act == last.act
                && each.status() == Some(200)
                && wire::shows_token(each)
                && (each.request.table.as_deref() == Some("sys_user")
                    || path.contains("/ui/user/")
                    || path.ends_with("/current_user"))
        };
        let read: Vec<u64> = exchanges.iter().filter(tells).map(|each| each.seq).collect();
        let (result, observed) = if read.is_empty() {
            (CheckResult::Fail, "none")
        } else {
            (CheckResult::Pass, "as expected")
        };
        Ruling::of(
            result,
            "a read that tells which user the token stands for",
            observed,
            std::iter::once(last.seq).chain(read),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn connected(target: Option<&str>) -> CheckResult {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", Some(1)).ok();
        if let Some(target) = target {
            run.shows(1, target).ok();
        }
        ReadsIdentity::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn not_looking_fails() {
        assert_eq!(connected(None), CheckResult::Fail);
        assert_eq!(connected(Some("/api/now/table/incident?sysparm_limit=1")), CheckResult::Fail);
    }

    #[test]
    fn looking_passes_whichever_way() {
        for target in ["/api/now/table/sys_user?sysparm_limit=1", "/api/now/ui/user/current_user"] {
            assert_eq!(connected(Some(target)), CheckResult::Pass, "{target}");
        }
    }

    #[test]
    fn without_a_token_it_does_not_apply() {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", None).fails(401, Condition::CodeRefused);
        let ruling = ReadsIdentity::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
