//! Sins and near-misses around certificates.

use super::{Caught, Near::Miss, Near::Unit, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "retries-bad-certificate",
        "SP-S01",
        &["no-retry-on-certificate-failure"],
    ),
    (
        "skips-verification",
        "SP-S01",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    ("hides-verify-off", "SP-S04", &["says-verification-is-off"]),
    (
        "retries-refused-handshake",
        "SP-S05",
        &["no-retry-on-refused-handshake"],
    ),
    (
        "no-retry",
        "SP-S06",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    // It counts the rows behind the break as hidden ones.
    (
        "accepts-truncated-body",
        "SP-S08",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-lost-records",
            "outcome-as-expected",
            "retries-transient",
        ],
    ),
    (
        "goes-on-without-tls",
        "SP-S07",
        &[
            "credential-never-sent-in-clear",
            "diagnosis-class",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S09",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S01/self-signed",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S01/not-yet-valid",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S01/wrong-host",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S02",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "skips-verification",
        "SP-S02/incomplete-chain",
        &[
            "diagnosis-class",
            "no-retry-on-certificate-failure",
            "outcome-as-expected",
        ],
    ),
    (
        "pins-first-certificate",
        "SP-S03",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "retries-bad-certificate",
        "SP-S03/by-an-expired-one",
        &["no-retry-on-certificate-failure"],
    ),
    (
        "one-cause-for-all",
        "SP-S10",
        &["diagnosis-class", "diagnosis-never"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S01"),
    ),
    (
        "says-verification-is-off",
        Unit("a_warning_in_plain_words_passes"),
    ),
    (
        "no-retry-on-refused-handshake",
        Miss("offers-once-more", "SP-S05"),
    ),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S01/self-signed"),
    ),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S01/not-yet-valid"),
    ),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S01/wrong-host"),
    ),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S02"),
    ),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S02/incomplete-chain"),
    ),
    ("quiet-diagnosis", Miss("no-keep-alive", "SP-S03")),
    ("says-verification-is-off", Miss("chatty-logs", "SP-S04")),
    (
        "no-retry-on-certificate-failure",
        Miss("second-handshake", "SP-S09"),
    ),
    ("no-lost-records", Miss("no-keep-alive", "SP-S03")),
    ("diagnosis-class", Miss("names-one-cause", "SP-S10")),
];
