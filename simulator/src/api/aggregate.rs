//! The Aggregate API: `GET /api/now/stats/{table}` (wire-core 4.1).
//!
//! Numbers are text, averages have four decimals. Roles decide who may ask; which rows access
//! controls hide does not change what is counted, unless a switch says otherwise.

use http::{Method, StatusCode};
use serde_json::json;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::shapes::Shape;
use crate::fidelity::{Behaviour, Standing};
use crate::policy::Access;
use crate::reply::Reply;
use crate::setup::AggregateRows;

mod asked;
mod shaped;
mod statement;

use asked::Asked;
use statement::{MAX_GROUPS, Statement};

const PAGE: &str = "Aggregate API (c_AggregateAPI)";

const fn documented(what: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Documented,
        source: PAGE,
    }
}

const fn observed(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Observed,
        source,
    }
}

const fn assumed(what: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing: Standing::Assumed,
        source: "wire-core 4.1",
    }
}

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    documented(
        "Without groups the result is an object with `stats`, with groups an array of objects with `stats` and `groupby_fields`",
    ),
    documented("Counts, sums and averages are text; averages have four decimals"),
    documented(
        "`sysparm_avg_fields`, `_min_fields`, `_max_fields` and `_sum_fields` name several fields with commas",
    ),
    documented("`sysparm_group_by` names several fields with commas; an empty value is a group"),
    documented(
        "Groups come in the order of what their fields display: the page's sample is ordered by the names of its groups",
    ),
    documented(
        "`sysparm_having=aggregate^field^operator^value`, several with commas, all of which must hold",
    ),
    documented(
        "`sysparm_order_by` orders by `COUNT`, `AGGREGATE^field` or a grouped field, `^DESC` turns it",
    ),
    documented("Names and values of columns stand in place of `sysparm_query`"),
    Behaviour {
        what: "Rows that access controls hide are counted: the roles that open the table decide, and nothing else; `switches.aggregate_rows: refused` is what earlier releases document, 403 for whoever may not read every row",
        standing: Standing::Documented,
        source: "Aggregate API of 2026-04-21, Configure group ACL for aggregation requests; until Zurich the former page",
    },
    observed(
        "`{\"result\":{\"stats\":{\"count\":\"42\"}}}` for a count alone",
        "wire-core 4.1",
    ),
    observed(
        "With `sysparm_display_value=true` or `all` a grouped field has `display_value` beside `value`",
        "wire-core 4.1; several clients read it",
    ),
    observed(
        "The smallest and greatest of dates and times are read as they are stored",
        "a client's recorded `stats.max.sys_updated_on`",
    ),
    observed(
        "403 `Insufficient rights to query records`, `No permission to read table 'T'`, for a table that the roles do not open",
        "wire-core 2.1, KB0744425",
    ),
    observed(
        "400 `No request parameter for aggregate operation specified` where no aggregate is asked for",
        "wire-core 2.1, a client's mock; the page says that no operation is performed",
    ),
    assumed("`sysparm_count` other than `true` is no aggregate, and neither is `sysparm_having`"),
    assumed("A table closed to the caller in either form is 403 here"),
    assumed("Other methods than GET and HEAD are 405"),
    assumed("No `X-Total-Count` and no `Link`"),
    assumed("A grouped or aggregated field that does not exist is ignored"),
    assumed("Fields that are no numbers have no sum and no average; they are left out"),
    assumed("Empty values take no part in an aggregate; an aggregate of none is empty text"),
    assumed("Sums have as many decimals as they need, four at most"),
    assumed("References have the least and the greatest id, text compares without regard to case"),
    assumed("`COUNT` of a field counts the records of the group"),
    assumed("The three regimes for an invalid part of `sysparm_query` are those of lists"),
    assumed("A part of `sysparm_having` or `sysparm_order_by` of another form is ignored"),
    assumed("Without groups, a condition in `sysparm_having` that fails leaves `stats` empty"),
    assumed(
        "One answer has 10,000 groups and 10 MB of their values at most, and the journal says where there are more",
    ),
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    let parameters = &Parameters::read(&call.query);
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = call.store.schema().class(table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    permitted(call, table)?;
    let asked = Asked::read(parameters);
    if !asked.is_any() {
        return Err(call.failures.no_aggregate().into());
    }
    let statement = Statement::of(call, class, parameters, &asked)?;
    let shape = Shape::of(call, parameters);
    let (result, cut) = call.store.read(|connection| {
        let (groups, cut) = statement.run(connection)?;
        let result = shaped::result(connection, &shape, class, &asked, &statement, &groups)?;
        Ok::<_, Failed>((result, cut))
    })?;
    let mut reply = Reply::json(StatusCode::OK, &json!({ "result": result }));
    if !statement.ignored.is_empty() {
        reply.reason = format!("ignored: {}", statement.ignored.join(", "));
    }
    reply.unmodelled = statement.unmodelled;
    reply.unmodelled.extend(asked.unmodelled);
    if cut {
        let more = format!("more than {MAX_GROUPS} groups, or than 10 MB of them");
        reply.unmodelled.push(more);
    }
    Ok(reply)
}

/// Who may not read the table is told so; who may not read all of its rows, where the switch says so.
fn permitted(call: &Owned, table: &str) -> Result<(), Failed> {
    let refused = match &call.access {
        Access::Refused | Access::Hidden => true,
        Access::Granted { row_conditions } => {
            call.aggregate_rows == AggregateRows::Refused && !row_conditions.is_empty()
        }
    };
    if refused {
        let detail = format!("No permission to read table '{table}'");
        return Err(call.failures.table_refused(Some(&detail)).into());
    }
    Ok(())
}
