//! Changes: POST, PUT, PATCH and DELETE on the Table API (wire-core 0, 2.1, wire-failures 4.4).

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::business_rules::{Done, may_abort};
use super::{input, payload, record};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::query_string::Parameters;
use crate::api::shapes::tables_url;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::Values;
use crate::store::schema::Class;

pub(super) fn create(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let written = payload::read(call)?;
    let made = made_as(class, &written);
    let access = if made.name == class.name {
        call.access.clone()
    } else {
        call.access_to(Operation::Create, made.name)
    };
    let (sys_id, body) = call.store.write(&call.author(), |records| {
        let values = input::stored(records.connection, call, made, &written, parameters)?;
        let sys_id = records.insert(made.name, &values)?;
        opened::check_covered(records.connection, call, made, &access, &sys_id)?;
        may_abort(records, call, made, &sys_id, Done::Inserted)?;
        let body = record::shown(records.connection, call, class, &sys_id, parameters);
        Ok::<_, Failed>((sys_id, body.ok()))
    })?;
    // A record that its creator may not read is created all the same (*assumed*: an empty body).
    let mut reply = match body.filter(|_| !without_body(call)) {
        Some(body) => Reply::application(StatusCode::CREATED, JSON, body),
        None => Reply::empty(StatusCode::CREATED),
    };
    let location = format!("{}/{}/{sys_id}", tables_url(call), class.name);
    if let Ok(location) = HeaderValue::try_from(location) {
        reply.headers.insert(LOCATION, location);
    }
    Ok(reply)
}

pub(super) fn update(
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let written = payload::read(call)?;
    let body = call.store.write(&call.author(), |records| {
        let own = opened::check_changeable(records, call, class, sys_id)?;
        let values = input::stored(records.connection, call, own, &written, parameters)?;
        if records.update(class.name, sys_id, &values)? {
            may_abort(records, call, own, sys_id, Done::Updated)?;
        }
        record::shown(records.connection, call, class, sys_id, parameters).or_else(|failed| {
            // The change may have hidden the record from its author.
            match failed {
                Failed::Reply(_) => Ok(Bytes::new()),
                Failed::Store(error) => Err(Failed::Store(error)),
            }
        })
    })?;
    Ok(if without_body(call) || body.is_empty() {
        Reply::empty(StatusCode::NO_CONTENT)
    } else {
        Reply::application(StatusCode::OK, JSON, body)
    })
}

pub(super) fn delete(call: &Owned, class: &'static Class, sys_id: &str) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    call.store.write(&call.author(), |records| {
        let own = opened::check_changeable(records, call, class, sys_id)?;
        may_abort(records, call, own, sys_id, Done::Deleted)?;
        records.delete(class.name, sys_id)?;
        Ok::<_, Failed>(())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The class of a new record: the table's, or the one below it that `sys_class_name` names
/// (*assumed*).
fn made_as(class: &'static Class, written: &Values) -> &'static Class {
    let named = written
        .get("sys_class_name")
        .and_then(|name| class.schema().class(name.trim()));
    named
        .filter(|named| class.family.contains(&named.name))
        .unwrap_or(class)
}

/// `X-no-response-body: true` (wire-core 0, codes inferred).
fn without_body(call: &Owned) -> bool {
    call.headers
        .get("x-no-response-body")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}
