//! The sins around how long is waited, and how often asked.

use std::time::Duration;

use crate::policy::{Backoff, RetryAfter, Variation};

/// Every one of them.
pub(super) const SINS: &[Variation] = &[
    Variation {
        name: "polls-refusals",
        about: "asks every few milliseconds whether a rate limit lets it in again",
        edit: |policy| policy.retry_after = RetryAfter::AskEvery(Duration::from_millis(10)),
    },
    Variation {
        name: "waits-beyond-its-word",
        about: "waits for seconds after any failure, whatever it promises",
        edit: |policy| {
            policy.backoff = Backoff {
                floor: Duration::from_secs(3),
                base: Duration::from_secs(3),
                ..Backoff::default()
            };
        },
    },
];
