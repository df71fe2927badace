//! `no-duplicate-records`: each version of a record is delivered once.
//!
//! A subject that declares at-least-once delivery may repeat records after a resume, and within
//! one act still not.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::evidence::{Delivered, Evidence};
use crate::subject::Delivery;

/// See the module.
#[derive(Debug)]
pub struct NoDuplicateRecords;

impl Check for NoDuplicateRecords {
    type Settings = NoSettings;

    const ID: &'static str = "no-duplicate-records";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "delivers each version of a record once, over a resume too";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_records {
            return Ruling::not_applicable("its records cannot be read");
        }
        let (mut within, mut across, mut delivered) = (0_u64, 0_u64, 0_u64);
        let mut example: Option<&str> = None;
        for reading in acts::readings(evidence) {
            let mut last_act: BTreeMap<&Delivered, u32> = BTreeMap::new();
            for act in reading {
                for record in &act.delivered {
                    delivered += 1;
                    match last_act.insert(record, act.act) {
                        Some(earlier) if earlier == act.act => within += 1,
                        Some(_) => across += 1,
                        None => continue,
                    }
                    example.get_or_insert(&record.sys_id);
                }
            }
        }
        if delivered == 0 {
            return Ruling::not_applicable("no record was delivered");
        }
        let repeats_allowed = evidence.subject.declares.delivery == Delivery::AtLeastOnce;
        let failed = within > 0 || (across > 0 && !repeats_allowed);
        let mut observed = format!(
            "{delivered} delivered, {within} repeated within an act, {across} after a resume"
        );
        if let Some(example) = example {
            observed = format!("{observed}, such as `{example}`");
        }
        Ruling::of(
            if failed { CheckResult::Fail } else { CheckResult::Pass },
            if repeats_allowed {
                "each version of a record once within an act (declares at-least-once)"
            } else {
                "each version of a record once"
            },
            observed,
            [],
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoDuplicateRecords::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_repeated_record_fails() {
        assert_eq!(decide(Run::sync().delivers(&["a", "b", "a"])), CheckResult::Fail);
    }

    #[test]
    fn a_new_version_passes() {
        let mut run = Run::sync();
        run.delivers(&["a", "a"]);
        run.act().delivered[1].mod_count = Some(1);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_resume_repeats_only_where_that_is_declared() {
        let mut run = Run::sync();
        run.delivers(&["a", "b"]).next_act(Verb::Sync, true).delivers(&["b", "c"]);
        assert_eq!(decide(&mut run), CheckResult::Fail);
        run.evidence.subject.declares.delivery = Delivery::AtLeastOnce;
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_second_whole_sync_passes() {
        let mut run = Run::sync();
        run.delivers(&["a"]).next_act(Verb::Sync, false).delivers(&["a"]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_records_it_does_not_apply() {
        assert_eq!(decide(&mut Run::sync()), CheckResult::NotApplicable);
    }
}
