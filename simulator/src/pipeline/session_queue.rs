//! The queue of a session: requests that show its cookie run one after another.
//!
//! What finds the queue full is answered 202 without a body and is not processed (wire-failures
//! 5.4); the headers are those of a capture (wire-core 2.4). Who shows no cookie, or one of no
//! session that lasts, stands in no queue: each of those requests has a session of its own. That the
//! queue comes before the semaphores is *assumed*. Counting is `admission`'s.

use http::header::{SERVER, STRICT_TRANSPORT_SECURITY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::admission::{Entry, session_id};
use super::stage::{Decision, Exchange, Facts, Queued, Stage, View};
use crate::api::Api;
use crate::journal::Condition;
use crate::reply::{Origin, Reply};

#[derive(Debug)]
pub(super) struct SessionQueue;

impl Stage for SessionQueue {
    fn name(&self) -> &'static str {
        "session_queue"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let Some(id) = session_id(exchange.headers) else {
            return Decision::pass();
        };
        if exchange.target.api == Api::Unknown || view.visit(exchange).is_none() {
            return Decision::pass();
        }
        match view.admission.session_queues.enter(id, exchange.now) {
            Entry::Free => Decision::pass(),
            Entry::Runs(permit) => Decision::Pass {
                headers: HeaderMap::new(),
                permit: Some(permit),
            },
            Entry::Waits(ticket) => Decision::Queue(Queued {
                ticket,
                overdue: None,
            }),
            Entry::Refused { queue, .. } => Decision::answer(dropped(queue)),
        }
    }
}

fn dropped(queue: u32) -> Reply {
    let mut reply = Reply::empty(StatusCode::ACCEPTED);
    reply
        .headers
        .insert(SERVER, HeaderValue::from_static("ServiceNow"));
    reply.headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    reply.origin = Origin::Edge;
    reply.condition = Some(Condition::SessionQueueFull);
    reply.reason = format!("the session runs a transaction and its queue of {queue} is full");
    reply
}
