//! `no-lost-changes`: whoever goes on from a sync ends with the last version of every visible record.
//!
//! What is judged is what its user holds when all acts are over: a record whose last version was
//! delivered earlier need not come again, and one that comes again does no harm. Deletions count where
//! the subject claims to tell them.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_protocol::Outcome;
use snowproof_simulator::journal::Event;

use super::no_lost_records::TableSettings;
use super::{Axis, Check, CheckResult, Ruling, Severity, acts};
use crate::evidence::{ActEvidence, ChangesTruth, Evidence};
use crate::subject::Deletes;

/// See the module.
#[derive(Debug)]
pub struct NoLostChanges;

impl Check for NoLostChanges {
    type Settings = TableSettings;

    const ID: &'static str = "no-lost-changes";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "delivers what changed since its last run in its last version, and tells what is gone where it claims to";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let table = settings.table(evidence);
        let expected = format!("the last version of every visible record of `{table}`");
        let asked: Vec<&ActEvidence> = acts::for_changes(evidence).collect();
        if asked.is_empty() {
            return Ruling::not_applicable("no act was asked for what changed");
        }
        if !evidence.subject.has_records {
            let observed = "its records cannot be read; a manifest says where they are";
            return Ruling::of(CheckResult::Inconclusive, expected, observed, []);
        }
        let (mut result, mut observed) = (CheckResult::Pass, Vec::new());
        for act in asked {
            let truth = evidence.truth.changes.get(&act.act);
            let Some(truth) = truth.and_then(|tables| tables.get(table)) else {
                let why = settings.unknown(evidence);
                return Ruling::of(CheckResult::Inconclusive, expected, why, []);
            };
            let held = Held::after(evidence, act, truth);
            result = result.max(held.result(act));
            observed.push(format!("act {}: {held}", act.act));
        }
        Ruling::of(result, expected, observed.join("; "), [])
    }
}

/// How what the user holds differs from what is there.
struct Held<'e> {
    /// Visible, and not held in this version.
    lost: Vec<&'e str>,
    /// Gone, and still held.
    stays: Vec<&'e str>,
    /// Told to be gone, and there.
    denied: usize,
    /// Delivered in the act, and not there.
    foreign: usize,
    due: usize,
}

impl<'e> Held<'e> {
    fn after(evidence: &'e Evidence, act: &'e ActEvidence, truth: &'e ChangesTruth) -> Self {
        let chain = chain(evidence, act);
        let mut versions: BTreeMap<&str, (Option<u64>, u32)> = BTreeMap::new();
        for each in &chain {
            for record in &each.delivered {
                versions.insert(&record.sys_id, (record.mod_count, each.act));
            }
        }
        let is_held = |(id, version): &(String, u64)| match versions.get(id.as_str()) {
            None => false,
            Some((Some(held), _)) => held >= version,
            Some((None, delivered)) => {
                *delivered == act.act || !changed_after(evidence, id, *delivered)
            }
        };
        let told: BTreeSet<&str> = chain
            .iter()
            .flat_map(|each| &each.deleted)
            .map(|record| record.sys_id.as_str())
            .collect();
        let claims = evidence
            .subject
            .declares
            .incremental
            .as_ref()
            .is_some_and(|incremental| incremental.deletes != Deletes::None);
        let stays = |id: &&String| {
            claims && versions.contains_key(id.as_str()) && !told.contains(id.as_str())
        };
        let may: BTreeSet<&str> = truth.may.iter().map(String::as_str).collect();
        let told_now = act.deleted.iter().map(|record| record.sys_id.as_str());
        let delivered_now: BTreeSet<&str> =
            act.delivered.iter().map(|record| record.sys_id.as_str()).collect();
        Self {
            lost: truth
                .must
                .iter()
                .filter(|record| !is_held(record))
                .map(|(id, _)| id.as_str())
                .collect(),
            stays: truth.gone.iter().filter(stays).map(String::as_str).collect(),
            denied: told_now
                .filter(|told| truth.must.iter().any(|(id, _)| id == told))
                .count(),
            foreign: delivered_now.difference(&may).count(),
            due: truth.must.len(),
        }
    }

    /// What is missing may be, but not under the word success; what is wrong may not.
    fn result(&self, act: &ActEvidence) -> CheckResult {
        let admits = matches!(act.said.outcome, Some(Outcome::Failure | Outcome::Partial));
        let misses = !self.lost.is_empty() || !self.stays.is_empty();
        if self.denied > 0 || self.foreign > 0 {
            CheckResult::Fail
        } else if !misses || admits {
            CheckResult::Pass
        } else if act.said.outcome.is_none() {
            CheckResult::Inconclusive
        } else {
            CheckResult::Fail
        }
    }
}

impl std::fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (lost, stays) = (self.lost.len(), self.stays.len());
        write!(f, "{lost} of {} lost, {stays} gone that are not told", self.due)?;
        if self.denied > 0 {
            write!(f, ", {} told to be gone that are there", self.denied)?;
        }
        if self.foreign > 0 {
            write!(f, ", {} delivered that are not there", self.foreign)?;
        }
        match self.lost.iter().chain(&self.stays).next() {
            Some(example) => write!(f, ", such as `{example}`"),
            None => Ok(()),
        }
    }
}

/// An act and those that it goes on from, in order.
fn chain<'e>(evidence: &'e Evidence, act: &'e ActEvidence) -> Vec<&'e ActEvidence> {
    let mut chain: Vec<&ActEvidence> = Vec::new();
    for each in evidence.acts.iter().filter(|each| each.act <= act.act) {
        if !each.resumed {
            chain.clear();
        }
        chain.push(each);
    }
    chain
}

/// Whether a record changed in a later act than this one. Of what is delivered without its version
/// nothing else can be told.
fn changed_after(evidence: &Evidence, sys_id: &str, act: u32) -> bool {
    evidence.journal.iter().any(|entry| {
        entry.act > act
            && matches!(&entry.event, Event::RecordChanged(changed) if changed.sys_id == sys_id)
    })
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::super::synthetic::Run;
    use super::*;
    use crate::evidence::Delivered;
    use crate::subject::Incremental;

    /// Two acts: the first delivered `a`, `b` and `c` in version 0; then `a` changed, `d` came and `c`
    /// went.
    fn second(delivers: &[(&str, Option<u64>)]) -> Run {
        let mut run = Run::sync();
        run.delivers(&["a", "b", "c"]);
        run.next_act(Verb::Sync, true);
        run.evidence.scenario.acts[1].changes = true;
        let record = |(sys_id, mod_count): &(&str, Option<u64>)| Delivered {
            sys_id: (*sys_id).into(),
            mod_count: *mod_count,
        };
        run.act().delivered = delivers.iter().map(record).collect();
        let truth = ChangesTruth {
            must: [("a", 1), ("b", 0), ("d", 0)].map(|(id, v)| (id.to_owned(), v)).into(),
            may: ["a", "b", "d"].map(str::to_owned).into(),
            gone: vec!["c".into()],
        };
        let tables = [("t".to_owned(), truth)].into();
        run.evidence.truth.changes.insert(2, tables);
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        NoLostChanges::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    fn claims_deletes(run: &mut Run) {
        run.evidence.subject.declares.incremental = Some(Incremental {
            cursor: "sys_updated_on".into(),
            overlap: None,
            deletes: Deletes::SysAuditDelete,
        });
    }

    fn says_gone(run: &mut Run, sys_id: &str) {
        let gone = Delivered {
            sys_id: sys_id.into(),
            mod_count: None,
        };
        run.act().deleted.push(gone);
    }

    #[test]
    fn a_change_that_never_comes_or_comes_in_an_old_version_fails() {
        for delivers in [&[("d", Some(0))][..], &[("a", Some(0)), ("d", Some(0))]] {
            assert_eq!(decide(&mut second(delivers)), CheckResult::Fail, "{delivers:?}");
        }
    }

    #[test]
    fn what_comes_again_unchanged_passes() {
        let mut run = second(&[("a", Some(1)), ("b", Some(0)), ("d", Some(0))]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn what_may_be_missing_is_admitted() {
        let mut run = second(&[("d", Some(0))]);
        run.act().said.outcome = Some(Outcome::Partial);
        assert_eq!(decide(&mut run), CheckResult::Pass);
        run.act().said.outcome = None;
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
    }

    #[test]
    fn records_without_a_version_count_by_the_act_that_delivered_them() {
        let mut run = second(&[("a", None), ("d", None)]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn deletions_count_where_they_are_claimed() {
        let changes = [("a", Some(1)), ("d", Some(0))];
        assert_eq!(decide(&mut second(&changes)), CheckResult::Pass);
        let mut run = second(&changes);
        claims_deletes(&mut run);
        assert_eq!(decide(&mut run), CheckResult::Fail);
        says_gone(&mut run, "c");
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn what_is_there_and_told_to_be_gone_fails_and_so_does_what_is_not_there() {
        let mut run = second(&[("a", Some(1)), ("d", Some(0))]);
        says_gone(&mut run, "b");
        run.act().said.outcome = Some(Outcome::Partial);
        assert_eq!(decide(&mut run), CheckResult::Fail);
        let mut run = second(&[("a", Some(1)), ("c", Some(0)), ("d", Some(0))]);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_run_that_was_given_no_state_reads_everything() {
        let mut run = second(&[("a", Some(1)), ("d", Some(0))]);
        run.act().resumed = false;
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn without_truth_nothing_is_decided_and_without_changes_it_does_not_apply() {
        let mut run = second(&[]);
        run.evidence.truth.changes.clear();
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
        assert_eq!(decide(&mut Run::sync()), CheckResult::NotApplicable);
    }
}
