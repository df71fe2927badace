//! The Table API: list, read, create, update, delete (wire-core 1).
//!
//! Unversioned paths behave as v2. PUT and PATCH are both partial updates (wire-core 8, inferred).

use http::Method;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

mod cancelled;
pub(super) mod link_header;
mod list;
pub(super) mod payload;
mod record;
mod write;

/// Parameters that a real instance honours and that are not modelled.
const UNMODELLED: [&str; 3] = [
    "sysparm_view",
    "sysparm_tiny",
    "sysparm_input_display_value",
];

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    let parameters = Parameters::read(&call.query);
    let mut reply = match route(call, &parameters) {
        Ok(reply) => reply,
        Err(Failed::Reply(reply)) => *reply,
        Err(Failed::Store(error)) => call.failures.store(&error),
    };
    for (name, value) in parameters.iter() {
        let asks = name != "sysparm_input_display_value" || value == "true";
        if asks && !value.is_empty() && UNMODELLED.contains(&name) {
            reply.unmodelled.push(format!("parameter {name}"));
        }
    }
    if call.method == Method::HEAD {
        reply.body.clear();
    }
    reply
}

fn route(call: &Owned, parameters: &Parameters<'_>) -> Result<Reply, Failed> {
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = call.store.schema().class(table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    match (&call.method, call.target.sys_id.as_deref()) {
        (&Method::GET | &Method::HEAD, None) => list::answer(call, class, parameters),
        (&Method::GET | &Method::HEAD, Some(sys_id)) => {
            record::answer(call, class, sys_id, parameters)
        }
        (&Method::POST, None) => write::create(call, class, parameters),
        (&Method::PUT | &Method::PATCH, Some(sys_id)) => {
            write::update(call, class, sys_id, parameters)
        }
        (&Method::DELETE, Some(sys_id)) => write::delete(call, class, sys_id),
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}
