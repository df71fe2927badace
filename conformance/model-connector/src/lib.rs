//! A ServiceNow connector done right, and its sins.
//!
//! It tests a connection, reads a table and creates a record over Basic authentication, OAuth 2.0,
//! an API key or a client certificate, and asks a person for consent, driven by the native
//! protocol on stdin and stdout. Everything it does is a field of one [`Policy`]; a [`SINS`] entry
//! edits one field into a documented mistake, and a [`NEAR_MISSES`] entry into something that looks
//! like one and is right. The judge's own tests are built on both.
//!
//! The modules, in the order in which a run meets them:
//!
//! - [`native`](run): messages in, messages out, stop and end of input
//! - `address`: the instance's URL, put right or refused
//! - `settings`: what the user configured, refused before a byte leaves when it cannot work
//! - `policy`, `sins`, `near_misses`: how it behaves
//! - `check`, `sync`, `write`, `connect`, `provision`: the verbs
//! - `paging`: which rows to ask for next, and when the end is reached
//! - `gate`: how many requests are in flight, and when none may be sent
//! - `reading`: one read, tried as often as the policy allows
//! - `retry`: whether and when to ask again
//! - `client`: one attempt at one request, with whatever the instance knows the caller by
//! - `oauth`: tokens, and the consent that grants them
//! - `answer`: what an HTTP answer is, by its structure
//! - `network`, `proxy`, `tls`: why there was none
//! - `diagnosis`: what the user is told
//! - `ending`, `stop`, `voice`: how a run ends, and how it speaks
//!
//! It knows nothing of the simulator or the judge.

use std::time::Duration;

mod address;
mod answer;
mod attach;
mod batch;
mod check;
mod client;
mod connect;
mod diagnosis;
mod email;
mod ending;
mod filter;
mod gate;
mod hidden;
mod native;
mod near_misses;
mod network;
mod oauth;
mod once;
mod paging;
mod policy;
mod provision;
mod proxy;
mod reading;
mod retry;
mod settings;
mod sins;
mod stop;
mod sync;
mod tls;
mod update;
mod voice;
mod write;

#[cfg(test)]
mod responder;

pub use native::run;
pub use near_misses::NEAR_MISSES;
pub use policy::{
    AfterRefusal, ApiKeyIn, Backoff, Batches, BeyondMaxWait, Blame, BrokenOff, Checkpoints,
    CodeUse, Cursor, Deadline, Deletions, Delivery, Domains, Dropped, EasesOff, EmptyList,
    EmptyRun, EndOfData, ErrorInSuccess, ExitStatus, ExtraQuery, FailedPage, FilterCheck,
    Incremental, JournalEntries, JudgedBy, Leaf, LimitHeaders, LostSession, MissingRecord,
    NoRefreshToken, Oauth, OnFailure, Outage, Paging, Patience, PlainHttp, Policy, Proof,
    Provisioning, References, Refusal, RefusedRequest, Renewal, RenewedBy, RenewsWith, Reports,
    Reread, Resume, RetryAfter, StateParameter, TokenParameters, TooLong, UnknownWrite,
    UnreadableWait, UnsentFields, Unserviced, UploadCredentials, UrlPath, Variation, Verbosity,
    WhiteSpace, WithoutTls, Workers, WriteKey, ZeroWait,
};
pub use sins::SINS;

/// How the connector is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Name of a sin to commit.
    pub sin: Option<String>,
    /// Name of a near-miss to be.
    pub near_miss: Option<String>,
    /// Wait as long as an instance documents: hours for a rate limit, minutes for an outage.
    pub patient: bool,
    /// Print the sins and near-misses and do nothing else.
    pub list: bool,
}

/// Attempts at one read of a patient connector, the first included.
pub const PATIENT_ATTEMPTS: u32 = 10;
/// The longest that a patient connector waits before a retry: windows of rate limits are an hour.
pub const PATIENT_WAIT: Duration = Duration::from_secs(2 * 3600);
/// How long one attempt of a patient connector may take: transactions may run for 60 s.
pub const PATIENT_TIMEOUT: Duration = Duration::from_secs(90);

/// Exit status for a sin or near-miss that does not exist.
pub const EXIT_USAGE: u8 = 3;
