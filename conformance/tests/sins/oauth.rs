//! Sins and near-misses around tokens, keys and consents.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "never-renews-token",
        "SP-O01",
        &[
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "refresh-on-401",
        ],
    ),
    (
        "loses-page-of-dead-token",
        "SP-O01",
        &["no-lost-records", "no-silent-truncation"],
    ),
    (
        "each-worker-renews",
        "SP-O02",
        &["single-token-refresh-per-expiry"],
    ),
    (
        "retries-token-error",
        "SP-O03",
        &["no-retry-on-token-error"],
    ),
    (
        "retries-token-error",
        "SP-O04/non-interactive-user",
        &["no-retry-on-token-error"],
    ),
    (
        "one-cause-for-all",
        "SP-O04",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "says-success-on-failure",
        "SP-O04/at-sync",
        &["no-silent-truncation", "outcome-as-expected"],
    ),
    ("sends-white-space", "SP-O05", &["secret-sent-as-meant"]),
    ("token-per-request", "SP-O06", &["no-refresh-per-request"]),
    ("prints-token", "SP-O06", &["no-secret-in-output"]),
    (
        "token-request-as-json",
        "SP-O06",
        &[
            "form-encoded-token-request",
            "no-lost-records",
            "outcome-as-expected",
        ],
    ),
    (
        "token-request-in-url",
        "SP-O06",
        &[
            "form-encoded-token-request",
            "no-credentials-in-token-url",
            "no-lost-records",
            "no-secret-in-url",
            "outcome-as-expected",
        ],
    ),
    (
        "demands-refresh-token",
        "SP-O06",
        &["diagnosis-class", "no-lost-records", "outcome-as-expected"],
    ),
    (
        "renews-after-403",
        "SP-O08",
        &["no-retry-on-403", "no-token-call-after-403"],
    ),
    ("renews-in-a-loop", "SP-O10", &["no-refresh-loop"]),
    ("hot-loop", "SP-O11", &["backoff-floor"]),
    (
        "retries-token-error",
        "SP-O12",
        &["no-retry-on-token-error"],
    ),
    ("sends-no-challenge", "SP-O20", &["uses-proof-key"]),
    ("trusts-refresh-token", "SP-O20", &["tries-refresh-token"]),
    (
        "ignores-identity",
        "SP-O20/other-user",
        &["diagnosis-class", "outcome-as-expected", "reads-identity"],
    ),
    (
        "waits-for-consent-for-ever",
        "SP-O21/abandoned",
        &["diagnosis-class"],
    ),
    (
        "ignores-state",
        "SP-O23",
        &["diagnosis-class", "outcome-as-expected", "state-verified"],
    ),
    (
        "sends-no-state",
        "SP-O23",
        &["diagnosis-class", "diagnosis-never", "state-verified"],
    ),
    (
        "never-renews-token",
        "SP-O24",
        &[
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "refresh-on-401",
        ],
    ),
    (
        "shows-code-again",
        "SP-O25",
        &["code-exchanged-once", "no-retry-on-token-error"],
    ),
    (
        "exchanges-each-callback",
        "SP-O25/reloaded",
        &[
            "code-exchanged-once",
            "outcome-as-expected",
            "reads-identity",
            "tries-refresh-token",
        ],
    ),
    (
        "forgets-consent",
        "SP-O26",
        &["diagnosis-class", "no-lost-records", "outcome-as-expected"],
    ),
    (
        "retries-token-error",
        "SP-O26/refresh-token-dead",
        &["no-retry-on-token-error"],
    ),
    (
        "renews-after-403",
        "SP-O27",
        &["no-retry-on-403", "no-token-call-after-403"],
    ),
    (
        "ignores-identity",
        "SP-O28",
        &[
            "diagnosis-class",
            "outcome-as-expected",
            "reads-identity",
            "writes-as-expected-user",
        ],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("refresh-on-401", Miss("renews-before-expiry", "SP-O01")),
    (
        "single-token-refresh-per-expiry",
        Miss("logs-in-again", "SP-O01/by-password"),
    ),
    ("no-refresh-loop", Miss("logs-in-again", "SP-O10")),
    (
        "no-refresh-per-request",
        Miss("renews-before-expiry", "SP-O06"),
    ),
    ("no-retry-on-token-error", Miss("names-one-cause", "SP-O04")),
    (
        "no-token-call-after-403",
        Miss("single-attempt-check", "SP-O08"),
    ),
    ("form-encoded-token-request", Miss("chatty-logs", "SP-O06")),
    ("no-credentials-in-token-url", Miss("chatty-logs", "SP-O06")),
    (
        "secret-sent-as-meant",
        Miss("refuses-white-space", "SP-O05"),
    ),
    ("state-verified", Miss("names-one-cause", "SP-O23")),
    ("uses-proof-key", Miss("names-one-cause", "SP-O20")),
    ("reads-identity", Miss("names-one-cause", "SP-O20")),
    ("tries-refresh-token", Miss("names-one-cause", "SP-O20")),
    ("code-exchanged-once", Miss("chatty-logs", "SP-O25")),
    ("no-retry-on-token-error", Miss("names-one-cause", "SP-O25")),
    (
        "code-exchanged-once",
        Miss("chatty-logs", "SP-O25/reloaded"),
    ),
    ("refresh-on-401", Miss("renews-before-expiry", "SP-O26")),
    (
        "writes-as-expected-user",
        Miss("writes-with-own-key", "SP-O28/by-the-account"),
    ),
];
