//! What happened to a request and its reply.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Caller, Condition, TokenCall};

/// A request and the decision upon it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Counts requests of the simulator from 1; [`Outcome::request`] refers to it.
    pub request: u64,
    /// The connection that carried it.
    pub connection: u64,
    /// Whose listener it arrived on.
    pub caller: Caller,
    /// Nanoseconds at which its first byte was read.
    pub started_ns: u64,
    /// Method.
    pub method: String,
    /// Path and query as sent, secrets replaced.
    pub target: String,
    /// Header names (lower case) and values as sent, secrets replaced.
    pub headers: Vec<(String, String)>,
    /// Bytes of the body.
    pub body_bytes: u64,
    /// The body, secrets replaced; cut at 16 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The user the credentials stand for, once authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Digest of the credentials sent, salted per run, so that equal ones can be told from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// What was decided.
    pub decision: Decided,
    /// The table that a Table or Aggregate API call names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The record that the call names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sys_id: Option<String>,
    /// How the caller proved who it is: `basic`, `bearer`, `api_key`, `session` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Number of the access token that it shows, where that is one of the instance's, alive or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// What it asked of the token endpoint, and was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_call: Option<Box<TokenCall>>,
}

/// What was decided about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The pipeline stage or API that decided: `edge`, `semaphore`, `authentication`, `rate_limit`,
    /// `authorization`, `api`, or `script` where a step answered.
    pub stage: String,
    /// Status of the answer; none where nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The condition the answer follows from; none for a good answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Why, in our words; the caller never sees it.
    pub reason: String,
    /// The window that the refusal states, when it states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_until: Option<RefusedUntil>,
}

/// Until when a refusal holds, as the answer states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusedUntil {
    /// The rule's name; `edge` where the instance's edge stated the time.
    pub rule: String,
    /// Journal nanoseconds at which the window ends.
    pub window_ends_ns: u64,
    /// `Retry-After` as sent, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// `X-RateLimit-Reset` as sent, UNIX seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_unix: Option<u64>,
}

/// How a reply ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The request it answers.
    pub request: u64,
    /// The connection that carried it.
    pub connection: u64,
    /// How it ended.
    pub end: ReplyEnd,
    /// Status sent; none where no status line left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes of the body that were written.
    pub body_bytes: u64,
    /// Nanoseconds at which it ended: stamped before the last write, or when the caller was seen to be gone.
    pub ended_ns: u64,
    /// The condition whose consequence the caller met with this reply; the entry's `cause` says
    /// who put it in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What was read, for a list or a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<Served>,
    /// What the requests of a batch read, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub served_in_batch: Vec<Served>,
}

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyEnd {
    /// Written whole.
    Delivered,
    /// Cut by us, as planned.
    Cut,
    /// Never finished: it fell silent, as planned, until the caller left or the run ended.
    Silent,
    /// The caller left before it was written whole.
    Abandoned,
}

/// The rows of a read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The table.
    pub table: String,
    /// `sysparm_query` as decoded.
    pub query: String,
    /// The columns the rows were ordered by, in order. Without a unique one among them, equal rows
    /// come in another order at each request.
    pub order: Vec<String>,
    /// The caller's own orderings only.
    pub ordered_by_caller: Vec<String>,
    /// First row asked for, from 0.
    pub offset: u64,
    /// Rows asked for at most, or the instance's cap where that is lower.
    pub limit: u64,
    /// Rows that match before access controls: `X-Total-Count`.
    pub total: u64,
    /// Rows of this page that access controls hid.
    pub hidden: u64,
    /// The rows delivered.
    pub sys_ids: Vec<String>,
    /// Fields that the user may not read and that are therefore in no row: of those that were
    /// asked for, or of all where none was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}
