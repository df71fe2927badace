//! Calls that were made again although their answer does not change by asking.

use super::{chains, of_subject};
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
        if chain.attempts.len() > at + 1 {
            again.extend(chain.entries());
        }
    }
    (met, again)
}
