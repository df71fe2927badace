//! Short names for long addresses: `/api/now/tinyurl` (wire-core 1.4).
//!
//! An address is a record of `sys_tiny_url`, whose id is what is passed on. On the Table API
//! `sysparm_tiny` stands for the parameters of that address.

use http::{Method, StatusCode};
use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::Owned;
use super::failures::Failed;
use super::json_body;
use super::query_string::Parameters;
use crate::fidelity::{Behaviour, Standing};
use crate::reply::Reply;
use crate::store::records::row;
use crate::store::{StoreError, named_id};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "POST of `{\"url\":…}` answers `{\"result\":\"incident_list.do?sysparm_tiny=ID\"}`, and lists of the Table API take `sysparm_tiny=ID` in place of that URL's parameters",
        standing: Standing::Observed,
        source: "wire-core 1.4, client of ansible-collections/servicenow.itsm",
    },
    Behaviour {
        what: "the id is the `sys_id` of a record of `sys_tiny_url`",
        standing: Standing::Observed,
        source: "KB0695409",
    },
    Behaviour {
        what: "the status is 201, and one URL always has one id",
        standing: Standing::Assumed,
        source: "wire-core 1.4: 200 or 201",
    },
    Behaviour {
        what: "every user may shorten a URL; a body without `url` is 400 `Exception while reading request`",
        standing: Standing::Assumed,
        source: "none",
    },
    Behaviour {
        what: "parameters that stand beside `sysparm_tiny` win over those it stands for, and an id that is not known stands for none",
        standing: Standing::Assumed,
        source: "none",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    if call.method != Method::POST {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    let body = json_body::read(call)?;
    let Some(url) = body.get("url").and_then(Value::as_str) else {
        return Err(call.failures.malformed_body("it has no `url`").into());
    };
    let url = url.split('#').next().unwrap_or(url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let id = named_id(&format!("sys_tiny_url:{query}"));
    let values = row([("sys_id", id.as_str()), ("tiny_url", &id), ("data", query)]);
    call.store.write(&call.author(), |records| {
        if records.find("sys_tiny_url", "sys_id", &id)?.is_none() {
            records.insert("sys_tiny_url", &values)?;
        }
        Ok::<_, StoreError>(())
    })?;
    let short = format!("{}?sysparm_tiny={id}", page(path));
    Ok(Reply::json(
        StatusCode::CREATED,
        &json!({ "result": short }),
    ))
}

/// The page of a path: the list of a table where it is one of the Table API.
fn page(path: &str) -> String {
    let api = super::target(&Method::GET, path_of(path));
    match api.table {
        Some(table) => format!("{table}_list.do"),
        None => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

/// A URL without its scheme and host.
fn path_of(url: &str) -> &str {
    let Some((_, after)) = url.split_once("://") else {
        return url;
    };
    after.find('/').map_or("", |at| &after[at..])
}

/// The parameters of a call, with those that its `sysparm_tiny` stands for.
pub(super) fn parameters(call: &Owned) -> Result<Parameters<'_>, StoreError> {
    let sent = Parameters::read(&call.query);
    let Some(id) = sent.value("sysparm_tiny") else {
        return Ok(sent);
    };
    let meant: Option<String> = call.store.read(|connection| {
        let mut statement =
            connection.prepare_cached("SELECT data FROM sys_tiny_url WHERE sys_id = ?")?;
        let found = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok::<_, StoreError>(found)
    })?;
    Ok(sent.standing_for(&meant.unwrap_or_default()))
}
