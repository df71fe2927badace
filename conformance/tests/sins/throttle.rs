//! Sins and near-misses around rate limits and quotas.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "multiplies-retry-after",
        "SP-T01",
        &["retry-after-not-multiplied"],
    ),
    (
        "retries-before-long-retry-after",
        "SP-T01/for-long",
        &["no-request-inside-window", "waits-at-least-retry-after"],
    ),
    (
        "ignores-retry-after",
        "SP-T01/for-long",
        &["no-request-inside-window", "waits-at-least-retry-after"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    (
        "waits-at-least-retry-after",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
    (
        "no-request-inside-window",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
    (
        "retry-after-not-multiplied",
        Miss("waits-retry-after-plus-4s", "SP-T01"),
    ),
];
