//! Changes: POST, PUT, PATCH and DELETE on the Table API (wire-core 0, 2.1, wire-failures 4.4).

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::business_rules::{Done, may_abort};
use super::{input, payload, record};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::reading;
use crate::api::shapes::tables_url;
use crate::journal::Condition;
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::schema::Class;
use crate::store::{Records, StoreError, Values};

pub(super) fn create(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    permitted(call)?;
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
        if !open(records, call, made, &access, &sys_id)?.unwrap_or(false) {
            return Err(refused(call));
        }
        may_abort(records, call, made, &sys_id, Done::Inserted)?;
        let body = record::shown(records.connection, call, class, &sys_id, parameters);
        Ok((sys_id, body.ok()))
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
    permitted(call)?;
    let written = payload::read(call)?;
    let body = call.store.write(&call.author(), |records| {
        changeable(records, call, class, sys_id)?;
        let own = own_class(records, class, sys_id)?;
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
    permitted(call)?;
    call.store.write(&call.author(), |records| {
        changeable(records, call, class, sys_id)?;
        let own = own_class(records, class, sys_id)?;
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

/// The class of a record of a table: it decides on labels and columns.
fn own_class(
    records: &Records<'_>,
    class: &'static Class,
    sys_id: &str,
) -> Result<&'static Class, StoreError> {
    let own = records.class_of(class.name, sys_id)?;
    Ok(own.unwrap_or(class))
}

/// `X-no-response-body: true` (wire-core 0, codes inferred).
fn without_body(call: &Owned) -> bool {
    call.headers
        .get("x-no-response-body")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}

fn refused(call: &Owned) -> Failed {
    call.failures.write_refused(call.target.operation).into()
}

fn permitted(call: &Owned) -> Result<(), Failed> {
    match call.access {
        Access::Granted { .. } => Ok(()),
        Access::Refused | Access::Hidden => Err(refused(call)),
    }
}

/// Fails with 404 unless the caller may read the record, with 403 unless it may change it: the
/// controls of its own class decide, whichever table the path names.
fn changeable(
    records: &Records<'_>,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
) -> Result<(), Failed> {
    let absent = |reason| call.failures.no_record(Condition::RecordNotFound, reason);
    let readable = call.access_to(Operation::Read, class.name);
    match open(records, call, class, &readable, sys_id)? {
        None => return Err(absent("there is no such record").into()),
        Some(false) => return Err(absent("the record is hidden from the user").into()),
        Some(true) => {}
    }
    let own = own_class(records, class, sys_id)?;
    let access = call.access_to(call.target.operation, own.name);
    if open(records, call, own, &access, sys_id)? == Some(true) {
        Ok(())
    } else {
        Err(refused(call))
    }
}

/// Whether an access covers a record; none if there is no such record.
fn open(
    records: &Records<'_>,
    call: &Owned,
    class: &'static Class,
    access: &Access,
    sys_id: &str,
) -> Result<Option<bool>, Failed> {
    let only_id = Parameters::read("sysparm_fields=sys_id");
    let found = reading::record(records.connection, call, class, access, sys_id, &only_id)?;
    Ok(found.map(|(_, row)| row.visible))
}
