//! Sins and near-misses around roles and access controls.

use super::{Caught, Near::Miss, Near::Unit, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    ("retries-forbidden", "SP-P01", &["no-retry-on-403"]),
    ("vague-words", "SP-P01", &["diagnosis-names-fact"]),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("diagnosis-names-fact", Miss("names-one-cause", "SP-P01")),
    (
        "no-retry-on-403",
        Unit("trying_other_tables_or_another_act_passes"),
    ),
];
