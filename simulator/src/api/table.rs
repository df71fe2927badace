//! The Table API: list, read, create, update, delete (wire-core 1).
//!
//! Unversioned paths behave as v2. PUT and PATCH are both partial updates (wire-core 8, inferred).

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method};

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::tiny_url;
use crate::reply::Reply;

mod behaviours;
mod cancelled;
mod input;
pub(super) mod link_header;
mod list;
pub(super) mod payload;
mod record;
mod write;

pub(super) use behaviours::BEHAVIOURS;

pub(super) fn answer(call: &Owned) -> Reply {
    let answered = tiny_url::parameters(call)
        .map_err(Failed::from)
        .and_then(|parameters| route(call, &parameters));
    let mut reply = match answered {
        Ok(reply) => reply,
        Err(Failed::Reply(reply)) => *reply,
        Err(Failed::Store(error)) => call.failures.store(&error),
    };
    if wants_xml_only(&call.headers) {
        reply.unmodelled.push("an answer in XML".to_owned());
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
    acceptable(call)?;
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

/// No `Accept` works as JSON (wire-core 1.6, inferred); XML is answered in JSON and said to be
/// unmodelled; anything else is 406.
fn acceptable(call: &Owned) -> Result<(), Failed> {
    let Some(accept) = header(&call.headers, &ACCEPT) else {
        return Ok(());
    };
    let offers = |kind: &str| accept.contains(kind);
    if ["json", "*/*", "application/*", "xml"]
        .into_iter()
        .any(offers)
        || accept.trim().is_empty()
    {
        Ok(())
    } else {
        Err(call.failures.not_acceptable(accept).into())
    }
}

fn wants_xml_only(headers: &HeaderMap) -> bool {
    let accept = header(headers, &ACCEPT).unwrap_or("");
    accept.contains("xml")
        && !["json", "*/*", "application/*"]
            .iter()
            .any(|kind| accept.contains(kind))
}

/// Whether the body is JSON; without a `Content-Type` it is taken to be (*assumed*).
fn is_json(headers: &HeaderMap) -> bool {
    header(headers, &CONTENT_TYPE).is_none_or(|kind| kind.to_ascii_lowercase().contains("json"))
}

fn header<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
