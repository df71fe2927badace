//! Sins and near-misses around the network.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    // It is asked to stop when its time is up, and calls what it delivered a part.
    (
        "never-gives-up",
        "SP-N02/for-good",
        &["bounded-attempts", "diagnosis-class", "gives-up-within"],
    ),
    (
        "no-attempt-timeout",
        "SP-N01",
        &[
            "attempt-timeout-set",
            "diagnosis-class",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-N02",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    ("hot-loop", "SP-N02/twice", &["backoff-floor"]),
    // It counts the rows that it dropped as hidden ones.
    (
        "drops-failed-page",
        "SP-N02",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    ("complains-after-recovery", "SP-N02", &["quiet-diagnosis"]),
    (
        "no-attempt-timeout",
        "SP-N04",
        &["attempt-timeout-set", "diagnosis-class", "gives-up-within"],
    ),
    (
        "no-total-deadline",
        "SP-N06",
        &[
            "attempt-timeout-set",
            "diagnosis-class",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    // It counts the rows behind the break as hidden ones.
    (
        "accepts-truncated-body",
        "SP-N07/complete-message",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-N05",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "one-cause-for-all",
        "SP-N03",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-X01",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-X02",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-N12/for-good",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-N09/for-good",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-N11/for-good",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "no-retry",
        "SP-N08",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-N10",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-N13",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "retries-bad-certificate",
        "SP-X04",
        &["no-retry-on-certificate-failure"],
    ),
    ("password-in-url", "SP-X03", &["no-secret-in-url"]),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("gives-up-within", Miss("slower-backoff", "SP-N02/for-good")),
    (
        "bounded-attempts",
        Miss("fewer-attempts", "SP-N02/for-good"),
    ),
    ("attempt-timeout-set", Miss("no-keep-alive", "SP-N01")),
    ("retries-transient", Miss("fewer-attempts", "SP-N02/twice")),
    (
        "backoff-floor",
        Miss("immediate-first-retry", "SP-N02/twice"),
    ),
    ("quiet-diagnosis", Miss("chatty-logs", "SP-N02")),
    ("diagnosis-class", Miss("names-one-cause", "SP-N04")),
    ("diagnosis-class", Miss("names-one-cause", "SP-N03")),
    ("no-lost-records", Miss("smaller-pages", "SP-N06")),
    ("diagnosis-class", Miss("names-one-cause", "SP-X01")),
    ("diagnosis-class", Miss("names-one-cause", "SP-X02")),
    ("diagnosis-class", Miss("single-attempt-check", "SP-N05")),
    ("no-lost-records", Miss("smaller-pages", "SP-N07")),
];
