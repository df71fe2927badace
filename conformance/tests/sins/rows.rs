//! Each failure of the catalogue that is covered is one that a careless connector trips over, and
//! that a careful one, however odd it looks, does not: a sin is caught, and a near-miss passes, in a
//! scenario or variant that covers it.

use std::collections::BTreeSet;

use snowproof::catalogue;
use snowproof::scenario::ScenarioSet;

use super::{Miss, caught, near};

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
        if !lacks.is_empty() {
            wanting.push(format!("{}: no {lacks:?} in {covering:?}", row.id));
        }
    }
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}
