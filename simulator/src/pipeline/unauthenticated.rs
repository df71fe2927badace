//! The 401: one envelope for whoever cannot be told apart from a stranger (wire-failures 1.1).
//!
//! Nodes that call themselves `ServiceNow` were seen to write the scheme of the challenge in capital
//! letters. Under an access policy the challenge names that policy's schemes, in capital letters
//! too. The connection is closed (wire-core 2.2).

use http::header::{CONNECTION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::stage::{Exchange, View};
use crate::journal::Condition;
use crate::reply::Reply;
use crate::setup::{ServerHeader, UnauthenticatedMessage};

/// Who is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Stranger,
    /// Its session lasts; its message has one spelling only (wire-core 2.1).
    InSession,
    /// It showed a token, so that the challenge names that scheme (wire-failures 2.3).
    WithToken,
}

/// The answer.
pub(super) fn reply(
    exchange: &Exchange<'_>,
    view: &View<'_>,
    condition: Condition,
    reason: String,
    caller: Caller,
) -> Reply {
    let message = match view.switches.unauthenticated_message.unwrap_or_default() {
        UnauthenticatedMessage::UserNotAuthenticated if caller != Caller::InSession => {
            "User Not Authenticated"
        }
        _ => "User is not authenticated",
    };
    let mut reply = Reply::failure(
        StatusCode::UNAUTHORIZED,
        message,
        Some("Required to provide Auth information"),
        view.switches.error_keys.unwrap_or_default(),
        condition,
        reason,
    );
    let close = HeaderValue::from_static("close");
    reply.headers.insert(CONNECTION, close);
    for challenge in challenges(exchange, view, caller) {
        reply.headers.append(WWW_AUTHENTICATE, challenge);
    }
    reply
}

fn challenges(exchange: &Exchange<'_>, view: &View<'_>, caller: Caller) -> Vec<HeaderValue> {
    let policy = view.policy.access_policy(exchange.method, exchange.target);
    if let Some(policy) = policy {
        let all = !view.policy.advertises_one_scheme();
        let named = policy.challenges(all).into_iter();
        let lines = named.map(|scheme| format!("{scheme} realm=\"Service-now\""));
        return lines
            .filter_map(|line| HeaderValue::try_from(line).ok())
            .collect();
    }
    let usual = match view.switches.server_header.unwrap_or_default() {
        _ if caller == Caller::WithToken => "BEARER realm=\"Service-now\"",
        ServerHeader::SnowAdc => "Basic realm=\"Service-now\"",
        ServerHeader::ServiceNow => "BASIC realm=\"Service-now\"",
    };
    vec![HeaderValue::from_static(usual)]
}
