//! One item with its relations: `GET /api/now/cmdb/instance/{class}/{sys_id}`.

use bytes::Bytes;
use http::StatusCode;
use rusqlite::Connection;
use serde::Serialize;

use super::relations::{self, End, Relation};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::shapes::Shape;
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::store::StoreError;
use crate::store::schema::Class;

#[derive(Serialize)]
struct Answer {
    result: Item,
}

#[derive(Serialize)]
struct Item {
    outbound_relations: Vec<Relation>,
    attributes: serde_json::Value,
    inbound_relations: Vec<Relation>,
}

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
    call.store.read(|connection| {
        let body = shown(connection, call, class, sys_id, parameters)?;
        let mut reply = Reply::application(StatusCode::OK, JSON, body);
        reply.served = Some(opened::served(class, sys_id));
        Ok(reply)
    })
}

/// `{"result":{…}}` of an item that the caller may read, or the 404.
pub(super) fn shown(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Bytes, Failed> {
    let (columns, row) = opened::fetch(connection, call, class, sys_id, parameters)?;
    let shape = Shape::of_configuration_item(call);
    let answer = Answer {
        result: Item {
            outbound_relations: relations::read(connection, call, sys_id, End::Parent, parameters)?,
            attributes: shape.value(connection, &columns, &row)?,
            inbound_relations: relations::read(connection, call, sys_id, End::Child, parameters)?,
        },
    };
    match serde_json::to_vec(&answer) {
        Ok(body) => Ok(body.into()),
        Err(error) => Err(StoreError::Invalid(error.to_string()).into()),
    }
}
