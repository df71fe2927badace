//! From the rulings of checks to one verdict a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks::{Axis, Ruling, Severity};

/// The verdict upon a scenario run, from best to worst.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check that applies holds.
    Pass,
    /// The subject cannot be asked this: a capability or a parameter is missing.
    NotApplicable,
    /// A check of severity `should` fails.
    Warn,
    /// It failed narrowly and passed when it was run again alone.
    Flaky,
    /// The failure was not met, something unmodelled was used, or a check could not be decided.
    Inconclusive,
    /// A check of severity `must` fails.
    Fail,
    /// The harness itself failed.
    HarnessError,
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The worst of the axes, and of what concerns the run as a whole.
    pub verdict: Verdict,
    /// Why it is neither pass nor fail, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The verdict by axis.
    pub axes: Axes,
    /// Every check that was set.
    pub checks: Vec<JudgedCheck>,
}

/// The verdict by axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Axes {
    /// What the user is told.
    pub diagnosis: Verdict,
    /// What is tried again, and when.
    pub retry: Verdict,
    /// What is delivered, and what is given away.
    pub data_and_safety: Verdict,
}

/// A check with its ruling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgedCheck {
    /// Its name.
    pub id: String,
    /// How grave a failure is.
    pub severity: Severity,
    /// What it says something about.
    pub axis: Axis,
    /// What it found.
    pub ruling: Ruling,
}
