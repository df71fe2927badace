//! Sins and near-misses around the settings of a connection.

use super::{Caught, Near::Miss, Near::Unit, NearMiss};

/// See [`Caught`].
pub(crate) const CAUGHT: &[Caught] = &[
    (
        "sends-in-clear",
        "SP-U01",
        &[
            "credential-never-sent-in-clear",
            "diagnosis-class",
            "preflight-url",
        ],
    ),
    (
        "takes-url-as-typed",
        "SP-U02/with-api",
        &["diagnosis-class"],
    ),
    (
        "retries-not-found",
        "SP-U03/edge-answers",
        &["no-retry-on-404"],
    ),
    ("retries-bad-request", "SP-U04", &["no-retry-on-400"]),
    (
        "one-cause-for-all",
        "SP-U03",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "sends-in-clear",
        "SP-U06",
        &["credential-never-sent-in-clear"],
    ),
    (
        "takes-url-as-typed",
        "SP-U02/with-page",
        &["diagnosis-class"],
    ),
    (
        "one-cause-for-all",
        "SP-U01/wrong-domain",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("retries-bad-request", "SP-U05", &["no-retry-on-400"]),
    (
        "one-cause-for-all",
        "SP-U07",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "blames-the-password",
        "SP-U13",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("vague-words", "SP-U14/change", &["diagnosis-names-fact"]),
    (
        "fails-on-empty-404",
        "SP-U16",
        &["diagnosis-never", "outcome-as-expected"],
    ),
    (
        "one-cause-for-all",
        "SP-U17",
        &[
            "diagnosis-class",
            "diagnosis-distinguishes",
            "diagnosis-never",
        ],
    ),
    // The other host does not know its user.
    (
        "follows-redirects",
        "SP-U09",
        &[
            "diagnosis-class",
            "diagnosis-never",
            "no-auth-header-across-redirect",
        ],
    ),
    (
        "follows-redirects",
        "SP-U11",
        &[
            "credential-never-sent-in-clear",
            "diagnosis-class",
            "no-downgrade-redirect",
            "outcome-as-expected",
        ],
    ),
    ("reads-redirected-writes", "SP-U12", &["no-lost-write"]),
    (
        "one-cause-for-all",
        "SP-U10",
        &["diagnosis-class", "diagnosis-never"],
    ),
    (
        "one-cause-for-all",
        "SP-U14/body",
        &["diagnosis-class", "diagnosis-never"],
    ),
    ("joins-paths-badly", "SP-U02", &["diagnosis-class"]),
    ("retries-long-requests", "SP-U15", &["no-retry-on-400"]),
    (
        "knows-one-domain",
        "SP-U08",
        &["diagnosis-never", "outcome-as-expected"],
    ),
    (
        "follows-redirects-forever",
        "SP-U10",
        &["diagnosis-class", "gives-up-within"],
    ),
];

/// Checks and their near-misses.
pub(crate) const NEAR: &[NearMiss] = &[
    (
        "credential-never-sent-in-clear",
        Miss("asks-where-http-leads", "SP-U06"),
    ),
    ("preflight-url", Unit("refusing_at_once_passes")),
    (
        "no-retry-on-404",
        Unit("asking_elsewhere_or_in_another_act_passes"),
    ),
    (
        "no-retry-on-400",
        Unit("asking_elsewhere_or_in_another_act_passes"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-U03")),
    ("preflight-url", Miss("names-one-cause", "SP-U01")),
    ("diagnosis-class", Miss("chatty-logs", "SP-U02")),
    (
        "diagnosis-class",
        Miss("dummy-parameter", "SP-U02/with-page"),
    ),
    (
        "diagnosis-class",
        Miss("dummy-parameter", "SP-U02/with-api"),
    ),
    (
        "preflight-url",
        Miss("names-one-cause", "SP-U01/wrong-domain"),
    ),
    ("quiet-diagnosis", Miss("chatty-logs", "SP-U08")),
    (
        "no-retry-on-404",
        Miss("names-one-cause", "SP-U03/edge-answers"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-U04")),
    ("no-retry-on-400", Miss("names-one-cause", "SP-U05")),
    ("diagnosis-class", Miss("names-one-cause", "SP-U07")),
    ("diagnosis-class", Miss("tells-long-requests", "SP-U15")),
    (
        "diagnosis-distinguishes",
        Unit("causes_that_the_wire_cannot_tell_apart_may_read_alike"),
    ),
    (
        "no-auth-header-across-redirect",
        Miss("asks-where-redirects-lead", "SP-U09"),
    ),
    (
        "no-downgrade-redirect",
        Miss("asks-where-redirects-lead", "SP-U11"),
    ),
    (
        "diagnosis-class",
        Miss("asks-where-redirects-lead", "SP-U10"),
    ),
    ("diagnosis-class", Miss("names-one-cause", "SP-U13")),
    ("diagnosis-class", Miss("names-one-cause", "SP-U14")),
    ("diagnosis-class", Miss("names-one-cause", "SP-U14/body")),
    ("no-retry-on-404", Miss("chatty-logs", "SP-U16")),
    ("diagnosis-distinguishes", Miss("names-one-cause", "SP-U17")),
    ("no-retry-on-400", Miss("tells-long-requests", "SP-U15")),
    (
        "gives-up-within",
        Miss("asks-where-redirects-lead", "SP-U10"),
    ),
];
