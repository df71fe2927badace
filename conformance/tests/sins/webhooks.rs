//! Sins and near-misses around callbacks.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    ("provisions-blindly", "SP-H03", &["provisioning-idempotent"]),
    (
        "provisions-blindly",
        "SP-H03/answer-lost",
        &["provisioning-idempotent"],
    ),
    (
        "trusts-provisioning",
        "SP-H02",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    (
        "treats-403-as-401",
        "SP-H02/refused",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "treats-403-as-401",
        "SP-H02/no-rights",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("password-in-url", "SP-H01", &["no-secret-in-url"]),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    (
        "provisioning-idempotent",
        Miss("rewrites-callback", "SP-H03"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-H02")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-H02/no-rights"),
    ),
];
