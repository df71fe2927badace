//! Access controls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An access control (`sys_security_acl`) of a table, or of a whole REST API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AclSetup {
    /// The table it guards; its child classes too, unless they have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// A field of the table that it guards, or `*` for all that have no control of their own; the
    /// control is named `table.field` (wire-failures 4.3 and 4.9). Default: the table's records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// In place of a table: the REST API whose endpoints it guards, such as `Table API`. An
    /// instance ships such controls inactive (wire-failures 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The operation it guards. Default `read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Any one of these roles opens it; none listed means that no role is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// An encoded query that a record must match; without one every record does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How a list answers when the roles are missing. Default: `refuse` for platform tables
    /// (`sys_*`), `hide` for all others, as measured (wire-core 2.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
}

/// What is done to a record.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// It is read.
    #[default]
    Read,
    /// It is inserted.
    Create,
    /// It is changed.
    Write,
    /// It is deleted.
    Delete,
}

/// How a list answers a caller who may not read the table. Both forms are observed; what decides
/// between them on a real instance is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// 403 with the envelope `Insufficient rights to query records`.
    Refuse,
    /// 200 with no rows, and an `X-Total-Count` that counts them all.
    Hide,
}
