//! Tokens: asked for, shown, refused.

use snowproof_simulator::journal::{Caller, Event, Request};

use super::Exchange;
use crate::evidence::Evidence;

/// The path of the token endpoint (wire-failures 2.2).
const ENDPOINT: &str = "/oauth_token.do";
/// The path of the page on which a person consents (wire-failures 2.1).
const CONSENT: &str = "/oauth_auth.do";

/// Requests for a token, revocations left out.
pub(crate) fn token_calls<'a>(exchanges: &[Exchange<'a>]) -> Vec<Exchange<'a>> {
    let asks = |exchange: &&Exchange<'_>| match &exchange.request.token_call {
        Some(call) => call.grant != "revoke",
        // Where the instance's edge answered, nobody read what was asked.
        None => path(exchange.request) == ENDPOINT,
    };
    exchanges.iter().filter(asks).copied().collect()
}

/// Whether a request for a token was granted.
pub(crate) fn is_granted(call: &Exchange<'_>) -> bool {
    let given = call.request.token_call.as_ref();
    call.status() == Some(200) && given.is_some_and(|given| given.access_token.is_some())
}

/// The number of the token that was handed out.
pub(crate) fn granted(call: &Exchange<'_>) -> Option<u64> {
    let given = call.request.token_call.as_ref()?.access_token.as_ref()?;
    is_granted(call).then_some(given.number)
}

/// Whether a request of the same act began once the reply to `earlier` had ended.
pub(crate) fn follows(later: &Exchange<'_>, earlier: &Exchange<'_>) -> bool {
    earlier.act == later.act && earlier.ended().is_some_and(|end| end <= later.started())
}

/// Requests that showed a token and were refused for it.
pub(crate) fn refused_tokens<'a>(exchanges: &[Exchange<'a>]) -> Vec<Exchange<'a>> {
    let refused =
        |exchange: &&Exchange<'_>| shows_token(exchange) && exchange.status() == Some(401);
    exchanges.iter().filter(refused).copied().collect()
}

/// Whether a request showed an access token.
pub(crate) fn shows_token(exchange: &Exchange<'_>) -> bool {
    exchange.request.scheme.as_deref() == Some("bearer")
}

/// Requests for the consent page that a connector sent a person to: entry, act and request. Those
/// that follow a form of the page are the person's own.
pub(crate) fn consent_pages(evidence: &Evidence) -> Vec<(u64, u32, &Request)> {
    let mut pages: Vec<(u64, u32, &Request)> = Vec::new();
    for entry in &evidence.journal {
        if let Event::Request(request) = &entry.event
            && request.caller == Caller::Person
            && request.method == "GET"
            && path(request) == CONSENT
            && pages.iter().all(|(_, act, _)| *act != entry.act)
        {
            pages.push((entry.seq, entry.act, request));
        }
    }
    pages
}

/// A request's path, without its query.
pub(crate) fn path(request: &Request) -> &str {
    request.target.split('?').next().unwrap_or_default()
}

/// A request's query, as it was sent.
pub(crate) fn query(request: &Request) -> &str {
    request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query)
}

/// Names of the parameters in a request's URL.
pub(crate) fn parameter_names(request: &Request) -> Vec<&str> {
    let names = query(request)
        .split('&')
        .filter_map(|pair| pair.split('=').next());
    names.filter(|name| !name.is_empty()).collect()
}
