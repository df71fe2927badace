//! How long queries take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// The time that a list takes. It goes with `query_quota`: so many rows take the whole quota, fewer
/// a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryTimeSetup {
    /// How long a transaction may run. Default 60s, as documented for the Table API; administrators
    /// raise it (wire-failures 5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<ScaledDuration>,
    /// How long the edge waits for an answer before it answers 500 itself: 5m is documented
    /// (wire-failures 5.3). Default: however long it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge_waits: Option<ScaledDuration>,
}
