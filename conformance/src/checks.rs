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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A failure fails the scenario.
    Must,
    /// A failure warns; with `--strict` it fails.
    Should,
}

/// What a check says something about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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

/// What of every check can be told without its settings' type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its name in scenarios and reports.
    pub id: &'static str,
    /// How grave a failure is.
    pub severity: Severity,
    /// What it says something about.
    pub axis: Axis,
    /// What it demands.
    pub demands: &'static str,
}

/// Settings of a check that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

macro_rules! checks {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        $(mod $module;)+

        /// The checks of a scenario by name, with their settings. In a variant `null` removes one.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Checks {
            $(
                #[doc = concat!("See `checks/", stringify!($module), ".rs`.")]
                #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
                pub $module: Option<Option<<$module::$name as Check>::Settings>>,
            )+
        }

        impl Checks {
            /// Every check there is, in the order in which they are listed and reported.
            pub const ALL: &'static [About] = &[$(About {
                id: <$module::$name as Check>::ID,
                severity: <$module::$name as Check>::SEVERITY,
                axis: <$module::$name as Check>::AXIS,
                demands: <$module::$name as Check>::DEMANDS,
            }),+];

            /// Decides every check that is set, in order.
            #[must_use]
            pub fn decide(&self, evidence: &Evidence) -> Vec<(About, Ruling)> {
                let mut rulings = Vec::new();
                $(
                    if let Some(Some(settings)) = &self.$module {
                        rulings.push((
                            About {
                                id: <$module::$name as Check>::ID,
                                severity: <$module::$name as Check>::SEVERITY,
                                axis: <$module::$name as Check>::AXIS,
                                demands: <$module::$name as Check>::DEMANDS,
                            },
                            $module::$name::decide(settings, evidence),
                        ));
                    }
                )+
                rulings
            }
        }
    };
}

/// Keeps an explicit `null` apart from an absent key.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

checks! {
    fault_was_exercised::FaultWasExercised,
}
