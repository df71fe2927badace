//! The gate that all workers of a run pass with each request: how many are in flight, and until
//! when none may be sent.
//!
//! A rate limit counts the calls of a user, whoever makes them (wire-failures 5.1): what one
//! worker is told holds for all. Afterwards fewer requests are in flight, and those that waited do
//! not leave together. With one worker none of this is felt: it waits by itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use crate::policy::{EasesOff, Refusal, Workers};
use crate::stop::{Stop, Stopped};

/// See the module.
#[derive(Debug)]
pub(crate) struct Gate {
    policy: Workers,
    places: Semaphore,
    rules: Mutex<Rules>,
}

/// A request on its way. Its place is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'g> {
    gate: &'g Gate,
    place: Option<SemaphorePermit<'g>>,
    /// Refusals that were known when the request left.
    wave: u32,
}

impl Gate {
    /// A gate for `workers`, at least 1.
    pub(crate) fn new(workers: u32, policy: Workers) -> Self {
        let workers = workers.max(1);
        Self {
            policy,
            places: Semaphore::new(workers as usize),
            rules: Mutex::new(Rules::new(workers)),
        }
    }

    /// Waits until a request may leave.
    ///
    /// # Errors
    ///
    /// When the wish to stop is uttered meanwhile.
    pub(crate) async fn enter(&self, stop: &Stop) -> Result<Pass<'_>, Stopped> {
        // The semaphore is never closed, so that there is a place in the end.
        let place = stop.or(self.places.acquire()).await?.ok();
        loop {
            let admitted = self
                .rules()
                .admit(Instant::now(), self.policy.spread, rand::random());
            match admitted {
                Ok(wave) => {
                    return Ok(Pass {
                        gate: self,
                        place,
                        wave,
                    });
                }
                Err(until) => stop.or(sleep_until(until)).await?,
            }
        }
    }

    /// The request of `pass` was refused, and is sent again after `wait`.
    pub(crate) fn refused(&self, pass: &Pass<'_>, wait: Duration) {
        let surplus =
            self.rules()
                .refused(self.policy, pass.wave, Instant::now().checked_add(wait));
        // Places that nobody holds go at once, the others when they come back.
        let gone = self.places.forget_permits(surplus as usize);
        self.rules().surplus -= u32::try_from(gone).unwrap_or(surplus).min(surplus);
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut rules = self.gate.rules();
        if rules.surplus > 0
            && let Some(place) = self.place.take()
        {
            rules.surplus -= 1;
            place.forget();
        }
    }
}

/// What the gate goes by. Decides; neither sleeps nor reads a clock.
#[derive(Debug)]
struct Rules {
    workers: u32,
    /// Requests in flight at most.
    allowed: u32,
    /// Places to take away as soon as they are free.
    surplus: u32,
    /// Refusals so far; those of requests that left together are one.
    wave: u32,
    /// Until when nothing leaves.
    closed: Option<Instant>,
    /// When the next request may leave, after one has.
    next: Option<Instant>,
    /// Requests that are still to keep their distance.
    spaced: u32,
}

impl Rules {
    const fn new(workers: u32) -> Self {
        Self {
            workers,
            allowed: workers,
            surplus: 0,
            wave: 0,
            closed: None,
            next: None,
            spaced: 0,
        }
    }

    /// The wave that a request belongs to that leaves now, or when to ask again; `jitter` is drawn
    /// from 0 to 1.
    fn admit(&mut self, now: Instant, spread: Duration, jitter: f64) -> Result<u32, Instant> {
        for until in [self.closed, self.next].into_iter().flatten() {
            if now < until {
                return Err(until);
            }
        }
        self.next = None;
        if self.spaced > 0 {
            self.spaced -= 1;
            self.next = Some(now + spread.mul_f64(1.0 + jitter.clamp(0.0, 1.0)));
        }
        Ok(self.wave)
    }

    /// A request of `wave` was refused, nothing is to leave `until` then (none: a time that no
    /// clock reaches, before which its worker gives up). Gives the places to take away.
    fn refused(&mut self, policy: Workers, wave: u32, until: Option<Instant>) -> u32 {
        if policy.refusal == Refusal::BindsAll {
            self.closed = self.closed.max(until);
            self.spaced = self.workers - 1;
        }
        if wave != self.wave {
            return self.surplus;
        }
        self.wave += 1;
        let fewer = match policy.eases_off {
            EasesOff::ToHalf => (self.allowed / 2).max(1),
            EasesOff::ToOne => 1,
            EasesOff::No => self.allowed,
        };
        self.surplus += self.allowed - fewer;
        self.allowed = fewer;
        self.surplus
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stop::Stopper;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn refusals_of_requests_that_left_together_are_one() {
        let (mut rules, policy, now) = (Rules::new(5), Workers::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(rules.admit(now, ms(40), 0.5), Ok(0));
        }
        for _ in 0..5 {
            rules.refused(policy, 0, Some(now + ms(900)));
        }
        assert_eq!((rules.allowed, rules.surplus), (2, 3));
        assert_eq!(rules.admit(now, ms(40), 0.5), Err(now + ms(900)));
        rules.surplus = 0;
        assert_eq!(rules.admit(now + ms(900), ms(40), 0.5), Ok(1));
        rules.refused(policy, 1, Some(now + ms(950)));
        assert_eq!((rules.allowed, rules.surplus), (1, 1));
    }

    #[test]
    fn the_latest_time_that_was_named_counts() {
        let (mut rules, now) = (Rules::new(2), Instant::now());
        rules.refused(Workers::default(), 0, Some(now + ms(900)));
        rules.refused(Workers::default(), 0, Some(now + ms(100)));
        assert_eq!(rules.admit(now, ms(40), 0.0), Err(now + ms(900)));
    }

    #[test]
    fn one_worker_keeps_no_distance_and_its_place() {
        let (mut rules, now) = (Rules::new(1), Instant::now());
        assert_eq!(rules.refused(Workers::default(), 0, Some(now)), 0);
        assert_eq!(rules.admit(now, ms(40), 0.5), Ok(1));
        assert_eq!(rules.admit(now, ms(40), 0.5), Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn all_workers_wait_and_then_fewer_are_in_flight() {
        let stopper = Stopper::new();
        let stop = stopper.watch();
        let gate = Gate::new(4, Workers::default());
        let mut passes = Vec::new();
        for _ in 0..3 {
            passes.push(gate.enter(&stop).await.unwrap());
        }
        let refused = Instant::now();
        gate.refused(&passes[0], ms(500));
        gate.refused(&passes[1], ms(400));
        drop(passes);
        let first = gate.enter(&stop).await.unwrap();
        assert!(refused.elapsed() >= ms(500));
        let second = gate.enter(&stop).await.unwrap();
        assert!(refused.elapsed() >= ms(530));
        let third = tokio::time::timeout(ms(60_000), gate.enter(&stop)).await;
        assert!(third.is_err(), "more than half are in flight");
        drop((first, second));
        gate.enter(&stop).await.unwrap();
    }

    #[tokio::test]
    async fn a_wish_to_stop_ends_the_wait() {
        let stopper = Stopper::new();
        let stop = stopper.watch();
        let gate = Gate::new(1, Workers::default());
        let pass = gate.enter(&stop).await.unwrap();
        gate.refused(&pass, ms(3_600_000));
        drop(pass);
        stopper.raise();
        assert!(gate.enter(&stop).await.is_err());
    }

    proptest! {
        /// Nothing leaves while the gate is closed, and what leaves first after a refusal keeps
        /// its distance.
        #[test]
        fn what_leaves_after_a_refusal_is_spread(
            workers in 2_u32..33, wait in 0_u64..5_000, jitter in 0.0_f64..1.0,
        ) {
            let (mut rules, begun) = (Rules::new(workers), Instant::now());
            rules.refused(Workers::default(), 0, Some(begun + ms(wait)));
            let mut now = begun;
            let mut left: Vec<Instant> = Vec::new();
            while left.len() < workers as usize {
                match rules.admit(now, ms(40), jitter) {
                    Ok(_) => left.push(now),
                    Err(until) => {
                        prop_assert!(until > now);
                        now = until;
                    }
                }
            }
            prop_assert!(left[0] >= begun + ms(wait));
            for pair in left.windows(2) {
                prop_assert!(pair[1] - pair[0] >= ms(40));
                prop_assert!(pair[1] - pair[0] <= ms(80));
            }
        }
    }
}
