//! Semaphores: API requests run on a small pool with a queue behind it.
//!
//! A full queue answers 429, since the request "will never have a chance to run" (wire-failures
//! 5.2). That this comes before credentials are looked at is documented by the order of layers
//! (wire-failures, part III); that the answer is bare and empty is *assumed*. So is that a request
//! whose caller has left keeps its place and is carried out when its turn comes: instances log
//! callers that hung up first (wire-failures 5.5), and say nothing of the queue. Counting is
//! `admission`'s.
//!
//! Who waits for too long is answered 500 (wire-failures 5.3); that it says so in the words of a
//! transaction that its quota ends before any output (wire-core 2.1) is *assumed*.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::admission::Entry;
use super::stage::{Decision, Exchange, Facts, Queued, Stage, View};
use crate::api::{Api, CANCELLED};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};

#[derive(Debug)]
pub(super) struct Semaphore;

impl Stage for Semaphore {
    fn name(&self) -> &'static str {
        "semaphore"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        if exchange.target.api == Api::Unknown {
            return Decision::pass();
        }
        match view.admission.semaphores.enter() {
            Entry::Free => Decision::pass(),
            Entry::Runs(permit) => Decision::Pass {
                headers: HeaderMap::new(),
                permit: Some(permit),
            },
            Entry::Waits(ticket) => Decision::Queue(Queued {
                overdue: ticket
                    .longest_wait()
                    .map(|longest| (longest, Box::new(overdue(longest, view)))),
                ticket,
            }),
            Entry::Refused { slots, queue } => Decision::answer(refusal(slots, queue)),
        }
    }
}

fn overdue(longest: Duration, view: &View<'_>) -> Reply {
    let detail = format!(
        "{CANCELLED}. Check logs for error trace or enable glide.rest.debug property to verify REST request processing"
    );
    Reply::failure(
        StatusCode::INTERNAL_SERVER_ERROR,
        CANCELLED,
        Some(&detail),
        view.switches.error_keys.unwrap_or_default(),
        Condition::QueuedTooLong,
        format!("no semaphore was free for {} ms", longest.as_millis()),
    )
}

fn refusal(slots: u32, queue: u32) -> Reply {
    Reply {
        status: StatusCode::TOO_MANY_REQUESTS,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        origin: Origin::Edge,
        condition: Some(Condition::QueueFull),
        reason: format!("all {slots} semaphores are held and the queue of {queue} is full"),
        served: None,
        served_in_batch: Vec::new(),
        refused_until: None,
        unmodelled: Vec::new(),
        token_call: None,
    }
}
