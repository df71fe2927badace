//! Writings: what became of each record that the subject was asked to create.

use std::collections::BTreeSet;

use snowproof_simulator::journal::{Actor, Change, Event};

use super::{Exchange, Op, of_subject};
use crate::checks::acts;
use crate::evidence::{ActEvidence, Evidence};

/// One record to create: the act that was asked for it and the acts that resume it.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    /// The acts in order; at least one.
    pub(crate) acts: Vec<&'a ActEvidence>,
    /// Journal numbers of the records that the subject created in the table meanwhile.
    pub(crate) created: Vec<u64>,
    /// Whether a call that creates did not come back with its answer, or was refused.
    pub(crate) troubled: bool,
}

impl Writing<'_> {
    /// The act whose word counts in the end.
    pub(crate) fn last(&self) -> Option<&ActEvidence> {
        self.acts.last().copied()
    }

    /// The record for people.
    pub(crate) fn record(&self) -> String {
        match self.acts.iter().find_map(|act| act.record_key.as_deref()) {
            Some(key) => format!("the record `{key}`"),
            None => "the record".to_owned(),
        }
    }
}

/// What became of every record that was to be created. Whatever the subject creates in the table
/// while it is asked for a record counts, also under another key: its user asked for one.
pub(crate) fn writings(evidence: &Evidence) -> Vec<Writing<'_>> {
    let exchanges = of_subject(evidence);
    acts::writings(evidence)
        .into_iter()
        .map(|acts| {
            let numbers: BTreeSet<u32> = acts.iter().map(|act| act.act).collect();
            Writing {
                created: created(evidence, &numbers),
                troubled: exchanges
                    .iter()
                    .any(|each| numbers.contains(&each.act) && creates(each) && each.failed()),
                acts,
            }
        })
        .collect()
}

fn created(evidence: &Evidence, acts: &BTreeSet<u32>) -> Vec<u64> {
    evidence
        .journal
        .iter()
        .filter(|entry| entry.actor == Actor::Subject && acts.contains(&entry.act))
        .filter(|entry| match &entry.event {
            Event::RecordChanged(changed) => {
                changed.change == Change::Inserted && changed.table == evidence.scenario.write_table
            }
            _ => false,
        })
        .map(|entry| entry.seq)
        .collect()
}

/// Whether a call is there to create something.
fn creates(exchange: &Exchange<'_>) -> bool {
    matches!(Op::of(exchange), Op::Call { method, .. } if method == "POST")
}
