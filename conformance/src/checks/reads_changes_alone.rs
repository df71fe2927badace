//! `reads-changes-alone`: a sync that goes on from another does not read everything again.
//!
//! What counts are records that nobody touched from the beginning of the run on: the instance holds
//! them since long before, so that no stretch of time that is read twice reaches them. A page of them
//! is let pass.

use std::collections::BTreeSet;

use snowproof_simulator::journal::Event;

use super::no_lost_records::TableSettings;
use super::resumes_from_checkpoint::rows_read;
use super::{Axis, Check, CheckResult, Ruling, Severity, acts};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ReadsChangesAlone;

impl Check for ReadsChangesAlone {
    type Settings = TableSettings;

    const ID: &'static str = "reads-changes-alone";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "reads no more than one page of unchanged records when it goes on from a sync that came to its end";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let page = evidence.scenario.subject.page_size;
        let page = page.unwrap_or(evidence.subject.declares.page_size).max(1) as usize;
        let table = settings.table(evidence);
        let touched: BTreeSet<&str> = evidence
            .journal
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::RecordChanged(changed) => Some(changed.sys_id.as_str()),
                _ => None,
            })
            .collect();
        let again = acts::for_changes(evidence)
            .filter(|act| act.resumed)
            .map(|act| {
                let earlier: BTreeSet<&str> = evidence
                    .acts
                    .iter()
                    .filter(|before| before.act < act.act)
                    .flat_map(|before| rows_read(evidence, before, table))
                    .collect();
                let unchanged = |id: &&str| earlier.contains(id) && !touched.contains(id);
                rows_read(evidence, act, table).into_iter().filter(unchanged).count()
            })
            .max();
        match again {
            None => Ruling::not_applicable("no act went on from a sync that came to its end"),
            Some(again) => Ruling::of(
                if again > page { CheckResult::Fail } else { CheckResult::Pass },
                format!("at most {page} unchanged records read again"),
                format!("{again} read again"),
                [],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;
    use snowproof_simulator::journal::Change;

    use super::super::synthetic::Run;
    use super::*;

    /// The second act reads these; `a` changed in between, nothing else did.
    fn second(reads: &[&str]) -> Run {
        let mut run = Run::sync();
        run.evidence.subject.declares.page_size = 1;
        run.get("/api/now/table/t").page(0, 4, 4, &["a", "b", "c", "d"], 0);
        run.next_act(Verb::Sync, true);
        run.evidence.scenario.acts[1].changes = true;
        run.changes("t", "a", Change::Updated);
        run.get("/api/now/table/t").page(0, 4, 4, reads, 0);
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        ReadsChangesAlone::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn reading_everything_again_fails() {
        assert_eq!(decide(&mut second(&["a", "b", "c", "d"])), CheckResult::Fail);
    }

    #[test]
    fn what_changed_and_what_is_new_and_a_page_of_the_rest_pass() {
        assert_eq!(decide(&mut second(&["a", "b", "x", "y"])), CheckResult::Pass);
    }

    #[test]
    fn a_run_that_was_given_no_state_is_not_meant() {
        let mut run = second(&["a", "b", "c", "d"]);
        run.act().resumed = false;
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
        assert_eq!(decide(&mut Run::sync()), CheckResult::NotApplicable);
    }
}
