//! Sightings: the journal entries by which the scenario's witness saw the failure met.

use snowproof_simulator::journal::{Actor, Entry, Event};

use crate::evidence::{Evidence, ProcessEnding};
use crate::scenario::Witness;

/// The entries in which the witness saw the subject meet the failure, or what it did not see.
pub(crate) fn sighting(evidence: &Evidence) -> Result<Vec<u64>, &'static str> {
    let seen = |wanted: fn(&Event) -> bool| {
        let entries: Vec<u64> = evidence
            .journal
            .iter()
            .filter(|entry| entry.actor == Actor::Subject && wanted(&entry.event))
            .map(|entry| entry.seq)
            .collect();
        (!entries.is_empty()).then_some(entries)
    };
    match evidence.scenario.witness {
        Witness::Request => {
            seen(|event| matches!(event, Event::Request(_))).ok_or("no request arrived")
        }
        Witness::Handshake => {
            let ended = |event: &Event| {
                matches!(
                    event,
                    Event::TlsFinished(_) | Event::TlsFailed(_) | Event::HandshakeBroken(_)
                )
            };
            seen(ended).ok_or("no TLS handshake ended")
        }
        Witness::Accept => {
            seen(|event| matches!(event, Event::Accepted(_))).ok_or("no connection was accepted")
        }
        Witness::Connect => {
            seen(|event| matches!(event, Event::Connect(_))).ok_or("no tunnel was asked for")
        }
        Witness::Syn => seen(|event| matches!(event, Event::SynSeen(_))).ok_or("no SYN was seen"),
        Witness::Output => by_itself(evidence)
            .filter(|_| evidence.acts.iter().any(|act| act.said.outcome.is_some()))
            .ok_or("nothing was said"),
        Witness::Silence => by_itself(evidence).ok_or("an act did not end by itself"),
        Witness::EarlierAct => earlier_contact(evidence),
    }
}

/// No entries, where every act ended by itself.
fn by_itself(evidence: &Evidence) -> Option<Vec<u64>> {
    let ended = |ending| {
        matches!(
            ending,
            ProcessEnding::Exited | ProcessEnding::Answered | ProcessEnding::KilledAsPlanned
        )
    };
    let mut acts = evidence.acts.iter();
    (!evidence.acts.is_empty() && acts.all(|act| ended(act.ending))).then(Vec::new)
}

/// The first connection of the subject, where another act followed the one that made it.
fn earlier_contact(evidence: &Evidence) -> Result<Vec<u64>, &'static str> {
    let is_contact =
        |entry: &&Entry| entry.actor == Actor::Subject && matches!(entry.event, Event::Accepted(_));
    let first = evidence.journal.iter().find(is_contact);
    let first = first.ok_or("no act made contact")?;
    if evidence.acts.iter().any(|act| act.act > first.act) {
        Ok(vec![first.seq])
    } else {
        Err("no act followed the first contact")
    }
}
