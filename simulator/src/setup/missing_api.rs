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
    /// `/api/now/attachment`.
    Attachment,
    /// `/api/now/batch`.
    Batch,
    /// `/api/now/import`.
    Import,
    /// `/api/now/cmdb/instance`.
    CmdbInstance,
    /// `/api/now/cmdb/meta`.
    CmdbMeta,
    /// `/api/now/identifyreconcile`.
    IdentifyReconcile,
    /// `/api/now/email`.
    Email,
    /// `/api/now/ui/user/current_user`.
    CurrentUser,
    /// `/api/now/tinyurl`.
    TinyUrl,
    /// `/api/now/doc/table/schema`.
    TableNames,
}
