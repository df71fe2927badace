//! `no-retry-on-refused-handshake`: a handshake that was refused for what it offered is refused
//! again.
//!
//! The version, the ciphers, the name and the caller are the same next time. An edge that breaks a
//! handshake without such a reason is worth another attempt, and no concern of this check.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Handshakes per request in flight and address family, as with certificates.
const AT_MOST: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOnRefusedHandshake;

impl Check for NoRetryOnRefusedHandshake {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-refused-handshake";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "stops at a handshake that is refused for what it offers: at most 2 per worker";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let mut by_act: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for (entry, _) in
            wire::broken_handshakes(evidence).filter(|(_, broken)| broken.answer.is_final())
        {
            by_act.entry(entry.act).or_default().push(entry.seq);
        }
        let Some(most) = by_act.into_values().max_by_key(Vec::len) else {
            return Ruling::not_applicable("no handshake was refused for what it offered");
        };
        let bound = AT_MOST * wire::parallelism(evidence) as usize * wire::families(evidence);
        Ruling::of(
            if most.len() > bound { CheckResult::Fail } else { CheckResult::Pass },
            format!("at most {bound} handshakes that are refused in one act"),
            format!("{} handshakes", most.len()),
            most,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::setup::Handshake;

    use super::super::synthetic::Run;
    use super::*;

    fn after(handshakes: usize, answer: Handshake) -> CheckResult {
        let mut run = Run::check();
        for _ in 0..handshakes {
            run.broken_handshake(answer);
        }
        NoRetryOnRefusedHandshake::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn offering_the_same_again_and_again_fails() {
        assert_eq!(after(3, Handshake::ProtocolVersion), CheckResult::Fail);
    }

    #[test]
    fn one_more_handshake_passes() {
        assert_eq!(after(2, Handshake::UnrecognizedName), CheckResult::Pass);
    }

    #[test]
    fn a_handshake_that_breaks_for_no_such_reason_does_not_apply() {
        for answer in [Handshake::Reset, Handshake::InternalError, Handshake::PlainHttp] {
            assert_eq!(after(5, answer), CheckResult::NotApplicable, "{answer:?}");
        }
    }
}
