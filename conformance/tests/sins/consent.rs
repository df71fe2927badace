//! Sins and near-misses around what a person consents to.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
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
    ("shows-code-again", "SP-O29", &["no-retry-on-token-error"]),
    (
        "one-cause-for-all",
        "SP-O29/invalid-client",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "shows-code-again",
        "SP-O29/regenerated",
        &["no-retry-on-token-error"],
    ),
    (
        "one-cause-for-all",
        "SP-O29/regenerated-invalid-client",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-O22/trailing-slash",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-O22/query",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-O22/other-scheme",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-O21",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-O23/code-slipped-in",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("waits-for-consent-for-ever", "SP-O22", &["diagnosis-class"]),
    (
        "waits-for-consent-for-ever",
        "SP-O21/popup-blocked",
        &["diagnosis-class"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
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
    ("diagnosis-class", Miss("names-one-cause", "SP-O29")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O29/invalid-client"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O29/regenerated"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O22")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O22/trailing-slash"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O22/query")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O22/other-scheme"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O21/popup-blocked"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O21")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O21/abandoned"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O23/code-slipped-in"),
    ),
    ("no-token-call-after-403", Miss("names-one-cause", "SP-O27")),
    ("refresh-on-401", Miss("renews-before-expiry", "SP-O24")),
    ("no-lost-records", Miss("smaller-pages", "SP-O27")),
    ("no-retry-on-token-error", Miss("chatty-logs", "SP-O29")),
];
