//! What a command's retry policy is, read from the wire.
//!
//! The command is driven through probes, scenarios without expectations, and each run's evidence is
//! read like any other. Nothing is judged: what is found is what the command did.
//!
//! - `inference/probes.yaml`: the faults
//! - `backoff`: waits between attempts
//! - `reading`: from evidence to [`RetryPolicy`]
//! - `text`: what people read, and the block for a manifest

use std::time::Duration;

use serde::Serialize;
use snowproof_protocol::Verb;

use crate::scenario::{LoadError, Merged, ScenarioSet};
use crate::yaml::SourceFile;

mod backoff;
mod reading;
mod text;

pub use backoff::Backoff;
pub use reading::read;
pub use text::{declares, shown};

const PROBES: &str = include_str!("inference/probes.yaml");

/// The name under which the run without a fault is read.
pub const HEALTHY: &str = "healthy";

/// The statuses that are probed, each by a probe `status-NNN`.
const STATUSES: [u16; 9] = [400, 401, 403, 404, 429, 500, 502, 503, 504];

/// `Retry-After` of the probes that state one, seconds.
const STATED: Duration = Duration::from_secs(3);

/// The probes, each asking for `verb` and ending `budget` after its first contact at the latest.
///
/// # Errors
///
/// The file that ships with the binary is broken; a test keeps this from happening.
pub fn probes(verb: Verb, budget: Duration) -> Result<Vec<Merged>, LoadError> {
    let mut set = ScenarioSet::default();
    let source = SourceFile {
        name: "inference/probes.yaml".to_owned(),
        text: PROBES.to_owned(),
    };
    set.add(source, "inference/probes")?;
    Ok(set
        .scenarios()
        .cloned()
        .map(|mut probe| {
            for act in &mut probe.file.acts {
                act.verb = verb;
            }
            let subject = probe.file.subject.get_or_insert_default();
            subject.budget = Some(snowproof_simulator::duration::ScaledDuration::plain(budget));
            probe
        })
        .collect())
}

/// What the wire shows of a command's retry policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetryPolicy {
    /// Whether the command reached the instance at all; where it did not, nothing else is known.
    pub reached: bool,
    /// How often an answer of each status was asked for, in the order of the statuses.
    pub statuses: Vec<Attempts<u16>>,
    /// What it does with `Retry-After`, for 429 and 503.
    pub retry_after: Vec<Waited>,
    /// How it waits where no time is stated; none when it never tries again.
    pub backoff: Option<Backoff>,
    /// What it does when nothing is answered.
    pub silence: Silence,
    /// Attempts when each connection is reset before the answer.
    pub reset: Attempts<()>,
    /// Handshakes with an expired certificate.
    pub handshakes: Attempts<()>,
    /// Whether it asks for another token after a 401; none when it never asks for a token.
    pub refreshes_token: Option<bool>,
    /// Most requests in flight at once, without a fault.
    pub in_flight: u32,
    /// Rows that it asks for at a time, where it says so.
    pub page_size: Option<u32>,
}

/// How often something was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attempts<T> {
    /// What was answered.
    #[serde(skip_serializing_if = "is_unit")]
    pub of: T,
    /// Attempts at one call, the first included; 0 when it never got that far.
    pub attempts: u32,
    /// Whether it was still trying when its time was up.
    pub unfinished: bool,
}

fn is_unit<T>(_: &T) -> bool {
    size_of::<T>() == 0
}

/// What was done with a stated time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Waited {
    /// Status of the answer that stated it.
    pub status: u16,
    /// The stated time, milliseconds.
    pub stated_ms: u64,
    /// The time that passed before the next attempt, milliseconds; none when there was none.
    pub waited_ms: Option<u64>,
    /// What that comes to.
    pub obeyed: Obeyed,
}

/// Whether a stated time was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obeyed {
    /// It was waited for.
    Yes,
    /// The next attempt came too early.
    Early,
    /// It was waited for, and more than half of it again.
    Longer,
    /// There was no other attempt.
    NotRetried,
}

/// What was done when nothing was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// When one attempt was abandoned, milliseconds from its first byte; none when none was.
    pub timeout_ms: Option<u64>,
    /// How long an attempt was seen to wait at least, milliseconds.
    pub watched_ms: u64,
    /// Attempts.
    pub attempts: u32,
    /// Whether it was still trying when its time was up.
    pub unfinished: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probes_are_sound_and_there_is_one_for_each_status() {
        let probes = probes(Verb::Check, Duration::from_secs(7)).unwrap();
        let names: Vec<_> = probes.iter().map(|probe| probe.variant.clone()).collect();
        for status in STATUSES {
            assert!(
                names.contains(&Some(format!("status-{status}"))),
                "{status}"
            );
        }
        for probe in &probes {
            assert_eq!(probe.file.acts[0].verb, Verb::Check);
            let budget = probe
                .file
                .subject
                .as_ref()
                .and_then(|subject| subject.budget);
            assert_eq!(budget.map(|budget| budget.effective.as_secs()), Some(7));
        }
    }
}
