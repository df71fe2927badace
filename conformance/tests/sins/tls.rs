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
];
