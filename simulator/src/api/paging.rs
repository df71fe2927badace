//! What lists of every API have in common: which rows a page holds, and what an invalid query does.

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::reading;
use super::table::link_header::Page;
use crate::journal::{Condition, Served};
use crate::policy::Access;
use crate::query::Builder;
use crate::reply::Reply;
use crate::setup::{ClosedFields, InvalidQuery};
use crate::store::schema::Class;

/// `sysparm_limit`: a positive integer, or the 400 of wire-failures 4.13; what is no number is as
/// if it were not there (wire-core 8, inferred).
pub(super) fn limit(
    call: &Owned,
    parameters: &Parameters<'_>,
    default: i64,
) -> Result<i64, Failed> {
    match parameters.integer("sysparm_limit") {
        None => Ok(default),
        Some(limit) if limit > 0 => Ok(limit),
        Some(limit) => Err(call.failures.invalid_limit(&limit.to_string()).into()),
    }
}

/// `sysparm_offset`. A negative or unreadable one is the beginning (*assumed*; `rel="prev"` leads
/// there).
pub(super) fn offset(parameters: &Parameters<'_>) -> i64 {
    parameters.integer("sysparm_offset").unwrap_or(0).max(0)
}

/// A query's condition in SQL, by the regime for what the builder found invalid in the query
/// (wire-core 3.3).
pub(super) fn tolerated(
    call: &Owned,
    builder: &Builder<'_>,
    condition: String,
) -> Result<String, Failed> {
    check_open(call, builder)?;
    match (builder.invalid.first(), call.invalid_query) {
        (Some(part), InvalidQuery::Refused) => Err(call.failures.query_refused(part).into()),
        // The condition stays, for the parameters that it has bound.
        (Some(_), InvalidQuery::NoRows) => Ok(format!("0 AND {condition}")),
        _ => Ok(condition),
    }
}

/// Fails with 403 where a query, an ordering or a grouping names a field that the caller may not
/// read (wire-failures 4.3).
pub(super) fn check_open(call: &Owned, builder: &Builder<'_>) -> Result<(), Failed> {
    match builder.closed.first() {
        Some(field) => Err(call.failures.field_refused(field).into()),
        None => Ok(()),
    }
}

/// Fails with 403 where `sysparm_fields` names such a field and a switch says so.
pub(super) fn check_fields(
    call: &Owned,
    class: &'static Class,
    parameters: &Parameters<'_>,
) -> Result<(), Failed> {
    if call.closed_fields != ClosedFields::Refused {
        return Ok(());
    }
    let mut builder = Builder::new(class, reading::session(call));
    for name in parameters.value("sysparm_fields").unwrap_or("").split(',') {
        if builder.field(name.trim()).is_none() {
            check_open(call, &builder)?;
        }
    }
    Ok(())
}

/// What a page of a list held, for the journal.
pub(super) struct Delivered<'a> {
    pub(super) class: &'static Class,
    /// `sysparm_query` as it was sent, or the query that stands for it.
    pub(super) query: String,
    pub(super) ordered_by_caller: Vec<String>,
    pub(super) page: Page,
    /// The instance returns fewer rows at a time than were asked for.
    pub(super) capped: bool,
    /// Rows that the caller may not see.
    pub(super) hidden: usize,
    pub(super) sys_ids: Vec<String>,
    /// Parts of the query that are invalid.
    pub(super) invalid: &'a [String],
    /// Fields that the caller may not read.
    pub(super) closed: &'a [String],
}

impl Delivered<'_> {
    /// Tells the journal what the answer held, and from what it follows.
    pub(super) fn tell(self, call: &Owned, access: &Access, reply: &mut Reply) {
        let page = self.page;
        if self.hidden > 0 || *access == Access::Hidden {
            reply.condition = Some(Condition::RowsHidden);
            reply.reason = format!("{} rows of this page are hidden from the user", self.hidden);
        } else if self.capped && page.offset.saturating_add(page.limit) < page.total {
            reply.condition = Some(Condition::PageCapped);
            reply.reason = format!("a page holds {} rows at most", page.limit);
        } else if !self.closed.is_empty() {
            tell_closed(self.closed, reply);
        } else if !self.invalid.is_empty() {
            if call.invalid_query == InvalidQuery::Ignored {
                reply.condition = Some(Condition::QueryWidened);
            }
            reply.reason = format!("invalid in the query: {}", self.invalid.join(", "));
        }
        reply.served = Some(Served {
            table: self.class.name.to_owned(),
            query: self.query,
            order: self.ordered_by_caller.clone(),
            ordered_by_caller: self.ordered_by_caller,
            offset: page.offset.unsigned_abs(),
            limit: page.limit.unsigned_abs(),
            total: page.total.unsigned_abs(),
            hidden: u64::try_from(self.hidden).unwrap_or(u64::MAX),
            sys_ids: self.sys_ids,
            left_out: left_out(call, self.closed),
        });
    }
}

/// Tells the journal that these fields of the answer are hidden.
pub(super) fn tell_closed(closed: &[String], reply: &mut Reply) {
    if closed.is_empty() {
        return;
    }
    reply.condition = Some(Condition::FieldsHidden);
    reply.reason = format!("the user may not read {}", closed.join(", "));
}

/// Those of the closed fields that have no key in the answer.
pub(super) fn left_out(call: &Owned, closed: &[String]) -> Vec<String> {
    match call.closed_fields {
        ClosedFields::Empty => Vec::new(),
        ClosedFields::Absent | ClosedFields::Refused => closed.to_vec(),
    }
}
