//! What is known of the answers to those who stood in a queue in vain.

use super::Fidelity;
use crate::journal::Condition;

/// What is known about the answer that follows from one of these conditions.
pub(super) const fn of(condition: Condition) -> Fidelity {
    match condition {
        Condition::QueuedTooLong => Fidelity {
            wire: "500 `Transaction cancelled: maximum execution time exceeded` before credentials are looked at, once the longest wait of the queue is over",
            source: "wire-failures 5.3, wire-core 2.1",
            assumed: Some("the words and the envelope, and that the longest wait is 60 s"),
        },
        _ => Fidelity {
            wire: "202 without a body, bare headers, nothing processed: the session's cookie was shown while one transaction runs and more than ten wait",
            source: "wire-failures 5.4, wire-core 2.4",
            assumed: Some(
                "that the queue comes before the semaphores, that other work in the session stands in it first, and, but where a set-up has queues, that sessions run any number at once",
            ),
        },
    }
}
