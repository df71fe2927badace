//! Changes: a create through identification, an update of an item that is named, relations made
//! and removed.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::payload::{self, Asked, Payload};
use super::relations::End;
use super::{class as class_of, item};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::identify_reconcile::{self, Problem, Settled, existing};
use crate::api::opened;
use crate::api::query_string::Parameters;
use crate::api::settable;
use crate::journal::Condition;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::records::row;
use crate::store::records::values::written;
use crate::store::schema::Class;
use crate::store::{Records, StoreError};

pub(super) fn create(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let payload = payload::of_item(call)?;
    let named = payload.attributes.get("sys_class_name");
    let class = named.and_then(|name| class_of(call, name)).unwrap_or(class);
    call.check_sound(class.name)?;
    if !call.policy.is_exposed(class.name) {
        return Err(opened::not_exposed(call, class));
    }
    let access = call.access_to(Operation::Create, class.name);
    opened::check_permitted(call, &access)?;
    let body = call.store.write(&call.author(), |records| {
        let (values, source) = (payload.attributes.clone(), payload.source.as_deref());
        let made = identify_reconcile::create_or_update(call, records, class.name, values, source)?;
        let Settled {
            sys_id,
            class,
            is_new,
        } = made.map_err(rejected)?;
        if is_new {
            opened::check_covered(records.connection, call, class, &access, &sys_id)?;
        }
        relate(records, call, class, &sys_id, &payload.relations)?;
        after(records, call, class, &sys_id, parameters)
    })?;
    Ok(answered(body, &payload))
}

pub(super) fn update(
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let payload = payload::of_item(call)?;
    let body = call.store.write(&call.author(), |records| {
        let own = opened::check_changeable(records, call, class, sys_id)?;
        let source = payload.source.as_deref();
        identify_reconcile::check_source(records.connection, class.name, source)?
            .map_err(rejected)?;
        let attributes = payload.attributes.clone();
        let connection = records.connection;
        let mut values =
            settable::settable(connection, call, own, Some(sys_id), attributes)?.values;
        values.insert(
            "discovery_source".to_owned(),
            source.unwrap_or("").to_owned(),
        );
        values.insert("last_discovered".to_owned(), written(call.now.unix));
        records.update(class.name, sys_id, &values)?;
        after(records, call, class, sys_id, parameters)
    })?;
    Ok(answered(body, &payload))
}

pub(super) fn add_relations(
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let payload = payload::of_relations(call)?;
    let body = call.store.write(&call.author(), |records| {
        opened::check_readable(records.connection, call, class, sys_id)?;
        let source = payload.source.as_deref();
        identify_reconcile::check_source(records.connection, class.name, source)?
            .map_err(rejected)?;
        relate(records, call, class, sys_id, &payload.relations)?;
        after(records, call, class, sys_id, parameters)
    })?;
    Ok(answered(body, &payload))
}

pub(super) fn remove_relation(
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    opened::check_permitted(call, &call.access)?;
    let relation = call.target.key.as_deref().unwrap_or("");
    let body = call.store.write(&call.author(), |records| {
        opened::check_readable(records.connection, call, class, sys_id)?;
        let of_item: bool = records
            .connection
            .prepare_cached(
                "SELECT 1 FROM cmdb_rel_ci WHERE sys_id = ?1 AND (parent = ?2 OR child = ?2)",
            )
            .and_then(|mut statement| statement.exists([relation, sys_id]))?;
        call.check_sound("cmdb_rel_ci")?;
        let table = relations(call);
        if !of_item || !is_open(records, call, Operation::Read, table, relation)? {
            return Err(opened::absent(
                call,
                "there is no such relation for the user",
            ));
        }
        if !is_open(records, call, Operation::Delete, table, relation)? {
            return Err(opened::refused(call));
        }
        records.delete("cmdb_rel_ci", relation)?;
        after(records, call, class, sys_id, parameters)
    })?;
    Ok(Reply::application(StatusCode::OK, JSON, body))
}

/// Makes the relations that an item does not have yet.
fn relate(
    records: &mut Records<'_>,
    call: &Owned,
    class: &Class,
    sys_id: &str,
    asked: &[Asked],
) -> Result<(), Failed> {
    if asked.is_empty() {
        return Ok(());
    }
    call.check_sound("cmdb_rel_ci")?;
    opened::check_permitted(call, &call.access_to(Operation::Create, "cmdb_rel_ci"))?;
    for Asked {
        item_is,
        target,
        kind,
    } in asked
    {
        for (table, id) in [("cmdb_rel_type", kind), ("cmdb_ci", target)] {
            if !exists(records, table, id)? {
                let problem = Problem::sys_id(id, table);
                return Err(rejected(identify_reconcile::rejected(class.name, problem)));
            }
        }
        let (parent, child) = match item_is {
            End::Parent => (sys_id, target.as_str()),
            End::Child => (target.as_str(), sys_id),
        };
        if existing(records.connection, parent, child, kind)?.is_some() {
            continue;
        }
        let values = row([
            ("parent", parent),
            ("child", child),
            ("type", kind.as_str()),
        ]);
        let made = records.insert("cmdb_rel_ci", &values)?;
        if !is_open(records, call, Operation::Create, relations(call), &made)? {
            return Err(opened::refused(call));
        }
    }
    Ok(())
}

fn exists(records: &Records<'_>, table: &'static str, sys_id: &str) -> Result<bool, StoreError> {
    Ok(records.find(table, "sys_id", sys_id)?.is_some())
}

fn relations(call: &Owned) -> Option<&'static Class> {
    call.store.schema().class("cmdb_rel_ci")
}

/// The answer to a write: the item as it is now; nothing where the change hid it.
fn after(
    records: &Records<'_>,
    call: &Owned,
    class: &'static Class,
    sys_id: &str,
    parameters: &Parameters<'_>,
) -> Result<Bytes, Failed> {
    match item::shown(records.connection, call, class, sys_id, parameters) {
        Err(Failed::Reply(_)) => Ok(Bytes::from_static(b"{\"result\":{}}")),
        shown => shown,
    }
}

fn answered(body: Bytes, payload: &Payload) -> Reply {
    let mut reply = Reply::application(StatusCode::OK, JSON, body);
    if payload.depends {
        reply.unmodelled.push("depends_on of a new item".to_owned());
    }
    reply
}

/// The 400 of a write that the engine rejects: its report of the item.
fn rejected(item: Value) -> Failed {
    let reason = format!("the item is rejected: {}", item["errors"]);
    let mut reply = Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({"result": {"items": [item]}}),
    );
    reply.condition = Some(Condition::InvalidRequest);
    reply.reason = reason;
    reply.into()
}

fn is_open(
    records: &Records<'_>,
    call: &Owned,
    operation: Operation,
    class: Option<&'static Class>,
    sys_id: &str,
) -> Result<bool, Failed> {
    let Some(class) = class else {
        return Ok(false);
    };
    let access = call.access_to(operation, class.name);
    Ok(opened::is_covered(
        records.connection,
        call,
        class,
        &access,
        sys_id,
    )?)
}
