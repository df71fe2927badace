//! Scopes: a token reaches the APIs that an instance ships with only where its application is broadly
//! scoped and its scopes hold `useraccount` (wire-failures 2.3).
//!
//! The token is issued all the same, and every call is refused before any access control is asked. A
//! session that a token began reaches no further than the token did, though it outlive it (*assumed*).

use http::StatusCode;

use super::admission::Proof;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api::Api;
use crate::journal::Condition;
use crate::reply::Reply;

#[derive(Debug)]
pub(super) struct OauthScope;

impl Stage for OauthScope {
    fn name(&self) -> &'static str {
        "oauth_scope"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        let Some(grantee) = facts.proof.as_ref().and_then(Proof::grantee) else {
            return Decision::pass();
        };
        if exchange.target.api == Api::Unknown || view.policy.scopes_are_ignored() {
            return Decision::pass();
        }
        let Some(client) = view.policy.oauth_client_of(&grantee.client) else {
            return Decision::pass();
        };
        if client.reaches_shipped_apis(&grantee.scope) {
            return Decision::pass();
        }
        Decision::answer(Reply::failure(
            StatusCode::FORBIDDEN,
            "User Not Authorized",
            Some("Access to unscoped api is not allowed"),
            view.switches.error_keys.unwrap_or_default(),
            Condition::ScopeRefused,
            format!(
                "tokens of `{}` with the scope `{}` do not reach the {}",
                client.name,
                grantee.scope,
                exchange.target.api.title()
            ),
        ))
    }
}
