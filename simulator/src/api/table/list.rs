//! Lists: `GET /api/now/table/{table}` (wire-core 1.2 to 1.5).
//!
//! The limit applies before access controls, and `X-Total-Count` counts rows before them: pages
//! can be short, or empty, in the middle of a list.
//!
//! Rows that the caller's order leaves equal come in another order at each request: unordered
//! paging repeats rows and leaves gaps (wire-failures 0.9). In which order is *assumed*; it
//! follows from the ids, and so from the seed, and from the number of the request.

use http::{HeaderValue, StatusCode};
use rusqlite::params_from_iter;

use super::cancelled;
use super::link_header::{Page, link};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::paging;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, Row, session};
use crate::api::shapes::Shape;
use crate::journal::Condition;
use crate::policy::Access;
use crate::query::{Builder, Query};
use crate::reply::{JSON, Reply};
use crate::setup::LinkHeader;
use crate::store::schema::Class;
use crate::store::{Mark, Snapshot, access_condition};

/// `sysparm_limit` when none is given.
const DEFAULT_LIMIT: i64 = 10_000;

/// The ordering by id, as SQL has it.
const BY_ID: &str = "t.\"sys_id\"";

pub(super) fn answer(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<Reply, Failed> {
    if call.access == Access::Refused {
        return Err(call.failures.table_refused(None).into());
    }
    paging::check_fields(call, class, parameters)?;
    let asked = paging::limit(call, parameters, DEFAULT_LIMIT)?;
    let limit = call.page_cap.map_or(asked, |cap| asked.min(cap.into()));
    let offset = paging::offset(parameters);
    let list = List {
        call,
        class,
        parameters,
        query: reading::query(call, class, parameters),
        page: Page {
            offset,
            limit,
            total: 0,
        },
        capped: limit < asked,
    };
    call.store.read(|connection| list.answer(connection))
}

/// Orders rows that are equal so far, neighbouring requests differently. The digits of an id are
/// random, so that each beginning gives an unrelated order.
fn ties(request: u64) -> String {
    format!("substr(t.sys_id,{})", 1 + request.wrapping_mul(7) % 24)
}

struct List<'a> {
    call: &'a Owned,
    class: &'static Class,
    parameters: &'a Parameters<'a>,
    query: Query,
    page: Page,
    /// The instance returns fewer rows at a time than were asked for.
    capped: bool,
}

/// What one snapshot says about a list.
struct Found {
    rows: Vec<Row>,
    ordered_by_caller: Vec<String>,
    invalid: Vec<String>,
}

impl List<'_> {
    fn answer(mut self, connection: &Snapshot<'_>) -> Result<Reply, Failed> {
        let mut builder = Builder::new(self.class, session(self.call));
        let shown = reading::shown(self.class, &mut builder, self.parameters);
        self.page.total = self.total(connection)?;
        let found = self.page(connection, &mut builder, &shown)?;
        let seen: Vec<&Row> = found.rows.iter().filter(|row| row.visible).collect();
        let hidden = found.rows.len() - seen.len();
        if let Some((quota, form)) = self.call.query_quota
            && found.rows.len() > quota
        {
            let in_time = found.rows.iter().take(quota).filter(|row| row.visible);
            let in_time: Vec<&Row> = in_time.collect();
            let shape = Shape::of(self.call, self.parameters);
            let rows = shape.list(connection, &shown, &in_time)?;
            let mut reply = self.call.failures.query_cancelled(quota);
            reply.body = cancelled::body(form, &rows, &reply.body);
            reply.unmodelled = builder.unmodelled;
            self.add_headers(&mut reply);
            return Ok(reply);
        }
        let mut reply = if seen.is_empty() && self.call.first_version {
            let reason = "the list is empty, which is 404 in version 1";
            self.call
                .failures
                .no_record(Condition::RecordNotFound, reason)
        } else {
            let shape = Shape::of(self.call, self.parameters);
            let body = shape.list(connection, &shown, &seen)?;
            Reply::application(StatusCode::OK, JSON, body)
        };
        self.add_headers(&mut reply);
        let sent = self.parameters.value("sysparm_query");
        paging::Delivered {
            class: self.class,
            query: sent.map_or_else(|| self.query.to_string(), str::to_owned),
            sys_ids: seen.iter().map(|row| row.sys_id.clone()).collect(),
            ordered_by_caller: found.ordered_by_caller,
            page: self.page,
            capped: self.capped,
            hidden,
            invalid: &found.invalid,
            closed: &shown.closed,
        }
        .tell(self.call, &self.call.access, &mut reply);
        reply.unmodelled = builder.unmodelled;
        Ok(reply)
    }

    /// Rows that match before access controls.
    fn total(&self, snapshot: &Snapshot<'_>) -> Result<i64, Failed> {
        let mut builder = Builder::new(self.class, session(self.call));
        let condition = self.condition(&mut builder)?;
        let statement = format!("SELECT count(*) {} WHERE {condition}", builder.source());
        Ok(snapshot.count(&statement, &builder.parameters)?)
    }

    fn condition(&self, builder: &mut Builder<'_>) -> Result<String, Failed> {
        let condition = builder.condition(&self.query);
        builder.ordering(&self.query);
        let of_class = builder.of_class();
        let condition = format!("{of_class} AND {condition}");
        paging::tolerated(self.call, builder, condition)
    }

    /// Which rows the page has is found out first, from as few columns as decide it: what is sorted
    /// or skipped is not read whole.
    fn page(
        &self,
        snapshot: &Snapshot<'_>,
        builder: &mut Builder<'_>,
        shown: &reading::Columns,
    ) -> Result<Found, Failed> {
        let mut finder = Builder::new(self.class, session(self.call));
        let condition = self.condition(&mut finder)?;
        let invalid = std::mem::take(&mut finder.invalid);
        builder.unmodelled.append(&mut finder.unmodelled);
        let (mut order, ordered_by_caller) = finder.ordering(&self.query);
        // Whoever orders by id leaves nothing equal.
        if !ordered_by_caller.iter().any(|name| name == "sys_id") {
            order.push(ties(self.call.request));
            order.push("t.sys_id".to_owned());
        }
        let sys_ids = self.sys_ids(snapshot, finder, &condition, &order)?;
        let visible = access_condition(builder, &self.call.access);
        let rows = reading::these(snapshot, builder, shown, &visible, &sys_ids)?;
        Ok(Found {
            rows,
            ordered_by_caller,
            invalid,
        })
    }

    /// The ids of the page. In the order of ids, the way to it leads from the nearest row whose
    /// place is known: whoever reads page after page skips no row twice.
    fn sys_ids(
        &self,
        snapshot: &Snapshot<'_>,
        mut finder: Builder<'_>,
        condition: &str,
        order: &[String],
    ) -> Result<Vec<String>, Failed> {
        let list = format!("SELECT t.sys_id {} WHERE {condition}", finder.source());
        let values = finder.parameters.len();
        // With what is joined, a row could be there twice.
        let in_order_of_ids =
            order.first().is_some_and(|first| first == BY_ID) && !finder.has_joins();
        let mark = if in_order_of_ids && self.page.offset > 0 {
            snapshot.mark(&list, &finder.parameters, self.page.offset)?
        } else {
            None
        };
        let skipped = mark.as_ref().map_or(0, |mark| mark.place);
        let from = mark.map_or(String::new(), |mark| {
            format!(" AND {BY_ID} >= {}", finder.bind(mark.sys_id))
        });
        let limit = finder.bind(self.page.limit);
        let offset = finder.bind(self.page.offset - skipped);
        let statement = format!(
            "{list}{from} ORDER BY {} LIMIT {limit} OFFSET {offset}",
            order.join(", ")
        );
        let sys_ids = snapshot
            .prepare_cached(&statement)?
            .query_map(params_from_iter(&finder.parameters), |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?;
        if in_order_of_ids && let (Some(first), Some(last)) = (sys_ids.first(), sys_ids.last()) {
            let rows = i64::try_from(sys_ids.len()).unwrap_or(i64::MAX);
            let first = (self.page.offset, first);
            let last = (self.page.offset.saturating_add(rows - 1), last);
            let marks = [first, last].map(|(place, sys_id)| Mark {
                place,
                sys_id: sys_id.clone(),
            });
            snapshot.set_marks(&list, &finder.parameters[..values], marks)?;
        }
        Ok(sys_ids)
    }

    fn add_headers(&self, reply: &mut Reply) {
        if self.parameters.flag("sysparm_no_count") {
            return;
        }
        let total = HeaderValue::from(self.page.total);
        reply.headers.insert("x-total-count", total);
        if self.parameters.flag("sysparm_suppress_pagination_header")
            || self.call.link_header == LinkHeader::LeftOut
        {
            return;
        }
        let url = format!("{}{}", self.call.base_url, self.call.path);
        let rest = self
            .parameters
            .as_sent_without(&["sysparm_limit", "sysparm_offset"]);
        let link = link(&url, &rest, self.page).map(HeaderValue::try_from);
        if let Some(Ok(link)) = link {
            reply.headers.insert(http::header::LINK, link);
        }
    }
}
