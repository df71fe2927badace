//! Each scenario can be failed: a sin is caught in it or in one of its variants.

use std::collections::BTreeSet;

use snowproof::scenario::ScenarioSet;

use super::caught;

/// Scenarios that no sin fails, and why.
const EXCEPT: &[(&str, &str)] = &[];

#[test]
fn every_scenario_is_failed_by_a_sin() {
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    let code = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let failed: BTreeSet<String> = caught().iter().map(|(_, name, _)| code(name)).collect();
    let all: BTreeSet<String> = set.scenarios().map(|one| code(&one.name())).collect();
    let unfailed: BTreeSet<&str> = all.difference(&failed).map(String::as_str).collect();
    let excused: BTreeSet<&str> = EXCEPT.iter().map(|(code, _)| *code).collect();
    assert!(EXCEPT.iter().all(|(_, why)| !why.is_empty()));
    assert_eq!(
        unfailed, excused,
        "left: scenarios that no sin fails; right: those that are said to be so"
    );
}
