//! What several workers make of a refusal that one of them met.

use std::time::Duration;

/// How workers share what one of them learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Whom a refusal holds back.
    pub refusal: Refusal,
    /// Requests in flight after a refusal.
    pub eases_off: EasesOff,
    /// The shortest time between two of the first requests after a refusal; at most twice as long
    /// is drawn.
    pub spread: Duration,
}

impl Default for Workers {
    fn default() -> Self {
        Self {
            refusal: Refusal::BindsAll,
            eases_off: EasesOff::ToHalf,
            spread: Duration::from_millis(30),
        }
    }
}

/// Whom a refusal holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Every worker: the rule counts the calls of the user, whoever makes them.
    BindsAll,
    /// The worker that was refused.
    BindsOne,
}

/// Requests in flight after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EasesOff {
    /// Half as many, for the rest of the run.
    ToHalf,
    /// One, for the rest of the run.
    ToOne,
    /// As many as before.
    No,
}
