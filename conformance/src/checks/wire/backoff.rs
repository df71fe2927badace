//! Waits of a connector's own choice: those before which the server named no time.

use std::collections::BTreeMap;

use super::{Gap, chains, nanos, of_subject, refusals};
use crate::evidence::Evidence;

/// Gaps after a failure that named no time, by their place in the chain. A chain counts up to the
/// first failure that did name one: what follows may be measured from there.
pub(crate) fn own_waits(evidence: &Evidence) -> BTreeMap<usize, Vec<Gap<'_>>> {
    let exchanges = of_subject(evidence);
    let named: Vec<u64> = refusals(&exchanges, evidence)
        .iter()
        .map(|refusal| refusal.exchange.seq)
        .collect();
    let mut waits: BTreeMap<usize, Vec<Gap<'_>>> = BTreeMap::new();
    for chain in chains(&exchanges) {
        let own = chain
            .gaps(evidence)
            .into_iter()
            .take_while(|gap| !named.contains(&gap.before.seq) && backs_off(gap));
        for gap in own {
            waits.entry(gap.index).or_default().push(gap);
        }
    }
    waits
}

/// Whether a failure is one that a connector backs off from, rather than one that it answers by
/// another request: a refresh, another address, a smaller page.
fn backs_off(gap: &Gap<'_>) -> bool {
    let answered_otherwise = matches!(gap.before.status(), Some(202 | 300..=399 | 401));
    let shrunk = matches!(
        (gap.before.limit(), gap.after.limit()),
        (Some(before), Some(after)) if after < before
    );
    !answered_otherwise && !shrunk
}

/// How far apart two waits have to be to be called different: 50 ms and the scheduler's lag.
pub(crate) fn distinct(evidence: &Evidence) -> i128 {
    50_000_000 + nanos(evidence.lag.p99())
}
