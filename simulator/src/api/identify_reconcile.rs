//! The Identification and Reconciliation API: `/api/now/identifyreconcile` (wire-core 4.6).
//!
//! A payload is planned (`plan`: which items are one, which records they are) and, but for the
//! `query` endpoints, carried out (`commit`, `relate`) in one transaction. What goes wrong with an
//! item is told inside a 200.

use http::{Method, StatusCode};
use rusqlite::Connection;

use super::Owned;
use super::failures::Failed;
use super::json_body;
use super::query_string::Parameters;
use crate::journal::Condition;
use crate::reply::Reply;
use crate::setup::Operation as Access;
use crate::store::{Records, StoreError};

mod behaviours;
mod commit;
mod identify;
mod one;
mod payload;
mod plan;
mod problem;
mod relate;
mod report;
pub(super) mod rules;

pub(super) use behaviours::BEHAVIOURS;
pub(super) use one::{Settled, check_source, create_or_update, rejected};
pub(super) use problem::Problem;
pub(super) use relate::existing;

use commit::Reach;
use payload::Payload;
use plan::{Planned, Planner};
use relate::{Places, Related};

/// Items, lookups, relations and references of one payload that the time of a transaction allows
/// (*assumed*).
const MAX_PARTS: usize = 10_000;

/// What becomes of an item or a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Insert,
    Update,
    Upgrade,
    Downgrade,
    Switch,
    NoChange,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Upgrade => "UPDATE_WITH_UPGRADE",
            Self::Downgrade => "UPDATE_WITH_DOWNGRADE",
            Self::Switch => "UPDATE_WITH_SWITCH",
            Self::NoChange => "NO_CHANGE",
        }
    }

    /// How a summary counts it.
    const fn counted(self) -> &'static str {
        match self {
            Self::Insert => "inserted",
            Self::NoChange => "unchanged",
            Self::Update | Self::Upgrade | Self::Downgrade | Self::Switch => "updated",
        }
    }
}

/// What an endpoint and its options ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    commits: bool,
    commits_partly: bool,
    deduplicates: bool,
    keeps_partial: bool,
    summarises: bool,
}

impl Mode {
    const PLAIN: Self = Self {
        commits: true,
        commits_partly: false,
        deduplicates: false,
        keeps_partial: false,
        summarises: false,
    };

    /// The mode of a route; the error is the part of `options` that is no entry.
    fn of(route: &str, options: &str) -> Result<Self, String> {
        let commits = !route.contains("query");
        if !matches!(route.rsplit('/').next(), Some("enhanced" | "queryEnhanced")) {
            return Ok(Self {
                commits,
                ..Self::PLAIN
            });
        }
        let mut mode = Self {
            commits,
            commits_partly: true,
            deduplicates: true,
            keeps_partial: true,
            summarises: false,
        };
        for chunk in options.split(',').filter(|_| !options.is_empty()) {
            let Some((name, value)) = chunk.split_once(':') else {
                return Err(chunk.to_owned());
            };
            let place = match name.trim() {
                "partial_payloads" => &mut mode.keeps_partial,
                "partial_commits" => &mut mode.commits_partly,
                "deduplicate_payloads" => &mut mode.deduplicates,
                "generate_summary" => &mut mode.summarises,
                _ => continue,
            };
            *place = value.trim() == "true";
        }
        // Partial payloads need both of the others.
        mode.commits_partly |= mode.keeps_partial;
        mode.deduplicates |= mode.keeps_partial;
        Ok(mode)
    }
}

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    if call.method != Method::POST {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    let parameters = Parameters::read(&call.query);
    let options = parameters.value("options").unwrap_or("");
    let mode = Mode::of(call.target.route, options).map_err(|chunk| {
        let what = format!("Chunk [{chunk}] is not a valid entry");
        call.failures.thrown(&what, "`options` is no list of pairs")
    })?;
    let roles = &call.identity.roles;
    if !["itil", "asset", "admin"]
        .iter()
        .any(|role| roles.contains(*role))
    {
        return Err(call
            .failures
            .closed(
                Condition::ApiDenied,
                "the API is open to `itil` and `asset`",
            )
            .into());
    }
    if mode.commits && roles.contains("snc_read_only") {
        return Err(call
            .failures
            .write_refused(Access::Create, "cmdb_ci")
            .into());
    }
    let payload = Payload::read(&json_body::object(call)?)
        .map_err(|error| call.failures.malformed_body(error))?;
    if payload.len() > MAX_PARTS {
        let reason = format!("the payload has more than {MAX_PARTS} parts");
        return Err(call.failures.transaction_cancelled(reason).into());
    }
    for item in &payload.items {
        call.check_sound(&item.class_name)?;
    }
    let source = parameters.value("sysparm_data_source");
    let source = source.filter(|source| !source.is_empty());
    let (planned, related) = if mode.commits {
        call.store.write(&call.author(), |records| {
            committed(call, records, mode, source, &payload)
        })
    } else {
        call.store
            .read(|connection| queried(call, connection, mode, source, &payload))
    }?;
    let body = report::report(mode, &planned, &related);
    let mut reply = Reply::json(StatusCode::OK, &body);
    reply.unmodelled = unmodelled(mode, &planned);
    Ok(reply)
}

/// What a payload came to.
type Outcome = (Vec<Planned>, Vec<Related>);

fn committed(
    call: &Owned,
    records: &mut Records<'_>,
    mode: Mode,
    source: Option<&str>,
    payload: &Payload,
) -> Result<Outcome, StoreError> {
    let planner = Planner::new(call, records.connection, mode, source)?;
    let mut planned = planner.plan(payload)?;
    abandon(mode, &mut planned);
    for one in planned.iter_mut().filter(|one| one.errors.is_empty()) {
        commit::item(records, one, call.now.unix)?;
        let Some(rule) = planner.rule(one) else {
            continue;
        };
        for lookup in &one.item.lookups {
            let item = one.sys_id.as_deref();
            let done = commit::lookup(Reach::Write(records), rule, lookup, item)?;
            one.lookups.push(done);
        }
    }
    let places = Places::of(payload, &planned);
    for reference in &payload.references {
        commit::reference(records, &places, reference)?;
    }
    let mut related = Vec::new();
    for (index, relation) in payload.relations.iter().enumerate() {
        let reach = Reach::Write(records);
        related.push(relate::relate(reach, &places, index, relation)?);
    }
    Ok((planned, related))
}

fn queried(
    call: &Owned,
    connection: &Connection,
    mode: Mode,
    source: Option<&str>,
    payload: &Payload,
) -> Result<Outcome, StoreError> {
    let planner = Planner::new(call, connection, mode, source)?;
    let mut planned = planner.plan(payload)?;
    abandon(mode, &mut planned);
    for one in planned.iter_mut().filter(|one| one.errors.is_empty()) {
        let Some(rule) = planner.rule(one) else {
            continue;
        };
        for lookup in &one.item.lookups {
            let item = one.sys_id.as_deref();
            let done = commit::lookup(Reach::Read(connection), rule, lookup, item)?;
            one.lookups.push(done);
        }
    }
    let places = Places::of(payload, &planned);
    let mut related = Vec::new();
    for (index, relation) in payload.relations.iter().enumerate() {
        let reach = Reach::Read(connection);
        related.push(relate::relate(reach, &places, index, relation)?);
    }
    Ok((planned, related))
}

/// Where an error of one item keeps all from being committed, the others say so.
fn abandon(mode: Mode, planned: &mut [Planned]) {
    if mode.commits_partly || planned.iter().all(|one| one.errors.is_empty()) {
        return;
    }
    for one in planned.iter_mut().filter(|one| one.errors.is_empty()) {
        one.errors.push(Problem::too_many());
    }
}

fn unmodelled(mode: Mode, planned: &[Planned]) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    for one in planned {
        let related = one.item.related.iter();
        found.extend(related.map(|class| format!("a related item of class {class}")));
        if report::is_partial(mode, one) {
            found.insert("a partial payload that is kept for later".to_owned());
        }
        if one.dependent {
            found.insert("a dependent identification rule".to_owned());
        }
    }
    found.into_iter().take(20).collect()
}
