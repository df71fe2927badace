//! What becomes of requests that come without TLS.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a port without TLS does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlainHttp {
    /// It answers as the one with TLS does: for tests by hand, no instance does so.
    #[default]
    Serve,
    /// The edge sends every request on to https (wire-failures 8).
    Redirect,
}
