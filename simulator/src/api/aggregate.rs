//! The Aggregate API: `GET /api/now/stats/{table}` (wire-core 4.1).
//!
//! Counts, and counts by group. A caller that may not read the table is told so with 403; rows
//! that row conditions hide are not counted (*assumed*).

use http::{Method, StatusCode};
use rusqlite::params_from_iter;
use serde_json::{Value, json};

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::reading::{self, session};
use crate::fidelity::Behaviour;
use crate::policy::Access;
use crate::query::Builder;
use crate::reply::Reply;
use crate::setup::InvalidQuery;
use crate::store::access_condition;
use crate::store::records::text_of;
use crate::store::schema::Class;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

const UNMODELLED: [&str; 7] = [
    "sysparm_avg_fields",
    "sysparm_min_fields",
    "sysparm_max_fields",
    "sysparm_sum_fields",
    "sysparm_having",
    "sysparm_order_by",
    "sysparm_display_value",
];

const GROUP_BY: &str = "sysparm_group_by";

pub(super) fn answer(call: &Owned) -> Reply {
    let parameters = Parameters::read(&call.query);
    let mut reply = match count(call, &parameters) {
        Ok(reply) => reply,
        Err(Failed::Reply(reply)) => *reply,
        Err(Failed::Store(error)) => call.failures.store(&error),
    };
    for (name, value) in parameters.iter() {
        // Without groups there is nothing to display, filter or order.
        let matters = UNMODELLED[..4].contains(&name) || parameters.value(GROUP_BY).is_some();
        if UNMODELLED.contains(&name) && matters && !matches!(value, "" | "false") {
            reply
                .unmodelled
                .push(format!("Aggregate API parameter {name}"));
        }
    }
    if call.method == Method::HEAD {
        reply.body.clear();
    }
    reply
}

fn count(call: &Owned, parameters: &Parameters<'_>) -> Result<Reply, Failed> {
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = call.store.schema().class(table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    if call.access == Access::Refused || call.access == Access::Hidden {
        let detail = format!("No permission to read table '{table}'");
        return Err(call.failures.table_refused(Some(&detail)).into());
    }
    let aggregates = |name: &str| name == "sysparm_count" || UNMODELLED[..4].contains(&name);
    if !parameters.iter().any(|(name, _)| aggregates(name)) {
        return Err(call.failures.no_aggregate().into());
    }
    let (statement, builder, groups) = statement(call, class, parameters)?;
    let result = call.store.read(|connection| {
        let mut statement = connection.prepare_cached(&statement)?;
        let mut rows = statement.query(params_from_iter(&builder.parameters))?;
        let mut results = Vec::new();
        while let Some(row) = rows.next()? {
            let mut result = json!({});
            if parameters.flag("sysparm_count") {
                result = json!({"stats": {"count": text_of(row.get_ref(0)?)}});
            }
            let mut fields = Vec::new();
            for (at, field) in groups.iter().enumerate() {
                fields.push(json!({"field": field, "value": text_of(row.get_ref(at + 1)?)}));
            }
            if !groups.is_empty() {
                result["groupby_fields"] = Value::Array(fields);
            }
            results.push(result);
        }
        Ok::<_, Failed>(if groups.is_empty() {
            results
                .pop()
                .unwrap_or_else(|| json!({"stats": {"count": "0"}}))
        } else {
            Value::Array(results)
        })
    })?;
    let mut reply = Reply::json(StatusCode::OK, &json!({ "result": result }));
    reply.unmodelled = builder.unmodelled;
    Ok(reply)
}

/// The statement that counts, and the fields it groups by.
fn statement<'c>(
    call: &'c Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<(String, Builder<'c>, Vec<String>), Failed> {
    let mut builder = Builder::new(class, session(call));
    let condition = builder.condition(&reading::query(class, parameters));
    let condition = match (builder.invalid.first(), call.invalid_query) {
        (Some(part), InvalidQuery::Refused) => {
            return Err(call.failures.query_refused(part).into());
        }
        // The condition stays, for the parameters that it has bound.
        (Some(_), InvalidQuery::NoRows) => format!("0 AND {condition}"),
        _ => condition,
    };
    let visible = access_condition(&mut builder, &call.access);
    let (mut groups, mut columns) = (Vec::new(), Vec::new());
    let asked = parameters.value(GROUP_BY).unwrap_or("");
    for name in asked.split(',').map(str::trim) {
        if let Some(field) = builder.field(name) {
            groups.push(name.to_owned());
            columns.push(field.sql);
        }
    }
    let mut statement = "SELECT count(*)".to_owned();
    for column in &columns {
        statement.push_str(", ");
        statement.push_str(column);
    }
    let rest = format!(
        " {} WHERE {} AND {condition} AND {visible}",
        builder.source(),
        builder.of_class()
    );
    statement.push_str(&rest);
    if !columns.is_empty() {
        let list = columns.join(", ");
        statement.push_str(" GROUP BY ");
        statement.push_str(&list);
        statement.push_str(" ORDER BY ");
        statement.push_str(&list);
    }
    Ok((statement, builder, groups))
}
