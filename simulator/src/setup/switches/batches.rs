//! Named choices about batches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a batch counts as for the rate limit rules of the Batch API. The documentation of neither
/// says: both are *assumed*. Where each request counts, a batch of more requests than a rule has left
/// is refused as a whole, and one of more than it allows in a window always is, while smaller ones
/// pass (failure catalogue, thr-429-batch-too-big).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchCounts {
    /// One call, whatever it holds.
    #[default]
    OneCall,
    /// As many calls as it holds requests.
    EachRequest,
}

/// What becomes of a write that is under way when its batch has run for as long as it may. It is
/// answered 500 either way; one client found its insert committed all the same (wire-core 2.1),
/// another sends it again as if it never were (wire-core 4.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledWrite {
    /// Nothing was written.
    #[default]
    Undone,
    /// It was committed.
    Committed,
}
