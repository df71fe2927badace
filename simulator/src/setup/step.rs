//! Steps: what happens to an instance when something is counted.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiAccessPolicySetup, Certificate, EndStream, Handshake, HeadPlace, InstanceState,
    Malformation, Port, Proxy, RateRuleSetup, Redirects, Rows,
};
use crate::duration::ScaledDuration;
use crate::journal::Caller;

/// When the trigger is met, the actions are done, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is counted. Required in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Trigger>,
    /// At which moment of the triggering request. Default `arrival`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// The instance that is changed. Default `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What is done. An empty list only marks the moment.
    #[serde(default, rename = "do", skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<Action>>,
}

/// The moment of a request at which a step fires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before it is decided: the triggering request already meets the change.
    #[default]
    Arrival,
    /// After its answer is decided and before it is sent.
    Decided,
    /// After its answer was delivered.
    Delivered,
}

/// What is counted. Exactly one of `read`, `request`, `connection`, `event`, `after` or `act` says
/// of what kind; `page`, `nth`, `every`, `from`, `to` and `caller` narrow it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// A list read of this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// With `read`: the first list read that arrives after `page - 1` lists of the table were
    /// delivered in this act. A repeated page counts once, however the caller pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// A request, `METHOD /path` with `*` for any run of characters; `*` alone is any request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Fires at the nth match only. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// Fires at every nth match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Fires at each match from this one on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Last match at which `from` fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Whose traffic is counted. Default `subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// The nth accepted connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<u32>,
    /// Another step of this name has fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// This long after the first contact of the act; with `event`, after that step has fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ScaledDuration>,
    /// The act of this number begins, counted from 1; nobody has connected in it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<u32>,
}

/// One change of a condition, or, where no condition can say it, a raw answer or a wire fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The instance goes to sleep.
    Hibernate,
    /// The instance is awake at once, without the minutes in which it is offline; `sign_in` has them.
    Wake,
    /// An administrator locks the user out.
    LockUser(String),
    /// An administrator unlocks the user.
    UnlockUser(String),
    /// The user becomes inactive.
    DeactivateUser(String),
    /// The user becomes active.
    ActivateUser(String),
    /// The user's password changes to one that the caller does not know.
    RotatePassword(String),
    /// The user is given a role.
    GrantRole(UserRole),
    /// The user loses a role.
    RevokeRole(UserRole),
    /// A rate limit rule is created or changed.
    SetRateRule(NamedRateRule),
    /// A rate limit rule is deleted.
    RemoveRateRule(String),
    /// The port presents this certificate to handshakes from here on; idle connections close.
    PresentCertificate(Certificate),
    /// Records appear in a table.
    InsertRecords(InsertRecords),
    /// Records change.
    UpdateRecords(UpdateRecords),
    /// Records are deleted.
    DeleteRecords(DeleteRecords),
    /// So many slow transactions of other callers hold semaphores, or stand in the queue for them,
    /// from here on; 0 when they are done.
    OccupySemaphores(u32),
    /// So many slow transactions run or wait in each session of the caller's from here on.
    OccupySessions(u32),
    /// The triggering request is answered with these bytes and reaches nothing else.
    Respond(RawResponse),
    /// The answer to the triggering request stops, the connection stays open.
    Stall(Stall),
    /// The connection ends within the answer to the triggering request.
    HangUp(HangUp),
    /// The proxy treats calls for the instance like this from here on; not `refuses`.
    SetProxy(Proxy),
    /// The port does this with whoever connects from here on; idle connections close.
    SetPort(Port),
    /// The answer to the triggering request comes in drips, unless the instance refuses it.
    Drip(Drip),
    /// The answer to the triggering request ends too early and says that it is whole.
    Truncate(Truncate),
    /// The instance enters this state.
    Enter(InstanceState),
    /// From here on a script throws whenever this table is called.
    BreakTable(String),
    /// The script on this table is mended.
    MendTable(String),
    /// Access tokens are revoked: `presented`, the one that the triggering request shows, or all of
    /// the user of this name.
    RevokeAccessToken(String),
    /// Every access token that is alive expires now.
    ExpireAccessTokens,
    /// Every refresh token that is alive is revoked.
    RevokeRefreshToken,
    /// The OAuth application of this name gets another secret, which the caller does not know.
    RegenerateClientSecret(String),
    /// The OAuth application of this name becomes inactive.
    DeactivateOauthClient(String),
    /// The OAuth application of this name becomes active.
    ActivateOauthClient(String),
    /// From here on the user's password needs the code of an authenticator as well.
    RequireMfa(String),
    /// The API key of this name becomes inactive.
    DeactivateApiKey(String),
    /// An API access policy is created or replaced.
    SetAccessPolicy(NamedAccessPolicy),
    /// Every session is over, as where the node that held them restarts.
    EndSessions,
    /// The port answers TLS handshakes like this from here on; idle connections close.
    SetHandshake(Handshake),
    /// Every authorization code that was not yet exchanged is over, as a minute after the consent.
    ExpireAuthorizationCodes,
    /// The answer to the triggering request is damaged on its way.
    Malform(Malformation),
    /// The edge sends every request on like this from here on.
    SetRedirects(Redirects),
    /// Over HTTP/2 the stream of the triggering request ends; over HTTP/1.1 nothing is done.
    EndStream(EndStream),
    /// The owner signs in to the developer site: a sleeping instance wakes up, offline for as long
    /// as `wakes_in` says; any other stays as it is. On a site of the set-up people do it themselves.
    SignIn,
    /// The instance moves to another data centre: for so long it is out of reach, and every session
    /// is lost.
    FailOver(Lasting),
    /// The nodes are upgraded one by one within so long: each fails for a while in its turn, and in
    /// between the others answer.
    Upgrade(Lasting),
}

/// How long something lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lasting {
    /// From its beginning to its end.
    #[serde(rename = "for")]
    pub lasts: ScaledDuration,
}

/// An API access policy with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedAccessPolicy {
    /// Name of the policy.
    pub name: String,
    /// The policy.
    pub policy: ApiAccessPolicySetup,
}

/// A user and a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRole {
    /// User name.
    pub user: String,
    /// Role name.
    pub role: String,
}

/// A rate limit rule with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedRateRule {
    /// Name of the rule.
    pub name: String,
    /// The rule.
    pub rule: RateRuleSetup,
}

/// Records that appear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsertRecords {
    /// The table they appear in.
    pub table: String,
    /// How many.
    pub rows: Rows,
    /// How long before they appear the transaction began that wrote them: they bear the time of its
    /// beginning (*assumed*). Default: they appear at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<ScaledDuration>,
}

/// Records that change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRecords {
    /// Their table.
    pub table: String,
    /// Which of them, as an encoded query; the empty query means all.
    pub query: String,
    /// Columns and their new values.
    pub set: IndexMap<String, String>,
    /// How long before the change is seen the transaction began that made it: `sys_updated_on` is
    /// the time of its beginning (*assumed*). Default: it is seen at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<ScaledDuration>,
}

/// Records that go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteRecords {
    /// Their table.
    pub table: String,
    /// Which of them, as an encoded query; the empty query means all.
    pub query: String,
}

/// A scripted answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawResponse {
    /// HTTP status, 100 to 999.
    pub status: u16,
    /// Headers, added to no others but `Date`.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The body. Default empty.
    #[serde(default)]
    pub body: String,
}

/// Where an answer falls silent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    /// Bytes of the body that are still sent. Without it not even the status line is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_body_bytes: Option<u64>,
    /// In place of bytes of the body: the part of the head that is still sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<HeadPlace>,
}

/// Where and how a connection ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HangUp {
    /// Bytes of the body that are still sent. Without it not even the status line is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_body_bytes: Option<u64>,
    /// TCP reset or orderly close. Default `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manner: Option<HangUpManner>,
    /// In place of bytes of the body: the part of the head that is still sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<HeadPlace>,
    /// With `after_body_bytes`: the length of the whole body is announced beforehand
    /// (`Content-Length`), so that a caller can count what is missing. Default: the body is
    /// chunked, as an instance sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<bool>,
    /// With `after_body_bytes`: the body lasts until the connection ends (HTTP/1.0), so that over
    /// TLS nothing but the missing close_notify tells that it was cut. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_close: Option<bool>,
}

/// How slowly an answer comes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drip {
    /// Bytes of the body that are sent at once, first. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_body_bytes: Option<u64>,
    /// Bytes of a drip, at least 1. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u32>,
    /// From one drip to the next. Default `1s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<ScaledDuration>,
}

/// Where an answer ends too early.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Truncate {
    /// Bytes of the body that are sent before HTTP says that it was all.
    pub after_body_bytes: u64,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HangUpManner {
    /// TCP RST.
    #[default]
    Reset,
    /// TCP FIN (over TLS without close_notify).
    Close,
}
