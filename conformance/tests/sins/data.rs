//! Sins and near-misses around completeness.

use super::{Caught, Near::Miss, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "stops-on-short-page",
        "SP-D01",
        &["no-lost-records", "pages-past-short-page"],
    ),
    ("checkpoints-late", "SP-D02", &["no-duplicate-records"]),
    (
        "restarts-from-zero",
        "SP-D02",
        &["no-duplicate-records", "resumes-from-checkpoint"],
    ),
    (
        "hides-what-is-missing",
        "SP-D01/must-be-said",
        &["diagnosis-class"],
    ),
    // It counts the rows that it jumped over as hidden ones.
    (
        "believes-own-page-size",
        "SP-D03",
        &["diagnosis-never", "no-lost-records", "outcome-as-expected"],
    ),
    (
        "stops-on-short-page",
        "SP-D03",
        &["no-lost-records", "no-silent-truncation"],
    ),
    (
        "pages-by-time",
        "SP-D06",
        &[
            "no-lost-records",
            "no-silent-truncation",
            "stable-order-paging",
        ],
    ),
    (
        "stops-on-short-page",
        "SP-D01/empty-page",
        &["no-lost-records", "pages-past-short-page"],
    ),
    (
        "pages-without-order",
        "SP-D05",
        &[
            "no-duplicate-records",
            "no-silent-truncation",
            "stable-order-paging",
        ],
    ),
    (
        "pages-without-order",
        "SP-D04",
        &[
            "no-duplicate-records",
            "no-lost-records",
            "no-silent-truncation",
            "stable-order-paging",
        ],
    ),
    (
        "pages-without-order",
        "SP-D07",
        &[
            "no-duplicate-records",
            "no-lost-records",
            "no-silent-truncation",
        ],
    ),
    (
        "duplicates-last-page",
        "SP-D07/before-the-first",
        &["no-duplicate-records"],
    ),
    (
        "stops-on-short-page",
        "SP-D08",
        &["no-lost-records", "pages-past-short-page"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("no-duplicate-records", Miss("smaller-pages", "SP-D02")),
    ("resumes-from-checkpoint", Miss("smaller-pages", "SP-D02")),
    ("fault-was-exercised", Miss("smaller-pages", "SP-D02")),
    ("no-lost-records", Miss("pages-by-offset", "SP-D01")),
    ("no-silent-truncation", Miss("pages-by-offset", "SP-D01")),
    (
        "pages-past-short-page",
        Miss("pages-by-offset", "SP-D01/empty-page"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-D01/must-be-said"),
    ),
    ("no-duplicate-records", Miss("smaller-pages", "SP-D05")),
    ("stable-order-paging", Miss("pages-by-offset", "SP-D04")),
    ("no-lost-records", Miss("pages-by-offset", "SP-D06")),
    ("no-lost-records", Miss("pages-by-offset", "SP-D03")),
    ("no-lost-records", Miss("pages-by-offset", "SP-D07")),
    (
        "no-lost-records",
        Miss("smaller-pages", "SP-D07/before-the-first"),
    ),
];
