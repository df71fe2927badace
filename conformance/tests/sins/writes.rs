//! Sins and near-misses around writes.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "replays-post-blindly",
        "SP-W02",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
    (
        "claims-write",
        "SP-W02/request-lost",
        &["no-lost-write", "replay-exactly-once"],
    ),
    ("no-retry", "SP-W02/request-lost", &["replay-exactly-once"]),
    (
        "restarts-from-zero",
        "SP-W03",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("no-duplicate-create", Miss("writes-with-own-key", "SP-W02")),
    (
        "no-lost-write",
        Miss("leaves-unknown-writes", "SP-W02/too-slow"),
    ),
    ("replay-exactly-once", Miss("writes-with-own-key", "SP-W02")),
];
