//! `gives-up-within`: a user who waits is told in time.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::duration::ScaledDuration;
use snowproof_simulator::journal::Condition;

use super::{Axis, Check, CheckResult, Ruling, Severity, acts, wire};
use crate::evidence::{Evidence, ProcessEnding};
use crate::scenario::Witness;

/// See the module.
#[derive(Debug)]
pub struct GivesUpWithin;

/// Settings of `gives-up-within`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivesUpWithinSettings {
    /// From the first failure of an act to its last request and its end. Default 60 s.
    #[serde(default = "a_minute")]
    pub after: ScaledDuration,
}

impl Default for GivesUpWithinSettings {
    fn default() -> Self {
        Self { after: a_minute() }
    }
}

const fn a_minute() -> ScaledDuration {
    ScaledDuration::plain(Duration::from_secs(60))
}

impl Check for GivesUpWithin {
    type Settings = GivesUpWithinSettings;

    const ID: &'static str = "gives-up-within";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "ends within the stated time after the first failure it met";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let bound = wire::nanos(settings.after.effective);
        let allowed = bound + wire::late(bound, evidence);
        let mut slowest: Option<(i128, Option<u64>, ProcessEnding)> = None;
        let knocks = wire::knocks(evidence, |_| true);
        for act in &evidence.acts {
            if acts::was_killed(evidence, act) {
                continue;
            }
            let refused = exchanges
                .iter()
                .filter(|each| each.act == act.act && (each.failed() || leads_elsewhere(each)))
                .map(|each| (each.ended().unwrap_or_else(|| each.started()), Some(each.seq)));
            let distrusted = wire::handshakes_with_bad_certificate(evidence)
                .filter(|(entry, _, _)| entry.act == act.act)
                .map(|(entry, _, _)| (entry.at_ns, Some(entry.seq)));
            let unanswered = knocks
                .iter()
                .filter(|knock| knock.act == act.act)
                .map(|knock| (knock.ended, knock.entries.last().copied()));
            // Whoever is refused a connection cannot be seen: all of its time counts.
            let unseen = (act.first_contact_ns.is_none()
                && evidence.scenario.witness == Witness::EarlierAct)
                .then_some((act.spawned_ns, None));
            let failures = refused.chain(distrusted).chain(unanswered).chain(unseen);
            let Some((first, seq)) = failures.min() else {
                continue;
            };
            let last = exchanges
                .iter()
                .filter(|each| each.act == act.act)
                .map(wire::Exchange::started)
                .max()
                .unwrap_or(0);
            // When whoever runs elsewhere has ended is not seen: its last request has to do.
            let last = match act.ending {
                ProcessEnding::Elsewhere => last.max(first),
                _ => last.max(act.exited_ns),
            };
            let took = i128::from(last) - i128::from(first);
            if slowest.is_none_or(|(longest, ..)| took > longest) {
                slowest = Some((took, seq, act.ending));
            }
        }
        let Some((took, seq, ending)) = slowest else {
            return Ruling::not_applicable("no failure was met");
        };
        let expected = format!("ends within {} of its first failure", wire::in_seconds(bound));
        match ending {
            ProcessEnding::OverBudget => Ruling::of(
                CheckResult::Fail,
                expected,
                format!("was stopped after {}", wire::in_seconds(took.max(0))),
                seq,
            ),
            ProcessEnding::Interrupted if took <= allowed => Ruling::of(
                CheckResult::Inconclusive,
                expected,
                "the run was interrupted",
                seq,
            ),
            _ => Ruling::of(
                if took > allowed { CheckResult::Fail } else { CheckResult::Pass },
                expected,
                match ending {
                    ProcessEnding::Elsewhere => {
                        format!("its last request came {} after it", wire::in_seconds(took))
                    }
                    _ => format!("ended {} after it", wire::in_seconds(took)),
                },
                seq,
            ),
        }
    }
}

/// To be led elsewhere is no failure, unless it never ends.
fn leads_elsewhere(exchange: &wire::Exchange<'_>) -> bool {
    exchange.condition() == Some(Condition::Redirected)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn ending_after(millis: u64) -> Run {
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        run.wait(millis).end();
        run
    }

    fn decide(run: &Run) -> CheckResult {
        let settings = GivesUpWithinSettings { after: "5s".parse().unwrap() };
        GivesUpWithin::decide(&settings, &run.evidence()).result
    }

    #[test]
    fn going_on_for_too_long_fails() {
        assert_eq!(decide(&ending_after(7_000)), CheckResult::Fail);
        let mut hangs = ending_after(1_000);
        hangs.act().ending = ProcessEnding::OverBudget;
        assert_eq!(decide(&hangs), CheckResult::Fail);
    }

    #[test]
    fn of_whoever_runs_elsewhere_the_last_request_counts() {
        let mut run = ending_after(60_000);
        run.act().ending = ProcessEnding::Elsewhere;
        assert_eq!(decide(&run), CheckResult::Pass);
        let mut returns = Run::sync();
        returns.get("/api/now/table/t").fails(403, Condition::TableDenied);
        returns.wait(7_000);
        returns.get("/api/now/table/t").fails(403, Condition::TableDenied);
        returns.act().ending = ProcessEnding::Elsewhere;
        assert_eq!(decide(returns.end()), CheckResult::Fail);
    }

    #[test]
    fn to_be_led_round_without_end_fails() {
        let led = |millis| {
            let mut run = Run::sync();
            run.get("/api/now/table/t").fails(302, Condition::Redirected);
            run.wait(millis).end();
            decide(&run)
        };
        assert_eq!(led(8_000), CheckResult::Fail);
        assert_eq!(led(1_000), CheckResult::Pass);
    }

    #[test]
    fn a_little_late_passes() {
        assert_eq!(decide(&ending_after(6_000)), CheckResult::Pass);
    }

    #[test]
    fn knocks_and_refusals_count_too() {
        for mute in [false, true] {
            let knocking = |millis| {
                let mut run = Run::sync();
                run.knock(mute, 1_000).wait(millis).end();
                decide(&run)
            };
            assert_eq!(knocking(8_000), CheckResult::Fail);
            assert_eq!(knocking(4_000), CheckResult::Pass);
        }
        let refused = |millis| {
            let mut run = Run::check();
            run.get("/api/now/table/t").ok();
            run.next_act(snowproof_protocol::Verb::Check, false);
            run.wait(millis).end();
            run.act().first_contact_ns = None;
            run.evidence.scenario.witness = Witness::EarlierAct;
            decide(&run)
        };
        assert_eq!(refused(8_000), CheckResult::Fail);
        assert_eq!(refused(4_000), CheckResult::Pass);
    }

    #[test]
    fn without_a_failure_it_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        run.wait(60_000).end();
        assert_eq!(decide(&run), CheckResult::NotApplicable);
    }

    #[test]
    fn the_default_is_a_minute() {
        let read: GivesUpWithinSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(read, GivesUpWithinSettings::default());
        assert!(serde_json::from_str::<GivesUpWithinSettings>(r#"{"within":"5s"}"#).is_err());
    }
}
