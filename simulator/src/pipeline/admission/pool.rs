//! The semaphores on which API requests run: so many at once, and a queue of so many behind them
//! (wire-failures 5.2). First come, first served.
//!
//! Nothing waits here: a [`Ticket`] is a place in the queue, and a future that is ready when its
//! turn has come. Slow transactions of other callers are a number, since only their weight counts.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Permit;
use crate::clock::Now;
use crate::setup::SemaphoreSetup;

/// Requests of `API_INT` that run at once on a node (wire-core 2.4).
const SLOTS: u32 = 4;
/// Requests that wait for their turn (wire-failures 5.2).
const QUEUE: u32 = 50;

/// The pool of one instance. Clones share it.
#[derive(Debug, Clone)]
pub struct Semaphores {
    pool: Arc<Mutex<Pool>>,
    /// How long a place in the queue is kept at most.
    longest_wait: Option<Duration>,
}

#[derive(Debug)]
struct Pool {
    slots: u32,
    queue: u32,
    /// Whether anybody is held back at all.
    enforced: bool,
    running: u32,
    /// When the request that began last began to run, on the monotonic clock; zero where it is not
    /// told.
    since: Duration,
    /// Slow transactions of other callers, running or waiting.
    others: u32,
    waiting: VecDeque<Waiting>,
    /// Tickets whose turn has come and that nobody has looked at since.
    granted: BTreeSet<u64>,
    tickets: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    waker: Option<Waker>,
}

/// What comes of asking for a semaphore.
#[derive(Debug)]
pub enum Entry {
    /// Nobody is held back.
    Free,
    /// The request runs; the permit is held until it ends.
    Runs(Permit),
    /// It waits for its turn.
    Waits(Ticket),
    /// The queue is full as well.
    Refused {
        /// Requests that may run at once.
        slots: u32,
        /// Requests that may wait.
        queue: u32,
    },
}

/// A place in the queue, and the permit once its turn has come. Dropping it leaves the queue.
#[derive(Debug)]
pub struct Ticket {
    pool: Semaphores,
    number: u64,
}

/// A semaphore that is held; giving it back is dropping it.
#[derive(Debug)]
pub(super) struct Slot {
    pool: Semaphores,
}

impl Semaphores {
    pub(super) fn new(setup: Option<&SemaphoreSetup>) -> Self {
        let written = setup.cloned().unwrap_or_default();
        Self {
            longest_wait: written.longest_wait.map(|longest| longest.effective),
            pool: Arc::new(Mutex::new(Pool {
                slots: written.slots.unwrap_or(SLOTS),
                queue: written.queue.unwrap_or(QUEUE),
                enforced: setup.is_some(),
                running: 0,
                since: Duration::ZERO,
                others: written.occupied.unwrap_or(0),
                waiting: VecDeque::new(),
                granted: BTreeSet::new(),
                tickets: 0,
            })),
        }
    }

    /// Asks for a semaphore.
    #[must_use]
    pub fn enter(&self) -> Entry {
        let mut pool = self.lock();
        if !pool.enforced {
            return Entry::Free;
        }
        if pool.waiting.is_empty() && pool.running < pool.left_by_others() {
            pool.running += 1;
            return Entry::Runs(self.permit());
        }
        if pool.waiting.len() >= pool.places_left_by_others() {
            return Entry::Refused {
                slots: pool.slots,
                queue: pool.queue,
            };
        }
        Entry::Waits(self.line_up(&mut pool))
    }

    /// The same, but a full queue refuses nobody before what runs has run for so long. What others
    /// run is slow.
    #[must_use]
    pub fn enter_while_slow(&self, now: Now, slow_after: Duration) -> Entry {
        match self.enter() {
            Entry::Runs(permit) => {
                permit.runs_from(now);
                Entry::Runs(permit)
            }
            Entry::Refused { slots, queue } => {
                let mut pool = self.lock();
                let runs_for = now.elapsed.saturating_sub(pool.since);
                if pool.others > 0 || runs_for >= slow_after {
                    return Entry::Refused { slots, queue };
                }
                Entry::Waits(self.line_up(&mut pool))
            }
            entry => entry,
        }
    }

    fn line_up(&self, pool: &mut Pool) -> Ticket {
        pool.tickets += 1;
        let number = pool.tickets;
        pool.waiting.push_back(Waiting {
            ticket: number,
            waker: None,
        });
        Ticket {
            pool: self.clone(),
            number,
        }
    }

    /// So many slow transactions of other callers run or wait from here on. What runs already
    /// runs to its end, and what waits keeps its place.
    pub fn occupy(&self, others: u32) {
        let mut pool = self.lock();
        pool.enforced = true;
        pool.others = others;
        pool.grant();
    }

    /// Requests that run and requests that wait, those of other callers left out.
    #[must_use]
    pub fn load(&self) -> (u32, usize) {
        let pool = self.lock();
        (pool.running, pool.waiting.len())
    }

    fn permit(&self) -> Permit {
        Permit::of_slot(Slot { pool: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// How long its place is kept at most.
    #[must_use]
    pub const fn longest_wait(&self) -> Option<Duration> {
        self.pool.longest_wait
    }
}

impl Slot {
    /// What holds it began to run at this moment.
    pub(super) fn runs_from(&self, now: Now) {
        self.pool.lock().since = now.elapsed;
    }
}

impl Pool {
    const fn left_by_others(&self) -> u32 {
        self.slots.saturating_sub(self.others)
    }

    fn places_left_by_others(&self) -> usize {
        let others_waiting = self.others.saturating_sub(self.slots);
        self.queue.saturating_sub(others_waiting) as usize
    }

    /// Those whose turn has come run.
    fn grant(&mut self) {
        while self.running < self.left_by_others() {
            let Some(next) = self.waiting.pop_front() else {
                return;
            };
            self.running += 1;
            self.granted.insert(next.ticket);
            if let Some(waker) = next.waker {
                waker.wake();
            }
        }
    }
}

impl Future for Ticket {
    type Output = Permit;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let mut pool = self.pool.lock();
        if pool.granted.remove(&self.number) {
            return Poll::Ready(self.pool.permit());
        }
        let mine = pool
            .waiting
            .iter_mut()
            .find(|waiting| waiting.ticket == self.number);
        if let Some(waiting) = mine {
            waiting.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut pool = self.pool.lock();
        if pool.granted.remove(&self.number) {
            pool.running -= 1;
            pool.grant();
        } else {
            pool.waiting.retain(|waiting| waiting.ticket != self.number);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut pool = self.pool.lock();
        pool.running -= 1;
        pool.grant();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pool(slots: u32, queue: u32) -> Semaphores {
        Semaphores::new(Some(&SemaphoreSetup {
            slots: Some(slots),
            queue: Some(queue),
            ..SemaphoreSetup::default()
        }))
    }

    fn turn(ticket: &mut Ticket) -> Option<Permit> {
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(ticket).poll(&mut context) {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        }
    }

    #[test]
    fn without_a_set_up_nobody_is_held_back_until_others_come() {
        let pool = Semaphores::new(None);
        assert!(matches!(pool.enter(), Entry::Free));
        pool.occupy(SLOTS + QUEUE);
        assert!(matches!(pool.enter(), Entry::Refused { .. }));
        pool.occupy(SLOTS + QUEUE - 1);
        assert!(matches!(pool.enter(), Entry::Waits(_)));
        pool.occupy(SLOTS - 1);
        assert!(matches!(pool.enter(), Entry::Runs(_)));
    }

    #[test]
    fn turns_come_in_order_and_a_place_can_be_left() {
        let pool = pool(1, 3);
        let Entry::Runs(first) = pool.enter() else {
            panic!("an empty pool refuses");
        };
        let mut tickets: Vec<Ticket> = (0..3)
            .map(|_| match pool.enter() {
                Entry::Waits(ticket) => ticket,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(matches!(pool.enter(), Entry::Refused { .. }));
        drop(tickets.remove(0));
        assert!(tickets.iter_mut().all(|ticket| turn(ticket).is_none()));
        drop(first);
        assert!(turn(&mut tickets[1]).is_none());
        let second = turn(&mut tickets[0]).unwrap();
        drop(second);
        // Its turn has come, and it leaves without looking.
        drop(tickets.pop());
        assert_eq!(pool.load(), (0, 0));
    }

    #[derive(Debug, Clone)]
    enum Event {
        Enter,
        Finish(prop::sample::Index),
        Look(prop::sample::Index),
        Leave(prop::sample::Index),
        Occupy(u32),
    }

    fn event() -> impl Strategy<Value = Event> {
        let index = any::<prop::sample::Index>;
        prop_oneof![
            4 => Just(Event::Enter),
            2 => index().prop_map(Event::Finish),
            2 => index().prop_map(Event::Look),
            1 => index().prop_map(Event::Leave),
            1 => (0_u32..8).prop_map(Event::Occupy),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// No more run than there are semaphores, no more wait than there are places, and
        /// everybody who was let in has a turn.
        #[test]
        fn the_pool_is_never_overrun_and_nobody_is_lost(
            slots in 1_u32..5,
            queue in 0_u32..6,
            events in prop::collection::vec(event(), 0..80),
        ) {
            let pool = pool(slots, queue);
            let (mut permits, mut tickets) = (Vec::new(), Vec::new());
            for event in events {
                let others = pool.lock().others;
                match event {
                    Event::Enter => match pool.enter() {
                        Entry::Runs(permit) => {
                            permits.push(permit);
                            prop_assert!(pool.load().0 + others <= slots);
                        }
                        Entry::Waits(ticket) => tickets.push(ticket),
                        Entry::Refused { .. } => {
                            let places = queue.saturating_sub(others.saturating_sub(slots));
                            prop_assert!(pool.load().1 >= places as usize);
                        }
                        Entry::Free => return Err(TestCaseError::fail("it has a set-up")),
                    },
                    Event::Finish(index) if !permits.is_empty() => {
                        permits.swap_remove(index.index(permits.len()));
                    }
                    Event::Look(index) if !tickets.is_empty() => {
                        let at = index.index(tickets.len());
                        if let Some(permit) = turn(&mut tickets[at]) {
                            permits.push(permit);
                            tickets.remove(at);
                        }
                    }
                    Event::Leave(index) if !tickets.is_empty() => {
                        tickets.remove(index.index(tickets.len()));
                    }
                    Event::Occupy(others) => pool.occupy(others),
                    _ => {}
                }
                let (running, waiting) = pool.load();
                prop_assert!(running <= slots);
                prop_assert!(waiting <= queue as usize);
                prop_assert_eq!(
                    running as usize + waiting,
                    permits.len() + tickets.len(),
                    "somebody was lost"
                );
            }
            // When the others are done, everybody who waits has a turn.
            pool.occupy(0);
            while !tickets.is_empty() {
                permits.clear();
                let before = tickets.len();
                tickets.retain_mut(|ticket| match turn(ticket) {
                    Some(permit) => { permits.push(permit); false }
                    None => true,
                });
                prop_assert!(tickets.len() < before, "nobody's turn comes");
            }
            permits.clear();
            prop_assert_eq!(pool.load(), (0, 0));
        }
    }
}
