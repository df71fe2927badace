//! `no-lost-write`: success means that the record is there, or whatever else was to be done.

use snowproof_protocol::Outcome;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoLostWrite;

impl Check for NoLostWrite {
    type Settings = NoSettings;

    const ID: &'static str = "no-lost-write";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "does not report success unless the record was created, or changed, or the file or message taken";
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let expected = "success only with the deed done";
        let writings = wire::writings(evidence);
        if writings.is_empty() {
            return Ruling::not_applicable("nothing was to be written");
        }
        let (mut observed, mut entries) = (Vec::new(), Vec::new());
        let mut result = CheckResult::Pass;
        for writing in &writings {
            let Some(last) = writing.last() else { continue };
            let said = last.said.outcome;
            let there = writing.is_done();
            let killed = acts::was_killed(evidence, last);
            result = result.max(match said {
                _ if there || killed => CheckResult::Pass,
                Some(Outcome::Success) => CheckResult::Fail,
                Some(Outcome::Failure | Outcome::Partial) => CheckResult::Pass,
                None => CheckResult::Inconclusive,
            });
            observed.push(format!(
                "{} with {} {}",
                said.map_or("no outcome", acts::name),
                writing.record(),
                if there { "there" } else { "not there" },
            ));
            entries.extend(writing.created.iter().copied());
        }
        Ruling::of(result, expected, observed.join(", "), entries)
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoLostWrite::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn ending(outcome: Option<Outcome>) -> Run {
        let mut run = Run::write();
        run.ask("POST", "/api/now/table/t", Some("{}")).cut();
        run.act().said.outcome = outcome;
        run
    }

    #[test]
    fn success_without_the_record_fails() {
        assert_eq!(decide(&mut ending(Some(Outcome::Success))), CheckResult::Fail);
    }

    #[test]
    fn an_admitted_failure_passes_and_silence_decides_nothing() {
        assert_eq!(decide(&mut ending(Some(Outcome::Failure))), CheckResult::Pass);
        assert_eq!(decide(&mut ending(None)), CheckResult::Inconclusive);
    }

    #[test]
    fn success_after_an_answer_was_lost_passes_with_the_record() {
        let mut run = Run::write();
        run.creates("a").cut();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn for_other_deeds_what_the_instance_holds_counts() {
        for verb in [Verb::Update, Verb::Attach, Verb::Email] {
            for (held, result) in [(true, CheckResult::Pass), (false, CheckResult::Fail)] {
                let mut run = Run::doing(verb, held);
                run.ask("PATCH", "/api/now/table/t/a", Some("{}")).ok();
                assert_eq!(decide(&mut run), result, "{verb} {held}");
            }
        }
        let mut told = Run::doing(Verb::Update, false);
        told.act().said.outcome = Some(Outcome::Failure);
        assert_eq!(decide(&mut told), CheckResult::Pass);
    }

    #[test]
    fn of_several_records_all_are_to_be_there() {
        for (held, result) in [(3, CheckResult::Pass), (2, CheckResult::Fail)] {
            let mut run = Run::writing_several(3, held);
            run.creates("a").ok();
            assert_eq!(decide(&mut run), result, "{held}");
            run.act().said.outcome = Some(Outcome::Partial);
            assert_eq!(decide(&mut run), CheckResult::Pass, "{held}");
        }
    }

    #[test]
    fn a_sync_does_not_apply() {
        assert_eq!(decide(&mut Run::sync()), CheckResult::NotApplicable);
    }
}
