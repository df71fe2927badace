//! `attempt-timeout-set`: a stalled answer does not stall the connector, nor does one that comes
//! in drips, a SYN that is not answered or a handshake that falls silent.
//!
//! Several common clients have no total timeout by default, and some never fire the one they
//! have while bytes are missing after the headers (connection-faults 0.5).

use std::time::Duration;

use snowproof_simulator::journal::Condition;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// Published ceiling of a declared attempt timeout.
const CEILING: Duration = Duration::from_secs(120);

/// See the module.
#[derive(Debug)]
pub struct AttemptTimeoutSet;

impl Check for AttemptTimeoutSet {
    type Settings = NoSettings;

    const ID: &'static str = "attempt-timeout-set";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "gives up an answer that stalls or drips within its declared attempt timeout, and a \
         connection that does not come about";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let given = evidence.scenario.subject.timeout;
        let given = given.unwrap_or(evidence.subject.declares.attempt_timeout);
        // A command without a manifest has promised nothing, and need not read what it is given.
        let timeout = if evidence.subject.has_words {
            given.effective.min(CEILING)
        } else {
            CEILING
        };
        let bound = wire::nanos(timeout);
        let allowed = bound + wire::late(bound, evidence);
        let mut longest: Option<(i128, Vec<u64>)> = None;
        for exchange in wire::of_subject(evidence) {
            let met = exchange.condition();
            if !matches!(met, Some(Condition::Stalled | Condition::Dripping))
                || exchange.delivered()
            {
                continue;
            }
            let act = evidence.acts.iter().find(|act| act.act == exchange.act);
            if act.is_some_and(|act| acts::was_killed(evidence, act)) {
                continue;
            }
            let until = exchange
                .ended()
                .or_else(|| act.map(|act| act.exited_ns))
                .unwrap_or_else(|| exchange.started());
            let took = i128::from(until) - i128::from(exchange.started());
            if longest.as_ref().is_none_or(|(most, _)| took > *most) {
                longest = Some((took, exchange.entries().collect()));
            }
        }
        for knock in wire::knocks(evidence, |act| !acts::was_killed(evidence, act)) {
            let took = i128::from(knock.ended) - i128::from(knock.began);
            if longest.as_ref().is_none_or(|(most, _)| took > *most) {
                longest = Some((took, knock.entries));
            }
        }
        let Some((took, entries)) = longest else {
            return Ruling::not_applicable("no answer stalled");
        };
        Ruling::of(
            if took > allowed { CheckResult::Fail } else { CheckResult::Pass },
            format!("gives up within the {} it was given", wire::in_seconds(bound)),
            format!("held on for {}", wire::in_seconds(took)),
            entries,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn holding_on(millis: u64) -> CheckResult {
        let mut run = Run::sync();
        run.evidence.scenario.subject.timeout = Some("2s".parse().unwrap());
        run.get("/api/now/table/t").taking(millis).silent();
        AttemptTimeoutSet::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn holding_on_fails_and_a_timeout_passes() {
        assert_eq!(holding_on(6_000), CheckResult::Fail);
        assert_eq!(holding_on(2_400), CheckResult::Pass);
        assert_eq!(holding_on(300), CheckResult::Pass);
    }

    #[test]
    fn a_large_declaration_does_not_buy_a_pass() {
        let mut run = Run::sync();
        run.evidence.subject.declares.attempt_timeout = "1h".parse().unwrap();
        run.get("/api/now/table/t").taking(200_000).silent();
        let ruling = AttemptTimeoutSet::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
    }

    #[test]
    fn a_drip_is_given_up_in_time_and_so_is_a_connection() {
        let dripping = |millis| {
            let mut run = Run::sync();
            run.evidence.scenario.subject.timeout = Some("2s".parse().unwrap());
            run.get("/api/now/table/t").taking(millis).dripping();
            AttemptTimeoutSet::decide(&NoSettings {}, &run.end().evidence()).result
        };
        assert_eq!(dripping(6_000), CheckResult::Fail);
        assert_eq!(dripping(2_100), CheckResult::Pass);
        for mute in [false, true] {
            let knocking = |millis| {
                let mut run = Run::sync();
                run.evidence.scenario.subject.timeout = Some("2s".parse().unwrap());
                run.knock(mute, millis);
                AttemptTimeoutSet::decide(&NoSettings {}, &run.end().evidence()).result
            };
            assert_eq!(knocking(6_000), CheckResult::Fail);
            assert_eq!(knocking(2_100), CheckResult::Pass);
        }
    }

    #[test]
    fn a_slow_answer_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").taking(60_000).ok();
        let ruling = AttemptTimeoutSet::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
