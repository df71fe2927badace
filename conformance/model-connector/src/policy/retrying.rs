//! How it retries: when, how often and for how long.

use std::time::Duration;

/// Waiting where the instance names no time: exponential with full jitter above a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The shortest wait.
    pub floor: Duration,
    /// The longest wait after the first failure; it doubles with each further one.
    pub base: Duration,
    /// The longest wait of all.
    pub cap: Duration,
    /// Whether the first retry comes at once.
    pub first_at_once: bool,
    /// Whether waits are drawn at random up to the longest, or are the longest each time.
    pub jitter: bool,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            floor: Duration::from_millis(100),
            base: Duration::from_millis(400),
            cap: Duration::from_secs(20),
            first_at_once: false,
            jitter: true,
        }
    }
}

/// How often an instance is asked that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// As after any passing fault; one that wakes up after 1 s, 2 s, 4 s and so on.
    Slowly,
    /// So many times at this distance.
    Steadily {
        /// The time between two attempts.
        every: Duration,
        /// Attempts, the first included.
        attempts: u32,
    },
}

/// What is done with the time that the instance names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// It is waited for.
    Honour,
    /// It is waited for, and so much more.
    HonourAndAdd(Duration),
    /// So many times of it are waited for.
    Multiply(u32),
    /// It is not read.
    Ignore,
    /// It is asked again at this distance, until the instance lets it in.
    AskEvery(Duration),
}

/// What is done when the named time is longer than `max_wait`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeyondMaxWait {
    /// The run ends and says when to come back.
    GiveUp,
    /// Another attempt is made after `max_wait`, or after 2 s if that is shorter.
    RetryEarly,
}

/// What is done when the named time is zero, or past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroWait {
    /// The shortest wait of all is kept.
    Floor,
    /// The next attempt follows at once.
    AtOnce,
}

/// What is done when the named time cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadableWait {
    /// It backs off as if no time were named.
    BackOff,
    /// The run ends.
    Fail,
}

/// What the timeout of an attempt bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The whole attempt.
    Total,
    /// The pause between two reads.
    BetweenReads,
}
