//! IP address access control (System Security, IP Address Access Control).

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A range of addresses (`ip_access`). An address in a range to deny is refused before
/// authentication, unless a range to allow holds it too: allowing wins (wire-failures 4.15).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IpRangeSetup {
    /// What becomes of its addresses. Default `deny`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<IpRangeKind>,
    /// Its first address. Required in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// Its last address. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<IpAddr>,
}

/// What becomes of the addresses of a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IpRangeKind {
    /// They are refused.
    #[default]
    Deny,
    /// They are let in, whatever else denies them.
    Allow,
}
