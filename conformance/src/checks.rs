//! The checks: what a good connector does, decided from evidence alone.
//!
//! A check is one file: its settings, what it demands, and a pure function from evidence to a
//! [`Ruling`]. Adding one is that file and one line in the list at the end of this one.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

/// A check.
pub trait Check {
    /// What a scenario may set.
    type Settings: Clone + Default + DeserializeOwned + Serialize + JsonSchema;

    /// Its name in scenarios and reports, kebab-case.
    const ID: &'static str;
    /// How grave a failure is.
    const SEVERITY: Severity;
    /// What it says something about.
    const AXIS: Axis;
    /// What it demands, in one sentence that starts with a verb.
    const DEMANDS: &'static str;

    /// Decides. Pure: the same evidence gives the same ruling.
    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling;
}

/// How grave a failed check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A failure fails the scenario.
    Must,
    /// A failure warns; with `--strict` it fails.
    Should,
}

/// What a check says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// What the user is told.
    Diagnosis,
    /// What is tried again, and when.
    Retry,
    /// What is delivered, and what is given away.
    DataAndSafety,
    /// Whether the scenario did what it is about.
    Harness,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The decision.
    pub result: CheckResult,
    /// What was demanded here, with its numbers.
    pub expected: String,
    /// What was seen instead, or seen as demanded.
    pub observed: String,
    /// Journal entries that decided it, by `seq`.
    pub evidence: Vec<u64>,
}

/// The decision of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// It holds.
    Pass,
    /// There was nothing to which it applies.
    NotApplicable,
    /// Too few samples to say (checks of severity `should` only).
    NotMeasured,
    /// It cannot be decided from this evidence.
    Inconclusive,
    /// It does not hold.
    Fail,
}
