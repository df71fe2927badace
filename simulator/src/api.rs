//! The instance's REST APIs: one file each, and the table of their routes.
//!
//! An API is called once the pipeline has let a request pass. It reads and writes the store off
//! the async workers, but for one record, which is read at once; it does not authenticate and does
//! not write the journal.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::clock::Now;
use crate::fidelity::Chapter;
use crate::journal::Caller;
use crate::policy::{Access, Identity, Policy};
use crate::reply::Reply;
use crate::setup::{LatestVersion, MissingApi, Operation, Switches};
use crate::store::Store;

mod access_controls;
mod aggregate;
mod attachment;
mod batch;
mod cmdb_instance;
mod cmdb_meta;
mod current_user;
mod email;
mod failures;
mod identify_reconcile;
mod import_set;
mod json_body;
mod negotiation;
pub mod oauth;
mod opened;
mod owned;
mod paging;
mod query_string;
mod reading;
mod routes;
mod settable;
mod shapes;
mod surface;
mod table;
mod table_names;
mod tiny_url;
mod xml;

pub(crate) use failures::CANCELLED;
use failures::Failures;
pub(crate) use negotiation::LARGEST_BODY;
use owned::Owned;
pub(crate) use routes::titles;

/// What a request is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The API.
    pub api: Api,
    /// Version in the path (`/api/now/v2/…`), if one is named; answers echo it.
    pub version: Option<u8>,
    /// The table it names.
    pub table: Option<String>,
    /// The record it names.
    pub sys_id: Option<String>,
    /// The route that matched, without `/api/now` and the version, such as `/table/{table}`; empty
    /// where none did.
    pub route: &'static str,
    /// The last part of the path, where the route has one besides table and record.
    pub key: Option<String>,
    /// What it does to the table, for access controls.
    pub operation: Operation,
}

/// The APIs of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// `/api/now/table`.
    Table,
    /// `/api/now/stats`.
    Aggregate,
    /// `/api/now/attachment`.
    Attachment,
    /// `/api/now/batch`.
    Batch,
    /// `/api/now/import`.
    ImportSet,
    /// `/api/now/cmdb/instance`.
    CmdbInstance,
    /// `/api/now/cmdb/meta`.
    CmdbMeta,
    /// `/api/now/identifyreconcile`.
    IdentifyReconcile,
    /// `/api/now/email`.
    Email,
    /// `/api/now/ui/user/current_user`.
    CurrentUser,
    /// `/api/now/tinyurl`.
    TinyUrl,
    /// `/oauth_token.do` and `/oauth_revoke_token.do`.
    OauthToken,
    /// `/api/now/doc/table/schema`.
    TableNames,
    /// A path that names no API here.
    Unknown,
}

impl Api {
    /// The title rate limit rules and their 429 use, such as `Table API`. The titles are those of
    /// the APIs' pages; the last three have none (*assumed*).
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Table => "Table API",
            Self::Aggregate => "Aggregate API",
            Self::Attachment => "Attachment API",
            Self::Batch => "Batch API",
            Self::ImportSet => "Import Set API",
            Self::CmdbInstance => "CMDB Instance API",
            Self::CmdbMeta => "CMDB Meta API",
            Self::IdentifyReconcile => "Identification and Reconciliation API",
            Self::Email => "Email API",
            Self::CurrentUser => "Current User API",
            Self::TinyUrl => "Tiny URL API",
            Self::OauthToken => "OAuth token endpoint",
            Self::TableNames => "Table Schema API",
            Self::Unknown => "unknown API",
        }
    }

    /// Whether access controls of the table in the path decide on a call as a whole.
    #[must_use]
    pub const fn is_of_a_table(self) -> bool {
        matches!(
            self,
            Self::Table | Self::Aggregate | Self::ImportSet | Self::CmdbInstance
        )
    }
}

/// What is known of the truth of every API's behaviour, API by API, of encoded queries and of the
/// tables.
#[must_use]
pub fn chapters() -> Vec<Chapter> {
    [
        (Api::Table, table::BEHAVIOURS),
        (Api::Aggregate, aggregate::BEHAVIOURS),
        (Api::Attachment, attachment::BEHAVIOURS),
        (Api::Batch, batch::BEHAVIOURS),
        (Api::ImportSet, import_set::BEHAVIOURS),
        (Api::CmdbInstance, cmdb_instance::BEHAVIOURS),
        (Api::CmdbMeta, cmdb_meta::BEHAVIOURS),
        (Api::IdentifyReconcile, identify_reconcile::BEHAVIOURS),
        (Api::Email, email::BEHAVIOURS),
        (Api::CurrentUser, current_user::BEHAVIOURS),
        (Api::TinyUrl, tiny_url::BEHAVIOURS),
        (Api::OauthToken, oauth::BEHAVIOURS),
        (Api::TableNames, table_names::BEHAVIOURS),
    ]
    .into_iter()
    .map(|(api, behaviours)| Chapter {
        title: api.title(),
        behaviours,
    })
    .chain([
        Chapter {
            title: "Encoded queries",
            behaviours: crate::query::BEHAVIOURS,
        },
        crate::store::schema::CHAPTER,
        Chapter {
            title: "Access controls",
            behaviours: access_controls::BEHAVIOURS,
        },
        Chapter {
            title: "Pages",
            behaviours: crate::pages::BEHAVIOURS,
        },
        crate::fidelity::HANDSHAKES,
    ])
    .chain(surface::CHAPTERS)
    .collect()
}

/// Finds out what a request is addressed to, from its line alone.
#[must_use]
pub fn target(method: &Method, path: &str) -> Target {
    routes::target(method, path)
}

/// Whether a path is a page of the user interface, and no API.
#[must_use]
pub fn is_page(path: &str) -> bool {
    routes::is_page(path)
}

/// Whether a path is the login page of the user interface.
#[must_use]
pub fn is_login(path: &str) -> bool {
    routes::is_login(path)
}

/// Whether a path is the login page of the user interface, and not a way to it.
#[must_use]
pub fn is_login_form(path: &str) -> bool {
    routes::is_login_form(path)
}

/// Whether a path is that of the logout.
#[must_use]
pub fn is_logout(path: &str) -> bool {
    routes::is_logout(path)
}

/// Whether a path is that of the page on which a person lets an application use an account.
#[must_use]
pub fn is_consent(path: &str) -> bool {
    routes::is_consent(path)
}

/// The value of a field of a form, as `application/x-www-form-urlencoded` has them.
#[must_use]
pub fn form_value(form: &str, name: &str) -> Option<String> {
    let fields = query_string::Parameters::read(form);
    fields.value(name).map(str::to_owned)
}

/// What an API may use.
#[derive(Debug)]
pub struct Context<'a> {
    /// The records.
    pub store: &'a Store,
    /// The policy the request was decided by.
    pub policy: &'a Arc<Policy>,
    /// Wordings and behaviours on which facts disagree.
    pub switches: &'a Switches,
    /// APIs that this instance does not have.
    pub missing_apis: &'a [MissingApi],
    /// `https://HOST`, from the request's Host header: the beginning of every link.
    pub base_url: &'a str,
    /// When the request arrived.
    pub now: Now,
    /// Rows that a list can return before its query is cancelled.
    pub query_quota: Option<u32>,
    /// Writes that a batch has time for.
    pub batch_quota: Option<u32>,
    /// Tables on which a script throws.
    pub broken_tables: &'a BTreeSet<String>,
}

/// A request that passed the pipeline.
#[derive(Debug)]
pub struct Call<'a> {
    /// Counts requests of the simulator from 1; record changes refer to it.
    pub request: u64,
    /// Whose listener it arrived on.
    pub caller: Caller,
    /// Method.
    pub method: &'a Method,
    /// Path, percent-encoded as sent.
    pub path: &'a str,
    /// Query, percent-encoded as sent.
    pub query: &'a str,
    /// Headers as sent.
    pub headers: &'a HeaderMap,
    /// Body, whole.
    pub body: Bytes,
    /// What it is addressed to.
    pub target: &'a Target,
    /// Who calls.
    pub identity: &'a Identity,
    /// What the caller may do with the target's table.
    pub access: &'a Access,
}

/// Answers a call. Record changes are committed, and the store's listener has run, before it returns.
pub async fn answer(context: &Context<'_>, call: Call<'_>) -> Reply {
    let (target, headers) = (call.target, call.headers);
    let path = call.path;
    let failures = Failures::new(context.switches);
    let asked = format!("{} {}", call.method, call.path);
    let mut reply = match call.target.api {
        _ if is_broken(context, call.target) => failures.script_error(),
        api if is_missing(api, context.missing_apis) || is_newer(context, target) => {
            failures.unknown_api(&asked)
        }
        Api::Unknown => failures.unknown_api(&asked),
        api => match understood(api, call, failures) {
            Err(reply) => *reply,
            Ok(call) if api == Api::Batch => batch::answer(context, &call).await,
            Ok(call) => of_records(context, &call, failures).await,
        },
    };
    let unnamed = context.switches.unnamed_form.unwrap_or_default();
    negotiation::dress_at_length(context.store, &mut reply, target, headers, unnamed).await;
    if target.api == Api::Unknown && routes::is_known_elsewhere(path) {
        reply.unmodelled.push(asked);
    }
    reply
}

/// Whether a path names a version that the instance does not have yet.
fn is_newer(context: &Context<'_>, target: &Target) -> bool {
    context.switches.latest_version == Some(LatestVersion::V1) && target.version == Some(2)
}

/// The answer of an API that reads or writes records: at once where that is brief, else off the
/// async workers.
async fn of_records(context: &Context<'_>, call: &Call<'_>, failures: Failures) -> Reply {
    let call = Owned::of(context, call);
    if call.is_brief() {
        let answer = std::panic::AssertUnwindSafe(|| call.answer());
        return std::panic::catch_unwind(answer)
            .unwrap_or_else(|_| failures.broken(&"an answer panicked"));
    }
    match tokio::task::spawn_blocking(move || call.answer()).await {
        Ok(reply) => reply,
        Err(error) => failures.broken(&error),
    }
}

/// The call with a body that APIs can read, where they can answer it in a form that it accepts.
fn understood<'a>(api: Api, call: Call<'a>, failures: Failures) -> Result<Call<'a>, Box<Reply>> {
    negotiation::acceptable(api, call.headers, failures)?;
    let body = negotiation::body(api, call.method, call.headers, call.body, failures)?;
    Ok(Call { body, ..call })
}

/// Puts an answer to a call into the form that the caller asks for.
pub fn dress(reply: &mut Reply, target: &Target, headers: &HeaderMap, switches: &Switches) {
    let unnamed = switches.unnamed_form.unwrap_or_default();
    negotiation::dress(reply, target, headers, unnamed);
}

/// The documented refusal of a body that is larger than [`LARGEST_BODY`] (wire-core 1.6); for a
/// chunked one, that the bytes sent stand in for the content length is *assumed*.
pub(crate) fn too_large(bytes: u64, switches: &Switches) -> Reply {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    Failures::new(switches).oversize_body(bytes, LARGEST_BODY)
}

/// The method that a request stands for: a POST may name another one in `X-HTTP-Method-Override`
/// (wire-core 1.1, REST API). That only a POST may, and that a name other than GET, PUT, PATCH or
/// DELETE is not looked at, is *assumed*.
#[must_use]
pub fn method(sent: &Method, headers: &HeaderMap) -> Method {
    let named = headers
        .get("x-http-method-override")
        .and_then(|value| value.to_str().ok())
        .map(|name| name.trim().to_ascii_uppercase());
    match (sent, named.as_deref()) {
        (&Method::POST, Some("GET")) => Method::GET,
        (&Method::POST, Some("PUT")) => Method::PUT,
        (&Method::POST, Some("PATCH")) => Method::PATCH,
        (&Method::POST, Some("DELETE")) => Method::DELETE,
        _ => sent.clone(),
    }
}

/// Whether a script throws on the table that a call names.
fn is_broken(context: &Context<'_>, target: &Target) -> bool {
    let named = target.table.as_ref();
    named.is_some_and(|table| context.broken_tables.contains(table))
}

fn is_missing(api: Api, missing: &[MissingApi]) -> bool {
    let named = match api {
        Api::Table => MissingApi::Table,
        Api::Aggregate => MissingApi::Stats,
        Api::Attachment => MissingApi::Attachment,
        Api::Batch => MissingApi::Batch,
        Api::ImportSet => MissingApi::Import,
        Api::CmdbInstance => MissingApi::CmdbInstance,
        Api::CmdbMeta => MissingApi::CmdbMeta,
        Api::IdentifyReconcile => MissingApi::IdentifyReconcile,
        Api::Email => MissingApi::Email,
        Api::CurrentUser => MissingApi::CurrentUser,
        Api::TinyUrl => MissingApi::TinyUrl,
        Api::TableNames => MissingApi::TableNames,
        Api::OauthToken | Api::Unknown => return false,
    };
    missing.contains(&named)
}
