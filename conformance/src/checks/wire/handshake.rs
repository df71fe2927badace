//! Handshakes that came to nothing, or should have: with a certificate that must be refused, or
//! with another answer than a handshake.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use snowproof_simulator::journal::{Actor, Entry, Event, HandshakeBroken};

use crate::evidence::Evidence;

/// Handshakes, finished or failed, in which a certificate was presented that must be refused:
/// entry, connection, and whether it finished.
pub(crate) fn handshakes_with_bad_certificate(
    evidence: &Evidence,
) -> impl Iterator<Item = (&Entry, u64, bool)> {
    of_subject(evidence).filter_map(|entry| match &entry.event {
        Event::TlsFinished(done) if done.certificate.must_be_refused() => {
            Some((entry, done.connection, true))
        }
        Event::TlsFailed(failed) if failed.certificate.must_be_refused() => {
            Some((entry, failed.connection, false))
        }
        _ => None,
    })
}

/// Handshakes of the subject that were answered otherwise than by one.
pub(crate) fn broken_handshakes(
    evidence: &Evidence,
) -> impl Iterator<Item = (&Entry, &HandshakeBroken)> {
    of_subject(evidence).filter_map(|entry| match &entry.event {
        Event::HandshakeBroken(broken) => Some((entry, broken)),
        _ => None,
    })
}

fn of_subject(evidence: &Evidence) -> impl Iterator<Item = &Entry> {
    let entries = evidence.journal.iter();
    entries.filter(|entry| entry.actor == Actor::Subject)
}

/// How many address families the subject came by: a client may try each.
pub(crate) fn families(evidence: &Evidence) -> usize {
    let families: BTreeSet<bool> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Accepted(accepted) => accepted.peer.parse::<SocketAddr>().ok(),
            _ => None,
        })
        .map(|peer| peer.is_ipv6())
        .collect();
    families.len().max(1)
}
