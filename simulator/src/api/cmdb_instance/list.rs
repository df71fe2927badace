//! Items of a class: `GET /api/now/cmdb/instance/{class}`.

use http::StatusCode;
use rusqlite::{Connection, params_from_iter};
use serde_json::json;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Row, session};
use crate::api::table::link_header::Page;
use crate::policy::Access;
use crate::query::{Builder, Query};
use crate::reply::Reply;
use crate::store::access_condition;
use crate::store::schema::Class;

/// `sysparm_limit` when none is given.
const DEFAULT_LIMIT: i64 = 10_000;

pub(super) fn answer(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    if call.access == Access::Refused {
        return Err(call.failures.table_refused(None).into());
    }
    let asked = paging::limit(call, parameters, DEFAULT_LIMIT)?;
    let limit = call.page_cap.map_or(asked, |cap| asked.min(cap.into()));
    let list = List {
        call,
        class,
        query: reading::query(call, class, parameters),
        page: Page {
            offset: paging::offset(parameters),
            limit,
            total: 0,
        },
        capped: limit < asked,
    };
    call.store
        .read(|connection| list.answer(connection, parameters))
}

struct List<'a> {
    call: &'a Owned,
    class: &'static Class,
    query: Query,
    page: Page,
    capped: bool,
}

impl List<'_> {
    fn answer(&self, connection: &Connection, sent: &Parameters<'_>) -> Result<Reply, Failed> {
        let mut builder = Builder::new(self.class, session(self.call));
        let two = Parameters::read("sysparm_fields=sys_id,name");
        let shown = reading::shown(self.class, &mut builder, &two);
        let condition = self.condition(&mut builder)?;
        let invalid = std::mem::take(&mut builder.invalid);
        let unmodelled = builder.unmodelled.clone();
        let (mut order, ordered_by_caller) = builder.ordering(&self.query);
        builder.unmodelled = unmodelled;
        let total: i64 = {
            // The same joins and parameters, but for those of the page.
            let statement = format!("SELECT count(*) {} WHERE {condition}", builder.source());
            let mut statement = connection.prepare_cached(&statement)?;
            statement.query_row(params_from_iter(&builder.parameters), |row| row.get(0))?
        };
        let visible = access_condition(&mut builder, &self.call.access);
        order.push("t.sys_id".to_owned());
        let limit = builder.bind(self.page.limit);
        let offset = builder.bind(self.page.offset);
        let rest = format!(
            "WHERE {condition} ORDER BY {} LIMIT {limit} OFFSET {offset}",
            order.join(", ")
        );
        let rows = reading::rows(connection, &builder, &shown, &visible, &rest)?;
        let seen: Vec<&Row> = rows.iter().filter(|row| row.visible).collect();
        let hidden = rows.len() - seen.len();
        let result: Vec<_> = seen
            .iter()
            .map(|row| {
                let name = row.values.get(1).unwrap_or("");
                json!({"sys_id": row.sys_id, "name": name})
            })
            .collect();
        let mut reply = Reply::json(StatusCode::OK, &json!({"result": result}));
        let written = sent.value("sysparm_query");
        paging::Delivered {
            class: self.class,
            query: written.map_or_else(|| self.query.to_string(), str::to_owned),
            sys_ids: seen.iter().map(|row| row.sys_id.clone()).collect(),
            ordered_by_caller,
            page: Page { total, ..self.page },
            capped: self.capped,
            hidden,
            invalid: &invalid,
            closed: &[],
        }
        .tell(self.call, &self.call.access, &mut reply);
        reply.unmodelled = builder.unmodelled;
        Ok(reply)
    }

    fn condition(&self, builder: &mut Builder<'_>) -> Result<String, Failed> {
        let condition = builder.condition(&self.query);
        builder.ordering(&self.query);
        let of_class = builder.of_class();
        let condition = format!("{of_class} AND {condition}");
        paging::tolerated(self.call, builder, condition)
    }
}
