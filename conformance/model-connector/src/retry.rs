//! Whether to ask again, and when. Decides; neither sleeps nor draws random numbers.
//!
//! A time that the instance names is honoured (RFC 9110, 10.2.3; wire-failures 5.1). Where it
//! names none: exponential backoff with full jitter between a floor and a cap.

use std::time::Duration;

use snowproof_protocol::Verb;

use crate::diagnosis::{Failure, Kind};
use crate::policy::{BeyondMaxWait, Outage, Policy, RetryAfter, UnreadableWait, ZeroWait};

/// The wait before an early retry (see [`BeyondMaxWait::RetryEarly`]).
const EARLY: Duration = Duration::from_secs(2);

/// The first wait for an instance that wakes up; each further one is twice as long.
const FIRST_PROBE: Duration = Duration::from_secs(1);

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask again after this long.
    Wait(Duration),
    /// Asking again cannot help.
    Hopeless,
    /// So many attempts were enough.
    Enough(u32),
    /// The instance asks to wait longer than this connector does.
    TooLong(Duration),
}

/// The attempts at one read.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    policy: &'a Policy,
    verb: Verb,
    failed: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) const fn new(policy: &'a Policy, verb: Verb) -> Self {
        Self {
            policy,
            verb,
            failed: 0,
        }
    }

    /// How many attempts have failed.
    pub(crate) const fn failed(&self) -> u32 {
        self.failed
    }

    /// What to do after one more failure; `jitter` is drawn from 0 to 1.
    pub(crate) fn failed_with(&mut self, failure: &Failure, jitter: f64) -> Next {
        self.failed = self.failed.saturating_add(1);
        if let Outage::Steadily { every, attempts } = self.policy.outage
            && failure.instance_is_away()
        {
            return if self.failed < attempts {
                Next::Wait(every)
            } else {
                Next::Enough(self.failed)
            };
        }
        let unreadable =
            failure.unreadable_wait && self.policy.unreadable_wait == UnreadableWait::Fail;
        let allowed = if unreadable {
            1
        } else {
            self.allowed(failure.kind)
        };
        if allowed <= 1 && self.failed == 1 {
            return Next::Hopeless;
        }
        let asks_on = matches!(self.policy.retry_after, RetryAfter::AskEvery(_));
        if self.failed >= allowed && !(asks_on && failure.stated_wait.is_some()) {
            return Next::Enough(self.failed);
        }
        let stated = match (failure.stated_wait, self.policy.retry_after) {
            (None, _) if failure.kind == Kind::Waking => return Next::Wait(self.probe()),
            (None, _) | (_, RetryAfter::Ignore) => return Next::Wait(self.backoff(jitter)),
            (Some(wait), RetryAfter::Honour) => wait,
            (Some(wait), RetryAfter::HonourAndAdd(more)) => wait.saturating_add(more),
            (Some(wait), RetryAfter::Multiply(times)) => wait.saturating_mul(times),
            (Some(_), RetryAfter::AskEvery(every)) => return Next::Wait(every),
        };
        if stated.is_zero() && self.policy.zero_wait == ZeroWait::AtOnce {
            return Next::Wait(Duration::ZERO);
        }
        if stated <= self.policy.max_wait {
            // A stated time of zero, or one in the past, must not make a hot loop.
            return Next::Wait(stated.max(self.policy.backoff.floor));
        }
        match self.policy.beyond_max_wait {
            BeyondMaxWait::GiveUp => Next::TooLong(stated),
            BeyondMaxWait::RetryEarly => Next::Wait(self.policy.max_wait.min(EARLY)),
        }
    }

    /// How many attempts this kind of failure is worth.
    fn allowed(&self, kind: Kind) -> u32 {
        let policy = self.policy;
        match (kind, self.verb) {
            (Kind::Permanent, _) => 1,
            (Kind::RefusedCredentials, _) => policy.replays_of_401.saturating_add(1),
            (Kind::RefusedGrant, _) => policy.oauth.attempts_at_refused_grant,
            (Kind::Forbidden, _) => policy.replays_of_403.saturating_add(1),
            (Kind::BadRequest, _) => policy.replays_of_400.saturating_add(1),
            (Kind::NotFound, _) => policy.replays_of_404.saturating_add(1),
            (Kind::Certificate, _) => policy.replays_of_bad_certificate.saturating_add(1),
            (Kind::RefusedHandshake, _) => policy.replays_of_refused_handshake.saturating_add(1),
            (Kind::Transient, Verb::Check | Verb::Connect) => policy.check_attempts,
            // A person waits for a check: it says what it found instead of waiting again.
            (Kind::Timeout | Kind::Throttled | Kind::Waking, Verb::Check | Verb::Connect) => 1,
            (
                Kind::Transient | Kind::Timeout | Kind::Throttled | Kind::Waking,
                Verb::Sync
                | Verb::Write
                | Verb::Update
                | Verb::Attach
                | Verb::Email
                | Verb::Provision,
            ) => policy.max_attempts,
        }
    }

    /// The wait for an instance that takes minutes to come back: no jitter, since it is one caller
    /// that waits.
    fn probe(&self) -> Duration {
        FIRST_PROBE
            .saturating_mul(1 << (self.failed - 1).min(31))
            .min(self.policy.max_wait)
    }

    fn backoff(&self, jitter: f64) -> Duration {
        let backoff = self.policy.backoff;
        if backoff.first_at_once && self.failed == 1 {
            return Duration::ZERO;
        }
        let doublings = (self.failed - 1).min(31);
        let ceiling = backoff
            .base
            .saturating_mul(1 << doublings)
            .min(backoff.cap)
            .max(backoff.floor);
        let jitter = if backoff.jitter { jitter } else { 1.0 };
        backoff.floor + (ceiling - backoff.floor).mul_f64(jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnosis::{RATE_LIMIT, RESET};

    fn throttled(wait: Option<Duration>) -> Failure {
        Failure {
            stated_wait: wait,
            ..Failure::new(RATE_LIMIT, Kind::Throttled, "rate limit")
        }
    }

    #[test]
    fn what_cannot_change_is_not_tried_again() {
        let policy = Policy::default();
        for kind in [
            Kind::Permanent,
            Kind::RefusedCredentials,
            Kind::Forbidden,
            Kind::Certificate,
            Kind::BadRequest,
            Kind::NotFound,
            Kind::RefusedHandshake,
        ] {
            for verb in [Verb::Check, Verb::Sync] {
                let mut attempts = Attempts::new(&policy, verb);
                let failure = Failure::new(RESET, kind, "");
                assert_eq!(attempts.failed_with(&failure, 0.5), Next::Hopeless);
            }
        }
    }

    #[test]
    fn attempts_are_bounded() {
        let policy = Policy::default();
        let mut attempts = Attempts::new(&policy, Verb::Sync);
        let failure = Failure::new(RESET, Kind::Transient, "");
        for _ in 1..policy.max_attempts {
            assert!(matches!(attempts.failed_with(&failure, 0.5), Next::Wait(_)));
        }
        assert_eq!(
            attempts.failed_with(&failure, 0.5),
            Next::Enough(policy.max_attempts)
        );
    }

    #[test]
    fn an_instance_that_wakes_is_asked_ever_more_slowly_and_not_by_a_check() {
        let policy = Policy::default();
        let waking = Failure::new(crate::diagnosis::WAKING, Kind::Waking, "offline");
        let mut attempts = Attempts::new(&policy, Verb::Sync);
        for secs in [1, 2, 4, 8] {
            let wait = Next::Wait(Duration::from_secs(secs));
            assert_eq!(attempts.failed_with(&waking, 0.5), wait);
        }
        assert_eq!(attempts.failed_with(&waking, 0.5), Next::Enough(5));
        let mut check = Attempts::new(&policy, Verb::Check);
        assert_eq!(check.failed_with(&waking, 0.5), Next::Hopeless);
    }

    #[test]
    fn an_endless_stated_wait_neither_overflows_nor_is_cut_short() {
        let policy = Policy {
            retry_after: RetryAfter::Multiply(u32::MAX),
            ..Policy::default()
        };
        let mut attempts = Attempts::new(&policy, Verb::Sync);
        assert_eq!(
            attempts.failed_with(&throttled(Some(Duration::MAX)), 0.5),
            Next::TooLong(Duration::MAX)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn backoff_stays_between_floor_and_cap(
            floor in 0_u64..5_000, base in 0_u64..100_000, cap in 0_u64..1_000_000,
            failures in 1_u32..60, jitter in -0.5_f64..1.5,
        ) {
            let policy = Policy {
                max_attempts: u32::MAX,
                backoff: crate::policy::Backoff {
                    floor: Duration::from_millis(floor),
                    base: Duration::from_millis(base),
                    cap: Duration::from_millis(cap),
                    first_at_once: false,
                    jitter: true,
                },
                ..Policy::default()
            };
            let mut attempts = Attempts::new(&policy, Verb::Sync);
            let failure = Failure::new(RESET, Kind::Transient, "");
            for _ in 0..failures {
                let Next::Wait(wait) = attempts.failed_with(&failure, jitter) else {
                    return Err(TestCaseError::fail("gave up"));
                };
                prop_assert!(wait >= policy.backoff.floor);
                prop_assert!(wait <= policy.backoff.cap.max(policy.backoff.floor));
            }
        }

        #[test]
        fn the_widest_wait_never_shrinks(failures in 2_u32..40) {
            let policy = Policy { max_attempts: u32::MAX, ..Policy::default() };
            let mut attempts = Attempts::new(&policy, Verb::Sync);
            let failure = Failure::new(RESET, Kind::Transient, "");
            let mut before = Duration::ZERO;
            for _ in 0..failures {
                let Next::Wait(wait) = attempts.failed_with(&failure, 1.0) else {
                    return Err(TestCaseError::fail("gave up"));
                };
                prop_assert!(wait >= before);
                before = wait;
            }
        }

        #[test]
        fn a_stated_wait_is_honoured_exactly_or_not_at_all(
            stated_ms in 0_u64..200_000, jitter in 0.0_f64..1.0,
        ) {
            let policy = Policy::default();
            let stated = Duration::from_millis(stated_ms);
            let mut attempts = Attempts::new(&policy, Verb::Sync);
            match attempts.failed_with(&throttled(Some(stated)), jitter) {
                Next::Wait(wait) => {
                    prop_assert!(stated <= policy.max_wait);
                    prop_assert_eq!(wait, stated.max(policy.backoff.floor));
                }
                Next::TooLong(wait) => {
                    prop_assert!(stated > policy.max_wait);
                    prop_assert_eq!(wait, stated);
                }
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
    }
}
