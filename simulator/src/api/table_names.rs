//! The tables by their labels: `GET /api/now/doc/table/schema`, which the platform's own pages call
//! and which no page of the documentation has. Clients that let a person choose a table read it.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Owned;
use super::failures::Failed;
use crate::fidelity::{Behaviour, Standing};
use crate::policy::Access;
use crate::reply::Reply;
use crate::setup::Operation;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "`GET /api/now/doc/table/schema`: `result` holds a `label` and a `value`, its name, of every table",
        standing: Standing::Observed,
        source: "public clients read these keys: n8n-nodes-base 2.41.2, a connector of workflow actions",
    },
    Behaviour {
        what: "it leaves out tables that the caller may not read, comes in the order of the names, and is 405 for methods but GET and HEAD",
        standing: Standing::Assumed,
        source: "no page of the documentation has it",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    let readable = call.store.schema().classes.values().filter(|class| {
        let access = call.access_to(Operation::Read, class.name);
        matches!(access, Access::Granted { .. })
    });
    let mut tables: Vec<_> = readable.map(|class| (class.name, class.label)).collect();
    tables.sort_unstable();
    let tables: Vec<Value> = tables
        .into_iter()
        .map(|(name, label)| json!({"label": label, "value": name}))
        .collect();
    Ok(Reply::json(StatusCode::OK, &json!({"result": tables})))
}
