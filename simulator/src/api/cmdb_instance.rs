//! The CMDB Instance API: `/api/now/cmdb/instance` (wire-core 4.5, CMDB Instance API).
//!
//! A create goes through identification (`identify_reconcile`), so that it updates the item it
//! identifies; an update names its item.

use http::Method;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use crate::fidelity::{Behaviour, Standing};
use crate::reply::Reply;
use crate::store::schema::Class;

mod item;
mod list;
mod payload;
mod relations;
mod write;

use Standing::{Assumed, Documented, Observed};

const PAGE: &str = "CMDB Instance API";

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "a list holds `sys_id` and `name` alone, of the class and those that extend it; `sysparm_query`, `sysparm_limit` (10000) and `sysparm_offset` apply",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "a list carries no `Link` and no `X-Total-Count`; a limit of 0 or less is refused as by the Table API",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "an item is `attributes`, `inbound_relations` and `outbound_relations`; a reference that is not empty is `display_value`, `link` and `value`, and a target's link leads to `/cmdb/instance/cmdb_ci`",
        standing: Documented,
        source: "wire-core 4.5, CMDB Instance API",
    },
    Behaviour {
        what: "`sysparm_fields` narrows the attributes; `sysparm_relation_limit` and `sysparm_relation_offset` page the relations of each direction",
        standing: Observed,
        source: "the parameters that the Cortex XSOAR client sends",
    },
    Behaviour {
        what: "1,000 relations of each direction are shown where no limit is given, oldest first; those of `cmdb_rel_ci` that the user may not read are left out, and a hidden target is named all the same",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "POST, PUT and PATCH answer 200 with the whole item; PUT and PATCH keep what they do not name",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "a POST whose attributes identify an item updates that item",
        standing: Observed,
        source: "clients that tell created from updated by the item's dates",
    },
    Behaviour {
        what: "`source` must be a choice of `discovery_source`, case and all; else 400 with the item that the identification engine rejects, `INVALID_INPUT_DATA`",
        standing: Observed,
        source: "bodies that clients captured in 2026; CMDB Instance API",
    },
    Behaviour {
        what: "a body without `attributes` is 500, as is an attribute that is neither text nor null, with Java's words for it; nothing is written",
        standing: Observed,
        source: "clients that measured it on Zurich; the words around Java's are those of the documented 500",
    },
    Behaviour {
        what: "the exact message of these 500s, and that a create the engine rejects for other reasons is 400 with the rejected item as well",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "`source` becomes `discovery_source` whatever the attributes say, and `last_discovered` the time of the call; `first_discovered` on a create",
        standing: Documented,
        source: "samples of CMDB Instance API",
    },
    Behaviour {
        what: "`attributes.sys_class_name` decides the class of a new item; it changes no class on an update (the latter assumed)",
        standing: Documented,
        source: "sample of CMDB Instance API",
    },
    Behaviour {
        what: "a relation whose type or target does not exist is 400 with `Found invalid sys_id in payload`, and nothing is written; one that exists is not made again",
        standing: Assumed,
        source: "IRE error messages",
    },
    Behaviour {
        what: "DELETE of a relation answers 200 with the item that is left",
        standing: Observed,
        source: "the Cortex XSOAR client reads it; the page says no body",
    },
    Behaviour {
        what: "GET of a relation is 405: the page documents POST and DELETE only",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "a table that is no class of the CMDB is 400 `Invalid table` on every call",
        standing: Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "access controls of the item's own class decide for it, those of `cmdb_rel_ci` for relations; a POST that identifies an item needs the right to change it",
        standing: Assumed,
        source: "wire-core 2.5",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    let parameters = &Parameters::read(&call.query);
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = class(call, table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    let sys_id = call.target.sys_id.as_deref().unwrap_or("");
    match (&call.method, call.target.route) {
        (&Method::GET | &Method::HEAD, "/cmdb/instance/{table}") => {
            list::answer(call, class, parameters)
        }
        (&Method::POST, "/cmdb/instance/{table}") => write::create(call, class, parameters),
        (&Method::GET | &Method::HEAD, "/cmdb/instance/{table}/{sys_id}") => {
            item::answer(call, class, sys_id, parameters)
        }
        (&Method::PUT | &Method::PATCH, "/cmdb/instance/{table}/{sys_id}") => {
            write::update(call, class, sys_id, parameters)
        }
        (&Method::POST, "/cmdb/instance/{table}/{sys_id}/relation") => {
            write::add_relations(call, class, sys_id, parameters)
        }
        (&Method::DELETE, "/cmdb/instance/{table}/{sys_id}/relation/{key}") => {
            write::remove_relation(call, class, sys_id, parameters)
        }
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}

/// The class of the CMDB that has this name.
pub(super) fn class(call: &Owned, table: &str) -> Option<&'static Class> {
    let class = call.store.schema().class(table)?;
    class.lineage.contains(&"cmdb_ci").then_some(class)
}
