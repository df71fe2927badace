//! APIs that an instance does not have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API that can be missing; its paths are then answered like any that names no API
/// (wire-failures 4.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingApi {
    /// `/api/now/table`.
    Table,
    /// `/api/now/stats`.
    Stats,
}
