//! Sins and near-misses around what every connector meets.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    ("prints-password", "SP-C01", &["no-secret-in-output"]),
    (
        "pages-without-order",
        "SP-C02",
        &[
            "no-duplicate-records",
            "no-lost-records",
            "no-silent-truncation",
            "stable-order-paging",
        ],
    ),
    ("duplicates-last-page", "SP-C02", &["no-duplicate-records"]),
    ("exits-with-failure", "SP-C01", &["exit-status-consistent"]),
    ("exits-with-failure", "SP-W01", &["exit-status-consistent"]),
    ("exits-with-failure", "SP-W04", &["exit-status-consistent"]),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("stable-order-paging", Miss("pages-by-offset", "SP-C02")),
    ("no-secret-in-output", Miss("chatty-logs", "SP-C01")),
    ("no-secret-in-url", Miss("dummy-parameter", "SP-C02")),
];
