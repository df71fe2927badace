//! What happened to an instance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A step that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFired {
    /// Its name.
    pub step: String,
    /// How often it has fired, this time included.
    pub times: u32,
    /// The request that triggered it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
}

/// A condition that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionChanged {
    /// The action, as it is written in a scenario, in JSON.
    pub action: String,
    /// In plain words.
    pub what: String,
    /// Journal nanoseconds at which it came about by itself, where that is noticed later: when
    /// somebody looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ns: Option<u64>,
}

/// Credentials that were resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityResolved {
    /// The request.
    pub request: u64,
    /// The user.
    pub user: String,
    /// `basic`, …
    pub method: String,
}

/// A rate limit window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The rule's name.
    pub rule: String,
    /// The user it counts.
    pub user: String,
    /// Requests it allows.
    pub limit: u32,
    /// Journal nanoseconds of its end.
    pub ends_ns: u64,
    /// Requests admitted in it so far.
    pub admitted: u32,
}

/// A record that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordChanged {
    /// The record's class.
    pub table: String,
    /// The record.
    pub sys_id: String,
    /// What was done.
    pub change: Change,
    /// Its `sys_mod_count` afterwards.
    pub mod_count: u64,
    /// The request that did it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
}

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Inserted.
    Inserted,
    /// Changed.
    Updated,
    /// Deleted.
    Deleted,
}

/// Visible records that are listed, at most; of more the journal tells the number and a digest.
/// Every change of a table lists it anew for every user, so that a list of a million records would
/// fill memory and delay every write.
pub const LISTED_AT_MOST: usize = 20_000;

/// The records of a table that a user may see at this moment. Truth is derived from these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// The user.
    pub user: String,
    /// The table.
    pub table: String,
    /// Visible records with their `sys_mod_count`, ordered by id.
    pub visible: Vec<(String, u64)>,
    /// How many further records are hidden from the user.
    pub hidden: u64,
    /// Said in place of `visible` where there are too many. What changes is then not surveyed again
    /// before the next act begins or ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<Unlisted>,
}

/// Visible records that are too many to be listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlisted {
    /// How many there are.
    pub count: u64,
    /// How many would have been listed, at most.
    pub listed_at_most: u64,
    /// SHA-256, in lower-case hexadecimal, of a line `ID COUNT` for each with its `sys_mod_count`,
    /// ordered by id.
    pub digest: String,
}

/// Something that is not modelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmodelled {
    /// The request that used it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// What it is, such as `POST /api/now/attachment/file` or `sysparm_query operator DYNAMIC`.
    pub what: String,
}

/// The beginning of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActStarted {
    /// Counts from 1.
    pub act: u32,
    /// What is asked of the connector: `check`, `sync`, …
    pub verb: String,
}

/// The end of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActEnded {
    /// The act.
    pub act: u32,
}
