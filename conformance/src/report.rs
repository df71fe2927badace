//! One report, many faces: `report.json`, JUnit, the console.
//!
//! A face shows what the report holds and judges nothing.

mod agreement;
mod assembly;
mod claims;
mod comparison;
mod console;
mod json;
mod junit;
mod repeat;
mod told;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baseline::Applied;
use crate::scenario::{Level, Profile};
use crate::verdict::{Axes, JudgedCheck, Verdict};

pub use agreement::{Agreement, Disagreement};
pub use assembly::Frame;
#[cfg(test)]
pub(crate) use assembly::tests::report as sample;
pub use claims::{Claim, ClaimedLevel, Held, claims};
pub use comparison::comparison;
pub use console::{Layout, counted, summary};
pub use json::{ReportError, read_json, to_json, write_json};
pub use junit::junit_xml;
pub use told::{Alike, Told, Unmapped, Where};

/// Format and version of `report.json`.
pub const SCHEMA: &str = "snowproof.report/1";

/// The whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// SHA-256 of the plan: what was selected, in which order, with which settings.
    pub plan_hash: String,
    /// Seed of the run.
    pub seed: u64,
    /// Who was judged.
    pub subject: ReportedSubject,
    /// The words of the command line that repeats one scenario of this run, with `{scenario}` in
    /// place of its code and variant; empty where it is not known.
    #[serde(default)]
    pub command: Vec<String>,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall time of the run, milliseconds.
    pub wall_ms: u64,
    /// Wall time of its longest scenario, milliseconds.
    pub longest_ms: u64,
    /// Sum of the wall times of all scenarios, milliseconds.
    pub sum_ms: u64,
    /// Whether the run was interrupted before all scenarios were run.
    pub interrupted: bool,
    /// Whether a failed check of severity `should` failed its scenario.
    #[serde(default)]
    pub strict: bool,
    /// Scenarios by verdict.
    pub totals: Totals,
    /// What may be said of the subject, by profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The edition that the claims are of; none where they are of the living catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// The baseline that was set beside the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Applied>,
    /// How far repeated runs agree, where they were repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// Different causes of which the subject says the same: `diagnosis-distinguishes` over the run.
    /// It fails the run where it is strict, and else warns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads_alike: Vec<Alike>,
    /// Words of failures of which no class is known, the first 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<Unmapped>,
    /// Every scenario that was selected, in plan order.
    pub runs: Vec<RunReport>,
}

/// Who was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedSubject {
    /// Name from the manifest.
    pub name: String,
    /// What it is, in one line of its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What its version command printed, or what it said of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether its words could be read: false for `exec`.
    pub has_words: bool,
}

/// Scenarios by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Passed.
    pub pass: u32,
    /// Passed with warnings.
    pub warn: u32,
    /// Not applicable to this subject.
    pub not_applicable: u32,
    /// Passed when run again.
    pub flaky: u32,
    /// Could not be decided.
    pub inconclusive: u32,
    /// Failed.
    pub fail: u32,
    /// The harness failed.
    pub harness_error: u32,
}

/// One scenario of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunReport {
    /// Code of the scenario.
    pub code: String,
    /// Variant, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// `family/name`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// The claim it counts for.
    pub profile: Profile,
    /// How demanding it is.
    pub level: Level,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is neither pass nor fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The verdict by axis; none where nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axes: Option<Axes>,
    /// Every check that was set.
    pub checks: Vec<JudgedCheck>,
    /// What the connector said in the end, last act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<ReportedDiagnosis>,
    /// How each act told a failure whose cause is known, where the run is not in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// The most runs that the process of one of its acts had done before, where processes are kept
    /// (`lifetime`). What fails after others, and not alone, may carry something over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub earlier_runs: u32,
    /// Milliseconds from the first act's start to the last one's end.
    pub wall_ms: u64,
    /// Its evidence folder, relative to the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What a connector said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedDiagnosis {
    /// Primary class, where its words have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Further classes.
    pub candidates: Vec<String>,
    /// Its words.
    pub text: String,
}
