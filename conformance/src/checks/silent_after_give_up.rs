//! `silent-after-give-up`: who has told the user that it failed stops calling.

use snowproof_protocol::Outcome;
use snowproof_simulator::journal::{Actor, Event};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct SilentAfterGiveUp;

impl Check for SilentAfterGiveUp {
    type Settings = NoSettings;

    const ID: &'static str = "silent-after-give-up";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "sends nothing after its final diagnosis";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let mut judged = 0;
        let mut later = Vec::new();
        for act in &evidence.acts {
            if acts::was_killed(evidence, act)
                || !matches!(act.said.outcome, Some(Outcome::Failure | Outcome::Partial))
            {
                continue;
            }
            judged += 1;
            let said = act.said.at_ns.unwrap_or(act.exited_ns).min(act.exited_ns);
            let from = i128::from(said) + wire::reaction(evidence);
            later.extend(
                evidence
                    .journal
                    .iter()
                    .filter(|entry| entry.act == act.act && entry.actor == Actor::Subject)
                    .filter(|entry| i128::from(begun(entry.at_ns, &entry.event)) > from)
                    .filter(|entry| {
                        matches!(
                            entry.event,
                            Event::Request(_) | Event::TlsFinished(_) | Event::TlsFailed(_)
                        )
                    })
                    .map(|entry| entry.seq),
            );
        }
        if judged == 0 {
            return Ruling::not_applicable("it did not give up");
        }
        let expected = "no request or handshake after the final diagnosis";
        if later.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} requests and handshakes", later.len()),
            later,
        )
    }
}

fn begun(at_ns: u64, event: &Event) -> u64 {
    match event {
        Event::Request(request) => request.started_ns,
        _ => at_ns,
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn giving_up_then(millis: u64, outcome: Outcome) -> CheckResult {
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        run.says(outcome, None, "no").wait(millis);
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        SilentAfterGiveUp::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn going_on_fails() {
        assert_eq!(giving_up_then(400, Outcome::Failure), CheckResult::Fail);
    }

    #[test]
    fn what_was_under_way_passes() {
        assert_eq!(giving_up_then(100, Outcome::Failure), CheckResult::Pass);
    }

    #[test]
    fn success_does_not_apply() {
        assert_eq!(giving_up_then(400, Outcome::Success), CheckResult::NotApplicable);
    }
}
