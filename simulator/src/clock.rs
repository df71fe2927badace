//! The one source of time.
//!
//! Everything else takes a [`Now`] as an argument, so that what decides can be tested without
//! waiting. Journal nanoseconds and wall-clock seconds share one origin.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::fmt::strtime;
use tokio::time::Instant;

/// One origin for monotonic and wall-clock time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    started_unix: Duration,
    /// Whether UNIX time stays what it was at the start.
    stands_still: bool,
    /// Whether it is read otherwise than it is.
    is_off: bool,
}

/// A moment: nanoseconds since the clock started, and UNIX time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Since the clock started.
    pub elapsed: Duration,
    /// Since 1970-01-01 UTC.
    pub unix: Duration,
}

impl Clock {
    /// A clock whose journal time begins here and now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's time"
    )]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            started_unix: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO),
            stands_still: false,
            is_off: false,
        }
    }

    /// The same clock as an instance reads it whose UNIX time is so much behind, or stands still.
    /// What has elapsed is the same for everybody.
    #[must_use]
    pub const fn read_as(self, behind: Duration, stands_still: bool) -> Self {
        Self {
            started_unix: self.started_unix.saturating_sub(behind),
            stands_still,
            is_off: true,
            ..self
        }
    }

    /// Whether an instance takes another time for the true one.
    pub(crate) const fn is_off(&self) -> bool {
        self.is_off
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = self.started.elapsed();
        Now {
            elapsed,
            unix: if self.stands_still {
                self.started_unix
            } else {
                self.started_unix + elapsed
            },
        }
    }

    /// Journal time of a moment of the runtime; zero for one before the start.
    #[must_use]
    pub fn elapsed_at(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.started)
    }

    /// UNIX time at journal time zero.
    #[must_use]
    pub const fn started_unix(&self) -> Duration {
        self.started_unix
    }
}

impl Now {
    /// As in `Sat, 27 Jun 2026 10:00:03 GMT` (RFC 9110, 5.6.7); none beyond the years that it has.
    pub(crate) fn http_date(&self) -> Option<String> {
        let moment = Timestamp::from_second(i64::try_from(self.unix.as_secs()).ok()?).ok()?;
        strtime::format("%a, %d %b %Y %H:%M:%S GMT", moment).ok()
    }

    /// Journal nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        u64::try_from(self.elapsed.as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_or_stands_still_counts_what_elapses_all_the_same() {
        let clock = Clock::start();
        let behind = clock.read_as(Duration::from_secs(600), true);
        let (now, then) = (clock.now(), behind.now());
        assert_eq!(then.unix + Duration::from_secs(600), clock.started_unix());
        assert!(then.elapsed >= now.elapsed);
        assert_eq!(behind.now().unix, then.unix);
    }
}
