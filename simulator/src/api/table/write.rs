//! Changes: POST, PUT, PATCH and DELETE on the Table API (wire-core 0, 2.1, wire-failures 4.4).

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::business_rules::{Done, may_abort};
use super::data_policies::DataPolicies;
use super::{input, payload, record};
use crate::api::Owned;
use crate::api::attachment;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::query_string::Parameters;
use crate::api::settable::{self, Settable};
use crate::api::shapes::tables_url;
use crate::journal::Condition;
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
    call.check_sound(made.name)?;
    if !call.policy.is_exposed(made.name) {
        return Err(opened::not_exposed(call, made));
    }
    let access = if made.name == class.name {
        call.access.clone()
    } else {
        call.access_to(Operation::Create, made.name)
    };
    let (sys_id, body, (condition, reason)) = call.store.write(&call.author(), |records| {
        let connection = records.connection;
        let values = input::stored(connection, call, made, &written, parameters)?;
        let settable = settable::settable(connection, call, made, None, values)?;
        attachment::check_parent(connection, call, made, &settable.values)?;
        let policies = DataPolicies::of_new(records, made, &settable.values)?;
        let sys_id = records.insert(made.name, &settable.values)?;
        opened::check_covered(connection, call, made, &access, &sys_id)?;
        may_abort(records, call, made, &sys_id, Done::Inserted)?;
        policies.check(records, call, made, &sys_id)?;
        let body = record::shown(records.connection, call, class, &sys_id, parameters);
        Ok::<_, Failed>((sys_id, body.ok(), told(&settable)))
    })?;
    // A record that its creator may not read is created all the same (*assumed*: an empty body).
    let mut reply = match body.filter(|_| !without_body(call)) {
        Some(body) => Reply::application(StatusCode::CREATED, JSON, body),
        None => Reply::empty(StatusCode::CREATED),
    };
    (reply.condition, reply.reason) = (condition, reason);
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
    let (body, (condition, reason)) = call.store.write(&call.author(), |records| {
        let own = opened::check_changeable(records, call, class, sys_id)?;
        let connection = records.connection;
        let values = input::stored(connection, call, own, &written, parameters)?;
        let settable = settable::settable(connection, call, own, Some(sys_id), values)?;
        let policies = DataPolicies::of_change(records, own, sys_id, &settable.values)?;
        if records.update(class.name, sys_id, &settable.values)? {
            may_abort(records, call, own, sys_id, Done::Updated)?;
            policies.check(records, call, own, sys_id)?;
        }
        let body = match record::shown(connection, call, class, sys_id, parameters) {
            // The change may have hidden the record from its author.
            Err(Failed::Reply(_)) => Bytes::new(),
            shown => shown?,
        };
        Ok::<_, Failed>((body, told(&settable)))
    })?;
    let mut reply = if without_body(call) || body.is_empty() {
        Reply::empty(StatusCode::NO_CONTENT)
    } else {
        Reply::application(StatusCode::OK, JSON, body)
    };
    (reply.condition, reply.reason) = (condition, reason);
    Ok(reply)
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

/// What the journal is told of what was written.
fn told(settable: &Settable) -> (Option<Condition>, String) {
    (settable.condition(), settable.reason())
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
