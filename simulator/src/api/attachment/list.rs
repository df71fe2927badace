//! Lists of attachments: `GET /api/now/attachment` (wire-core 4.2).
//!
//! As in lists of records, the limit applies before access controls and `X-Total-Count` counts rows
//! before them.

use http::{HeaderValue, StatusCode};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::access::Readable;
use super::meta::{self, Meta};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Columns, rows, session};
use crate::api::table::link_header::{Page, link};
use crate::journal::{Condition, Served};
use crate::policy::Access;
use crate::query::Builder;
use crate::reply::Reply;
use crate::setup::{InvalidQuery, LinkHeader, Operation};
use crate::store::access_condition;
use crate::store::schema::Class;

/// `sysparm_limit` when none is given.
const DEFAULT_LIMIT: i64 = 1000;

pub(super) fn answer(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    let own = call.access_to(Operation::Read, class.name);
    if own == Access::Refused {
        return Err(call.failures.table_refused(None).into());
    }
    let limit = limit(call, parameters)?;
    let offset = parameters
        .value("sysparm_offset")
        .and_then(|value| value.trim().parse::<i64>().ok())
        .unwrap_or(0)
        .max(0);
    call.store.read(|connection| {
        let mut page = Page {
            offset,
            limit,
            total: 0,
        };
        let columns = meta::columns();
        let mut builder = Builder::new(class, session(call));
        let shown = reading::shown(class, &mut builder, &Parameters::read(&columns));
        let list = List {
            call,
            class,
            parameters,
        };
        let (listed, served) = list.page(connection, &mut builder, &shown, &own, &mut page)?;
        let mut reply = Reply::json(StatusCode::OK, &json!({ "result": listed }));
        reply.unmodelled = builder.unmodelled;
        add_headers(call, parameters, page, &mut reply);
        if served.hidden > 0 {
            reply.condition = Some(Condition::RowsHidden);
            reply.reason = format!("{} attachments of this page are hidden", served.hidden);
        }
        reply.served = Some(served);
        Ok(reply)
    })
}

/// A positive integer, or the 400 of lists.
fn limit(call: &Owned, parameters: &Parameters<'_>) -> Result<i64, Failed> {
    let value = parameters.value("sysparm_limit").unwrap_or("");
    if value.is_empty() {
        return Ok(DEFAULT_LIMIT);
    }
    match value.trim().parse::<i64>() {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(call.failures.invalid_limit(value).into()),
    }
}

struct List<'a> {
    call: &'a Owned,
    class: &'static Class,
    parameters: &'a Parameters<'a>,
}

impl<'a> List<'a> {
    /// One page, and what the journal should know of it. Counts all pages.
    fn page(
        &self,
        connection: &Connection,
        builder: &mut Builder<'a>,
        shown: &Columns,
        own: &Access,
        page: &mut Page,
    ) -> Result<(Vec<Value>, Served), Failed> {
        let call = self.call;
        let query = reading::query(self.class, self.parameters);
        let condition = builder.condition(&query);
        let (mut order, ordered_by_caller) = builder.ordering(&query);
        let condition = match (builder.invalid.first(), call.invalid_query) {
            (Some(part), InvalidQuery::Refused) => {
                return Err(call.failures.query_refused(part).into());
            }
            // The condition stays, for the parameters that it has bound.
            (Some(_), InvalidQuery::NoRows) => format!("0 AND {condition}"),
            _ => condition,
        };
        let count = format!("SELECT count(*) {} WHERE {condition}", builder.source());
        page.total = connection
            .prepare_cached(&count)?
            .query_row(params_from_iter(&builder.parameters), |row| row.get(0))?;
        let visible = access_condition(builder, own);
        order.push("t.sys_id".to_owned());
        let (limit, offset) = (builder.bind(page.limit), builder.bind(page.offset));
        let rest = format!(
            "WHERE {condition} ORDER BY {} LIMIT {limit} OFFSET {offset}",
            order.join(", ")
        );
        let mut readable = Readable::new(connection, call);
        let (mut listed, mut sys_ids, mut hidden) = (Vec::new(), Vec::new(), 0);
        for row in rows(connection, builder, shown, &visible, &rest)? {
            let meta = Meta::of(call, shown, &row);
            if row.visible && readable.covers(&meta)? {
                listed.push(meta.into_json());
                sys_ids.push(row.sys_id);
            } else {
                hidden += 1;
            }
        }
        let sent = self.parameters.value("sysparm_query");
        let served = Served {
            table: self.class.name.to_owned(),
            query: sent.unwrap_or("").to_owned(),
            order: ordered_by_caller.clone(),
            ordered_by_caller,
            offset: page.offset.unsigned_abs(),
            limit: page.limit.unsigned_abs(),
            total: page.total.unsigned_abs(),
            hidden,
            sys_ids,
        };
        Ok((listed, served))
    }
}

fn add_headers(call: &Owned, parameters: &Parameters<'_>, page: Page, reply: &mut Reply) {
    let total = HeaderValue::from(page.total);
    reply.headers.insert("x-total-count", total);
    if parameters.flag("sysparm_suppress_pagination_header")
        || call.link_header == LinkHeader::LeftOut
    {
        return;
    }
    let url = format!("{}{}", call.base_url, call.path);
    let rest = parameters.as_sent_without(&["sysparm_limit", "sysparm_offset"]);
    if let Some(Ok(link)) = link(&url, &rest, page).map(HeaderValue::try_from) {
        reply.headers.insert(http::header::LINK, link);
    }
}
