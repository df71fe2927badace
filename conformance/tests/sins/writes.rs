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
    (
        "replays-post-blindly",
        "SP-W06",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
    (
        "replays-post-blindly",
        "SP-W06/email",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
    (
        "claims-write",
        "SP-W06/update-lost",
        &["no-lost-write", "replay-exactly-once"],
    ),
    (
        "restarts-from-zero",
        "SP-W03/message",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
    (
        "waits-for-challenge",
        "SP-W05",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    (
        "replays-post-blindly",
        "SP-W02/too-slow",
        &["no-duplicate-create", "replay-exactly-once"],
    ),
    (
        "repeats-journal-entries",
        "SP-W07",
        &["no-duplicate-journal-entries"],
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
    (
        "no-duplicate-create",
        Miss("leaves-unknown-writes", "SP-W06/email"),
    ),
    (
        "outcome-as-expected",
        Miss("credentials-after-refusal", "SP-W05"),
    ),
    (
        "no-lost-write",
        Miss("credentials-after-refusal", "SP-W05/challenged"),
    ),
    (
        "no-duplicate-journal-entries",
        Miss("leaves-unknown-writes", "SP-W07"),
    ),
];
