//! The Table API: list, read, create, update, delete (wire-core 1).
//!
//! Unversioned paths behave as v2. PUT and PATCH are both partial updates (wire-core 8, inferred).

use http::Method;

use super::Owned;
use super::failures::Failed;
use super::tiny_url;
use crate::reply::Reply;

mod behaviours;
mod business_rules;
mod cancelled;
mod data_policies;
mod input;
pub(super) mod link_header;
mod list;
pub(super) mod payload;
mod record;
mod write;

pub(super) use behaviours::BEHAVIOURS;

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    let parameters = &tiny_url::parameters(call)?;
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
