//! The queues of sessions: each runs one transaction at a time (wire-failures 5.4).
//!
//! A queue is a pool of one semaphore. Nobody stands in one unless the instance was set up with
//! them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::mint::Fingerprint;
use super::pool::{Entry, Semaphores};
use crate::clock::Now;
use crate::setup::{SemaphoreSetup, SessionQueueSetup};

/// Requests of a session that wait: what comes while more than ten do is dropped, and of 100 at once
/// 12 were seen to be answered, one that ran and 11 that waited (wire-failures 5.4).
const DEPTH: u32 = 11;
/// Queues that are kept although nobody stands in them.
const MOST_IDLE: usize = 4096;

/// The queues of one instance, by session.
#[derive(Debug)]
pub struct SessionQueues {
    held: Mutex<Held>,
    depth: u32,
    slow_after: Duration,
}

#[derive(Debug)]
struct Held {
    enforced: bool,
    /// Slow transactions in each session.
    others: u32,
    by_session: HashMap<Fingerprint, Semaphores>,
}

impl SessionQueues {
    pub(super) fn new(setup: Option<&SessionQueueSetup>) -> Self {
        let written = setup.cloned().unwrap_or_default();
        Self {
            held: Mutex::new(Held {
                enforced: setup.is_some(),
                others: written.occupied.unwrap_or(0),
                by_session: HashMap::new(),
            }),
            depth: written.depth.unwrap_or(DEPTH),
            slow_after: written
                .slow_after
                .map_or(Duration::ZERO, |slow| slow.effective),
        }
    }

    /// Asks for the turn of the session of this id.
    #[must_use]
    pub fn enter(&self, id: &str, now: Now) -> Entry {
        let mut held = self.held();
        if !held.enforced {
            return Entry::Free;
        }
        if held.by_session.len() > MOST_IDLE {
            held.by_session.retain(|_, queue| queue.load() != (0, 0));
        }
        let setup = SemaphoreSetup {
            slots: Some(1),
            queue: Some(self.depth),
            occupied: Some(held.others),
            longest_wait: None,
        };
        let queue = held
            .by_session
            .entry(Fingerprint::of(id))
            .or_insert_with(|| Semaphores::new(Some(&setup)));
        queue.enter_while_slow(now, self.slow_after)
    }

    /// So many slow transactions run or wait in each session from here on.
    pub fn occupy(&self, others: u32) {
        let mut held = self.held();
        held.enforced = true;
        held.others = others;
        for queue in held.by_session.values() {
            queue.occupy(others);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Now {
        Now {
            elapsed: Duration::from_millis(ms),
            unix: Duration::from_millis(1_790_000_000_000 + ms),
        }
    }

    fn queues(setup: &SessionQueueSetup) -> SessionQueues {
        SessionQueues::new(Some(setup))
    }

    #[test]
    fn a_session_runs_one_and_lets_eleven_wait() {
        let queues = queues(&SessionQueueSetup::default());
        let entries: Vec<Entry> = (0..100).map(|_| queues.enter("a", at(0))).collect();
        let count = |of: fn(&Entry) -> bool| entries.iter().filter(|entry| of(entry)).count();
        assert_eq!(count(|entry| matches!(entry, Entry::Runs(_))), 1);
        assert_eq!(count(|entry| matches!(entry, Entry::Waits(_))), 11);
        assert_eq!(count(|entry| matches!(entry, Entry::Refused { .. })), 88);
        assert!(matches!(queues.enter("b", at(0)), Entry::Runs(_)));
    }

    #[test]
    fn without_a_set_up_sessions_run_what_they_like_until_others_come() {
        let queues = SessionQueues::new(None);
        assert!(matches!(queues.enter("a", at(0)), Entry::Free));
        queues.occupy(DEPTH + 1);
        assert!(matches!(queues.enter("a", at(0)), Entry::Refused { .. }));
        queues.occupy(0);
        assert!(matches!(queues.enter("a", at(0)), Entry::Runs(_)));
    }

    #[test]
    fn a_full_queue_drops_once_its_transaction_runs_for_long() {
        let queues = queues(&SessionQueueSetup {
            depth: Some(1),
            slow_after: "30s".parse().ok(),
            occupied: None,
        });
        let first = queues.enter("a", at(0));
        let waits: Vec<Entry> = [1, 2, 29_999]
            .into_iter()
            .map(|ms| queues.enter("a", at(ms)))
            .collect();
        assert!(waits.iter().all(|entry| matches!(entry, Entry::Waits(_))));
        assert!(matches!(
            queues.enter("a", at(30_000)),
            Entry::Refused { .. }
        ));
        drop((first, waits));
        assert!(matches!(queues.enter("a", at(30_001)), Entry::Runs(_)));
    }
}
