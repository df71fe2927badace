//! `resumes-from-checkpoint`: an interrupted sync does not begin again.

use std::collections::BTreeSet;

use super::no_lost_records::TableSettings;
use super::{Axis, Check, CheckResult, Ruling, Severity, wire};
use crate::evidence::{ActEvidence, Evidence};

/// See the module.
#[derive(Debug)]
pub struct ResumesFromCheckpoint;

impl Check for ResumesFromCheckpoint {
    type Settings = TableSettings;

    const ID: &'static str = "resumes-from-checkpoint";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "reads no more than one page again when it resumes";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let page = evidence
            .scenario
            .subject
            .page_size
            .unwrap_or(evidence.subject.declares.page_size)
            .max(1) as usize;
        let mut resumed = false;
        let mut most: Option<(usize, usize)> = None;
        for pair in evidence.acts.windows(2) {
            let [before, after] = pair else { continue };
            if !after.resumed {
                continue;
            }
            resumed = true;
            if before.checkpoints == 0 {
                continue;
            }
            let table = settings.table(evidence);
            let earlier = rows_read(evidence, before, table);
            let again = rows_read(evidence, after, table).intersection(&earlier).count();
            if most.is_none_or(|(worst, _)| again > worst) {
                most = Some((again, earlier.len()));
            }
        }
        if !resumed {
            return Ruling::not_applicable("no act resumed another");
        }
        let expected = format!("at most {page} rows read again");
        match most {
            None => Ruling::of(
                CheckResult::NotMeasured,
                expected,
                "the act before wrote no checkpoint",
                [],
            ),
            Some((again, earlier)) => Ruling::of(
                if again > page { CheckResult::Fail } else { CheckResult::Pass },
                expected,
                format!("{again} of the {earlier} rows read before"),
                [],
            ),
        }
    }
}

/// The rows of a table that reached the subject in an act.
pub(super) fn rows_read<'e>(
    evidence: &'e Evidence,
    act: &ActEvidence,
    table: &str,
) -> BTreeSet<&'e str> {
    wire::of_subject(evidence)
        .iter()
        .filter(|exchange| exchange.act == act.act && exchange.delivered())
        .flat_map(wire::Exchange::reads)
        .filter(|served| served.table == table)
        .flat_map(|served| served.sys_ids.iter().map(String::as_str))
        .collect()
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::super::synthetic::Run;
    use super::*;

    fn resuming(checkpoints: u32, second: &[&str]) -> CheckResult {
        let mut run = Run::sync();
        run.evidence.subject.declares.page_size = 2;
        run.get("/api/now/table/t").page(0, 2, 6, &["a", "b"], 0);
        run.get("/api/now/table/t?sysparm_offset=2").page(2, 2, 6, &["c", "d"], 0);
        run.act().checkpoints = checkpoints;
        run.next_act(Verb::Sync, true);
        run.get("/api/now/table/t").page(0, 6, 6, second, 0);
        ResumesFromCheckpoint::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn beginning_again_fails() {
        assert_eq!(resuming(1, &["a", "b", "c", "d"]), CheckResult::Fail);
    }

    #[test]
    fn reading_the_last_page_again_passes() {
        assert_eq!(resuming(1, &["c", "d", "e", "f"]), CheckResult::Pass);
    }

    #[test]
    fn without_a_checkpoint_it_is_not_measured() {
        assert_eq!(resuming(0, &["a", "b"]), CheckResult::NotMeasured);
        let ruling =
            ResumesFromCheckpoint::decide(&TableSettings::default(), &Run::sync().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
