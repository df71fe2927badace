//! What lists of every API have in common: which rows a page holds, and what an invalid query does.

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use crate::query::Builder;
use crate::setup::InvalidQuery;

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
    match (builder.invalid.first(), call.invalid_query) {
        (Some(part), InvalidQuery::Refused) => Err(call.failures.query_refused(part).into()),
        // The condition stays, for the parameters that it has bound.
        (Some(_), InvalidQuery::NoRows) => Ok(format!("0 AND {condition}")),
        _ => Ok(condition),
    }
}
