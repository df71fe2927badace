//! How the connector behaves: one plain value, every behaviour a field.
//!
//! No other module knows the name of a sin; they read these fields.

use std::time::Duration;

use crate::{PATIENT_ATTEMPTS, PATIENT_WAIT};

mod batches;
mod incremental;
mod lost_session;
mod oauth;
mod pages;
mod provisioning;
mod reads;
mod reporting;
mod retrying;
mod unsent;
mod uploads;
mod whom;
mod without_tls;
mod workers;

pub use batches::{AfterRefusal, Batches, JudgedBy, Unserviced};
pub use incremental::{Cursor, Deletions, EmptyRun, Incremental, Reread};
pub use lost_session::LostSession;
pub use oauth::{
    ApiKeyIn, CodeUse, NoRefreshToken, Oauth, Patience, Proof, RefusedRequest, Renewal, RenewedBy,
    RenewsWith, StateParameter, TokenParameters, WhiteSpace,
};
pub use pages::{
    BrokenOff, Checkpoints, Delivery, Dropped, EndOfData, ErrorInSuccess, FailedPage, Paging,
    Resume,
};
pub use provisioning::Provisioning;
pub use reads::{EmptyList, FilterCheck, LimitHeaders, References, TooLong};
pub use reporting::{Blame, ExitStatus, OnFailure, Reports, Verbosity};
pub use retrying::{
    Backoff, BeyondMaxWait, Deadline, Outage, RetryAfter, UnreadableWait, ZeroWait,
};
pub use unsent::UnsentFields;
pub use uploads::{JournalEntries, MissingRecord, UploadCredentials};
pub use whom::{Domains, Leaf};
pub use without_tls::WithoutTls;
pub use workers::{EasesOff, Refusal, Workers};

/// Everything the connector decides by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Attempts at one read during a sync, the first included.
    pub max_attempts: u32,
    /// Attempts at one read during a check when the instance or the connection faltered.
    pub check_attempts: u32,
    /// Further attempts after a 401 with the same credentials.
    pub replays_of_401: u32,
    /// Further attempts after a 403.
    pub replays_of_403: u32,
    /// Further attempts after a certificate was refused.
    pub replays_of_bad_certificate: u32,
    /// How long it waits where the instance names no time.
    pub backoff: Backoff,
    /// How often it asks an instance that is not there.
    pub outage: Outage,
    /// What it does with the time that the instance names.
    pub retry_after: RetryAfter,
    /// The longest it waits before a retry.
    pub max_wait: Duration,
    /// What it does when it is told to wait longer than that.
    pub beyond_max_wait: BeyondMaxWait,
    /// Whether an attempt ends when its time is up.
    pub attempt_timeout: bool,
    /// Whether certificates are checked.
    pub verify_certificates: bool,
    /// Whether connections are kept for the next request.
    pub keep_alive: bool,
    /// Whether a 2xx is taken for the rows that were asked for, whatever it holds.
    pub trust_status: bool,
    /// Which rows are asked for next.
    pub paging: Paging,
    /// Rows a page, where it differs from what is configured.
    pub page_size: Option<u32>,
    /// What counts as the end of the table.
    pub end_of_data: EndOfData,
    /// What becomes of a page that failed.
    pub failed_page: FailedPage,
    /// How often a page's records are delivered.
    pub delivery: Delivery,
    /// When a checkpoint is written.
    pub checkpoints: Checkpoints,
    /// Where a run with a checkpoint begins.
    pub resume: Resume,
    /// Whether it tells how many records are not visible.
    pub tells_hidden: bool,
    /// A query parameter beside those that are needed.
    pub extra_query: Option<ExtraQuery>,
    /// What it blames.
    pub blame: Blame,
    /// Whether it names causes that it cannot rule out.
    pub names_candidates: bool,
    /// Whether it says what to do next.
    pub offers_next_step: bool,
    /// Whether it names the table, host, status or time that a failure is about.
    pub names_facts: bool,
    /// Whether it ends a run that recovered with the failure it recovered from.
    pub tells_recovered: bool,
    /// Which of several failures of one read it reports.
    pub reports: Reports,
    /// How long it keeps its diagnosis to itself.
    pub tells_after: Duration,
    /// What it says about a failure.
    pub on_failure: OnFailure,
    /// What its exit status says.
    pub exit_status: ExitStatus,
    /// Requests it makes after its result, one a second.
    pub requests_after_result: u32,
    /// What it tells on the way.
    pub verbosity: Verbosity,
    /// What it does about a write of which it does not know whether it happened.
    pub unknown_write: UnknownWrite,
    /// By what it finds a record again that it created.
    pub write_key: WriteKey,
    /// What it does with an `http://` URL.
    pub plain_http: PlainHttp,
    /// What it does where the port speaks no TLS.
    pub without_tls: WithoutTls,
    /// What it does with what follows the host in the URL.
    pub url_path: UrlPath,
    /// Further attempts after a 400.
    pub replays_of_400: u32,
    /// Further attempts after a 404.
    pub replays_of_404: u32,
    /// Whether it says that its user has switched certificate checks off.
    pub tells_verification_off: bool,
    /// What it does when the named time is zero, or past.
    pub zero_wait: ZeroWait,
    /// What it does when the named time cannot be read.
    pub unreadable_wait: UnreadableWait,
    /// What a 202 is to a read.
    pub dropped: Dropped,
    /// What an answer is that holds an error, status 200.
    pub error_in_success: ErrorInSuccess,
    /// By how much a page shrinks after the instance cancelled it; 1 keeps its size.
    pub page_shrink: u32,
    /// What the timeout of an attempt bounds.
    pub deadline: Deadline,
    /// What becomes of an answer that broke off.
    pub broken_off: BrokenOff,
    /// Further attempts after a handshake was refused for what it offers.
    pub replays_of_refused_handshake: u32,
    /// What its workers make of a refusal, where it keeps several requests in flight.
    pub workers: Workers,
    /// What it does with tokens, keys and consents.
    pub oauth: Oauth,
    /// What it hands on for a field that it asked for and was not sent.
    pub unsent_fields: UnsentFields,
    /// How it sets an instance up to call back.
    pub provisioning: Provisioning,
    /// When an upload carries credentials.
    pub upload_credentials: UploadCredentials,
    /// What it does where the record to change is not there, or hidden.
    pub missing_record: MissingRecord,
    /// What it does where the instance finds a request too long.
    pub too_long: TooLong,
    /// What a 404 is to a read of a list.
    pub empty_list: EmptyList,
    /// What it does when an answer leads elsewhere.
    pub redirects: Redirects,
    /// Where it expects instances.
    pub domains: Domains,
    /// Which certificate of the instance it accepts, of those that verify.
    pub leaf: Leaf,
    /// What the headers of a rate limit are on an answer with rows.
    pub limit_headers: LimitHeaders,
    /// What it makes of a refusal of a call that sent a session's cookie along.
    pub lost_session: LostSession,
    /// How it knows that the instance applies the user's query.
    pub filter_check: FilterCheck,
    /// Which shapes of a reference it reads.
    pub references: References,
    /// Whether requests name the form of the answer that they want.
    pub names_form: bool,
    /// What it does about a change of which it does not know whether it happened, where the change
    /// adds to a journal.
    pub journal_entries: JournalEntries,
    /// How it finds what changed since its last run.
    pub incremental: Incremental,
    /// How it creates several records at once.
    pub batches: Batches,
}

impl Policy {
    /// Waits as long as an instance documents: an hour for a rate limit, minutes for an outage.
    pub(crate) const fn be_patient(&mut self) {
        self.max_attempts = PATIENT_ATTEMPTS;
        self.max_wait = PATIENT_WAIT;
        self.backoff.base = Duration::from_secs(4);
        self.backoff.cap = Duration::from_secs(120);
    }
}

impl Default for Policy {
    /// The connector done right. The values are those that its manifest declares.
    fn default() -> Self {
        Self {
            max_attempts: 5,
            check_attempts: 2,
            replays_of_401: 0,
            replays_of_403: 0,
            replays_of_bad_certificate: 0,
            backoff: Backoff::default(),
            outage: Outage::Slowly,
            retry_after: RetryAfter::Honour,
            max_wait: Duration::from_secs(60),
            beyond_max_wait: BeyondMaxWait::GiveUp,
            attempt_timeout: true,
            verify_certificates: true,
            keep_alive: true,
            trust_status: false,
            paging: Paging::Keyset,
            page_size: None,
            end_of_data: EndOfData::Proven,
            failed_page: FailedPage::Retry,
            delivery: Delivery::Once,
            checkpoints: Checkpoints::AfterPage,
            resume: Resume::FromState,
            tells_hidden: true,
            extra_query: None,
            blame: Blame::WhatIsFound,
            names_candidates: true,
            offers_next_step: true,
            names_facts: true,
            tells_recovered: false,
            reports: Reports::FirstCause,
            tells_after: Duration::ZERO,
            on_failure: OnFailure::Tell,
            exit_status: ExitStatus::AsReported,
            requests_after_result: 0,
            verbosity: Verbosity::Normal,
            unknown_write: UnknownWrite::LookUp,
            write_key: WriteKey::CorrelationId,
            plain_http: PlainHttp::Refuse,
            without_tls: WithoutTls::Stop,
            url_path: UrlPath::Drop,
            replays_of_400: 0,
            replays_of_404: 0,
            tells_verification_off: true,
            zero_wait: ZeroWait::Floor,
            unreadable_wait: UnreadableWait::BackOff,
            dropped: Dropped::AskAgain,
            error_in_success: ErrorInSuccess::Refuse,
            page_shrink: 2,
            deadline: Deadline::Total,
            broken_off: BrokenOff::ReadAgain,
            replays_of_refused_handshake: 0,
            workers: Workers::default(),
            oauth: Oauth::default(),
            unsent_fields: UnsentFields::LeftOut,
            provisioning: Provisioning::default(),
            upload_credentials: UploadCredentials::AtOnce,
            missing_record: MissingRecord::Tell,
            too_long: TooLong::Split,
            empty_list: EmptyList::InEitherForm,
            redirects: Redirects::Tell,
            domains: Domains::All,
            leaf: Leaf::Any,
            limit_headers: LimitHeaders::Information,
            lost_session: LostSession::SignInAgain,
            filter_check: FilterCheck::Proven,
            references: References::EitherShape,
            names_form: true,
            journal_entries: JournalEntries::LookedUp,
            incremental: Incremental::default(),
            batches: Batches::default(),
        }
    }
}

/// A named edit of the policy.
#[derive(Debug, Clone, Copy)]
pub struct Variation {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The edit of one field.
    pub edit: fn(&mut Policy),
}

impl Variation {
    /// The policy of a connector that is right but for this.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        (self.edit)(&mut policy);
        policy
    }
}

/// A query parameter beside those that are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraQuery {
    /// One that means nothing.
    Dummy,
    /// The password.
    Password,
}

/// What is done about a write of which it is not known whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownWrite {
    /// The record is looked up, and written again if it is not there.
    LookUp,
    /// It is written again.
    WriteAgain,
    /// It is taken for done.
    ClaimSuccess,
    /// The user is told that it is not known.
    Leave,
}

/// By what a created record is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKey {
    /// The `correlation_id` of the record.
    CorrelationId,
    /// A `sys_id` that the connector chooses.
    OwnSysId,
}

/// What is done with an `http://` URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// It is refused before a byte leaves.
    Refuse,
    /// Requests are sent over it, credentials included.
    Send,
    /// It is asked, without credentials, where over https it leads.
    Ask,
}

/// What is done with what follows the host in the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlPath {
    /// It is dropped where it is a page or an API of the platform; anything else is refused.
    Drop,
    /// Paths of the API are appended to it.
    Keep,
    /// Paths of the API, which begin with a slash, are appended to a slash that ends the URL.
    KeepSlash,
}

/// What is done when an answer leads elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// The user is told where it leads.
    Tell,
    /// Whoever is named is asked, credentials included, by GET.
    Follow,
    /// So too, however often the answer leads on.
    FollowWithoutEnd,
    /// As when following, and whatever comes with status 200 is taken for the answer to a write.
    TakeForDone,
    /// Whoever is named is asked without credentials, over https alone, and the user is told.
    AskThere,
}
