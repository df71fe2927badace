//! OAuth 2.0: `/oauth_token.do`, one file a grant, and `/oauth_revoke_token.do` (wire-failures 2).
//!
//! Callers prove themselves as clients here, not as users before; nothing of it touches the store.

use super::Target;
use crate::journal::{Condition, TokenCall};
use crate::pipeline::stage::{Exchange, View};
use crate::policy::OauthClient;
use crate::reply::Reply;
use crate::setup::Grant;

mod authorization_code;
mod behaviours;
mod call;
mod client_credentials;
mod errors;
mod jwt_bearer;
mod parameters;
mod password;
mod refresh_token;
mod revoke;

pub(super) use behaviours::BEHAVIOURS;
use call::{Call, Given};
use errors::Refused;
use parameters::Asked;

/// What the journal calls a revocation.
pub(crate) const REVOKE: &str = "revoke";

/// Characters of a `grant_type` that are written down.
const LONGEST_GRANT: usize = 64;

/// Answers a call to one of the two endpoints; a token that is to be revoked is named in what the
/// journal is told, and ended by whoever carries the answer out.
#[must_use]
pub fn answer(exchange: &Exchange<'_>, view: &View<'_>) -> Reply {
    let mut told = TokenCall::default();
    let mut reply = if is_revocation(exchange.target) {
        revoke::answer(exchange, view, &mut told)
    } else {
        match give(exchange, view, &mut told) {
            Ok(given) => {
                given.tell(&mut told);
                given.reply()
            }
            Err(refused) => refused.reply(view.switches.token_errors.unwrap_or_default()),
        }
    };
    reply.token_call = Some(Box::new(told));
    reply
}

fn is_revocation(target: &Target) -> bool {
    target.route == super::routes::REVOCATION
}

fn give(exchange: &Exchange<'_>, view: &View<'_>, told: &mut TokenCall) -> Result<Given, Refused> {
    let body = String::from_utf8_lossy(exchange.body);
    let asked = Asked::read(exchange, view, &body)?;
    let grant_type = asked.value("grant_type").unwrap_or_default();
    told.grant = grant_type.chars().take(LONGEST_GRANT).collect();
    told.in_url = asked.in_url();
    let grant = Grant::of_type(grant_type);
    let client = proved(&asked, grant, view, told)?;
    let call = Call {
        exchange,
        view,
        asked: &asked,
        client,
        told,
    };
    match grant {
        Some(Grant::AuthorizationCode) => authorization_code::give(call),
        Some(Grant::RefreshToken) => refresh_token::give(call),
        Some(Grant::Password) => password::give(call),
        Some(Grant::ClientCredentials) => client_credentials::give(call),
        Some(Grant::JwtBearer) => jwt_bearer::give(call),
        None => Err(Refused::unsupported_grant_type("no such grant")),
    }
}

/// The client, if it is known, active and has shown its secret. A public client has none, and may
/// only ask for what needs none (*assumed*).
fn proved<'p>(
    asked: &Asked<'_>,
    grant: Option<Grant>,
    view: &View<'p>,
    told: &mut TokenCall,
) -> Result<&'p OauthClient, Refused> {
    let (id, secret) = asked.client();
    let Some(client) = view.policy.oauth_client(id.unwrap_or_default()) else {
        let reason = match id {
            Some(_) => "no application has this client id",
            None => "no `client_id`",
        };
        return Err(Refused::invalid_client(Condition::ClientUnknown, reason));
    };
    told.client = Some(client.name.clone());
    if !client.active {
        let reason = format!("`{}` is inactive", client.name);
        return Err(Refused::invalid_client(Condition::ClientInactive, reason));
    }
    if client.public {
        return match grant {
            Some(Grant::Password | Grant::ClientCredentials) => Err(Refused::access_denied(
                Condition::GrantNotEnabled,
                format!("`{}` is a public client", client.name),
            )),
            _ => Ok(client),
        };
    }
    if client.secret_matches(secret.unwrap_or_default()) {
        return Ok(client);
    }
    let reason = match secret {
        Some(_) => "the client secret is another one",
        None => "no `client_secret`",
    };
    let mut refused = Refused::access_denied(Condition::ClientSecretRefused, reason);
    if secret.is_none() && asked.value("client_assertion").is_some() {
        refused.unmodelled = Some("client_assertion of a token request");
    }
    Err(refused)
}

#[cfg(test)]
mod tests;
