//! The instance's REST APIs: one file each, and the table of their routes.
//!
//! An API is called once the pipeline has let a request pass. It reads and writes the store off
//! the async workers; it does not authenticate and does not write the journal.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::clock::Now;
use crate::journal::Caller;
use crate::policy::{Access, Identity, Policy};
use crate::reply::Reply;
use crate::setup::{CancelledQuery, InvalidQuery, LinkHeader, MissingApi, Operation, Switches};
use crate::store::Store;

mod aggregate;
mod failures;
mod query_string;
mod reading;
mod routes;
mod shapes;
mod table;

use failures::Failures;

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
    /// What it does to the table, for access controls.
    pub operation: Operation,
}

/// The APIs that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// `/api/now/table`.
    Table,
    /// `/api/now/stats`.
    Aggregate,
    /// A path that names no API here.
    Unknown,
}

impl Api {
    /// The title rate limit rules and their 429 use, such as `Table API`.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Table => "Table API",
            Self::Aggregate => "Aggregate API",
            Self::Unknown => "unknown API",
        }
    }
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

/// What a caller meets when a script on the table throws.
#[must_use]
pub fn script_error(switches: &Switches) -> Reply {
    Failures::new(switches).script_error()
}

/// What an API may use.
#[derive(Debug)]
pub struct Context<'a> {
    /// The records.
    pub store: &'a Store,
    /// The policy the request was decided by.
    pub policy: &'a Policy,
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
    let failures = Failures::new(context.switches);
    let asked = format!("{} {}", call.method, call.path);
    let mut reply = match call.target.api {
        api if is_missing(api, context.missing_apis) => failures.unknown_api(&asked),
        Api::Unknown => failures.unknown_api(&asked),
        Api::Table | Api::Aggregate => {
            let call = Owned::of(context, &call);
            let work = move || match call.target.api {
                Api::Aggregate => aggregate::answer(&call),
                Api::Table | Api::Unknown => table::answer(&call),
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(reply) => reply,
                Err(error) => failures.broken(&error),
            }
        }
    };
    if call.target.api == Api::Unknown && routes::is_known_elsewhere(call.path) {
        reply.unmodelled.push(asked);
    }
    if call.headers.contains_key("x-http-method-override") {
        reply.unmodelled.push("X-HTTP-Method-Override".to_owned());
    }
    reply
}

fn is_missing(api: Api, missing: &[MissingApi]) -> bool {
    match api {
        Api::Table => missing.contains(&MissingApi::Table),
        Api::Aggregate => missing.contains(&MissingApi::Stats),
        Api::Unknown => false,
    }
}

/// A call that can leave for another thread.
#[derive(Debug)]
struct Owned {
    store: Store,
    failures: Failures,
    base_url: String,
    now: Now,
    request: u64,
    caller: Caller,
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    target: Target,
    identity: Identity,
    access: Access,
    /// What the caller may read of the target's table: a change shows the record.
    readable: Access,
    invalid_query: InvalidQuery,
    /// Rows that a list can return, and what the answer looks like when there are more.
    query_quota: Option<(usize, CancelledQuery)>,
    /// Rows that a list returns at most.
    page_cap: Option<u32>,
    link_header: LinkHeader,
}

impl Owned {
    fn of(context: &Context<'_>, call: &Call<'_>) -> Self {
        let table = call.target.table.as_deref().unwrap_or("");
        Self {
            store: context.store.clone(),
            failures: Failures::new(context.switches),
            base_url: context.base_url.to_owned(),
            now: context.now,
            request: call.request,
            caller: call.caller,
            method: call.method.clone(),
            path: call.path.to_owned(),
            query: call.query.to_owned(),
            headers: call.headers.clone(),
            body: call.body.clone(),
            target: call.target.clone(),
            identity: call.identity.clone(),
            access: call.access.clone(),
            readable: context.policy.access(call.identity, Operation::Read, table),
            invalid_query: invalid_query(context),
            query_quota: context.query_quota.map(|rows| {
                let form = context.switches.cancelled_query.unwrap_or_default();
                (usize::try_from(rows).unwrap_or(usize::MAX), form)
            }),
            page_cap: context.switches.page_cap.map(|rows| rows.count(1)),
            link_header: context.switches.link_header.unwrap_or_default(),
        }
    }
}

/// The regime for invalid queries: the switch, or else the property that a real instance reads
/// (wire-core 3.3).
fn invalid_query(context: &Context<'_>) -> InvalidQuery {
    let property = context
        .policy
        .property("glide.invalid_query.returns_no_rows");
    context.switches.invalid_query.unwrap_or(match property {
        Some("true") => InvalidQuery::NoRows,
        _ => InvalidQuery::Ignored,
    })
}
