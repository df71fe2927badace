//! A call that answers itself: all that an API may use of it, on any thread.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::failures::{Failed, Failures};
use super::{
    Api, Call, Context, Target, aggregate, attachment, cmdb_instance, cmdb_meta, current_user,
    email, identify_reconcile, import_set, table, table_names, tiny_url,
};
use crate::clock::Now;
use crate::journal::Caller;
use crate::policy::{Access, Identity, Policy};
use crate::reply::Reply;
use crate::setup::{
    AggregateRows, AttachmentLocation, CancelledQuery, ClosedFields, ClosedWrites, EmptyChoice,
    InvalidQuery, LatestVersion, LinkHeader, Operation, ReferenceShape,
};
use crate::store::{Author, Store};

/// A call that can leave for another thread.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) store: Store,
    pub(super) policy: Arc<Policy>,
    pub(super) failures: Failures,
    pub(super) base_url: String,
    pub(super) now: Now,
    pub(super) request: u64,
    pub(super) caller: Caller,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) target: Target,
    pub(super) identity: Identity,
    pub(super) access: Access,
    pub(super) invalid_query: InvalidQuery,
    /// Rows that a list can return, and what the answer looks like when there are more.
    pub(super) query_quota: Option<(usize, CancelledQuery)>,
    /// Rows that a list returns at most.
    pub(super) page_cap: Option<u32>,
    pub(super) link_header: LinkHeader,
    /// Whether the path names version 1, or means it.
    pub(super) first_version: bool,
    pub(super) aggregate_rows: AggregateRows,
    /// Whether an empty choice displays as `null`.
    pub(super) null_choices: bool,
    /// What becomes of a field that the caller may not read, and of one that it may not set.
    pub(super) closed_fields: ClosedFields,
    pub(super) closed_writes: ClosedWrites,
    pub(super) attachment_location: AttachmentLocation,
    pub(super) reference_shape: ReferenceShape,
    /// Tables on which a script throws, and whether a query led to one.
    broken_tables: BTreeSet<String>,
    met_broken: AtomicBool,
}

impl Owned {
    pub(super) fn of(context: &Context<'_>, call: &Call<'_>) -> Self {
        Self {
            store: context.store.clone(),
            policy: Arc::clone(context.policy),
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
            invalid_query: invalid_query(context),
            query_quota: context.query_quota.map(|rows| {
                let form = context.switches.cancelled_query.unwrap_or_default();
                (usize::try_from(rows).unwrap_or(usize::MAX), form)
            }),
            page_cap: context.switches.page_cap.map(|rows| rows.count(1)),
            first_version: match call.target.version {
                None => context.switches.latest_version == Some(LatestVersion::V1),
                version => version == Some(1),
            },
            link_header: context.switches.link_header.unwrap_or_default(),
            aggregate_rows: context.switches.aggregate_rows.unwrap_or_default(),
            null_choices: context.switches.empty_choice == Some(EmptyChoice::NullValue),
            closed_fields: context.switches.closed_fields.unwrap_or_default(),
            closed_writes: context.switches.closed_writes.unwrap_or_default(),
            attachment_location: context.switches.attachment_location.unwrap_or_default(),
            reference_shape: context.switches.reference_shape.unwrap_or_default(),
            broken_tables: context.broken_tables.clone(),
            met_broken: AtomicBool::new(false),
        }
    }

    /// Whether the answer takes less time than going to another thread for it: one record is read.
    pub(super) fn is_brief(&self) -> bool {
        self.target.api == Api::Table
            && self.target.sys_id.is_some()
            && matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The API's answer. One that fails is what the failure says, and HEAD has no body.
    pub(super) fn answer(&self) -> Reply {
        let answered = match self.target.api {
            Api::Table => table::answer(self),
            Api::Aggregate => aggregate::answer(self),
            Api::Attachment => attachment::answer(self),
            Api::ImportSet => import_set::answer(self),
            Api::CmdbInstance => cmdb_instance::answer(self),
            Api::CmdbMeta => cmdb_meta::answer(self),
            Api::IdentifyReconcile => identify_reconcile::answer(self),
            Api::Email => email::answer(self),
            Api::CurrentUser => current_user::answer(self),
            Api::TinyUrl => tiny_url::answer(self),
            Api::TableNames => table_names::answer(self),
            // A batch is taken apart before; who asks for a token is nobody yet.
            Api::Batch | Api::OauthToken | Api::Unknown => Ok(self.not_modelled()),
        };
        let mut reply = match answered {
            Ok(reply) => reply,
            Err(Failed::Reply(reply)) => *reply,
            Err(Failed::Store(error)) => self.failures.store(&error),
        };
        if self.met_broken.load(Ordering::Relaxed) {
            reply = self.failures.script_error();
        }
        if self.method == Method::HEAD {
            reply.body.clear();
        }
        reply
    }

    /// As an instance without the API would, and not judged.
    fn not_modelled(&self) -> Reply {
        let asked = format!("{} {}", self.method, self.path);
        let mut reply = self.failures.unknown_api(&asked);
        reply.unmodelled.push(asked);
        reply
    }

    /// What the caller may do with a table.
    pub(super) fn access_to(&self, operation: Operation, table: &str) -> Access {
        self.policy.access(&self.identity, operation, table)
    }

    /// Fails with what a script says that throws on this table, if one does.
    pub(super) fn check_sound(&self, table: &str) -> Result<(), Failed> {
        match self.broken_tables.contains(table) {
            true => Err(self.failures.script_error().into()),
            false => Ok(()),
        }
    }

    /// Notes that a query leads to a table.
    pub(super) fn visited(&self, table: &str) {
        if self.broken_tables.contains(table) {
            self.met_broken.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the caller may read a field in every record of a table.
    pub(super) fn reads_whole(&self, table: &str, field: &str) -> bool {
        self.policy.may_read_field(&self.identity, table, field) == Access::ALL
    }

    /// The author of what the call changes.
    pub(super) fn author(&self) -> Author {
        Author {
            user_name: self.identity.user_name.clone(),
            request: Some(self.request),
            by: self.caller.into(),
            unix: self.now.unix,
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
