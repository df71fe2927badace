//! Sins and near-misses around instances that are not there.

use super::{Caught, Near::Miss, NearMiss};

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
];
