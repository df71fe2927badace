//! The semaphores on which API requests run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// The pool of one node for API requests, `API_INT` (wire-failures 5.2, wire-core 2.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SemaphoreSetup {
    /// Requests that run at once. Default 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
    /// Requests that wait for their turn; one more is refused. Default 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<u32>,
    /// Slow transactions of other callers: they hold semaphores first, and those that find none
    /// stand in the queue before everybody else. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupied: Option<u32>,
    /// How long a request waits for its turn at most; who waits longer is answered 500 (wire-failures
    /// 5.3). That it is as long as the quota of a transaction, 60 s, is *assumed*. Default: however
    /// long it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_wait: Option<ScaledDuration>,
}
