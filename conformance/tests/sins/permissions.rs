//! Sins and near-misses around roles and access controls.

use super::{Caught, Near::Miss, Near::Unit, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    ("retries-forbidden", "SP-P01", &["no-retry-on-403"]),
    ("vague-words", "SP-P01", &["diagnosis-names-fact"]),
    (
        "treats-403-as-401",
        "SP-P03",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "treats-403-as-401",
        "SP-P11",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "blames-the-password",
        "SP-P11",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("retries-forbidden", "SP-P06", &["no-retry-on-403"]),
    ("retries-forbidden", "SP-P13", &["no-retry-on-403"]),
    (
        "treats-403-as-401",
        "SP-P20",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("vague-words", "SP-P08", &["diagnosis-names-fact"]),
    (
        "hides-what-is-missing",
        "SP-P09",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    (
        "stops-on-short-page",
        "SP-P09",
        &["no-lost-records", "pages-past-short-page"],
    ),
    (
        "one-cause-for-all",
        "SP-P10",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("blanks-unsent-fields", "SP-P30", &["no-blanked-fields"]),
    ("hides-what-is-missing", "SP-P30", &["diagnosis-class"]),
    (
        "treats-403-as-401",
        "SP-P31",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("blanks-unsent-fields", "SP-P32", &["no-blanked-fields"]),
    (
        "creates-what-is-hidden",
        "SP-P21",
        &[
            "diagnosis-class",
            "no-duplicate-create",
            "no-lost-write",
            "outcome-as-expected",
        ],
    ),
    ("vague-words", "SP-P21", &["diagnosis-names-fact"]),
    ("retries-not-found", "SP-P21", &["no-retry-on-404"]),
    (
        "one-cause-for-all",
        "SP-P21/deleted",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("vague-words", "SP-P22", &["diagnosis-names-fact"]),
    (
        "treats-403-as-401",
        "SP-P22",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "trusts-200",
        "SP-P02",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    (
        "trusts-200",
        "SP-P04",
        &["diagnosis-class", "outcome-as-expected"],
    ),
    ("vague-words", "SP-P04", &["diagnosis-names-fact"]),
    (
        "treats-403-as-401",
        "SP-P05",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "treats-403-as-401",
        "SP-P07",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "vague-words",
        "SP-P13/service-modelling",
        &["diagnosis-names-fact"],
    ),
    (
        "renews-after-403",
        "SP-P13/read-only-token",
        &["no-retry-on-403", "no-token-call-after-403"],
    ),
    (
        "treats-403-as-401",
        "SP-P13/read-only-account",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "treats-403-as-401",
        "SP-P13/read-only-role",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-P12",
        &["diagnosis-class", "diagnosis-never"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    ("diagnosis-names-fact", Miss("names-one-cause", "SP-P01")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P13")),
    ("no-lost-records", Miss("smaller-pages", "SP-P09")),
    ("no-blanked-fields", Miss("marks-unsent-fields", "SP-P30")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P21")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P22")),
    (
        "no-retry-on-403",
        Unit("trying_other_tables_or_another_act_passes"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-P02")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P03")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P04")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P05")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P06")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P07")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P08")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P11")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P20")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P10")),
    ("diagnosis-class", Miss("names-one-cause", "SP-P31")),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-P13/service-modelling"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-P13/read-only-account"),
    ),
    (
        "no-token-call-after-403",
        Miss("names-one-cause", "SP-P13/read-only-token"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-P13/read-only-role"),
    ),
    ("diagnosis-class", Miss("single-attempt-check", "SP-P04")),
];
