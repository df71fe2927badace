//! The Identification and Reconciliation API: `/api/now/identifyreconcile` (wire-core 4.6).
//!
//! A payload is planned (`plan`: which items are one, which records they are) and, but for the
//! `query` endpoints, carried out (`commit`, `relate`) in one transaction. What goes wrong with an
//! item is told inside a 200.

use http::{Method, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Owned;
use super::failures::Failed;
use super::json_body;
use super::query_string::Parameters;
use crate::fidelity::{Behaviour, Standing};
use crate::reply::Reply;
use crate::setup::Operation as Access;
use crate::store::{Records, StoreError, Values};

mod commit;
mod identify;
mod payload;
mod plan;
mod problem;
mod relate;
mod report;
pub(super) mod rules;

pub(super) use problem::Problem;
pub(super) use relate::existing;

use commit::Reach;
use payload::{Item, Payload};
use plan::{Planned, Planner};
use relate::{Places, Related};

/// Items, lookups, relations and references of one payload that the time of a transaction allows
/// (*assumed*).
const MAX_PARTS: usize = 10_000;

use Standing::{Assumed, Documented, Observed};

const PAGE: &str = "Identification and Reconciliation API";
const ENGINE: &str = "Identification and Reconciliation engine (IRE)";

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "the caller needs the role `itil` or `asset`",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "without it 403 `User Not Authorized`; the access controls of the tables are not asked, because the engine writes as the system; a user with `snc_read_only` writes nothing",
        standing: Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "errors of items and relations come in a 200, with `sysId` `Unknown` and `hasError` true",
        standing: Observed,
        source: "wire-core 4.6, bodies that clients captured in 2026",
    },
    Behaviour {
        what: "`sysparm_data_source`, or else an item's `source_name`, must be a choice of `discovery_source`, case and all; else `INVALID_INPUT_DATA`, with `null` for none",
        standing: Observed,
        source: "bodies that clients captured in 2026; IRE error messages",
    },
    Behaviour {
        what: "a class is identified by the rule of the nearest class it extends; entries are tried in their order until one matches; an attempt is `SKIPPED` without its attributes",
        standing: Documented,
        source: "Create a CI identification rule",
    },
    Behaviour {
        what: "the Hardware Rule with its four entries, and its `sys_id` 556eb250c3400200d8d4bea192d3ae92 for the entry by name",
        standing: Documented,
        source: "CMDB Meta API, Identification and Reconciliation API",
    },
    Behaviour {
        what: "the other rules shipped: services and applications by name, virtual machines by their instance or object id, everything else by name and class, all independent of other items",
        standing: Assumed,
        source: "CMDB Meta API",
    },
    Behaviour {
        what: "`sys_object_source_info` identifies before the rules do, and is kept in `sys_object_source`",
        standing: Observed,
        source: "a client's runs against a developer instance in 2026; the IRE page",
    },
    Behaviour {
        what: "which attributes the attempt by `sys_object_source` names when it matches, and that an item without the information shows no such attempt",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "lookups (`cmdb_serial_number`, `cmdb_ci_network_adapter`) identify their item and are kept beside it; a lookup without a rule is `IDENTIFICATION_RULE_FOR_LOOKUP_MISSING`",
        standing: Documented,
        source: "Create a CI identification rule, IRE error messages",
    },
    Behaviour {
        what: "related items, dependent rules and the merging of partial payloads are not modelled",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "the same payload again is `NO_CHANGE` for every item and relation, and makes no record",
        standing: Observed,
        source: "clients' runs against developer instances in 2026",
    },
    Behaviour {
        what: "`discovery_source`, `last_discovered` and, at first, `first_discovered` are set; `last_discovered` only moves forward, and alone is no `UPDATE` unless the payload gives it",
        standing: Documented,
        source: "Timestamps in key attributes (IRE page); the latter observed",
    },
    Behaviour {
        what: "a new `discovery_source` alone is an `UPDATE`; being seen again counts in `sys_mod_count`",
        standing: Assumed,
        source: ENGINE,
    },
    Behaviour {
        what: "an item of a more special, more general or other class moves its record there: `UPDATE_WITH_UPGRADE`, `_DOWNGRADE`, `_SWITCH`; settings and `glide.class.*.enabled` rule it out",
        standing: Documented,
        source: "Properties for Identification and Reconciliation",
    },
    Behaviour {
        what: "of up to five records that are the same the oldest is taken and the others get `duplicate_of`; of more, `MULTIPLE_DUPLICATE_RECORDS`; properties change both",
        standing: Documented,
        source: "glide.identification_engine.skip_duplicates",
    },
    Behaviour {
        what: "items that a rule cannot tell apart: `DUPLICATE_PAYLOAD_RECORDS`; the enhanced endpoints make them one item with several `inputIndices`, of which the first one's values stay",
        standing: Documented,
        source: "IRE error messages, the IRE page; which values stay is assumed",
    },
    Behaviour {
        what: "the enhanced endpoints commit what has no error; the others commit nothing where an item has one",
        standing: Documented,
        source: "Partial commits (IRE page), by contrast for the others",
    },
    Behaviour {
        what: "items that an error of another item keeps from being committed carry `ABANDONED`, `Too many other errors`",
        standing: Assumed,
        source: "KB0755294, where it stands beside another error",
    },
    Behaviour {
        what: "enhanced: an item that can be completed later is `INSERT_AS_PARTIAL` with a warning, another that fails is `INSERT_AS_INCOMPLETE`; `options` are honoured and a malformed one is 500 `Chunk […] is not a valid entry`",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "relations by index, as a number or as text, or by `internal_id`; a relation that exists is `NO_CHANGE`; one without a valid type or end has its own error and leaves the items alone",
        standing: Observed,
        source: "clients' runs against developer instances; IRE error messages",
    },
    Behaviour {
        what: "the words for an unknown class",
        standing: Assumed,
        source: "IRE error messages",
    },
    Behaviour {
        what: "`query` and `queryEnhanced` answer the same and write nothing; an item to be inserted has the `sysId` `Unknown` there",
        standing: Documented,
        source: "Identification and Reconciliation API; the latter assumed",
    },
    Behaviour {
        what: "a payload of more than 10,000 items, lookups and relations is cancelled with 500; one that is no JSON object, or whose lists are none, is 400",
        standing: Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "there are no reconciliation rules: every source may write every attribute",
        standing: Assumed,
        source: ENGINE,
    },
];

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

pub(super) fn answer(call: &Owned) -> Reply {
    match reconcile(call) {
        Ok(reply) => reply,
        Err(Failed::Reply(reply)) => *reply,
        Err(Failed::Store(error)) => call.failures.store(&error),
    }
}

fn reconcile(call: &Owned) -> Result<Reply, Failed> {
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
        return Err(call.failures.role_missing("`itil` and `asset`").into());
    }
    if mode.commits && roles.contains("snc_read_only") {
        return Err(call.failures.write_refused(Access::Create).into());
    }
    let payload = Payload::read(&json_body::object(call)?)
        .map_err(|error| call.failures.malformed_body(error))?;
    if payload.len() > MAX_PARTS {
        let reason = format!("the payload has more than {MAX_PARTS} parts");
        return Err(call.failures.transaction_cancelled(reason).into());
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

/// Identifies one item and updates it or makes it, for another API. The error is what is reported
/// of an item that was rejected.
pub(super) fn create_or_update(
    call: &Owned,
    records: &mut Records<'_>,
    class_name: &str,
    values: Values,
    source: Option<&str>,
) -> Result<Result<String, Value>, StoreError> {
    let mode = Mode::PLAIN;
    let payload = Payload::of(Item {
        class_name: class_name.to_owned(),
        values,
        ..Item::default()
    });
    let planner = Planner::new(call, records.connection, mode, source)?;
    let mut planned = planner.plan(&payload)?;
    let Some(one) = planned.first_mut() else {
        return Ok(Err(json!({})));
    };
    if one.errors.is_empty() {
        commit::item(records, one, call.now.unix)?;
    }
    match &one.sys_id {
        Some(sys_id) if one.errors.is_empty() => Ok(Ok(sys_id.clone())),
        _ => Ok(Err(report::item(mode, one))),
    }
}

/// Whether a source is one of the choices that a write may name; the error is what is reported.
pub(super) fn check_source(
    connection: &Connection,
    class_name: &str,
    source: Option<&str>,
) -> Result<Result<(), Value>, StoreError> {
    if plan::is_source(connection, source)? {
        return Ok(Ok(()));
    }
    Ok(Err(rejected(class_name, Problem::data_source(source))))
}

/// What is reported of an item that has this problem.
pub(super) fn rejected(class_name: &str, problem: Problem) -> Value {
    report::item(Mode::PLAIN, &Planned::rejected(class_name, problem))
}
