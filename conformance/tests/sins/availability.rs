//! Sins and near-misses around instances that are not there.

use super::{Caught, Near::Miss, Near::Unit, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "trusts-200",
        "SP-I01/at-sync",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
            "rejects-200-non-json",
        ],
    ),
    (
        "blames-the-password",
        "SP-I01",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("no-next-step", "SP-I01", &["offers-next-step"]),
    (
        "trusts-200",
        "SP-I10/at-sync",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
            "rejects-200-non-json",
        ],
    ),
    (
        "hammers-while-down",
        "SP-I04",
        &["bounded-attempts", "stops-hammering-when-down"],
    ),
    (
        "keeps-last-error",
        "SP-I04/line-cut",
        &["diagnosis-first-cause"],
    ),
    ("speaks-late", "SP-I03/at-check", &["diagnosis-within"]),
    (
        "starts-over",
        "SP-I06",
        &["no-duplicate-records", "retry-budget"],
    ),
    (
        "trusts-200",
        "SP-I12",
        &["no-lost-write", "rejects-200-non-json"],
    ),
    (
        "restarts-from-zero",
        "SP-I02/resumed",
        &["no-duplicate-records", "resumes-from-checkpoint"],
    ),
    (
        "no-retry",
        "SP-I08",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-I05",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "no-retry",
        "SP-I07",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "one-cause-for-all",
        "SP-I09",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-I11",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "trusts-200",
        "SP-I13",
        &[
            "no-lost-records",
            "no-silent-truncation",
            "rejects-200-non-json",
        ],
    ),
    (
        "follows-redirects",
        "SP-I14",
        &["diagnosis-class", "no-auth-header-across-redirect"],
    ),
    (
        "reads-redirected-writes",
        "SP-I14/at-write",
        &[
            "no-auth-header-across-redirect",
            "no-lost-write",
            "outcome-as-expected",
        ],
    ),
    (
        "follows-redirects",
        "SP-I15",
        &["diagnosis-class", "no-auth-header-across-redirect"],
    ),
    (
        "keeps-lost-session",
        "SP-I16",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
        ],
    ),
    (
        "no-retry",
        "SP-I16/fails-over",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "one-cause-for-all",
        "SP-I17",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "follows-redirects",
        "SP-I17/old-name-leads-on",
        &[
            "diagnosis-class",
            "no-auth-header-across-redirect",
            "outcome-as-expected",
        ],
    ),
    (
        "no-retry",
        "SP-I18",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    (
        "outcome-as-expected",
        Miss("single-attempt-check", "SP-I01"),
    ),
    (
        "exit-status-consistent",
        Miss("single-attempt-check", "SP-I01"),
    ),
    (
        "rejects-200-non-json",
        Miss("single-attempt-check", "SP-I01"),
    ),
    (
        "diagnosis-within",
        Miss("single-attempt-check", "SP-I04/at-check"),
    ),
    (
        "diagnosis-first-cause",
        Miss("slower-backoff", "SP-I04/line-cut"),
    ),
    ("retry-budget", Miss("fewer-attempts", "SP-I06")),
    (
        "stops-hammering-when-down",
        Unit("asking_ever_more_seldom_passes"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-I12")),
    (
        "diagnosis-class",
        Miss("single-attempt-check", "SP-I03/at-check"),
    ),
    ("no-lost-records", Miss("pages-by-offset", "SP-I02/resumed")),
    ("backoff-floor", Miss("slower-backoff", "SP-I08")),
    (
        "waits-at-least-retry-after",
        Miss("single-attempt-check", "SP-I05/at-check"),
    ),
    ("backoff-floor", Miss("slower-backoff", "SP-I07")),
    ("diagnosis-class", Miss("names-one-cause", "SP-I09")),
    ("diagnosis-class", Miss("names-one-cause", "SP-I11")),
    ("diagnosis-class", Miss("names-one-cause", "SP-I10")),
    ("no-lost-records", Miss("pages-by-offset", "SP-I13")),
    (
        "no-auth-header-across-redirect",
        Miss("asks-where-redirects-lead", "SP-I14"),
    ),
    (
        "no-auth-header-across-redirect",
        Miss("asks-where-redirects-lead", "SP-I15"),
    ),
    ("quiet-diagnosis", Miss("chatty-logs", "SP-I16")),
    ("backoff-floor", Miss("slower-backoff", "SP-I16/fails-over")),
    ("diagnosis-class", Miss("names-one-cause", "SP-I17")),
    (
        "no-auth-header-across-redirect",
        Miss("asks-where-redirects-lead", "SP-I17/old-name-leads-on"),
    ),
    ("backoff-floor", Miss("slower-backoff", "SP-I18")),
];
