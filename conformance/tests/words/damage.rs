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

/// Faults of streams, met where the instance offers HTTP/2 and the stack takes it.
const STREAMS: &[(&str, &str)] = &[
    (
        "stream-reset",
        r#"{"end_stream":{"reason":"enhance_your_calm"}}"#,
    ),
    (
        "stream-refused",
        r#"{"end_stream":{"reason":"refused_stream"}}"#,
    ),
    (
        "stream-reset-in-body",
        r#"{"end_stream":{"reason":"cancel","after_body_bytes":100}}"#,
    ),
    (
        "going-away",
        r#"{"end_stream":{"by":"go_away","reason":"enhance_your_calm"}}"#,
    ),
];

/// The instance that offers HTTP/2.
pub(crate) const HTTP2: &str = "http2";

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

/// Each fault of a stream, and the path it is met at.
pub(crate) fn streams() -> impl Iterator<Item = (&'static str, String)> {
    STREAMS.iter().enumerate().map(|(at, (name, _))| {
        let table = ["change_request", "task"][at / VERSIONS.len()];
        (
            *name,
            format!("{}/table/{table}", VERSIONS[at % VERSIONS.len()]),
        )
    })
}

/// Each fires at every request for its path.
pub(crate) fn steps() -> Value {
    let mut steps = json!({});
    let of_answers = paths().map(|(name, path, _)| (name, path)).zip(STEPS);
    for ((name, path), (_, action)) in of_answers.chain(streams().zip(STREAMS)) {
        let action: Value = serde_json::from_str(action).unwrap();
        let when = json!({ "request": format!("GET {path}"), "from": 1 });
        steps[name] = json!({ "when": when, "do": [action] });
    }
    steps
}

pub(crate) fn instances() -> Value {
    let mut all = json!({ "main": { "users": { USER: { "roles": ["itil"] } } } });
    all[HTTP2] = json!({ "http2": true, "users": { USER: { "roles": ["itil"] } } });
    for (_, port) in PORTS {
        all[*port] = json!({ "port": port });
    }
    all
}
