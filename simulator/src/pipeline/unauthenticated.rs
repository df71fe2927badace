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

/// The answer. Within a session the message has one spelling only (wire-core 2.1).
pub(super) fn reply(
    exchange: &Exchange<'_>,
    view: &View<'_>,
    condition: Condition,
    reason: String,
    within_session: bool,
) -> Reply {
    let message = match view.switches.unauthenticated_message.unwrap_or_default() {
        UnauthenticatedMessage::UserNotAuthenticated if !within_session => "User Not Authenticated",
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
    for challenge in challenges(exchange, view) {
        reply.headers.append(WWW_AUTHENTICATE, challenge);
    }
    reply
}

fn challenges(exchange: &Exchange<'_>, view: &View<'_>) -> Vec<HeaderValue> {
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
        ServerHeader::SnowAdc => "Basic realm=\"Service-now\"",
        ServerHeader::ServiceNow => "BASIC realm=\"Service-now\"",
    };
    vec![HeaderValue::from_static(usual)]
}
