//! What the instance's port does with whoever connects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the instance's port does with whoever connects. When it changes, idle connections close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Port {
    /// Connections are accepted.
    #[default]
    Open,
    /// Nobody listens: a connection is refused (RST).
    Closed,
    /// A firewall drops what arrives: a SYN is not answered.
    Filtered,
    /// Connections are accepted, and the first message of a TLS handshake is never answered. A
    /// listener without TLS is not affected.
    Mute,
    /// Connections are accepted and closed at once (FIN).
    HangsUp,
    /// Connections are accepted and reset at once (RST).
    Resets,
}
