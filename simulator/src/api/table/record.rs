//! One record: `GET /api/now/table/{table}/{sys_id}` (wire-core 0, 2.1).
//!
//! A record that access controls hide answers like one that does not exist.

use bytes::Bytes;
use http::StatusCode;
use rusqlite::Connection;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::reading;
use crate::api::shapes::{Display, Shape};
use crate::journal::{Condition, Served};
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::Snapshot;
use crate::store::schema::Class;

pub(super) fn answer(
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    if call.access == Access::Refused {
        return Err(call.failures.table_refused(None).into());
    }
    let read = |connection: &Snapshot<'_>| {
        let body = shown(connection, call, class, sys_id, parameters)?;
        let mut reply = Reply::application(StatusCode::OK, JSON, body);
        reply.served = Some(Served {
            table: class.name.to_owned(),
            query: String::new(),
            order: Vec::new(),
            ordered_by_caller: Vec::new(),
            offset: 0,
            limit: 1,
            total: 1,
            hidden: 0,
            sys_ids: vec![sys_id.to_owned()],
        });
        Ok(reply)
    };
    // Stored values are all in the record; what stands for them is elsewhere.
    if Display::of(parameters) == Display::Values {
        call.store.read_one(read)
    } else {
        call.store.read(read)
    }
}

/// `{"result":{…}}` of a record that the caller may read, or the 404.
pub(super) fn shown(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Bytes, Failed> {
    let readable = call.access_to(Operation::Read, class.name);
    let found = reading::record(connection, call, class, &readable, sys_id, parameters)?;
    let absent = |reason| call.failures.no_record(Condition::RecordNotFound, reason);
    let Some((shown, row)) = found else {
        return Err(absent("there is no such record").into());
    };
    if !row.visible {
        return Err(absent("the record is hidden from the user").into());
    }
    Ok(Shape::of(call, parameters).record(connection, &shown, &row)?)
}
