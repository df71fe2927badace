//! A reply on its way, and the outcome that is written down when it ends.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::wire::{Reply, WireEnd};
use super::Site;
use crate::journal::{Cause, Condition, Event, Outcome, ReplyEnd, Served};
use crate::pipeline::admission::Permit;
use crate::pipeline::stage::{Ending, HangUpPlan};

/// How far a reply has come; shared by whoever gives its bytes and whoever sees them leave.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    body_bytes: AtomicU64,
    status_sent: AtomicBool,
    complete: AtomicBool,
    ended_ns: Mutex<Option<u64>>,
}

impl Progress {
    pub(crate) fn gave(&self, bytes: u64) {
        self.body_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn status_sent(&self) {
        self.status_sent.store(true, Ordering::Relaxed);
    }

    /// The last write follows.
    pub(super) fn stamp(&self, at_ns: u64) {
        self.ended_ns
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(at_ns);
    }

    /// Nothing more will be given.
    pub(super) fn complete(&self, at_ns: u64) {
        self.stamp(at_ns);
        self.complete.store(true, Ordering::Release);
    }

    fn stamped(&self) -> Option<u64> {
        *self.ended_ns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply on its way, with what its outcome will say.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) site: Arc<Site>,
    pub(super) request: u64,
    pub(super) connection: u64,
    pub(super) status: u16,
    pub(super) condition: Option<Condition>,
    pub(super) cause: Option<Cause>,
    pub(super) served: Option<Served>,
    pub(super) served_in_batch: Vec<Served>,
    pub(super) plan: Option<HangUpPlan>,
    /// Given back when the exchange ends.
    pub(super) permits: Vec<Permit>,
    pub(super) progress: Arc<Progress>,
    /// Whether the outcome was written down.
    pub(super) told: bool,
    /// Lets the connection's next exchange begin when this one is over.
    #[expect(dead_code, reason = "held for its drop")]
    pub(super) turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Carried {
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    pub(super) fn boxed(self) -> Box<dyn Reply> {
        Box::new(self)
    }

    fn end(&mut self, end: WireEnd) {
        self.tell(match (end, self.plan) {
            // Behind an answer that is no good HTTP the connection ends, and all of it has left.
            (WireEnd::Whole, _) | (WireEnd::Planned, None) => ReplyEnd::Delivered,
            (WireEnd::Planned, _) => ReplyEnd::Cut,
            (WireEnd::Lost, Some(plan)) if plan.then == Ending::Silence => ReplyEnd::Silent,
            (WireEnd::Lost, _) => ReplyEnd::Abandoned,
        });
    }

    fn tell(&mut self, end: ReplyEnd) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        self.permits.clear();
        let now = self.site.clock.now().nanos();
        let whole = end == ReplyEnd::Delivered;
        let outcome = Outcome {
            request: self.request,
            connection: self.connection,
            end,
            status: self
                .progress
                .status_sent
                .load(Ordering::Relaxed)
                .then_some(self.status),
            body_bytes: self.progress.body_bytes.load(Ordering::Relaxed),
            ended_ns: self.progress.stamped().filter(|_| whole).unwrap_or(now),
            condition: self.condition,
            served: self.served.take(),
            served_in_batch: std::mem::take(&mut self.served_in_batch),
        };
        self.site
            .note_with(self.cause.take(), Event::Outcome(outcome));
    }
}

impl Reply for Carried {
    fn flushed(&mut self) -> bool {
        self.progress.complete.load(Ordering::Acquire)
    }

    fn over(mut self: Box<Self>, end: WireEnd) {
        self.end(end);
    }
}

impl Drop for Carried {
    /// An exchange whose caller left before its answer was given to the wire.
    fn drop(&mut self) {
        self.end(WireEnd::Lost);
    }
}
