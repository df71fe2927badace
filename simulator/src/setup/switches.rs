//! Named choices where the facts disagree.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Rows;
use crate::duration::ScaledDuration;

mod batches;
mod forms;

pub use batches::{BatchCounts, CancelledWrite};
pub use forms::{ReferenceShape, UnnamedForm};

/// Named choices where public evidence disagrees. The first variant of each is the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// The message of a 401. Default `user_not_authenticated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unauthenticated_message: Option<UnauthenticatedMessage>,
    /// Status of an unknown API path. Default `bad_request` (400).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_api: Option<UnknownApi>,
    /// What an invalid part of a query does. Default `ignored`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_query: Option<InvalidQuery>,
    /// Order of the keys inside `error`. Default `message_first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_keys: Option<ErrorKeys>,
    /// The `Server` header of answers made by the application. Default `snow_adc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_header: Option<ServerHeader>,
    /// How a rate limit's refusal states when to come back. Default `seconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfterForm>,
    /// What the answer to a cancelled query looks like. Default `trailing_comma`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_query: Option<CancelledQuery>,
    /// How a denied address is refused. Default `forbidden`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_refusal: Option<IpRefusal>,
    /// How a hibernating instance answers. Default `page`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hibernation: Option<HibernationAnswer>,
    /// The status of the page of a waking instance. Default `ok` (200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_status: Option<OfflineStatus>,
    /// `Retry-After` on a 503 of the edge, in whole seconds of the effective time, rounded up.
    /// Default: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable_retry_after: Option<ScaledDuration>,
    /// Rows that a list returns at most, whatever is asked for. Default: 10,000 where nothing is
    /// asked for, and otherwise no cap (wire-core 1.4); that an instance lowers it is *assumed*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_cap: Option<Rows>,
    /// Whether lists of several pages carry a `Link` header. Default `sent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_header: Option<LinkHeader>,
    /// What a page of the user interface shows a caller without a session. Default `login_page`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_without_session: Option<PageWithoutSession>,
    /// Which calls within a session must show its token. Default `changes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_token: Option<UserToken>,
    /// How long a session lasts without being used. Default 30m, the `Max-Age` of
    /// `glide_session_store` (wire-core 1.2); integrations' own timeout is documented as 1 and as 5
    /// minutes on one page (wire-failures 1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_lifetime: Option<ScaledDuration>,
    /// What the Aggregate API does where access controls hide rows of the table. Default `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_rows: Option<AggregateRows>,
    /// What an empty choice displays as. Default `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_choice: Option<EmptyChoice>,
    /// Where the `Location` of a new attachment leads. Default `file`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_location: Option<AttachmentLocation>,
    /// How the token endpoint names what is wrong. Default `server_error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_errors: Option<TokenErrors>,
    /// Whether an upload without credentials is challenged. Default `sent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_challenge: Option<AttachmentChallenge>,
    /// Whether users of web services alone inherit the roles of their groups. Default `inherited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_service_roles: Option<WebServiceRoles>,
    /// What becomes of a field that the user may not read. Default `absent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_fields: Option<ClosedFields>,
    /// What becomes of a field that the user may not set. Default `dropped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_writes: Option<ClosedWrites>,
    /// How often a code of an authenticator is accepted. Default `while_valid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_codes: Option<MfaCodes>,
    /// The latest version of the REST API that the instance has. Default `v2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_version: Option<LatestVersion>,
    /// Bytes of a request's head, from the method to the last header, that a node reads; a larger
    /// one is 400. Default: 32 KiB of headers beside the request line. That a large one is refused
    /// is observed (wire-failures 4.19); where the limit lies, and that it can be lowered, is
    /// *assumed*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_head: Option<u32>,
    /// The words of a write that access controls deny. Default `exception`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_write: Option<DeniedWrite>,
    /// What right credentials meet beside the cookie of a session that is over. Default `replaced`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_session: Option<LostSession>,
    /// The shape of references. Default `as_asked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_shape: Option<ReferenceShape>,
    /// The form of answers to callers who name none. Default `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unnamed_form: Option<UnnamedForm>,
    /// How often a node commits what it counts for rate limit rules: until then what is beyond a
    /// limit passes, so that the limit begins late and is overshot. Every 30 s is documented
    /// (wire-failures 5.1). Default: at once, which keeps runs repeatable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit_commit: Option<ScaledDuration>,
    /// What a batch counts as for rate limit rules. Default `one_call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_counts: Option<BatchCounts>,
    /// What becomes of the write that is under way when a batch runs out of time. Default `undone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_write: Option<CancelledWrite>,
}

impl Switches {
    /// How long a session lasts without being used.
    #[must_use]
    pub fn session_lifetime(&self) -> ScaledDuration {
        const USUAL: Duration = Duration::from_secs(1800);
        let set = self.session_lifetime;
        set.unwrap_or_else(|| ScaledDuration::plain(USUAL))
    }
}

/// The two spellings of the 401 message seen in the wild (wire-failures 1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnauthenticatedMessage {
    /// `User Not Authenticated`.
    #[default]
    UserNotAuthenticated,
    /// `User is not authenticated`.
    UserIsNotAuthenticated,
}

/// `Requested URI does not represent any resource`: documented as 400, seen as 404 (wire-core 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownApi {
    /// Status 400.
    #[default]
    BadRequest,
    /// Status 404.
    NotFound,
}

/// The three regimes for an invalid query term (wire-core 3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvalidQuery {
    /// The term is ignored and the rest decides, so the answer widens.
    #[default]
    Ignored,
    /// `glide.invalid_query.returns_no_rows=true`: 200 and no rows.
    NoRows,
    /// 403 `Insufficient rights to query records`.
    Refused,
}

/// Key order inside `error`; it must not matter to a caller (wire-core 0).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKeys {
    /// `message`, then `detail` (2023 and later).
    #[default]
    MessageFirst,
    /// `detail`, then `message` (2021).
    DetailFirst,
}

/// Who signs an application answer (wire-core 1.2, wire-failures 0.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerHeader {
    /// `Server: snow_adc` (2026).
    #[default]
    SnowAdc,
    /// `Server: ServiceNow` (through 2024).
    ServiceNow,
}

/// `Retry-After` of a rate limit's refusal: documented in seconds (wire-failures 5.1). RFC 9110,
/// 10.2.3, allows a date as well and does not require the header; that an instance, or a gateway
/// before it, makes use of that is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfterForm {
    /// `Retry-After: 3`.
    #[default]
    Seconds,
    /// `Retry-After: Sat, 27 Jun 2026 10:00:03 GMT`.
    HttpDate,
    /// No `Retry-After`; `X-RateLimit-Reset` alone states the time.
    Absent,
}

/// The four forms of a 200 whose query was cancelled (wire-failures 5.3, wire-core 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledQuery {
    /// Whole rows, a comma that nothing follows, then the error: no JSON.
    #[default]
    TrailingComma,
    /// The last row breaks off after one of its fields, then the error: no JSON.
    CutRow,
    /// `result` with some of the rows and `error`, both: sound JSON.
    BothKeys,
    /// `error` alone: sound JSON.
    ErrorOnly,
}

/// What a caller from a denied address meets: the product documents a 403, connectors' own guides a
/// timeout (wire-failures 4.15).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IpRefusal {
    /// 403 with an HTML page.
    #[default]
    Forbidden,
    /// The connection comes about and nothing is ever answered.
    Silence,
}

/// What a hibernating instance answers (wire-failures 6.1). The redirect is known from a mock only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HibernationAnswer {
    /// 200 and the hibernation page, as observed.
    #[default]
    Page,
    /// 302 to the developer site.
    Redirect,
}

/// The status of the offline page, which is not documented (wire-failures 6.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfflineStatus {
    /// 200, as for hibernation.
    #[default]
    Ok,
    /// 503.
    ServiceUnavailable,
}

/// Whether a list says where its other pages are (wire-core 1.3). Long URLs make the header too
/// large for some front ends; that one drops it is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkHeader {
    /// As the platform sends it.
    #[default]
    Sent,
    /// Never, as with `sysparm_suppress_pagination_header=true`.
    LeftOut,
}

/// What a page of the user interface shows a caller without a session; both were seen (wire-core
/// 4.10).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageWithoutSession {
    /// 200 and the login page.
    #[default]
    LoginPage,
    /// 302 to `/login_redirect.do`, which shows the login page.
    Redirect,
}

/// Which calls within a session must show its token as `X-UserToken`; both were seen (wire-core
/// 4.11).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserToken {
    /// Those that are no GET.
    #[default]
    Changes,
    /// All of them.
    AllCalls,
}

/// What the Aggregate API does for a caller who may read a table and not each of its rows; the
/// documentation changed from the one to the other (wire-core 4.1, Aggregate API).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggregateRows {
    /// It counts the hidden rows too (2026).
    #[default]
    All,
    /// 403 `No permission to read table` (until Zurich, 2025).
    Refused,
}

/// What a choice of text displays as where nothing is chosen: an empty text, as for every other
/// column (wire-core 0), or `null`, as recorded answers of 2017, 2022 and 2023 show for
/// `close_code`, `contact_type` and `subcategory`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyChoice {
    /// `""`.
    #[default]
    Text,
    /// `null`.
    NullValue,
}

/// Where the `Location` of a new attachment leads: to its file, as the test of `PySNC` asserts, or to
/// its metadata, as documented (wire-core 4.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentLocation {
    /// `…/attachment/{sys_id}/file`.
    #[default]
    File,
    /// `…/attachment/{sys_id}`.
    Metadata,
}

/// What the token endpoint calls an error: one catch-all was observed for almost everything, other
/// names and 400 are known from clients' own fixtures (wire-failures 2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenErrors {
    /// 401 `server_error` and `access_denied`, but for an unknown client, a bad code and a malformed
    /// request.
    #[default]
    ServerError,
    /// The names and statuses of RFC 6749, 5.2: 401 `invalid_client`, 400 `invalid_grant`.
    Rfc6749,
}

/// What a POST to the Attachment API without credentials meets; Australia changed it (wire-failures
/// 1.2, KB3054410).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentChallenge {
    /// 401 with `WWW-Authenticate`, as everywhere.
    #[default]
    Sent,
    /// 403 `Failed API level ACL Validation` without a challenge (Australia, 2026).
    LeftOut,
}

/// Whether a user with "Web service access only" holds the roles of its groups. The product's pages
/// make no exception; a connector's own guide says that such users need their roles directly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebServiceRoles {
    /// As any other user.
    #[default]
    Inherited,
    /// Its own alone.
    Direct,
}

/// What an answer shows of a field that access controls close to the user (wire-failures 4.3 and
/// 4.9). Queries, orderings and groupings that name one are 403 in each case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedFields {
    /// Nothing: its key is missing.
    #[default]
    Absent,
    /// An empty value.
    Empty,
    /// As `absent`, but 403 where `sysparm_fields` names it.
    Refused,
}

/// What a write makes of a field that access controls close to the user: both are told (wire-core
/// 2.1, wire-failures 4.18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedWrites {
    /// The field is left as it is, and the rest is written.
    #[default]
    Dropped,
    /// 403 `Operation Failed`, and nothing is written.
    Refused,
}

/// How often a code of an authenticator opens: RFC 6238, 5.2, asks for once, and a connector that
/// appends it to every call's password (wire-failures 1.2) needs it more often. *Assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MfaCodes {
    /// As often as it is shown, while its time lasts.
    #[default]
    WhileValid,
    /// Once.
    Once,
}

/// The latest version of the REST API: a path that names no version means it (wire-core 1.1). In v1
/// a list without rows is 404. That an instance which has v1 alone answers v2 like a path that
/// names no API is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LatestVersion {
    /// `/api/now/v2`.
    #[default]
    V2,
    /// `/api/now/v1`.
    V1,
}

/// What is said of a write that access controls deny (wire-failures 4.4 and 4.5). The second form is
/// known from a client's test, where it is the message; that the detail is null is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeniedWrite {
    /// `Operation Failed`, `ACL Exception Insert Failed due to security constraints`.
    #[default]
    Exception,
    /// `Operation against file 'T' was aborted by ACL`.
    Aborted,
}

/// What becomes of a call with right credentials and the cookie of a session that is over, as after
/// a node change: "401 with a cookie, 200 without" (failure catalogue, inst-session-lost). No trace
/// shows it, so that the default has the credentials decide: *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LostSession {
    /// The call is answered, and begins a new session.
    #[default]
    Replaced,
    /// 401, with the cookie of a new session.
    Refused,
}
