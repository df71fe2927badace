//! How exact a time has to be: lower bounds are hard, upper bounds allow for the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Exchange;
use crate::evidence::Evidence;

/// Published ceiling of declared requests in flight.
const PARALLELISM_CEILING: u32 = 32;

/// A duration as signed nanoseconds.
pub(crate) fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// Nanoseconds as seconds for people, such as `2.013 s`.
#[expect(clippy::cast_precision_loss, reason = "shown with three decimals")]
pub(crate) fn in_seconds(nanos: i128) -> String {
    format!("{:.3} s", nanos as f64 / 1e9)
}

/// How much earlier than a stated time of this many nanoseconds is still in time:
/// max(50 ms, 2 %).
pub(crate) fn early(stated: i128) -> i128 {
    (stated / 50).max(50_000_000)
}

/// As [`early`], for a time stated as an HTTP-date, which has whole seconds: at least 1 s.
pub(crate) fn early_for_date(stated: i128) -> i128 {
    early(stated).max(1_000_000_000)
}

/// How much later than a bound of this many nanoseconds is still in time:
/// max(500 ms, 25 %) plus the scheduler's lag.
pub(crate) fn late(bound: i128, evidence: &Evidence) -> i128 {
    late_by(bound, evidence.lag.p99())
}

fn late_by(bound: i128, lag: Duration) -> i128 {
    (bound / 4).max(500_000_000) + nanos(lag)
}

/// How long a connector may take to react to a refusal: max(250 ms, lag), in nanoseconds.
pub(crate) fn reaction(evidence: &Evidence) -> i128 {
    reaction_by(evidence.lag.p99())
}

fn reaction_by(lag: Duration) -> i128 {
    nanos(lag).max(250_000_000)
}

/// How exact times have to be, in milliseconds, on a machine that is not late: what an edition
/// freezes.
pub(crate) fn tolerances() -> BTreeMap<String, u64> {
    const SECOND: i128 = 1_000_000_000;
    let prompt = Duration::ZERO;
    [
        ("early-of-1s", early(SECOND)),
        ("early-of-60s", early(60 * SECOND)),
        ("early-of-a-date", early_for_date(SECOND)),
        ("late-of-1s", late_by(SECOND, prompt)),
        ("late-of-60s", late_by(60 * SECOND, prompt)),
        ("reaction", reaction_by(prompt)),
    ]
    .into_iter()
    .map(|(name, nanos)| {
        (
            name.to_owned(),
            u64::try_from(nanos / 1_000_000).unwrap_or(0),
        )
    })
    .collect()
}

/// Requests in flight that are allowed for: what the scenario set or the subject declares, at
/// most the published ceiling.
pub(crate) fn parallelism(evidence: &Evidence) -> u32 {
    evidence
        .scenario
        .subject
        .parallelism
        .unwrap_or(evidence.subject.declares.parallelism)
        .clamp(1, PARALLELISM_CEILING)
}

/// Those of `exchanges` that can be held against a connector after something it learned at
/// `learned_ns`: what was in flight by then is left out, and of what began within the reaction
/// allowance as many as its other workers may have sent.
pub(crate) fn begun_after_reaction<'a, 'e>(
    exchanges: &'e [Exchange<'a>],
    learned_ns: u64,
    evidence: &Evidence,
) -> Vec<&'e Exchange<'a>> {
    let mut others = parallelism(evidence) - 1;
    exchanges
        .iter()
        .filter(|exchange| exchange.started() > learned_ns)
        .filter(|exchange| {
            let since = i128::from(exchange.started()) - i128::from(learned_ns);
            if since <= reaction(evidence) && others > 0 {
                others -= 1;
                return false;
            }
            true
        })
        .collect()
}
