//! Rate limit rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// A rate limit rule (`sys_rate_limit_rules`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateRuleSetup {
    /// Requests allowed in one window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Length of the fixed window; at least 2 s effective. Default `1h as 3s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<ScaledDuration>,
    /// The only user it binds. Wins over `role`; default: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The role whose holders it binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The REST API it counts, by its title. Default `Table API`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// Requests that another integration with the same account makes as each window begins: they
    /// count like the caller's own (limits count per user, wire-failures 5.1). That they all come
    /// first is *assumed*. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<u32>,
}
