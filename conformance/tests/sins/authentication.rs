//! Sins and near-misses around authentication.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "retries-refused-password",
        "SP-A01",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    (
        "keeps-talking-after-result",
        "SP-A01",
        &["no-retry-on-401-basic", "silent-after-give-up"],
    ),
    ("password-in-url", "SP-A01", &["no-secret-in-url"]),
    (
        "one-cause-for-all",
        "SP-A01",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "says-success-on-failure",
        "SP-A01/at-sync",
        &["no-silent-truncation", "outcome-as-expected"],
    ),
    (
        "silent-failure",
        "SP-A01/at-sync",
        &[
            "diagnosis-class",
            "no-silent-truncation",
            "outcome-as-expected",
        ],
    ),
    (
        "vanishes-on-failure",
        "SP-A01",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    (
        "retries-refused-password",
        "SP-A06",
        &[
            "no-account-lockout",
            "no-retry-on-401-basic",
            "outcome-as-expected",
        ],
    ),
    (
        "retries-refused-password",
        "SP-A08",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    (
        "one-cause-for-all",
        "SP-A04",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A07",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "says-success-on-failure",
        "SP-A03",
        &["outcome-as-expected"],
    ),
    (
        "retries-refused-password",
        "SP-A20",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    (
        "one-cause-for-all",
        "SP-A21",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("exits-with-failure", "SP-A22", &["exit-status-consistent"]),
    ("api-key-in-url", "SP-A23", &["api-key-in-header"]),
    (
        "one-cause-for-all",
        "SP-A24",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A25",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A26",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A27",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("vague-words", "SP-A27", &["diagnosis-names-fact"]),
    (
        "one-cause-for-all",
        "SP-A02",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "retries-refused-password",
        "SP-A02",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    (
        "one-cause-for-all",
        "SP-A05",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "retries-refused-password",
        "SP-A05/while-reading",
        &["no-account-lockout", "no-retry-on-401-basic"],
    ),
    (
        "one-cause-for-all",
        "SP-A09",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "matches-the-prose",
        "SP-A01/other-spelling",
        &["diagnosis-class"],
    ),
    (
        "one-cause-for-all",
        "SP-A25/not-shown",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-A22/every-version",
        &["diagnosis-class", "diagnosis-never"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("no-retry-on-401-basic", Miss("replays-401-once", "SP-A01")),
    ("no-account-lockout", Miss("replays-401-once", "SP-A01")),
    ("silent-after-give-up", Miss("replays-401-once", "SP-A01")),
    ("no-account-lockout", Miss("replays-401-once", "SP-A06")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A07")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A01")),
    ("diagnosis-never", Miss("names-one-cause", "SP-A01")),
    ("offers-next-step", Miss("names-one-cause", "SP-A01")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A20")),
    ("api-key-in-header", Miss("dummy-parameter", "SP-A23")),
    ("diagnosis-names-fact", Miss("names-one-cause", "SP-A27")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A02")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A03")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A04")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A05")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A08")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A09")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A21")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A24")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A25")),
    ("diagnosis-class", Miss("names-one-cause", "SP-A26")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-A25/not-shown"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-A22/every-version"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-A01/other-spelling"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-A22")),
    ("no-account-lockout", Miss("replays-401-once", "SP-A02")),
    ("no-account-lockout", Miss("replays-401-once", "SP-A05")),
];
