//! An access token in the place of credentials: `Authorization: Bearer` (wire-failures 2.3).
//!
//! Expired, revoked and unknown tokens are answered alike. A session that a token began outlives it,
//! unless a property says otherwise (wire-failures 1.3); that one of other credentials does not stand
//! in for a token is *assumed*.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::{Refusal, RefusedSession, barred, by_session};
use crate::journal::Condition;
use crate::pipeline::admission::{Ended, Found, Proof, TokenKind};
use crate::pipeline::stage::{Exchange, Facts, View};
use crate::policy::Identity;

/// The token that a request shows, if it shows one; the scheme's case does not matter.
pub(crate) fn shown(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

pub(super) fn identify(
    token: &str,
    exchange: &Exchange<'_>,
    facts: &mut Facts,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    let unknown = |reason| refused(Condition::AccessTokenUnknown, reason);
    let found = view.admission.tokens.find(token, exchange.now);
    let (Found::Alive(token) | Found::Ended(token, _)) = &found else {
        return Err(unknown("no token has this value"));
    };
    if token.kind != TokenKind::Access {
        return Err(unknown("it is a refresh token"));
    }
    facts.token = Some(token.clone());
    if let Found::Ended(_, how) = found {
        if !view.policy.sessions_end_with_tokens() && session_of_a_token(exchange, view) {
            let identified = by_session::identify(exchange, facts, view);
            // Where the session alone does not do, the token is what is wrong.
            if !needs_token(&identified) {
                facts.by_session = true;
                return identified;
            }
        }
        return Err(match how {
            Ended::Expired => refused(Condition::AccessTokenExpired, "the token has expired"),
            Ended::Revoked => refused(Condition::AccessTokenRevoked, "the token was revoked"),
        });
    }
    let grantee = &token.grantee;
    match view.policy.oauth_client_of(&grantee.client) {
        Some(client) if client.active => {}
        Some(_) => {
            let reason = "the token's OAuth application is inactive";
            return Err(refused(Condition::ClientInactive, reason));
        }
        None => {
            let reason = "the token's OAuth application is gone";
            return Err(refused(Condition::ClientUnknown, reason));
        }
    }
    let Some(user) = view.policy.user(&grantee.user) else {
        return Err(unknown("the token's user is gone"));
    };
    if let Some((condition, reason)) = barred(user) {
        return Err(refused(condition, reason));
    }
    facts.proof = Some(Proof::Token {
        number: token.number,
        grantee: grantee.clone(),
    });
    Ok(Identity::from(user))
}

fn session_of_a_token(exchange: &Exchange<'_>, view: &View<'_>) -> bool {
    let holder = view
        .session(exchange)
        .and_then(|(session, _)| session.holder);
    holder.is_some_and(|holder| holder.proof.token().is_some())
}

fn needs_token(identified: &Result<Identity, Refusal>) -> bool {
    let refusal = identified.as_ref().err();
    refusal.is_some_and(|refusal| matches!(refusal.session, RefusedSession::NeedsToken(_)))
}

fn refused(condition: Condition, reason: &str) -> Refusal {
    Refusal {
        by_token: true,
        ..Refusal::new(condition, reason)
    }
}
