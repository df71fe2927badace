//! A session's cookie in the place of credentials (wire-core 2.2 and 4.11).
//!
//! A call that changes something must show the session's token as well, and on some instances every
//! call must; without it the answer is 401 and tells the token. A session that is over is
//! answered `X-Is-Logged-In: false`. That one of an account which is locked or inactive is over is
//! *assumed*.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Refusal, RefusedSession, barred};
use crate::journal::Condition;
use crate::pipeline::admission::session_id;
use crate::pipeline::stage::{Exchange, Facts, View};
use crate::policy::Identity;
use crate::setup::{LostSession, UserToken};

const USER_TOKEN: &str = "x-usertoken";
const TOKEN_RESPONSE: HeaderName = HeaderName::from_static("x-usertoken-response");
const IS_LOGGED_IN: HeaderName = HeaderName::from_static("x-is-logged-in");

pub(super) fn identify(
    exchange: &Exchange<'_>,
    facts: &mut Facts,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    if session_id(exchange.headers).is_none() {
        let condition = Condition::NoCredentials;
        return Err(Refusal::new(condition, "no Authorization header"));
    }
    let Some((session, user)) = view.session(exchange) else {
        if let Some(lost) = lost(exchange, view) {
            return Err(lost);
        }
        let reason = "no Authorization header, and the session is nobody's";
        return Err(over(Condition::NoCredentials, reason));
    };
    if let Some((condition, reason)) = barred(user) {
        return Err(over(condition, reason));
    }
    let shown = exchange.headers.get(USER_TOKEN);
    let shows_token = shown.is_some_and(|shown| session.token_matches(shown.as_bytes()));
    if needs_token(exchange.method, view) && !shows_token {
        return Err(Refusal {
            session: RefusedSession::NeedsToken(session.user_token),
            ..Refusal::new(
                Condition::NoCredentials,
                "the session's call shows no X-UserToken, or another one",
            )
        });
    }
    facts.proof = session.holder.map(|holder| holder.proof);
    Ok(Identity::from(user))
}

/// The refusal of a cookie whose session is over or was never there; none where it lasts.
fn lost(exchange: &Exchange<'_>, view: &View<'_>) -> Option<Refusal> {
    session_id(exchange.headers)?;
    let is_over = view.visit(exchange).is_none();
    is_over.then(|| over(Condition::SessionLost, "the cookie's session is over"))
}

/// So too where right credentials come with it, on an instance that looks at the cookie first.
pub(super) fn lost_beside_credentials(exchange: &Exchange<'_>, view: &View<'_>) -> Option<Refusal> {
    let refuses = view.switches.lost_session == Some(LostSession::Refused);
    refuses.then(|| lost(exchange, view)).flatten()
}

fn needs_token(method: &Method, view: &View<'_>) -> bool {
    match view.switches.user_token.unwrap_or_default() {
        UserToken::Changes => !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS),
        UserToken::AllCalls => true,
    }
}

fn over(condition: Condition, reason: &str) -> Refusal {
    Refusal {
        session: RefusedSession::Over,
        ..Refusal::new(condition, reason)
    }
}

/// Says what was wrong with the session.
pub(super) fn tell(session: &RefusedSession, headers: &mut HeaderMap) {
    let logged_in = match session {
        RefusedSession::None => return,
        RefusedSession::Over => "false",
        RefusedSession::NeedsToken(token) => {
            if let Ok(token) = HeaderValue::try_from(token) {
                headers.insert(TOKEN_RESPONSE, token);
            }
            "true"
        }
    };
    headers.insert(IS_LOGGED_IN, HeaderValue::from_static(logged_in));
}
