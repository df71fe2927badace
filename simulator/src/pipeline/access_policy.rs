//! API access policies: how callers of an API may show who they are (wire-failures 3).
//!
//! The most specific policy that fits a call lets in the schemes that it names, and answers 401 to
//! all others, though the credentials be right (wire-failures 1.2). An API key needs a policy that
//! names it. That credentials of a scheme which is not let in are not looked at, so that no failure
//! counts, that a session is judged by the scheme that began it, one of the login form by none, and
//! that the requests of a batch meet the policy of the batch alone, is *assumed*.

use super::admission::Proof;
use super::credentials::Credentials;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use super::unauthenticated::{self, Caller};
use crate::journal::Condition;
use crate::setup::AuthScheme;

#[derive(Debug)]
pub(super) struct AccessPolicy;

impl Stage for AccessPolicy {
    fn name(&self) -> &'static str {
        "access_policy"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let shown = Credentials::of(exchange, view.policy);
        let proof = match shown {
            Credentials::None => view
                .session(exchange)
                .and_then(|(session, _)| session.holder),
            _ => None,
        };
        let proof = proof.map(|holder| holder.proof);
        let of_session = || proof.as_ref().and_then(Proof::scheme);
        let Some(scheme) = shown.scheme().or_else(of_session) else {
            return Decision::pass();
        };
        let parameter = match &shown {
            Credentials::Key { parameter, .. } => Some(parameter.sys_id.as_str()),
            _ => proof.as_ref().and_then(Proof::parameter),
        };
        let policy = view.policy.access_policy(exchange.method, exchange.target);
        let reason = match policy {
            Some(policy) if policy.lets_in(scheme, parameter) => return Decision::pass(),
            Some(policy) => format!(
                "the API access policy `{}` does not let in `{}`",
                policy.name,
                scheme.name()
            ),
            None if scheme == AuthScheme::ApiKey => format!(
                "no API access policy lets keys into the {}",
                exchange.target.api.title()
            ),
            None => return Decision::pass(),
        };
        let condition = Condition::PolicyExcludesScheme;
        let reply = unauthenticated::reply(exchange, view, condition, reason, Caller::Stranger);
        Decision::answer(reply)
    }
}
