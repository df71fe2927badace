//! The one source of time.
//!
//! Everything else takes a [`Now`] as an argument, so that what decides can be tested without
//! waiting. Journal nanoseconds and wall-clock seconds share one origin.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// One origin for monotonic and wall-clock time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    started_unix: Duration,
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
        }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = self.started.elapsed();
        Now {
            elapsed,
            unix: self.started_unix + elapsed,
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
    /// Journal nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        u64::try_from(self.elapsed.as_nanos()).unwrap_or(u64::MAX)
    }
}
