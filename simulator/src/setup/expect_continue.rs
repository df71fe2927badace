//! What becomes of a caller that asks before it sends a body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the edge does with `Expect: 100-continue` (RFC 9110, 10.1.1). No trace shows what a real one
/// does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectContinue {
    /// It answers 100 and reads the body.
    #[default]
    Met,
    /// It says nothing and waits for the body; whoever waits for the 100 too waits for ever.
    Ignored,
    /// It answers 417 and reads no body.
    Refused,
}
