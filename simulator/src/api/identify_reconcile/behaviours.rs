//! What is known of the truth of the Identification and Reconciliation API.

use crate::fidelity::{Behaviour, Standing};

use Standing::{Assumed, Documented, Observed};

const PAGE: &str = "Identification and Reconciliation API";
const ENGINE: &str = "Identification and Reconciliation engine (IRE)";

pub(in crate::api) const BEHAVIOURS: &[Behaviour] = &[
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
