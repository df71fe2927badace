//! Attributes of an attachment: `/api/now/attachment/{id}/attributes[/{key}]` (wire-core 4.2).

use http::{Method, StatusCode};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::meta;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::table::payload;
use crate::journal::Condition;
use crate::reply::Reply;
use crate::store::StoreError;
use crate::store::records::row;
use crate::store::schema::Class;

const TABLE: &str = "sys_attachment_attribute";

/// Attributes of one attachment, at most: a bound of the simulator.
const MOST: usize = 1000;

pub(super) fn answer(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    match (&call.method, call.target.key.as_deref()) {
        (&Method::GET | &Method::HEAD, key) => call.store.read(|connection| {
            let attachment = meta::readable(connection, call, class)?.text("sys_id");
            let found = match key {
                Some(key) => match value(connection, &attachment, key)? {
                    Some((_, value)) => attribute(key, &value),
                    None => return Err(absent(call)),
                },
                None => Value::Array(all(connection, &attachment)?),
            };
            Ok(Reply::json(StatusCode::OK, &json!({ "result": found })))
        }),
        (&Method::POST, None) => add(call, class),
        (&Method::PUT, Some(key)) => change(call, class, key),
        (&Method::DELETE, key) => remove(call, class, key),
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}

fn add(call: &Owned, class: &'static Class) -> Result<Reply, Failed> {
    let values = payload::read(call)?;
    let given = |name: &'static str| {
        values
            .get(name)
            .filter(|value| !value.is_empty())
            .ok_or(name)
    };
    let (key, text) = match (given("key"), given("value")) {
        (Ok(key), Ok(text)) => (key, text),
        (key, text) => {
            let missing: Vec<&str> = [key.err(), text.err()].into_iter().flatten().collect();
            return Err(call.failures.parameters_missing(&missing).into());
        }
    };
    call.store.write(&call.author(), |records| {
        let attachment = meta::changeable(records.connection, call, class)?.text("sys_id");
        if value(records.connection, &attachment, key)?.is_some() {
            let why = format!("there is an attribute `{key}`");
            return Err(call.failures.attribute_refused(&why).into());
        }
        if all(records.connection, &attachment)?.len() >= MOST {
            let why = format!("an attachment has {MOST} attributes at most");
            let mut reply = call.failures.attribute_refused(&why);
            reply.unmodelled.push(why);
            return Err(reply.into());
        }
        let pairs = [
            ("attachment", attachment.as_str()),
            ("key", key),
            ("value", text),
        ];
        records.insert(TABLE, &row(pairs))?;
        Ok::<_, Failed>(())
    })?;
    let result = json!({ "result": attribute(key, text) });
    Ok(Reply::json(StatusCode::CREATED, &result))
}

fn change(call: &Owned, class: &'static Class, key: &str) -> Result<Reply, Failed> {
    let values = payload::read(call)?;
    let Some(text) = values.get("value") else {
        return Err(call.failures.parameters_missing(&["value"]).into());
    };
    call.store.write(&call.author(), |records| {
        let attachment = meta::changeable(records.connection, call, class)?.text("sys_id");
        let Some((sys_id, _)) = value(records.connection, &attachment, key)? else {
            return Err(absent(call));
        };
        records.update(TABLE, &sys_id, &row([("value", text.as_str())]))?;
        Ok(())
    })?;
    Ok(Reply::json(
        StatusCode::OK,
        &json!({ "result": attribute(key, text) }),
    ))
}

fn remove(call: &Owned, class: &'static Class, key: Option<&str>) -> Result<Reply, Failed> {
    call.store.write(&call.author(), |records| {
        let attachment = meta::changeable(records.connection, call, class)?.text("sys_id");
        match key {
            Some(key) => match value(records.connection, &attachment, key)? {
                Some((sys_id, _)) => {
                    records.delete(TABLE, &sys_id)?;
                }
                None => return Err(absent(call)),
            },
            None => {
                while let Some(sys_id) = records.find(TABLE, "attachment", &attachment)? {
                    records.delete(TABLE, &sys_id)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": value })
}

fn absent(call: &Owned) -> Failed {
    let reason = "the attachment has no such attribute";
    let reply = call.failures.no_record(Condition::RecordNotFound, reason);
    reply.into()
}

/// The record and the value of an attribute. Keys are told apart by case (*assumed*).
fn value(
    connection: &Connection,
    attachment: &str,
    key: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT sys_id, value FROM sys_attachment_attribute \
             WHERE attachment = ? AND \"key\" = ? COLLATE BINARY",
        )?
        .query_row([attachment, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found)
}

/// Every attribute, by key.
fn all(connection: &Connection, attachment: &str) -> Result<Vec<Value>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT \"key\", value FROM sys_attachment_attribute WHERE attachment = ? \
         ORDER BY \"key\", sys_id",
    )?;
    let found = statement.query_map([attachment], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut attributes = Vec::new();
    for pair in found {
        let (key, value) = pair?;
        attributes.push(attribute(&key, &value));
    }
    Ok(attributes)
}
