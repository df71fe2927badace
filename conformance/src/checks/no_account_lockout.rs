//! `no-account-lockout`: the connector does not lock its own account out.
//!
//! By default an instance locks a user after five failed logins (wire-failures 1.4), which also
//! shuts out whoever else uses the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::journal::{Cause, Condition};

use super::{Axis, Check, CheckResult, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoAccountLockout;

/// Settings of `no-account-lockout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoAccountLockoutSettings {
    /// Failed logins that lock the account. Default 5, as an instance does.
    #[serde(default = "as_an_instance")]
    pub threshold: u32,
}

impl Default for NoAccountLockoutSettings {
    fn default() -> Self {
        Self {
            threshold: as_an_instance(),
        }
    }
}

const fn as_an_instance() -> u32 {
    5
}

impl Check for NoAccountLockout {
    type Settings = NoAccountLockoutSettings;

    const ID: &'static str = "no-account-lockout";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "causes fewer failed logins after the first refusal than lock an account";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let refused: Vec<_> = wire::of_subject(evidence)
            .into_iter()
            .filter(|each| each.status() == Some(401) && each.request.credentials.is_some())
            .collect();
        let Some(learned) = refused.iter().filter_map(wire::Exchange::ended).min() else {
            return Ruling::not_applicable("no credentials were refused");
        };
        let expected = format!(
            "fewer than {} failed logins after the first refusal",
            settings.threshold
        );
        // An account that was locked from the start, or by a step, refuses no password before.
        let locked = refused.iter().skip(1).find(|each| {
            each.condition() == Some(Condition::AccountLocked)
                && !matches!(each.cause, Some(Cause::Step(_) | Cause::Hand))
                && refused.iter().any(|earlier| {
                    earlier.condition() == Some(Condition::PasswordRefused)
                        && earlier.started() < each.started()
                })
        });
        let after = wire::begun_after_reaction(&refused, learned, evidence);
        let entries: Vec<u64> = after.iter().map(|each| each.seq).collect();
        if let Some(locked) = locked
            && !after.is_empty()
        {
            return Ruling::of(
                CheckResult::Fail,
                expected,
                "the account is locked out by its failed logins",
                entries.into_iter().chain(locked.entries()),
            );
        }
        Ruling::of(
            if after.len() >= settings.threshold as usize {
                CheckResult::Fail
            } else {
                CheckResult::Pass
            },
            expected,
            format!("{} failed logins after the first refusal", after.len()),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoAccountLockout::decide(&NoAccountLockoutSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn five_more_failures_fail() {
        assert_eq!(decide(Run::sync().refused_passwords(6, 300)), CheckResult::Fail);
    }

    #[test]
    fn four_more_pass() {
        assert_eq!(decide(Run::sync().refused_passwords(5, 300)), CheckResult::Pass);
    }

    #[test]
    fn a_lock_that_follows_is_told_from_one_that_was_there() {
        for (cause, result) in [(None, CheckResult::Fail), (Some("locks"), CheckResult::Pass)] {
            let mut run = Run::sync();
            run.refused_passwords(2, 300);
            let mut asked = run.get("/api/now/table/t");
            if let Some(step) = cause {
                asked = asked.because(step);
            }
            asked.fails(401, Condition::AccountLocked);
            assert_eq!(decide(&mut run), result, "{cause:?}");
        }
    }

    #[test]
    fn accepted_credentials_do_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
