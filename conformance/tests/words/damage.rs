//! Faults of TCP and HTTP that damage an answer or its connection, each under a URL of its own.

use serde_json::{Value, json};

use crate::faults::USER;

/// The faults that a step does, by name. No two are done to one path.
const STEPS: &[(&str, &str)] = &[
    (
        "garbage-status-line",
        r#"{"malform":"garbage_status_line"}"#,
    ),
    ("huge-header", r#"{"malform":"huge_header"}"#),
    ("many-headers", r#"{"malform":"many_headers"}"#),
    (
        "same-length-twice",
        r#"{"malform":"duplicate_content_length"}"#,
    ),
    ("two-lengths", r#"{"malform":"unequal_content_length"}"#),
    (
        "length-and-chunks",
        r#"{"malform":"content_length_with_transfer_encoding"}"#,
    ),
    ("bad-chunk-size", r#"{"malform":"bad_chunk_size"}"#),
    ("no-gzip", r#"{"malform":"bad_gzip"}"#),
    ("half-gzip", r#"{"malform":"truncated_gzip"}"#),
    ("no-utf8", r#"{"malform":"invalid_utf8"}"#),
    ("almost-json", r#"{"malform":"invalid_json"}"#),
    ("html-instead", r#"{"malform":"html"}"#),
    (
        "silence-in-status-line",
        r#"{"stall":{"within":"status_line"}}"#,
    ),
    ("silence-in-header", r#"{"stall":{"within":"header"}}"#),
    (
        "closed-in-header",
        r#"{"hang_up":{"within":"header","manner":"close"}}"#,
    ),
];

/// Ports that end connections at once, by the name of the fault and of the instance.
pub(crate) const PORTS: &[(&str, &str)] =
    &[("closed-at-once", "hangs_up"), ("reset-at-once", "resets")];

/// What is read, so that every answer would begin well; each version of the API is a path of its own.
const TABLES: [&str; 5] = [
    "cmdb_ci_server",
    "cmdb_ci_computer",
    "cmdb_ci",
    "incident",
    "problem",
];
const VERSIONS: [&str; 3] = ["/api/now", "/api/now/v1", "/api/now/v2"];

/// Each fault of a step, the path it is met at, and whether it is waited for.
pub(crate) fn paths() -> impl Iterator<Item = (&'static str, String, bool)> {
    STEPS.iter().enumerate().map(|(at, (name, _))| {
        let version = VERSIONS[at % VERSIONS.len()];
        let table = TABLES[at / VERSIONS.len()];
        (
            *name,
            format!("{version}/table/{table}"),
            name.starts_with("silence"),
        )
    })
}

/// Each fires at every request for its path.
pub(crate) fn steps() -> Value {
    let mut steps = json!({});
    for ((name, path, _), (_, action)) in paths().zip(STEPS) {
        let action: Value = serde_json::from_str(action).unwrap();
        let when = json!({ "request": format!("GET {path}"), "from": 1 });
        steps[name] = json!({ "when": when, "do": [action] });
    }
    steps
}

pub(crate) fn instances() -> Value {
    let mut all = json!({ "main": { "users": { USER: { "roles": ["itil"] } } } });
    for (_, port) in PORTS {
        all[*port] = json!({ "port": port });
    }
    all
}
