//! `no-duplicate-journal-entries`: a work note that was asked for once is written once.
//!
//! A change sets a field to what it is, however often it is made; to a journal it adds an entry each
//! time (wire-core 5). What is counted is the entries that the subject's calls left behind.

use snowproof_protocol::Verb;
use snowproof_simulator::journal::{Actor, Change, Event};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Where an instance keeps the entries of journals.
const ENTRIES: &str = "sys_journal_field";

/// See the module.
#[derive(Debug)]
pub struct NoDuplicateJournalEntries;

impl Check for NoDuplicateJournalEntries {
    type Settings = NoSettings;

    const ID: &'static str = "no-duplicate-journal-entries";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "adds a work note no more than once, also where the answer to the change is lost";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if evidence.scenario.subject.work_note != Some(true) {
            return Ruling::not_applicable("no work note was to be added");
        }
        let changes = wire::writings(evidence)
            .into_iter()
            .filter(|writing| writing.verb == Verb::Update);
        let worst = changes
            .map(|change| (entries(evidence, &change), change.record()))
            .max_by_key(|(entries, _)| entries.len());
        let Some((entries, record)) = worst else {
            return Ruling::not_applicable("nothing was to be changed");
        };
        Ruling::of(
            if entries.len() > 1 { CheckResult::Fail } else { CheckResult::Pass },
            "one work note at most",
            format!("{record} added {} to journals", entries.len()),
            entries,
        )
    }
}

/// Journal numbers of the entries that a change added.
fn entries(evidence: &Evidence, change: &wire::Writing<'_>) -> Vec<u64> {
    let added = |event: &Event| {
        matches!(event, Event::RecordChanged(changed)
            if changed.change == Change::Inserted && changed.table == ENTRIES)
    };
    evidence
        .journal
        .iter()
        .filter(|entry| entry.actor == Actor::Subject)
        .filter(|entry| change.acts.iter().any(|act| act.act == entry.act))
        .filter(|entry| added(&entry.event))
        .map(|entry| entry.seq)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn noting() -> Run {
        let mut run = Run::doing(Verb::Update, true);
        run.evidence.scenario.subject.work_note = Some(true);
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        NoDuplicateJournalEntries::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn adds(run: &mut Run) {
        run.changes(ENTRIES, "n", Change::Inserted);
    }

    #[test]
    fn a_note_that_is_written_again_fails() {
        let mut run = noting();
        adds(&mut run);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).cut();
        adds(&mut run);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_repeat_of_what_was_not_processed_passes() {
        let mut run = noting();
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).cut();
        adds(&mut run);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_resumed_act_counts_with_the_one_before() {
        let mut run = noting();
        adds(&mut run);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).cut();
        run.next_act(Verb::Update, true);
        adds(&mut run);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn without_a_note_it_does_not_apply() {
        let mut run = Run::doing(Verb::Update, true);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
