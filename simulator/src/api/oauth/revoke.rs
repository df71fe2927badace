//! `/oauth_revoke_token.do`: whoever knows a token can end it, without authentication
//! (wire-failures 2.4). Status and body, for a value that is no token too, are *assumed*.

use http::StatusCode;

use super::errors::Refused;
use crate::api::query_string::Parameters;
use crate::journal::TokenCall;
use crate::pages;
use crate::pipeline::admission::Found;
use crate::pipeline::stage::{Exchange, View};
use crate::reply::Reply;

/// Names the token in `told`; the instance ends it.
pub(super) fn answer(exchange: &Exchange<'_>, view: &View<'_>, told: &mut TokenCall) -> Reply {
    told.grant = super::REVOKE.to_owned();
    let Some(body) = pages::form(exchange.body) else {
        let errors = view.switches.token_errors.unwrap_or_default();
        return Refused::invalid_request("the form is too large").reply(errors);
    };
    let form = Parameters::read(&body);
    let url = Parameters::read(exchange.query);
    let value = url.value("token").or_else(|| form.value("token"));
    let mut reply = Reply::empty(StatusCode::OK);
    match view
        .admission
        .tokens
        .find(value.unwrap_or_default(), exchange.now)
    {
        Found::Alive(token) | Found::Ended(token, _) => {
            told.presented = Some(token.number);
            told.user = Some(token.grantee.user);
            let client = view.policy.oauth_client_of(&token.grantee.client);
            told.client = client.map(|client| client.name.clone());
        }
        Found::Unknown => "no token has this value".clone_into(&mut reply.reason),
    }
    reply
}
