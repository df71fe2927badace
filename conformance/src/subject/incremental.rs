//! What a connector says of its incremental syncs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::duration::ScaledDuration;

/// How a connector finds what changed since its last run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incremental {
    /// The column by which it asks for changes. Default `sys_updated_on`.
    #[serde(default = "cursor")]
    pub cursor: String,
    /// How much of the time before its cursor it reads again. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<ScaledDuration>,
    /// How it learns of records that are gone. Default `none`.
    #[serde(default)]
    pub deletes: Deletes,
}

fn cursor() -> String {
    "sys_updated_on".into()
}

/// How a connector learns of records that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deletes {
    /// Not at all: its user knows that they stay.
    #[default]
    None,
    /// From the table `sys_audit_delete`.
    SysAuditDelete,
}
