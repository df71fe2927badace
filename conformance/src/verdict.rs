//! From the rulings of checks to one verdict a scenario.
//!
//! The order is pass, warn, flaky, inconclusive, fail, harness error; the worst of what applies
//! counts. What the simulator does not model never counts against a connector, and a failure that
//! was not met decides nothing.

mod coherence;
mod judging;
mod process;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks::{Axis, CheckResult, Ruling, Severity};

pub use judging::judge;

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

impl Verdict {
    /// As people read it: what must not be overlooked stands in capitals.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
            Self::Warn => "warn",
            Self::Flaky => "flaky",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "FAIL",
            Self::HarnessError => "HARNESS ERROR",
        }
    }
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
    /// Whether the run itself is in doubt: its failure was not met, something unmodelled was used,
    /// or the connector stayed away.
    #[serde(default)]
    pub in_doubt: bool,
}

/// The verdict by axis; `not_applicable` where no check of the axis applies.
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

/// A check with its ruling. In JSON the ruling's fields stand beside the others, its result under
/// the name `verdict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "FlatCheck", into = "FlatCheck")]
#[schemars(with = "FlatCheck")]
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

/// A [`JudgedCheck`] as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "JudgedCheck")]
struct FlatCheck {
    /// Its name.
    id: String,
    /// What it found.
    verdict: CheckResult,
    /// How grave a failure is.
    severity: Severity,
    /// What it says something about.
    axis: Axis,
    /// What was demanded here, with its numbers.
    expected: String,
    /// What was seen instead, or seen as demanded.
    observed: String,
    /// Journal entries that decided it, by `seq`.
    evidence: Vec<u64>,
}

impl JudgedCheck {
    /// The reason of a scenario that this check leaves undecided.
    #[must_use]
    pub fn undecided(&self) -> String {
        let Ruling {
            expected, observed, ..
        } = &self.ruling;
        match self.axis {
            Axis::Harness if expected.is_empty() => observed.clone(),
            Axis::Harness => format!("not {expected}; met {observed}"),
            _ => format!("`{}` cannot be decided: {observed}", self.id),
        }
    }
}

impl From<FlatCheck> for JudgedCheck {
    fn from(flat: FlatCheck) -> Self {
        Self {
            id: flat.id,
            severity: flat.severity,
            axis: flat.axis,
            ruling: Ruling {
                result: flat.verdict,
                expected: flat.expected,
                observed: flat.observed,
                evidence: flat.evidence,
            },
        }
    }
}

impl From<JudgedCheck> for FlatCheck {
    fn from(check: JudgedCheck) -> Self {
        Self {
            id: check.id,
            verdict: check.ruling.result,
            severity: check.severity,
            axis: check.axis,
            expected: check.ruling.expected,
            observed: check.ruling.observed,
            evidence: check.ruling.evidence,
        }
    }
}
