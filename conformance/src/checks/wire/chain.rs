//! Chains: the successive attempts of one op, while each earlier one failed.

use std::collections::BTreeMap;

use snowproof_simulator::journal::ReplyEnd;

use super::{Exchange, Op, nanos};
use crate::evidence::Evidence;

/// Attempts of one op within one act. At least one; all but the last failed.
#[derive(Debug, Clone)]
pub(crate) struct Chain<'a> {
    /// The attempts in order.
    pub(crate) attempts: Vec<Exchange<'a>>,
}

/// The time between two attempts of a chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gap<'a> {
    /// Which pair it is within its chain, from 0.
    pub(crate) index: usize,
    /// The attempt that failed.
    pub(crate) before: Exchange<'a>,
    /// The attempt that follows.
    pub(crate) after: Exchange<'a>,
    /// From the end of one to the first byte of the other, in nanoseconds; where the caller ended
    /// the first one, the lag with which that was seen is given back.
    pub(crate) length: i128,
}

/// Groups exchanges into chains, in the order in which they began.
///
/// Attempts of one op do not overlap. Where two do, they belong to different chains, unless the
/// caller gave up the earlier one: that may be seen after it began the next.
pub(crate) fn chains<'a>(exchanges: &[Exchange<'a>]) -> Vec<Chain<'a>> {
    let mut chains: Vec<Chain<'a>> = Vec::new();
    // Chains that may go on: their last attempt failed.
    let mut open: BTreeMap<(u32, Op), Vec<usize>> = BTreeMap::new();
    for exchange in exchanges {
        let open = open.entry((exchange.act, Op::of(exchange))).or_default();
        let position = open.iter().rposition(|&chain| {
            chains[chain]
                .attempts
                .last()
                .is_some_and(|last| follows(last, exchange))
        });
        let chain = match position {
            Some(position) => open.remove(position),
            None => {
                chains.push(Chain {
                    attempts: Vec::new(),
                });
                chains.len() - 1
            }
        };
        chains[chain].attempts.push(*exchange);
        if exchange.failed() && exchange.outcome.is_some() {
            open.push(chain);
        }
    }
    chains
}

fn follows(last: &Exchange<'_>, next: &Exchange<'_>) -> bool {
    let Some(outcome) = last.outcome else {
        return false;
    };
    last.failed()
        && (outcome.ended_ns <= next.started()
            || matches!(
                outcome.end,
                ReplyEnd::Silent | ReplyEnd::Abandoned | ReplyEnd::Cut
            ))
}

impl<'a> Chain<'a> {
    /// The times between its attempts.
    pub(crate) fn gaps(&self, evidence: &Evidence) -> Vec<Gap<'a>> {
        self.attempts
            .windows(2)
            .enumerate()
            .map(|(index, pair)| {
                let (before, after) = (pair[0], pair[1]);
                let lag = if before.ended_by_caller() {
                    nanos(evidence.lag.p99())
                } else {
                    0
                };
                let ended = i128::from(before.ended().unwrap_or_else(|| before.started()));
                Gap {
                    index,
                    before,
                    after,
                    length: i128::from(after.started()) - ended + lag,
                }
            })
            .collect()
    }

    /// Journal numbers of its attempts.
    pub(crate) fn entries(&self) -> Vec<u64> {
        self.attempts.iter().flat_map(Exchange::entries).collect()
    }
}
