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
];
