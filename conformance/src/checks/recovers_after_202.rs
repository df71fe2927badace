//! `recovers-after-202`: a request that the instance dropped is neither success nor an answer.
//!
//! A session's queue that overflows answers 202 with an empty body, and the request is not
//! processed (wire-failures 5.4, wire-core 2.4).

use snowproof_protocol::Outcome;

use super::no_lost_records::{TableSettings, missing};
use super::{Axis, Check, CheckResult, Ruling, Severity, acts, wire};
use crate::evidence::{ActEvidence, Evidence};

/// See the module.
#[derive(Debug)]
pub struct RecoversAfter202;

impl Check for RecoversAfter202 {
    type Settings = TableSettings;

    const ID: &'static str = "recovers-after-202";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "does not take 202 for an answer: makes the request again, or admits that it failed";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let is_dropped = |each: &wire::Exchange<'_>| each.delivered() && each.status() == Some(202);
        unanswered(settings, evidence, &exchanges, is_dropped, "202")
    }
}

/// Decides whether success was reported although an answer of some kind, which is no answer, was
/// never followed by a good one and records are missing.
pub(super) fn unanswered(
    settings: &TableSettings,
    evidence: &Evidence,
    exchanges: &[wire::Exchange<'_>],
    is_no_answer: impl Fn(&wire::Exchange<'_>) -> bool,
    what: &str,
) -> Ruling {
    let expected = format!("no success after {what} without a good answer to the same request");
    // Of a large table nobody can tell whether everything was delivered nevertheless.
    let is_unlisted = evidence.subject.has_records && settings.unlisted(evidence).is_some();
    let (mut met, mut accepted, mut undecided, mut unknown) =
        (Vec::new(), Vec::new(), false, false);
    for act in &evidence.acts {
        let within: Vec<_> = exchanges
            .iter()
            .filter(|each| each.act == act.act)
            .map(|each| (wire::Op::of(each), each))
            .collect();
        for (index, (op, each)) in within.iter().enumerate() {
            if !is_no_answer(each) {
                continue;
            }
            met.push(each.seq);
            let answered_later = within[index + 1..]
                .iter()
                .any(|(later, each)| !each.failed() && later.covers(op));
            if answered_later || acts::was_killed(evidence, act) || has_all(settings, evidence, act)
            {
                continue;
            }
            match act.said.outcome {
                Some(Outcome::Success) if is_unlisted => unknown = true,
                Some(Outcome::Success) => accepted.extend(each.entries()),
                Some(Outcome::Failure | Outcome::Partial) => {}
                None => undecided = true,
            }
        }
    }
    if met.is_empty() {
        return Ruling::not_applicable(format!("no answer was {what}"));
    }
    if !accepted.is_empty() {
        return Ruling::of(CheckResult::Fail, expected, "it reported success", accepted);
    }
    if unknown {
        let observed = format!("it reported success; {}", settings.unknown(evidence));
        return Ruling::of(CheckResult::Inconclusive, expected, observed, met);
    }
    if undecided {
        return Ruling::of(CheckResult::Inconclusive, expected, "no outcome was reported", met);
    }
    Ruling::of(CheckResult::Pass, expected, "it did not take it for an answer", met)
}

/// Whether every record was delivered nevertheless, as far as that can be told.
fn has_all(settings: &TableSettings, evidence: &Evidence, act: &ActEvidence) -> bool {
    if !evidence.subject.has_records {
        return false;
    }
    let Some(truth) = settings.truth(evidence) else {
        return false;
    };
    acts::readings(evidence)
        .iter()
        .any(|reading| reading.iter().any(|it| it.act == act.act) && missing(truth, reading) == 0)
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run, outcome: Option<Outcome>) -> CheckResult {
        run.act().said.outcome = outcome;
        RecoversAfter202::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    fn dropped() -> Run {
        let mut run = Run::sync();
        run.truth(&["a", "b"], &["a", "b"]).delivers(&["a"]);
        run.get("/api/now/table/t?sysparm_offset=10").fails(202, Condition::Scripted);
        run
    }

    #[test]
    fn success_without_the_dropped_page_fails() {
        assert_eq!(decide(&mut dropped(), Some(Outcome::Success)), CheckResult::Fail);
        let mut run = dropped();
        run.get("/api/now/table/t?sysparm_offset=20").ok();
        assert_eq!(decide(&mut run, Some(Outcome::Success)), CheckResult::Fail);
    }

    #[test]
    fn asking_again_passes_and_so_does_admitting_it() {
        let mut run = dropped();
        run.get("/api/now/table/t?sysparm_offset=10").ok();
        assert_eq!(decide(&mut run, Some(Outcome::Success)), CheckResult::Pass);
        assert_eq!(decide(&mut dropped(), Some(Outcome::Failure)), CheckResult::Pass);
    }

    #[test]
    fn whoever_has_every_record_has_lost_nothing() {
        let mut run = dropped();
        run.delivers(&["b"]);
        assert_eq!(decide(&mut run, Some(Outcome::Success)), CheckResult::Pass);
    }

    #[test]
    fn of_a_table_too_large_to_be_listed_only_an_admission_can_be_judged() {
        let large = || {
            let mut run = dropped();
            run.evidence.truth.tables.clear();
            run.unlisted(30_000);
            run
        };
        assert_eq!(decide(&mut large(), Some(Outcome::Success)), CheckResult::Inconclusive);
        assert_eq!(decide(&mut large(), Some(Outcome::Failure)), CheckResult::Pass);
    }

    #[test]
    fn without_words_or_without_a_202_nothing_is_decided() {
        assert_eq!(decide(&mut dropped(), None), CheckResult::Inconclusive);
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run, None), CheckResult::NotApplicable);
    }
}
