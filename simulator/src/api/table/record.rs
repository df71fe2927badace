//! One record: `GET /api/now/table/{table}/{sys_id}` (wire-core 0, 2.1).
//!
//! A record that access controls hide answers like one that does not exist.

use bytes::Bytes;
use http::StatusCode;
use rusqlite::Connection;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::shapes::{Display, Shape};
use crate::journal::Served;
use crate::policy::Access;
use crate::reply::{JSON, Reply};
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
    paging::check_fields(call, class, parameters)?;
    let read = |connection: &Snapshot<'_>| {
        let (columns, row) = opened::fetch(connection, call, class, sys_id, parameters)?;
        let body = Shape::of(call, parameters).record(connection, &columns, &row)?;
        let mut reply = Reply::application(StatusCode::OK, JSON, body);
        paging::tell_closed(&columns.closed, &mut reply);
        reply.served = Some(Served {
            left_out: paging::left_out(call, &columns.closed),
            ..opened::served(class, sys_id)
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
    let (shown, row) = opened::fetch(connection, call, class, sys_id, parameters)?;
    Ok(Shape::of(call, parameters).record(connection, &shown, &row)?)
}
