//! The Import Set API: `/api/now/import` (wire-core 4.3).
//!
//! What is sent in becomes a row of a staging table, a table that extends `sys_import_set_row`.
//! Every active transform map of that table is then run over the row, in the maps' order, and
//! inserts or updates a record of the map's target.

use http::{Method, StatusCode};

use super::Owned;
use super::failures::Failed;
use super::opened;
use crate::fidelity::{Behaviour, Standing};
use crate::journal::Condition;
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::schema::Class;

mod load;
mod maps;
mod report;
mod rows;
mod transform;

/// The table that every staging table extends.
const ROW: &str = "sys_import_set_row";

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "POST keeps a staging row in an import set of its own and transforms it before it answers 201, one result for each active map, in the maps' order",
        standing: Standing::Documented,
        source: "Import Set API; wire-core 4.3",
    },
    Behaviour {
        what: "a result names map, table, display column and value, record link, status and record; status is inserted, updated, ignored, skipped or error",
        standing: Standing::Documented,
        source: "Import Set API; wire-core 4.3",
    },
    Behaviour {
        what: "201 also where every map failed: the row was kept",
        standing: Standing::Observed,
        source: "wire-core 4.3; ServiceNow community, a thing to consider",
    },
    Behaviour {
        what: "a result that is error or skipped names map, table and status, and says why in `error_message` and `status_message`",
        standing: Standing::Observed,
        source: "microsoft/azure-pipelines-extensions 1009",
    },
    Behaviour {
        what: "coalesce fields without a value: `Unable to resolve target record, coalesce values not present: FIELDS`, and the row is skipped",
        standing: Standing::Observed,
        source: "microsoft/azure-pipelines-extensions 1009, where the status is error; a client reads `skipped` in the row",
    },
    Behaviour {
        what: "a record that a map does not change is ignored, with `No field values changed`",
        standing: Standing::Observed,
        source: "OpsHub, OH-ServiceNow-0002; the key `status_message` is assumed",
    },
    Behaviour {
        what: "a map without fields: `No transform entry or scripts are defined; Target record not found`",
        standing: Standing::Assumed,
        source: "Target record not found is seen alone",
    },
    Behaviour {
        what: "all coalesce fields that have a value must match; the first record by id is taken; empty source fields are not copied unless the map says so",
        standing: Standing::Documented,
        source: "Import sets, coalesce; which of several is taken is assumed",
    },
    Behaviour {
        what: "a reference is found by id or display value, a choice by value or label; a reference that is not found stays empty and is said to be unmodelled",
        standing: Standing::Assumed,
        source: "an instance creates the record by default",
    },
    Behaviour {
        what: "scripts of maps and fields are not run and said to be unmodelled",
        standing: Standing::Assumed,
        source: "Import sets, transform scripts",
    },
    Behaviour {
        what: "access controls are asked for the staging table alone; maps write their target as the caller and by no control",
        standing: Standing::Assumed,
        source: "Import Set API: the controls of tables are enforced",
    },
    Behaviour {
        what: "`import_set_loader` and `import_transformer` open staging tables",
        standing: Standing::Assumed,
        source: "the roles' names",
    },
    Behaviour {
        what: "a table that extends no import set row: 400 `Invalid staging table`",
        standing: Standing::Assumed,
        source: "the words are seen within a result",
    },
    Behaviour {
        what: "GET of a staging row shows the import set and the result of the map that ran last; 404 for an unknown row",
        standing: Standing::Documented,
        source: "Import Set API; that only the last map is remembered is assumed",
    },
    Behaviour {
        what: "`insertMultiple` keeps all `records` in one import set and answers 201 with `import_set_id` and `multi_import_set_id`, in no `result`",
        standing: Standing::Documented,
        source: "Import Set API; wire-core 4.3",
    },
    Behaviour {
        what: "`insertMultiple` has transformed every row when it answers; an instance does so later unless it is told otherwise",
        standing: Standing::Assumed,
        source: "Import Set API: asynchronous by default",
    },
    Behaviour {
        what: "`insertMultiple` takes a column's label or its name, without regard to case; `run_after` changes nothing",
        standing: Standing::Assumed,
        source: "Import Set API: the label by default, the name by a setting",
    },
    Behaviour {
        what: "5000 records at a time; a longer list is 400 and said to be unmodelled",
        standing: Standing::Assumed,
        source: "no number is documented",
    },
    Behaviour {
        what: "values that are no text are kept as text, nested objects with `=` in place of `:`",
        standing: Standing::Documented,
        source: "Import Set API, note",
    },
    Behaviour {
        what: "columns that say what became of a row, such as `sys_target_sys_id`, are not taken from a body, by the Table API neither",
        standing: Standing::Assumed,
        source: "Import Set API",
    },
    Behaviour {
        what: "ships with `imp_user` and the map `User` to `sys_user`, which coalesces on the email address",
        standing: Standing::Documented,
        source: "Import Set API, sample; which field coalesces is assumed",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = call.store.schema().class(table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    if !class.lineage.contains(&ROW) {
        return Err(call.failures.invalid_staging_table(table).into());
    }
    let lists = call.target.route.ends_with("/insertMultiple");
    match (&call.method, call.target.sys_id.as_deref()) {
        (&Method::POST, None) => {
            if !matches!(call.access, Access::Granted { .. }) {
                return Err(call
                    .failures
                    .write_refused(Operation::Create, class.name)
                    .into());
            }
            match lists {
                true => load::many(call, class),
                false => load::one(call, class),
            }
        }
        (&Method::GET | &Method::HEAD, Some(sys_id)) => show(call, class, sys_id),
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}

fn show(call: &Owned, class: &'static Class, sys_id: &str) -> Result<Reply, Failed> {
    let absent = |reason| call.failures.no_record(Condition::RecordNotFound, reason);
    call.store.read(|connection| {
        if !opened::is_covered(connection, call, class, &call.access, sys_id)? {
            return Err(absent("there is no such row for the caller").into());
        }
        let report = report::Report::of_row(connection, call, class, sys_id)?;
        let body = report.body()?;
        Ok(Reply::application(StatusCode::OK, JSON, body))
    })
}
