//! What an instance takes for the time.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::duration::ScaledDuration;

/// An instance's clock, by which it stamps records and dates its answers (`Date`). That instances
/// and the machines that call them differ is everyday; by how much is a set-up's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSetup {
    /// By how much it is behind. Default: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<ScaledDuration>,
    /// Whether it stands still, so that all that happens does so within one second. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_still: Option<bool>,
}

impl ClockSetup {
    /// The clock as the instance reads it.
    #[must_use]
    pub fn read(&self, clock: Clock) -> Clock {
        let behind = self
            .behind
            .map_or(Duration::ZERO, |behind| behind.effective);
        clock.read_as(behind, self.stands_still.unwrap_or_default())
    }
}
