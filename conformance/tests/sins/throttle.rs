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
    (
        "retries-before-long-retry-after",
        "SP-T02/no-requests-left",
        &[
            "no-request-inside-window",
            "retry-after-beyond-cap",
            "waits-at-least-retry-after",
        ],
    ),
    (
        "hot-loops-on-zero",
        "SP-T03/zero",
        &["backoff-floor", "retry-after-zero-no-hot-loop"],
    ),
    (
        "dies-of-bad-retry-after",
        "SP-T03",
        &[
            "no-lost-records",
            "outcome-as-expected",
            "retry-after-bad-value-falls-back",
        ],
    ),
    ("no-jitter", "SP-T04", &["jitter-present"]),
    (
        "flat-backoff",
        "SP-T04",
        &["backoff-grows", "jitter-present"],
    ),
    (
        "trusts-202",
        "SP-T05",
        &["no-silent-truncation", "recovers-after-202"],
    ),
    (
        "ignores-error-in-success",
        "SP-T06/both-keys",
        &["no-silent-truncation", "rejects-error-in-success"],
    ),
    ("keeps-page-size", "SP-T06", &["page-shrunk-after-quota"]),
    (
        "workers-ignore-each-other",
        "SP-T11",
        &["no-request-inside-window"],
    ),
    (
        "keeps-concurrency",
        "SP-T11",
        &["concurrency-reduced-after-429"],
    ),
    (
        "retries-in-step",
        "SP-T11/queue-full",
        &["no-synchronised-retry"],
    ),
    (
        "no-retry",
        "SP-T02",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "no-retry",
        "SP-T02/starts-late",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "no-retry",
        "SP-T09",
        &["outcome-as-expected", "replay-exactly-once"],
    ),
    (
        "ignores-error-in-success",
        "SP-T06/error-only",
        &["no-silent-truncation", "rejects-error-in-success"],
    ),
    (
        "takes-limits-for-refusals",
        "SP-T07",
        &["diagnosis-never", "no-lost-records", "outcome-as-expected"],
    ),
    (
        "no-retry",
        "SP-T12",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "no-retry",
        "SP-T13",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "no-retry",
        "SP-T13/commits-late",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "trusts-202",
        "SP-T14",
        &["no-silent-truncation", "recovers-after-202"],
    ),
    (
        "no-retry",
        "SP-T10",
        &["no-lost-records", "outcome-as-expected"],
    ),
    (
        "pages-without-order",
        "SP-T08",
        &[
            "no-duplicate-records",
            "no-lost-records",
            "no-silent-truncation",
        ],
    ),
    (
        "no-retry",
        "SP-T15",
        &["outcome-as-expected", "replay-exactly-once"],
    ),
    (
        "keeps-batch-size",
        "SP-T15",
        &["outcome-as-expected", "replay-exactly-once"],
    ),
    ("trusts-batch-status", "SP-T16", &["no-lost-write"]),
    ("forgets-unserviced", "SP-T16", &["no-lost-write"]),
    ("replays-whole-batch", "SP-T16", &["no-duplicate-create"]),
    (
        "replays-post-blindly",
        "SP-T16/committed-in-the-end",
        &["no-duplicate-create"],
    ),
    (
        "polls-refusals",
        "SP-T01/many-calls",
        &[
            "backoff-floor",
            "bounded-attempts",
            "no-request-inside-window",
            "rate-reduced-after-429",
            "waits-at-least-retry-after",
        ],
    ),
    (
        "waits-beyond-its-word",
        "SP-T11/queue-full",
        &["backoff-capped"],
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
    (
        "retry-after-beyond-cap",
        Miss("fewer-attempts", "SP-T02/no-requests-left"),
    ),
    (
        "retry-after-zero-no-hot-loop",
        Miss("immediate-first-retry", "SP-T03/zero"),
    ),
    (
        "retry-after-bad-value-falls-back",
        Miss("immediate-first-retry", "SP-T03"),
    ),
    ("backoff-grows", Miss("immediate-first-retry", "SP-T04")),
    ("jitter-present", Miss("immediate-first-retry", "SP-T04")),
    (
        "recovers-after-202",
        Miss("immediate-first-retry", "SP-T05"),
    ),
    (
        "rejects-error-in-success",
        Miss("shrinks-page-faster", "SP-T06/both-keys"),
    ),
    (
        "page-shrunk-after-quota",
        Miss("shrinks-page-faster", "SP-T06"),
    ),
    (
        "concurrency-reduced-after-429",
        Miss("eases-off-to-one", "SP-T11"),
    ),
    (
        "no-synchronised-retry",
        Miss("spreads-retries-wider", "SP-T11/queue-full"),
    ),
    (
        "diagnosis-class",
        Miss("names-one-cause", "SP-T01/for-long"),
    ),
    (
        "waits-at-least-retry-after",
        Miss("waits-retry-after-plus-4s", "SP-T02"),
    ),
    (
        "waits-at-least-retry-after",
        Miss("waits-retry-after-plus-4s", "SP-T02/starts-late"),
    ),
    (
        "no-duplicate-create",
        Miss("leaves-unknown-writes", "SP-T09"),
    ),
    ("quiet-diagnosis", Miss("chatty-logs", "SP-T07")),
    (
        "page-shrunk-after-quota",
        Miss("shrinks-page-faster", "SP-T06/error-only"),
    ),
    ("no-lost-records", Miss("chatty-logs", "SP-T07")),
    ("no-lost-records", Miss("shrinks-page-faster", "SP-T12")),
    (
        "waits-at-least-retry-after",
        Miss("waits-retry-after-plus-4s", "SP-T13"),
    ),
    (
        "recovers-after-202",
        Miss("immediate-first-retry", "SP-T14"),
    ),
    ("replay-exactly-once", Miss("stops-batching", "SP-T15")),
    ("no-lost-write", Miss("tells-unserviced", "SP-T16")),
    (
        "no-duplicate-create",
        Miss("leaves-unknown-writes", "SP-T16/committed-in-the-end"),
    ),
    (
        "rate-reduced-after-429",
        Miss("immediate-first-retry", "SP-T01/many-calls"),
    ),
    (
        "backoff-capped",
        Miss("slower-backoff", "SP-T11/queue-full"),
    ),
];
