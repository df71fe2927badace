//! Knocks: attempts to connect that come to nothing, a SYN that is dropped, a handshake that is met
//! with silence or with another answer than a handshake, a connection that ends as soon as it has
//! come about.
//!
//! A refused connection leaves no trace and is no knock.

use snowproof_simulator::journal::{Actor, Condition, Event};

use crate::evidence::{ActEvidence, Evidence};

/// An attempt to connect that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Knock {
    /// The act in which it was made.
    pub(crate) act: u32,
    /// Journal nanoseconds at which it was first seen.
    pub(crate) began: u64,
    /// Journal nanoseconds at which it was given up; where that was not seen, when the process
    /// was gone.
    pub(crate) ended: u64,
    /// What was met: [`Condition::PortFiltered`], [`Condition::PortMute`],
    /// [`Condition::PortHangsUp`], [`Condition::PortResets`] or [`Condition::HandshakeBroken`].
    pub(crate) condition: Condition,
    /// Whether the answer says that it will be the same next time.
    pub(crate) is_final: bool,
    /// The journal entries that show it.
    pub(crate) entries: Vec<u64>,
}

/// Every knock of the subject, in order. Acts that are left out have none.
pub(crate) fn knocks(evidence: &Evidence, wanted: impl Fn(&ActEvidence) -> bool) -> Vec<Knock> {
    let mut knocks = Vec::new();
    for (index, entry) in evidence.journal.iter().enumerate() {
        let (number, condition) = match &entry.event {
            Event::SynSeen(seen) => (seen.attempt, Condition::PortFiltered),
            Event::HandshakeStalled(stalled) => (stalled.connection, Condition::PortMute),
            Event::TurnedAway(turned) if turned.by_reset => {
                (turned.connection, Condition::PortResets)
            }
            Event::TurnedAway(turned) => (turned.connection, Condition::PortHangsUp),
            Event::HandshakeBroken(broken) => (broken.connection, Condition::HandshakeBroken),
            _ => continue,
        };
        let act = evidence.acts.iter().find(|act| act.act == entry.act);
        let Some(act) = act.filter(|act| entry.actor == Actor::Subject && wanted(act)) else {
            continue;
        };
        let end = evidence.journal[index..].iter().find(|later| {
            matches!(&later.event, Event::SynGone(gone) if gone.attempt == number)
                || matches!(&later.event, Event::Closed(closed) if closed.connection == number)
        });
        knocks.push(Knock {
            act: entry.act,
            began: entry.at_ns,
            ended: end.map_or(act.exited_ns, |end| end.at_ns),
            condition,
            is_final: matches!(&entry.event, Event::HandshakeBroken(broken) if broken.answer.is_final()),
            entries: std::iter::once(entry.seq)
                .chain(end.map(|end| end.seq))
                .collect(),
        });
    }
    knocks
}
