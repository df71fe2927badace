//! How a stream of HTTP/2 ends before its answer does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a stream ends, and the others of its connection with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndStream {
    /// By which frame. Default `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StreamEnd>,
    /// The reason in that frame. Default `internal_error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<StreamReason>,
    /// Bytes of the body that are still sent. Without it not even the status is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_body_bytes: Option<u64>,
}

/// The frame by which a stream ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamEnd {
    /// `RST_STREAM`: the other streams go on.
    #[default]
    Reset,
    /// `GOAWAY`: every stream of the connection ends.
    GoAway,
}

/// Why, as the frame says it (RFC 9113, 7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamReason {
    /// `NO_ERROR`.
    NoError,
    /// `INTERNAL_ERROR`.
    #[default]
    InternalError,
    /// `REFUSED_STREAM`: nothing was done with the request.
    RefusedStream,
    /// `CANCEL`.
    Cancel,
    /// `ENHANCE_YOUR_CALM`.
    EnhanceYourCalm,
}

impl StreamReason {
    /// The name that the standard gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoError => "NO_ERROR",
            Self::InternalError => "INTERNAL_ERROR",
            Self::RefusedStream => "REFUSED_STREAM",
            Self::Cancel => "CANCEL",
            Self::EnhanceYourCalm => "ENHANCE_YOUR_CALM",
        }
    }
}
