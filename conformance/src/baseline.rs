//! A baseline: failures that a team knows and accepts for a while, each with a reason and an end.
//!
//! It lets a gate be adopted on the day it is tried: what fails today is written down, what fails
//! tomorrow is new. It excuses failed checks and nothing else: no crash, no error of set-up, no
//! failure that was not met. What is no longer true of it fails the run, so that it cannot rot.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod apply;
mod keep;
mod load;

pub use apply::{Applied, Entry, Standing, WARNED_DAYS};
pub use keep::{Refused, accepting, pruned, written};
pub use load::BaselineError;

/// Format and version of a baseline.
pub const SCHEMA: &str = "snowproof.baseline/1";

/// The name that a baseline usually has.
pub const FILE: &str = "snowproof-baseline.yaml";

/// A baseline file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: String,
    /// What is accepted. One entry for a scenario and a check.
    pub entries: Vec<Known>,
}

/// A failure that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The scenario, `CODE` or `CODE/VARIANT`. A code alone does not stand for its variants.
    pub code: String,
    /// The check that fails.
    pub check: String,
    /// Why that is accepted.
    pub reason: String,
    /// Where it is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day on which it is accepted, such as `2027-01-31` (UTC).
    #[schemars(with = "String")]
    pub expires: Date,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            entries: Vec::new(),
        }
    }
}
