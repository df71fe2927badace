//! What is known of who may see and change what, the same for all APIs. The layers that decide it
//! are the authorization stage, `policy`, `opened`, `settable` and the builder of queries.

use crate::fidelity::Behaviour;
use crate::fidelity::Standing::{self, Assumed, Documented, Observed};

const fn known(what: &'static str, standing: Standing, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    known(
        "a control named `table.field` guards a field, `table.*` those without one of their own; the field's name decides before the table's, and the nearest class first",
        Documented,
        "Access control list rules",
    ),
    known(
        "a field that the caller may not read has no key in answers, or is empty (switch `closed_fields`)",
        Documented,
        "wire-failures 4.9, REST API, KB2971488",
    ),
    known(
        "a query, an ordering, a join, a grouping or an aggregate that names such a field is 403 `Field(s) present in the query do not have permission to be read`, a walk through it included",
        Observed,
        "wire-failures 4.3",
    ),
    known(
        "`sysparm_fields` that names one is 403 where the switch `closed_fields` says so",
        Observed,
        "wire-failures 4.3: the query or the field list",
    ),
    known(
        "a field that is open in some records is empty in the others, to answers and queries alike",
        Assumed,
        "wire-failures 4.9",
    ),
    known(
        "a record whose name is a closed field displays as empty where it is referred to; it is found and ordered by its id",
        Assumed,
        "wire-failures 4.9",
    ),
    known(
        "entries of a closed journal are in no log and not in `sys_journal_field`; `sys_id` is never closed",
        Assumed,
        "none",
    ),
    known(
        "a field that the caller may not set is left as it is and the rest is written, or the write is 403 (switch `closed_writes`); `create` and `write` controls are apart",
        Observed,
        "wire-core 2.1, wire-failures 4.18: both are told",
    ),
    known(
        "the row condition of a control of a field is not asked about a record that is being made; imports transform and identification compares whatever the caller may read",
        Assumed,
        "none",
    ),
    known(
        "columns of scripts take `snc_required_script_writer_permission` besides everything else, of `admin` too",
        Documented,
        "wire-failures 4.18, Scripting Governance Tool",
    ),
    known(
        "whoever has a role holds that one too, unless `glide.security.scripting_role.auto_provisioning` is `false`: the job that gives it runs at once",
        Assumed,
        "Scripting Governance Tool: a weekly job",
    ),
    known(
        "`snc_read_only` forbids every write, of `admin` too; a long URL may be shortened all the same",
        Documented,
        "wire-failures 4.4; the latter assumed",
    ),
    known(
        "a table that is closed to web services (`sys_db_object.ws_access`) is 403 `Failed API level ACL Validation` in a path, and as the class that a body asks for; walks lead to it all the same",
        Assumed,
        "wire-failures 4.14 documents the setting alone",
    ),
    known(
        "an entry of a journal, an attachment and its attributes are read as the record is that they belong to, in lists, joins and sums; what belongs to no record is an administrator's",
        Assumed,
        "Attachment API: the roles required to read the record",
    ),
    known(
        "`syslog` and `sys_tiny_url` are read by `admin` alone; an attachment takes the right to create in `sys_attachment`, which every user ships with, and to change its record",
        Assumed,
        "none",
    ),
    known(
        "what is done to a table covers the classes that extend it, each by its own controls",
        Assumed,
        "wire-core 2.5 shows it of reads",
    ),
    known(
        "a script that throws on a table breaks every call that reads, writes, joins or walks to it with 500; a name that is displayed is no walk",
        Assumed,
        "wire-core 2.1 shows the 500",
    ),
];
