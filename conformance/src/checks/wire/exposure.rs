//! What shows who the caller is, and where that is shown to more than the instance.

use std::collections::BTreeSet;

use snowproof_simulator::journal::{Actor, Event};

use super::super::no_secret_in_url::MARK;
use super::{Exchange, broken_handshakes, of_subject};
use crate::evidence::Evidence;

/// Connections of the subject without TLS. Through a proxy the handshake comes later, in the tunnel;
/// a port that speaks no TLS takes requests without it.
pub(crate) fn in_clear(evidence: &Evidence) -> BTreeSet<u64> {
    let broken: BTreeSet<u64> = broken_handshakes(evidence)
        .map(|(_, broken)| broken.connection)
        .collect();
    let tunnelled: BTreeSet<u64> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::TlsFinished(finished) => Some(finished.connection),
            Event::TlsFailed(failed) => Some(failed.connection),
            _ => None,
        })
        .chain(broken.iter().copied())
        .collect();
    let never_secured = evidence
        .journal
        .iter()
        .filter(|entry| entry.actor == Actor::Subject)
        .filter_map(|entry| match &entry.event {
            Event::Accepted(accepted) if !accepted.tls => Some(accepted.connection),
            _ => None,
        })
        .filter(|connection| !tunnelled.contains(connection));
    let exchanges = of_subject(evidence);
    let all_the_same = exchanges
        .iter()
        .map(|exchange| exchange.request.connection)
        .filter(|connection| broken.contains(connection));
    never_secured.chain(all_the_same).collect()
}

/// Whether a request carries a credential, in whatever place.
pub(crate) fn carries_credential(exchange: &Exchange<'_>) -> bool {
    let request = exchange.request;
    request.credentials.is_some()
        || exchange.header("authorization").is_some()
        || request.target.contains(MARK)
        || request
            .headers
            .iter()
            .any(|(_, value)| value.contains(MARK))
        || request
            .body
            .as_deref()
            .is_some_and(|body| body.contains(MARK))
}
