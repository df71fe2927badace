//! Writings: what became of whatever the subject was asked to do to the instance: a record to create
//! or to change, a file to upload, a message to send.

use std::collections::BTreeSet;

use snowproof_protocol::Verb;
use snowproof_simulator::journal::{Actor, Change, Event};

use super::{Exchange, Op, of_subject};
use crate::checks::acts;
use crate::evidence::{ActEvidence, Evidence, Several};

/// One deed: the act that was asked for it and the acts that resume it.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    /// What was asked for.
    pub(crate) verb: Verb,
    /// The acts in order; at least one.
    pub(crate) acts: Vec<&'a ActEvidence>,
    /// Journal numbers of the records that the subject created meanwhile in the table in which the
    /// deed is seen.
    pub(crate) created: Vec<u64>,
    /// Whether a call that does it did not come back with its answer, or was refused.
    pub(crate) troubled: bool,
}

impl Writing<'_> {
    /// The act whose word counts in the end.
    pub(crate) fn last(&self) -> Option<&ActEvidence> {
        self.acts.last().copied()
    }

    /// The deed for people.
    pub(crate) fn record(&self) -> String {
        if let Some(Several { wanted, held }) = self.several() {
            return format!("the {wanted} records ({held} of them held)");
        }
        let what = match self.verb {
            Verb::Update => "the change",
            Verb::Attach => "the file",
            Verb::Email => "the message",
            _ => "the record",
        };
        match self.acts.iter().find_map(|act| act.record_key.as_deref()) {
            Some(key) => format!("{what} `{key}`"),
            None => what.to_owned(),
        }
    }

    /// How often something new may come of it.
    /// Of several records each that is there was created once: a second one of the same key does not
    /// stand for one that is missing.
    pub(crate) fn may_create(&self) -> usize {
        match self.several() {
            Some(several) => several.held as usize,
            None => usize::from(acts::creates(self.verb)),
        }
    }

    /// Where several records were to be created: how many were there after the last act.
    fn several(&self) -> Option<Several> {
        self.last()?.asked.as_ref()?.several
    }

    /// Whether it was done. A record that is created counts whatever its key is; for everything else
    /// what counts is what the instance held in the end.
    pub(crate) fn is_done(&self) -> bool {
        match self.verb {
            Verb::Write if self.several().is_none() => !self.created.is_empty(),
            _ => self
                .acts
                .iter()
                .filter_map(|act| act.asked.as_ref())
                .any(|asked| asked.held),
        }
    }
}

/// What became of everything that was to be done. Whatever the subject creates in the table while
/// it is asked for one thing counts, also under another key: its user asked for one.
pub(crate) fn writings(evidence: &Evidence) -> Vec<Writing<'_>> {
    let exchanges = of_subject(evidence);
    acts::writings(evidence)
        .into_iter()
        .map(|acts| {
            let numbers: BTreeSet<u32> = acts.iter().map(|act| act.act).collect();
            let verb = acts.first().map_or(Verb::Write, |act| act.verb);
            let asked = acts.iter().find_map(|act| act.asked.as_ref());
            let table = asked.map_or(evidence.scenario.write_table.as_str(), |asked| &asked.table);
            Writing {
                verb,
                created: created(evidence, &numbers, table),
                troubled: exchanges
                    .iter()
                    .any(|each| numbers.contains(&each.act) && does(verb, each) && each.failed()),
                acts,
            }
        })
        .collect()
}

fn created(evidence: &Evidence, acts: &BTreeSet<u32>, table: &str) -> Vec<u64> {
    evidence
        .journal
        .iter()
        .filter(|entry| entry.actor == Actor::Subject && acts.contains(&entry.act))
        .filter(|entry| match &entry.event {
            Event::RecordChanged(changed) => {
                changed.change == Change::Inserted && changed.table == table
            }
            _ => false,
        })
        .map(|entry| entry.seq)
        .collect()
}

/// Whether a call is there to do what a verb asks for.
fn does(verb: Verb, exchange: &Exchange<'_>) -> bool {
    let methods: &[&str] = if acts::creates(verb) {
        &["POST"]
    } else {
        &["PATCH", "PUT"]
    };
    matches!(Op::of(exchange), Op::Call { method, .. } if methods.contains(&method.as_str()))
}
