//! Each failure of the catalogue that is covered is one that a careless connector trips over, and
//! that a careful one, however odd it looks, does not: a sin is caught, and a near-miss passes, in a
//! scenario or variant that covers it.

use std::collections::BTreeSet;

use snowproof::catalogue;
use snowproof::scenario::ScenarioSet;

use super::{Miss, caught, near};

/// Rows that lack a sin, and why. It gets shorter.
const EXCEPT: &[(&str, &str)] = &[
    (
        "tls-pinned-cert-rotated",
        "no sin pins the certificate that it met first",
    ),
    (
        "cfg-url-trailing-slash",
        "the bundled connector's paths hold after a slash: no sin joins them badly",
    ),
    (
        "cfg-url-govcloud-refused",
        "no sin takes the one domain of instances for all there is",
    ),
    (
        "cfg-request-too-large",
        "no sin sends a request that is too long again as it was",
    ),
    (
        "thr-ratelimit-headers-on-200",
        "what would be wrong is to take the headers of a good answer for a refusal: no sin does",
    ),
];

#[test]
fn every_covered_failure_has_a_sin_and_a_near_miss() {
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    let sinned: BTreeSet<&str> = caught().iter().map(|(_, scenario, _)| *scenario).collect();
    let missed: BTreeSet<&str> = near()
        .iter()
        .filter_map(|(_, near)| match near {
            Miss(_, scenario) => Some(*scenario),
            super::Unit(_) => None,
        })
        .collect();
    let mut wanting = Vec::new();
    for row in catalogue::rows() {
        if row.covered_by.is_empty() {
            continue;
        }
        let covering: Vec<String> = set
            .scenarios()
            .filter(|scenario| scenario.file.covers.contains(&row.id))
            .map(|scenario| scenario.name())
            .collect();
        let one_of = |names: &BTreeSet<&str>| covering.iter().any(|name| names.contains(&**name));
        let lacks: Vec<&str> = [("sin", one_of(&sinned)), ("near-miss", one_of(&missed))]
            .into_iter()
            .filter_map(|(what, is_there)| (!is_there).then_some(what))
            .collect();
        let excused = EXCEPT.iter().find(|(id, _)| *id == row.id);
        match excused {
            Some((id, why)) => {
                assert!(!why.is_empty(), "{id}");
                assert!(!lacks.is_empty(), "{id} is no exception any more");
            }
            None if lacks.is_empty() => {}
            None => wanting.push(format!("{}: no {lacks:?} in {covering:?}", row.id)),
        }
    }
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}
