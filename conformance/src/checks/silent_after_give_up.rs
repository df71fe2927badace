//! `silent-after-give-up`: who has told the user that it failed stops calling.
//!
//! As many requests as may be in flight are allowed for, within the reaction allowance.

use snowproof_protocol::Outcome;
use snowproof_simulator::journal::{Actor, Event};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::{Evidence, ProcessEnding};

/// See the module.
#[derive(Debug)]
pub struct SilentAfterGiveUp;

impl Check for SilentAfterGiveUp {
    type Settings = NoSettings;

    const ID: &'static str = "silent-after-give-up";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "sends nothing after its final diagnosis";
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let (mut judged, mut goes_on) = (0, false);
        let mut later = Vec::new();
        for act in &evidence.acts {
            if acts::was_killed(evidence, act)
                || !matches!(act.said.outcome, Some(Outcome::Failure | Outcome::Partial))
            {
                continue;
            }
            judged += 1;
            goes_on |= act.ending == ProcessEnding::Answered;
            let said = act.said.at_ns.unwrap_or(act.exited_ns).min(act.exited_ns);
            let mut under_way = wire::parallelism(evidence);
            for entry in &evidence.journal {
                let counts = matches!(
                    entry.event,
                    Event::Request(_)
                        | Event::TlsFailed(_)
                        | Event::SynSeen(_)
                        | Event::HandshakeStalled(_)
                        | Event::TurnedAway(_)
                        | Event::HandshakeBroken(_)
                );
                if entry.act != act.act || entry.actor != Actor::Subject || !counts {
                    continue;
                }
                let since = i128::from(begun(entry.at_ns, &entry.event)) - i128::from(said);
                if since <= 0 {
                    continue;
                }
                if since <= wire::reaction(evidence) && under_way > 0 {
                    under_way -= 1;
                } else {
                    later.push(entry.seq);
                }
            }
        }
        if judged == 0 {
            return Ruling::not_applicable("it did not give up");
        }
        let expected = "no request after the final diagnosis";
        // Nobody waits for what a process sends that is kept for the next act.
        if later.is_empty() && goes_on {
            return Ruling::not_applicable("its process went on after its result");
        }
        if later.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} requests or attempts to connect", later.len()),
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
    fn a_burst_is_not_what_was_under_way() {
        let mut run = Run::sync();
        run.says(Outcome::Failure, None, "no");
        for page in 0..3 {
            run.wait(1);
            run.get(&format!("/api/now/table/t?sysparm_offset={page}")).ok();
        }
        let decide = |run: &Run| SilentAfterGiveUp::decide(&NoSettings {}, &run.evidence()).result;
        run.end();
        assert_eq!(decide(&run), CheckResult::Fail);
        run.evidence.subject.declares.parallelism = 3;
        assert_eq!(decide(&run), CheckResult::Pass);
    }

    #[test]
    fn one_that_goes_on_is_judged_on_what_it_sent_and_never_praised() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        run.says(Outcome::Failure, None, "no");
        run.act().ending = ProcessEnding::Answered;
        let decide = |run: &Run| SilentAfterGiveUp::decide(&NoSettings {}, &run.evidence()).result;
        assert_eq!(decide(run.end()), CheckResult::NotApplicable);
        run.wait(400);
        run.get("/api/now/table/t").fails(403, Condition::TableDenied);
        assert_eq!(decide(run.end()), CheckResult::Fail);
    }

    #[test]
    fn success_does_not_apply() {
        assert_eq!(giving_up_then(400, Outcome::Success), CheckResult::NotApplicable);
    }
}
