//! Sins and near-misses around tokens.

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
    (
        "never-renews-token",
        "SP-O01/revoked",
        &["no-lost-records", "outcome-as-expected", "refresh-on-401"],
    ),
    (
        "one-cause-for-all",
        "SP-O04/unknown-client",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "retries-token-error",
        "SP-O04/inactive-application",
        &["no-retry-on-token-error"],
    ),
    (
        "retries-token-error",
        "SP-O04/grant-not-enabled",
        &["no-retry-on-token-error"],
    ),
    (
        "one-cause-for-all",
        "SP-O04/no-application-user",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "token-per-request",
        "SP-O06/same-token",
        &["no-refresh-per-request"],
    ),
    (
        "prints-token",
        "SP-O06/same-token",
        &["no-secret-in-output"],
    ),
    (
        "one-cause-for-all",
        "SP-O07",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "renews-after-403",
        "SP-O08/without-useraccount",
        &["no-retry-on-403", "no-token-call-after-403"],
    ),
    (
        "one-cause-for-all",
        "SP-O12/names-nobody",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "never-renews-token",
        "SP-O01/short-lifespan",
        &[
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "refresh-on-401",
        ],
    ),
    ("renews-in-a-loop", "SP-O10/at-check", &["no-refresh-loop"]),
    (
        "never-renews-token",
        "SP-O01/by-client-credentials",
        &["no-lost-records", "outcome-as-expected", "refresh-on-401"],
    ),
    (
        "never-renews-token",
        "SP-O01/short-lifespan",
        &[
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "refresh-on-401",
        ],
    ),
    (
        "one-cause-for-all",
        "SP-O09",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "renews-after-403",
        "SP-O08/role-missing",
        &["no-retry-on-403", "no-token-call-after-403"],
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
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O04/non-interactive-user"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O03")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O03/while-reading"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O04/unknown-client"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O04/inactive-application"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O04/grant-not-enabled"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O04/no-application-user"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O12")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-O12/names-nobody"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O07")),
    ("refresh-on-401", Miss("renews-before-expiry", "SP-O02")),
    (
        "refresh-on-401",
        Miss("renews-before-expiry", "SP-O01/by-client-credentials"),
    ),
    (
        "no-refresh-per-request",
        Miss("logs-in-again", "SP-O06/same-token"),
    ),
    (
        "refresh-on-401",
        Miss("renews-before-expiry", "SP-O01/revoked"),
    ),
    (
        "no-token-call-after-403",
        Miss("single-attempt-check", "SP-O08/without-useraccount"),
    ),
    (
        "no-refresh-per-request",
        Miss("renews-before-expiry", "SP-O01/short-lifespan"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-O09")),
    ("backoff-floor", Miss("slower-backoff", "SP-O11")),
    (
        "no-token-call-after-403",
        Miss("names-one-cause", "SP-O08/role-missing"),
    ),
];
