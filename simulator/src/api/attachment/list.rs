//! Lists of attachments: `GET /api/now/attachment` (wire-core 4.2).
//!
//! As in lists of records, the limit applies before access controls and `X-Total-Count` counts rows
//! before them.

use http::{HeaderValue, StatusCode};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::meta::{self, Meta};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Columns, rows, session};
use crate::api::table::link_header::{Page, link};
use crate::policy::Access;
use crate::query::Builder;
use crate::reply::Reply;
use crate::setup::{LinkHeader, Operation};
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
    let asked = paging::limit(call, parameters, DEFAULT_LIMIT)?;
    let limit = call.page_cap.map_or(asked, |cap| asked.min(cap.into()));
    let offset = paging::offset(parameters);
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
        let (listed, held) = list.page(connection, &mut builder, &shown, &own, &mut page)?;
        let mut reply = Reply::json(StatusCode::OK, &json!({ "result": listed }));
        reply.unmodelled = builder.unmodelled;
        add_headers(call, parameters, page, &mut reply);
        let sent = parameters.value("sysparm_query");
        paging::Delivered {
            class,
            query: sent.unwrap_or("").to_owned(),
            ordered_by_caller: held.ordered_by_caller,
            page,
            capped: limit < asked,
            hidden: held.hidden,
            sys_ids: held.sys_ids,
            invalid: &builder.invalid,
            closed: &[],
        }
        .tell(call, &own, &mut reply);
        Ok(reply)
    })
}

struct List<'a> {
    call: &'a Owned,
    class: &'static Class,
    parameters: &'a Parameters<'a>,
}

/// What a page held, beside its rows.
struct Held {
    ordered_by_caller: Vec<String>,
    hidden: usize,
    sys_ids: Vec<String>,
}

impl<'a> List<'a> {
    /// One page, and what else it held. Counts all pages.
    fn page(
        &self,
        connection: &Connection,
        builder: &mut Builder<'a>,
        shown: &Columns,
        own: &Access,
        page: &mut Page,
    ) -> Result<(Vec<Value>, Held), Failed> {
        let call = self.call;
        let query = reading::query(call, self.class, self.parameters);
        let condition = builder.condition(&query);
        let (mut order, ordered_by_caller) = builder.ordering(&query);
        let condition = paging::tolerated(call, builder, condition)?;
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
        let (mut listed, mut sys_ids, mut hidden) = (Vec::new(), Vec::new(), 0);
        for row in rows(connection, builder, shown, &visible, &rest)? {
            let meta = Meta::of(call, shown, &row);
            if row.visible {
                listed.push(meta.into_json());
                sys_ids.push(row.sys_id);
            } else {
                hidden += 1;
            }
        }
        let held = Held {
            ordered_by_caller,
            hidden,
            sys_ids,
        };
        Ok((listed, held))
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
