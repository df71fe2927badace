//! The journal: the append-only record of what happened, in order, without secrets.
//!
//! One JSON object a line. The first line is [`Header`]; every other is an [`Entry`]. The format
//! is settled: fields and variants are added, never renamed; an incompatible change raises
//! [`VERSION`].

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::setup::Certificate;

mod cleansing;
mod recorder;
mod writer;

pub use recorder::{Journal, Subscription};

/// Format and version of a journal.
pub const VERSION: &str = "snowproof.journal/1";

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`VERSION`].
    pub journal: String,
    /// Wall clock at nanosecond zero, RFC 3339 in UTC.
    pub started: String,
    /// Seed of everything that looks random.
    pub seed: u64,
    /// Instances by name, with their host name.
    pub instances: BTreeMap<String, String>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// Monotonic nanoseconds since the journal started; never smaller than the entry before.
    pub at_ns: u64,
    /// The act during which it happened; 0 before the first.
    pub act: u32,
    /// Who did it.
    pub actor: Actor,
    /// The instance it happened to.
    pub instance: String,
    /// What brought it about: the step (or hand) that put the responsible condition in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What happened.
    pub event: Event,
}

/// Who acts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The connector under test.
    Subject,
    /// The person who signs in with a browser.
    Person,
    /// Another integration on the same quota.
    Neighbour,
    /// Whoever runs the simulator.
    Runner,
    /// The instance itself.
    Instance,
}

/// Whose traffic a listener carries. Decided by the listener, never by content.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The connector under test.
    #[default]
    Subject,
    /// The person who signs in with a browser.
    Person,
    /// Another integration on the same quota.
    Neighbour,
    /// Whoever runs the simulator.
    Runner,
}

impl From<Caller> for Actor {
    fn from(caller: Caller) -> Self {
        match caller {
            Caller::Subject => Self::Subject,
            Caller::Person => Self::Person,
            Caller::Neighbour => Self::Neighbour,
            Caller::Runner => Self::Runner,
        }
    }
}

/// What put a condition in force.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was so from the start.
    Setup,
    /// This step changed it.
    Step(String),
    /// Somebody changed it by hand, through the control plane or the API.
    Hand,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// A TCP connection was accepted.
    Accepted(Accepted),
    /// A TLS handshake succeeded.
    TlsFinished(TlsFinished),
    /// A TLS handshake failed.
    TlsFailed(TlsFailed),
    /// A connection ended.
    Closed(Closed),
    /// A request's head and body arrived and were decided upon; written before the reply.
    Request(Request),
    /// A request's reply ended, however it ended.
    Outcome(Outcome),
    /// A step fired.
    StepFired(StepFired),
    /// A condition of the instance changed.
    ConditionChanged(ConditionChanged),
    /// Credentials were resolved to a user.
    IdentityResolved(IdentityResolved),
    /// A rate limit window opened with its first request.
    WindowOpened(Window),
    /// A rate limit window closed.
    WindowClosed(Window),
    /// A record was inserted, changed or deleted.
    RecordChanged(RecordChanged),
    /// The records of a table that a user may see, as a whole.
    Visibility(Visibility),
    /// The caller used something that a real instance honours and that is not modelled here.
    Unmodelled(Unmodelled),
    /// An act began.
    ActStarted(ActStarted),
    /// An act ended.
    ActEnded(ActEnded),
}

/// A connection's birth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Counts connections of the simulator from 1.
    pub connection: u64,
    /// Peer address.
    pub peer: String,
    /// Whether the listener speaks TLS.
    pub tls: bool,
}

/// A finished handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFinished {
    /// The connection.
    pub connection: u64,
    /// Protocol version, such as `TLSv1_3`.
    pub version: String,
    /// Server name asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// ALPN protocol agreed upon, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The certificate presented.
    pub certificate: Certificate,
}

/// A failed handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFailed {
    /// The connection.
    pub connection: u64,
    /// The certificate presented.
    pub certificate: Certificate,
    /// The alert the client sent, such as `CertificateExpired`, if it sent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// What the handshake failed with.
    pub error: String,
}

/// A connection's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The connection.
    pub connection: u64,
    /// Plaintext bytes read from the caller.
    pub bytes_in: u64,
    /// Plaintext bytes written to the caller.
    pub bytes_out: u64,
    /// Who ended it.
    pub by: ClosedBy,
    /// Requests it carried.
    pub requests: u32,
}

/// Who ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// The caller closed or reset it.
    Caller,
    /// The simulator closed or reset it.
    Instance,
    /// The simulator stopped.
    Shutdown,
}

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
}

/// What was decided about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The pipeline stage or API that decided: `edge`, `authentication`, `rate_limit`,
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
    /// The rate limit window that refused, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_until: Option<RefusedUntil>,
}

/// Until when a refusal holds, as the answer states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusedUntil {
    /// The rule's name.
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

/// Conditions of an instance or a call from which an answer other than plain success follows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The instance hibernates.
    Hibernating,
    /// A certificate that a client must refuse.
    BadCertificate,
    /// The request carries no credentials.
    NoCredentials,
    /// The user is unknown or the password is not the user's.
    PasswordRefused,
    /// The account is locked out.
    AccountLocked,
    /// The account is inactive.
    AccountInactive,
    /// A rate limit rule's window is used up.
    RateLimited,
    /// The user's roles do not open the table.
    TableDenied,
    /// Rows of the answer are hidden from the user.
    RowsHidden,
    /// The user may not make this change.
    WriteDenied,
    /// A step scripted the answer.
    Scripted,
    /// The answer falls silent.
    Stalled,
    /// The connection ends within the answer.
    HungUp,
    /// The table does not exist.
    InvalidTable,
    /// The path names no API.
    UnknownApi,
    /// The record does not exist or is hidden.
    RecordNotFound,
    /// The request is malformed.
    InvalidRequest,
}

impl Condition {
    /// Every condition, in the order of declaration.
    pub const ALL: [Self; 17] = [
        Self::Hibernating,
        Self::BadCertificate,
        Self::NoCredentials,
        Self::PasswordRefused,
        Self::AccountLocked,
        Self::AccountInactive,
        Self::RateLimited,
        Self::TableDenied,
        Self::RowsHidden,
        Self::WriteDenied,
        Self::Scripted,
        Self::Stalled,
        Self::HungUp,
        Self::InvalidTable,
        Self::UnknownApi,
        Self::RecordNotFound,
        Self::InvalidRequest,
    ];

    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hibernating => "hibernating",
            Self::BadCertificate => "bad_certificate",
            Self::NoCredentials => "no_credentials",
            Self::PasswordRefused => "password_refused",
            Self::AccountLocked => "account_locked",
            Self::AccountInactive => "account_inactive",
            Self::RateLimited => "rate_limited",
            Self::TableDenied => "table_denied",
            Self::RowsHidden => "rows_hidden",
            Self::WriteDenied => "write_denied",
            Self::Scripted => "scripted",
            Self::Stalled => "stalled",
            Self::HungUp => "hung_up",
            Self::InvalidTable => "invalid_table",
            Self::UnknownApi => "unknown_api",
            Self::RecordNotFound => "record_not_found",
            Self::InvalidRequest => "invalid_request",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
    /// The columns the rows were ordered by, in order; `sys_id` last where it makes the order total.
    pub order: Vec<String>,
    /// The caller's own orderings only.
    pub ordered_by_caller: Vec<String>,
    /// First row asked for, from 0.
    pub offset: u64,
    /// Rows asked for at most.
    pub limit: u64,
    /// Rows that match before access controls: `X-Total-Count`.
    pub total: u64,
    /// Rows of this page that access controls hid.
    pub hidden: u64,
    /// The rows delivered.
    pub sys_ids: Vec<String>,
}

/// A step that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFired {
    /// Its name.
    pub step: String,
    /// How often it has fired, this time included.
    pub times: u32,
    /// The request that triggered it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
}

/// A condition that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionChanged {
    /// The action, as it is written in a scenario, in JSON.
    pub action: String,
    /// In plain words.
    pub what: String,
}

/// Credentials that were resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityResolved {
    /// The request.
    pub request: u64,
    /// The user.
    pub user: String,
    /// `basic`, …
    pub method: String,
}

/// A rate limit window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The rule's name.
    pub rule: String,
    /// The user it counts.
    pub user: String,
    /// Requests it allows.
    pub limit: u32,
    /// Journal nanoseconds of its end.
    pub ends_ns: u64,
    /// Requests admitted in it so far.
    pub admitted: u32,
}

/// A record that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordChanged {
    /// The record's class.
    pub table: String,
    /// The record.
    pub sys_id: String,
    /// What was done.
    pub change: Change,
    /// Its `sys_mod_count` afterwards.
    pub mod_count: u64,
    /// The request that did it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
}

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Inserted.
    Inserted,
    /// Changed.
    Updated,
    /// Deleted.
    Deleted,
}

/// The records of a table that a user may see at this moment. Truth is derived from these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// The user.
    pub user: String,
    /// The table.
    pub table: String,
    /// Visible records with their `sys_mod_count`, ordered by id.
    pub visible: Vec<(String, u64)>,
    /// How many further records are hidden from the user.
    pub hidden: u64,
}

/// Something that is not modelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmodelled {
    /// The request that used it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// What it is, such as `POST /api/now/attachment/file` or `sysparm_query operator DYNAMIC`.
    pub what: String,
}

/// The beginning of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActStarted {
    /// Counts from 1.
    pub act: u32,
    /// What is asked of the connector: `check`, `sync`, …
    pub verb: String,
}

/// The end of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActEnded {
    /// The act.
    pub act: u32,
}
