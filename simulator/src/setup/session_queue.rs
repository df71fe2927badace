//! The queue of a session, which runs one transaction at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// The queue of each session: requests that show the cookie of one session run one after another,
/// and what finds its queue full is answered 202 and not processed (wire-failures 5.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionQueueSetup {
    /// Requests of a session that wait for their turn; one more is dropped. Default 11: more than
    /// ten (wire-failures 5.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// How long the transaction that runs must have run before what finds the queue full is dropped;
    /// until then it waits as well. Wire-failures 5.4 asks for 30 s beside the full queue, wire-core
    /// 2.4 for the one or the other, and 88 of 100 were seen to be dropped. Default: a full queue is
    /// enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_after: Option<ScaledDuration>,
    /// Slow transactions in each session of the caller's: the first runs, the others stand in the
    /// queue before everybody else. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupied: Option<u32>,
}
