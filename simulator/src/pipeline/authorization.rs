//! Table access: what the caller may do with the table that the call names.
//!
//! A control of the REST API itself decides first, then whether web services may reach the table at
//! all; both refuse with 403 `User Not Authorized` (wire-failures 4.1 and 4.14, wire-core 2.1).
//! A refused read is 403 `Insufficient rights to query records` with a null detail, or one that names the
//! table for aggregates; a refused
//! write is 403 `Operation Failed` with `ACL Exception … Failed due to security constraints`
//! (wire-core 2.1, wire-failures 4.4). Whether a refused read says so or shows an empty list is the
//! policy's decision; the list itself, rows and fields are the API's.

use http::StatusCode;

use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api::{Api, Target};
use crate::journal::Condition;
use crate::policy::{Access, Identity, Policy};
use crate::reply::Reply;
use crate::setup::{Operation, Switches};

#[derive(Debug)]
pub(super) struct Authorization;

impl Stage for Authorization {
    fn name(&self) -> &'static str {
        "authorization"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        let Some(identity) = &facts.identity else {
            return Decision::pass();
        };
        match access(identity, exchange.target, view.policy, view.switches) {
            Ok(access) => {
                facts.access = access;
                Decision::pass()
            }
            Err(reply) => Decision::answer(*reply),
        }
    }
}

/// What the caller may do with the table that the call names, where it names one; or the refusal.
pub(crate) fn access(
    identity: &Identity,
    target: &Target,
    policy: &Policy,
    switches: &Switches,
) -> Result<Option<Access>, Box<Reply>> {
    let api = target.api.title();
    if policy.api_denied(identity, api) {
        let reason = format!(
            "the roles of `{}` do not open the {api}",
            identity.user_name
        );
        return Err(Box::new(closed(Condition::ApiDenied, reason, switches)));
    }
    let Some(table) = target
        .table
        .as_deref()
        .filter(|_| target.api.is_of_a_table())
    else {
        return Ok(None);
    };
    if !policy.is_exposed(table) {
        let reason = format!("web services may not reach `{table}`");
        return Err(Box::new(closed(
            Condition::TableNotExposed,
            reason,
            switches,
        )));
    }
    match policy.access(identity, target.operation, table) {
        Access::Refused => Err(Box::new(refusal(identity, target, table, switches))),
        access @ (Access::Granted { .. } | Access::Hidden) => Ok(Some(access)),
    }
}

/// One envelope stands for an API that the user may not call and for a table that no web service
/// reaches (wire-core 2.1).
fn closed(condition: Condition, reason: String, switches: &Switches) -> Reply {
    Reply::failure(
        StatusCode::FORBIDDEN,
        "User Not Authorized",
        Some("Failed API level ACL Validation"),
        switches.error_keys.unwrap_or_default(),
        condition,
        reason,
    )
}

fn refusal(identity: &Identity, target: &Target, table: &str, switches: &Switches) -> Reply {
    let keys = switches.error_keys.unwrap_or_default();
    let reason = format!(
        "the roles of `{}` do not open `{table}` for this operation",
        identity.user_name
    );
    if target.operation != Operation::Read {
        let form = switches.denied_write.unwrap_or_default();
        return Reply::write_denied(target.operation, table, form, keys, reason);
    }
    // Aggregates name the table, lists do not.
    let aggregated = format!("No permission to read table '{table}'");
    Reply::failure(
        StatusCode::FORBIDDEN,
        "Insufficient rights to query records",
        (target.api == Api::Aggregate).then_some(aggregated.as_str()),
        keys,
        Condition::TableDenied,
        reason,
    )
}
