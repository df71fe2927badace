//! How a run ends: by itself, or before its time.

use std::io;

use snowproof_protocol::{Outcome, Verb};

use crate::diagnosis::{Failure, STOPPED, UNKNOWN_OUTCOME};
use crate::stop::Stopped;

/// How a run ended by itself.
#[derive(Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) told: Option<Failure>,
}

impl Ended {
    pub(crate) const fn success() -> Self {
        Self {
            outcome: Outcome::Success,
            told: None,
        }
    }
}

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    /// It failed, and the user is told why.
    #[error("failed")]
    Failed(Failure),
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
    /// Nobody listens any more.
    #[error("output failed: {0}")]
    Output(#[from] io::Error),
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// What a stopped run amounts to.
pub(crate) fn stopped(verb: Verb) -> Ended {
    let (outcome, message) = match verb {
        Verb::Check => (
            Outcome::Failure,
            "stopped on request before the check was done",
        ),
        Verb::Sync => (
            Outcome::Partial,
            "stopped on request; the next run goes on at the checkpoint",
        ),
        Verb::Connect => (
            Outcome::Failure,
            "stopped on request before the connection was made",
        ),
        Verb::Write => (
            Outcome::Failure,
            "stopped on request; look whether the record is there before it is written again",
        ),
        Verb::Update | Verb::Attach | Verb::Email | Verb::Provision => (
            Outcome::Failure,
            "stopped on request; look whether it was done before it is done again",
        ),
    };
    let cause = match verb {
        Verb::Check | Verb::Sync | Verb::Connect => STOPPED,
        Verb::Write | Verb::Update | Verb::Attach | Verb::Email | Verb::Provision => {
            UNKNOWN_OUTCOME
        }
    };
    Ended {
        outcome,
        told: Some(Failure::permanent(cause, message)),
    }
}
