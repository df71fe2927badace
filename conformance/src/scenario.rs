//! A scenario: what an instance goes through, what is asked of the connector, what is expected.
//!
//! Files are YAML. [`ScenarioFile`] is what is written; a variant of it, merged and resolved for
//! one subject, is a [`Scenario`].

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::{Parameter, Verb};
use snowproof_simulator::duration::ScaledDuration;
use snowproof_simulator::setup::{InstanceSetup, Step};

use crate::checks::Checks;
use crate::diagnosis::Class;

mod address;
mod auth_method;
mod credentials;
mod load;
mod merge;
mod person;
mod profile;
mod resolve;
mod time_scale;
mod validate;
mod witness;

pub use address::Address;
pub use auth_method::AuthMethod;
pub use credentials::Credentials;
pub use load::{LoadError, Loaded, Merged, ScenarioSet};
pub use person::Person;
pub use profile::{Level, Profile};
pub use resolve::{BUDGET_CEILING, DEFAULT_USER, For};
pub use time_scale::TimeScale;
pub use witness::Witness;

/// Format and version of a scenario file.
pub const SCHEMA: &str = "snowproof.scenario/1";

/// A scenario file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// [`SCHEMA`].
    pub schema: String,
    /// Short and never reused: reports and baselines refer to it. `SP-` is Snowproof's own prefix.
    pub code: String,
    /// `family/kebab-case-name`; the file is named after it.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Rows of the failure catalogue that it covers; the first gives the default diagnosis.
    pub covers: Vec<String>,
    /// Who documents the failure.
    pub source: Source,
    /// The claim it counts for.
    pub profile: Profile,
    /// How demanding it is.
    pub level: Level,
    /// Why connectors get this wrong.
    pub why: String,
    /// What is asked of the connector, in order.
    pub acts: Vec<Act>,
    /// Parameters that the subject's manifest must be able to set.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Short for `instances: { main: … }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceSetup>,
    /// The instances by name; the subject is pointed at `main` unless an act names another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<IndexMap<String, InstanceSetup>>,
    /// How the subject is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectSettings>,
    /// What happens when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<IndexMap<String, Step>>,
    /// What is expected.
    pub expect: Expect,
    /// Variants by name; each is a patch of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<IndexMap<String, Variant>>,
}

/// Who documents a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document.
    pub document: String,
    /// Its words.
    pub says: String,
}

/// A patch of a scenario. Maps are merged key by key; `null` removes a check or a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Replaces the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Replaces the covered rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Vec<String>>,
    /// Replaces the document that the failure is taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Replaces the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Replaces the acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts: Option<Vec<Act>>,
    /// Replaces the parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
    /// Merged into the main instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceSetup>,
    /// Merged into the instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<IndexMap<String, InstanceSetup>>,
    /// Merged into the subject's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectSettings>,
    /// Merged into the steps; `null` removes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<IndexMap<String, Option<Step>>>,
    /// Merged into the expectations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
}

/// One thing asked of the connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is asked.
    pub verb: Verb,
    /// Whether it gets the state that the act before it left behind. Default false.
    #[serde(default)]
    pub resume: bool,
    /// The subject is killed when this step has fired, without a chance to clean up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub killed_at: Option<String>,
    /// What it is told to authenticate with. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// What the person does whom the connector sends to the instance. Default `allows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The instance that the connector is pointed at, by its name in `instances`; another than
    /// `main` can only be checked. Default `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How this act ends, where it differs from `expect.outcome`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ExpectedOutcome>,
    /// What it may say in the end, where that differs from `expect.diagnosis.any_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<Class>>,
    /// With `resume`, of a sync: the state it gets is that of one which came to its end, and it is to
    /// deliver what changed since (capability `incremental`). Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
}

impl Act {
    /// The name of the instance that a connector is pointed at.
    #[must_use]
    pub fn points_at(&self) -> &str {
        self.instance.as_deref().unwrap_or(MAIN)
    }
}

/// The instance that a subject is pointed at unless an act names another.
pub const MAIN: &str = "main";

/// How the subject is set up for a scenario.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectSettings {
    /// The user it authenticates as. Default `sync.user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The table it reads, which `$table` then stands for. Default: the subject's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Requests in flight. Default: what it declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// Rows a page. Default: what it declares, at most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    /// How long one attempt may take. Default: what it declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<ScaledDuration>,
    /// The longest an act may take after its first contact. Default: derived from what the
    /// subject declares, at most 120 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<ScaledDuration>,
    /// Whether the user has it check certificates, `"on"` or `"off"`. Default `on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Verify>,
    /// The form of the instance URL it is given. Default `usual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// How it authenticates. Default `basic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<AuthMethod>,
    /// The path of the token URL that it is given. Default `/oauth_token.do`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_path: Option<String>,
    /// The columns it is told to read, comma separated. Default: those that it chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// It is told to read what changed at this time or later, `YYYY-MM-DD hh:mm:ss` in UTC. Default:
    /// whatever there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Whether it keeps the cookies of answers. Where it must, it needs the capability `cookies`.
    /// Default: as it chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_cookies: Option<bool>,
    /// It is told to read what this encoded query finds. Default: whatever there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Whether a change that it is asked for (verb `update`) adds a work note as well. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_note: Option<bool>,
    /// So many records are to be created at once (verb `write`), 2 to 50, by the Batch API: the
    /// connector needs the capability `batch`. Default: one, in whatever way it chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u32>,
}

/// The user's choice about certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// They are checked.
    #[default]
    On,
    /// Any is accepted: "allow self-signed certificates".
    Off,
}

impl Verify {
    /// The value of the parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// What is expected of a connector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How the acts end. Default `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ExpectedOutcome>,
    /// What must have been met, and at least how often: a step's name, or a condition's
    /// (`rate_limited`, `hibernating`, …). Otherwise the scenario is inconclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<IndexMap<String, u32>>,
    /// How it is known that the failure was met. Default: `handshake` where a certificate must be
    /// refused, `syn`, `accept` or `earlier_act` where the port is filtered, mute or closed,
    /// otherwise `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// What the connector says in the end. Default: as the first covered row of the catalogue says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<ExpectedDiagnosis>,
    /// What is checked, with each check's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Checks>,
}

/// How an act may end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedOutcome {
    /// It succeeds.
    Success,
    /// It fails, as a whole or in part, and says so.
    Failure,
    /// It delivers a part and says so.
    Partial,
    /// Either is right.
    #[default]
    Any,
}

/// What a connector may say in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedDiagnosis {
    /// Any of these is right as the primary class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<Class>>,
    /// What the wire cannot rule out: free to name beside the primary class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<Class>>,
    /// False leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Vec<Class>>,
    /// Whether it is also right to say nothing once the run has recovered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_is_right: Option<bool>,
}

/// A scenario, merged with one variant and resolved for one subject: what is run and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Code of the file.
    pub code: String,
    /// Name of the variant, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// `family/name`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Rows of the failure catalogue.
    pub covers: Vec<String>,
    /// The claim it counts for.
    pub profile: Profile,
    /// How demanding it is.
    pub level: Level,
    /// Why connectors get this wrong.
    pub why: String,
    /// Who documents the failure.
    pub source: Source,
    /// What is asked, in order.
    pub acts: Vec<Act>,
    /// Parameters the subject must be able to take.
    pub parameters: Vec<Parameter>,
    /// The table that `$table` stands for.
    pub table: String,
    /// The table that `$write_table` stands for.
    #[serde(default)]
    pub write_table: String,
    /// How the subject is set up, with every default filled in.
    pub subject: SubjectSettings,
    /// The instances by name.
    pub instances: IndexMap<String, InstanceSetup>,
    /// What happens when.
    pub steps: IndexMap<String, Step>,
    /// How the acts end.
    pub outcome: ExpectedOutcome,
    /// What must have been met.
    pub met: IndexMap<String, u32>,
    /// How it is known that it was.
    #[serde(default)]
    pub witness: Witness,
    /// What the connector says in the end.
    pub diagnosis: ExpectedDiagnosis,
    /// What is checked.
    pub checks: Checks,
}

impl Scenario {
    /// Which setting of the connector the failure lies in, where an instance alone cannot show it.
    #[must_use]
    pub fn lies_in_settings(&self) -> Option<&'static str> {
        let address = self.subject.address.and_then(Address::words);
        let credentials = self.acts.iter().any(|act| act.credentials.is_some());
        address.or(credentials.then_some("its credentials are mistyped or missing"))
    }

    /// `SP-A01`, or `SP-A01/variant`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.code),
            None => self.code.clone(),
        }
    }
}
