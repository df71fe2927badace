//! Nothing that the instance can do to a caller is without a scenario: every condition is met and
//! every fault is used, or it is said here why not.

use std::collections::BTreeSet;

use serde_json::Value;
use snowproof::scenario::{Merged, ScenarioSet};
use snowproof::schema;
use snowproof_simulator::journal::Condition;

/// Conditions that no scenario demands, and why.
const UNDEMANDED: &[(&str, &str)] = &[
    (
        "access_token_unknown",
        "what is shown was never issued: a mistake of the caller alone",
    ),
    (
        "refresh_token_unknown",
        "what is shown was never issued: a mistake of the caller alone",
    ),
    ("no_credentials", "a mistake of the caller alone"),
    ("invalid_request", "a mistake of the caller alone"),
    (
        "parameters_in_url",
        "a mistake of the caller alone: the sin `credentials-in-token-url`",
    ),
    (
        "state_missing",
        "a mistake of the caller alone: the sin `sends-no-state`",
    ),
    ("plain_http", "a mistake of the caller alone"),
    (
        "another_site",
        "a page of another site that a browser was led to",
    ),
    (
        "id_token_refused",
        "no grant that the connectors know yields an ID token",
    ),
    (
        "continue_refused",
        "met by those who ask before they send a body: few stacks do",
    ),
];

/// Kinds of fault in the schema of scenarios.
const FAULTS: &[&str] = &[
    "Action",
    "Certificate",
    "HangUpManner",
    "Handshake",
    "HeadPlace",
    "InstanceState",
    "Malformation",
    "Port",
    "Proxy",
    "RedirectTo",
    "RetryAfterForm",
    "StreamEnd",
    "StreamReason",
];

/// Faults that no scenario uses, and why.
const UNUSED: &[(&str, &str)] = &[
    ("complete_chain", "a certificate in order: the default"),
    (
        "unlock_user",
        "ends a fault; from outside, by the control API",
    ),
    (
        "activate_user",
        "ends a fault; from outside, by the control API",
    ),
    (
        "activate_oauth_client",
        "ends a fault; from outside, by the control API",
    ),
    (
        "mend_table",
        "ends a fault; from outside, by the control API",
    ),
    (
        "remove_rate_rule",
        "ends a fault; from outside, by the control API",
    ),
    ("deactivate_user", "the user is set up inactive"),
    ("deactivate_oauth_client", "the client is set up inactive"),
    ("set_proxy", "the proxy is set up so"),
];

/// Every key and text of a scenario.
fn words(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                into.insert(key.clone());
                words(value, into);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words(value, into)),
        Value::String(text) => {
            into.insert(text.clone());
        }
        _ => {}
    }
}

/// What a run of a scenario must meet, and what its steps that must be met do.
fn demanded(scenario: &Merged, into: &mut BTreeSet<String>) {
    let steps = scenario.file.steps.iter().flatten();
    let met = scenario.file.expect.met.iter().flatten();
    let met: BTreeSet<&str> = met
        .filter(|(_, times)| **times > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    into.extend(met.iter().map(|&name| name.to_owned()));
    for (name, step) in steps {
        if met.contains(name.as_str()) {
            words(&serde_json::to_value(&step.actions).unwrap(), into);
        }
    }
}

/// The names of the variants of a type of the schema.
fn variants(schema: &Value) -> Vec<String> {
    let list = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = list("enum")
        .iter()
        .chain(schema.get("const"))
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    for one in list("oneOf").iter().chain(&list("anyOf")) {
        match one["properties"].as_object() {
            Some(fields) => names.extend(fields.keys().cloned()),
            None => names.extend(variants(one)),
        }
    }
    names
}

/// What is not in a set is what is excused, neither more nor less.
fn lacks_only(all: &BTreeSet<String>, seen: &BTreeSet<String>, excused: &[(&str, &str)]) {
    assert!(excused.iter().all(|(_, why)| !why.is_empty()));
    let missing: BTreeSet<&str> = all.difference(seen).map(String::as_str).collect();
    let excused: BTreeSet<&str> = excused.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        missing, excused,
        "left: what is missing; right: what is excused"
    );
}

#[test]
fn every_condition_is_demanded_by_a_scenario() {
    /// A step's action, by the condition that it brings about.
    const BROUGHT_BY: &[(&str, &str)] = &[
        ("dripping", "drip"),
        ("hung_up", "hang_up"),
        ("maintenance", "maintenance"),
        ("malformed", "malform"),
        ("port_closed", "closed"),
        ("scripted", "respond"),
        ("stalled", "stall"),
        ("stream_ended", "end_stream"),
        ("truncated", "truncate"),
    ];
    let mut seen = BTreeSet::new();
    for scenario in ScenarioSet::embedded().unwrap().scenarios() {
        demanded(scenario, &mut seen);
    }
    for (condition, action) in BROUGHT_BY {
        if seen.contains(*action) {
            seen.insert((*condition).to_owned());
        }
    }
    let all = Condition::ALL.map(|condition| condition.to_string()).into();
    lacks_only(&all, &seen, UNDEMANDED);
}

#[test]
fn every_fault_is_used_by_a_scenario() {
    let schemas = schema::all();
    let text = &schemas
        .iter()
        .find(|(name, _)| name.starts_with("scenario"))
        .unwrap()
        .1;
    let schema: Value = serde_json::from_str(text).unwrap();
    let mut all = BTreeSet::new();
    for name in FAULTS {
        let names = variants(&schema["$defs"][name]);
        assert!(!names.is_empty(), "{name} has no variants in the schema");
        all.extend(names);
    }
    let mut seen = BTreeSet::new();
    for scenario in ScenarioSet::embedded().unwrap().scenarios() {
        words(&serde_json::to_value(&scenario.file).unwrap(), &mut seen);
    }
    lacks_only(&all, &seen, UNUSED);
}
