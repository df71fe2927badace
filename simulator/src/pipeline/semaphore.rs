//! Semaphores: API requests run on a small pool with a queue behind it.
//!
//! A full queue answers 429, since the request "will never have a chance to run" (wire-failures
//! 5.2). That this comes before credentials are looked at is documented by the order of layers
//! (wire-failures, part III); that the answer is bare and empty is *assumed*. So is that a request
//! whose caller has left keeps its place and is carried out when its turn comes: instances log
//! callers that hung up first (wire-failures 5.5), and say nothing of the queue. Counting is
//! `admission`'s.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::admission::Entry;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api::Api;
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
            Entry::Waits(ticket) => Decision::Queue(ticket),
            Entry::Refused { slots, queue } => Decision::answer(refusal(slots, queue)),
        }
    }
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
