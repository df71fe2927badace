//! The instance's REST APIs: one file each, and the table of their routes.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::clock::Now;
use crate::policy::{Access, Identity, Policy};
use crate::reply::Reply;
use crate::setup::{Operation, Switches};
use crate::store::Store;

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
pub fn target(_method: &Method, _path: &str) -> Target {
    Target {
        api: Api::Unknown,
        version: None,
        table: None,
        sys_id: None,
        operation: Operation::Read,
    }
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
    /// `https://HOST`, from the request's Host header: the beginning of every link.
    pub base_url: &'a str,
    /// When the request arrived.
    pub now: Now,
}

/// A request that passed the pipeline.
#[derive(Debug)]
pub struct Call<'a> {
    /// Counts requests of the simulator from 1; record changes refer to it.
    pub request: u64,
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

/// Answers a call. Record changes are committed, and `committed` hooks run, before it returns.
pub async fn answer(_context: &Context<'_>, _call: Call<'_>) -> Reply {
    Reply::empty(http::StatusCode::NOT_IMPLEMENTED)
}
