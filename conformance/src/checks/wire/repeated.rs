//! Calls that were made again although their answer does not change by asking.

use snowproof_simulator::journal::Condition;

use super::{Exchange, chains, of_subject};
use crate::evidence::Evidence;

/// Journal entries: the answers with this status, each the first of its op's, and the whole chains
/// of those that were asked for again.
pub(crate) fn repeated(evidence: &Evidence, status: u16) -> (Vec<u64>, Vec<u64>) {
    let exchanges = of_subject(evidence);
    let (mut met, mut again) = (Vec::new(), Vec::new());
    for chain in chains(&exchanges) {
        let refused = chain
            .attempts
            .iter()
            .position(|attempt| attempt.status() == Some(status));
        let Some(at) = refused else {
            continue;
        };
        met.push(chain.attempts[at].seq);
        let refused = &chain.attempts[at];
        // What was too long may be asked for in parts.
        let in_part = |later: &Exchange<'_>| {
            refused.condition() == Some(Condition::RequestTooLong)
                && later.request.target.len() < refused.request.target.len()
        };
        if !chain.attempts[at + 1..].iter().all(in_part) {
            again.extend(chain.entries());
        }
    }
    (met, again)
}
