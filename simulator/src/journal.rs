//! The journal: the append-only record of what happened, in order, without secrets.
//!
//! One JSON object a line. The first line is [`Header`]; every other is an [`Entry`]. The format
//! is settled: fields and variants are added, never renamed; an incompatible change raises
//! [`VERSION`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod cleansing;
mod condition;
mod connection;
mod exchange;
mod instance;
mod recorder;
mod token;
mod writer;

pub use condition::Condition;
pub use connection::{
    Accepted, Closed, ClosedBy, Connect, HandshakeBroken, HandshakeStalled, SynGone, SynSeen,
    TlsFailed, TlsFinished, TurnedAway,
};
pub use exchange::{Decided, Outcome, RefusedUntil, ReplyEnd, Request, Served};
pub use instance::{
    ActEnded, ActStarted, Change, ConditionChanged, IdentityResolved, LISTED_AT_MOST,
    RecordChanged, StepFired, Unlisted, Unmodelled, Visibility, Window,
};
pub use recorder::{Journal, Subscription};
pub use token::{TokenCall, TokenEnd, TokenEnded, TokenGiven, TokenUse};

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
    /// A forward proxy was asked for something; written before its answer.
    Connect(Connect),
    /// Somebody tries to connect to a port that answers no SYN.
    SynSeen(SynSeen),
    /// That attempt is over.
    SynGone(SynGone),
    /// A handshake began on a port that never answers one.
    HandshakeStalled(HandshakeStalled),
    /// A token ended because somebody ended it; one whose time is over is not told.
    TokenEnded(TokenEnded),
    /// A connection was ended as soon as it had come about.
    TurnedAway(TurnedAway),
    /// A ClientHello was answered otherwise than by a handshake.
    HandshakeBroken(HandshakeBroken),
}
