//! Requests that the edge sends on, whatever they ask for: a portal or single sign-on that leads in
//! a circle (wire-failures 7), an instance that has moved, an address without TLS.
//!
//! It comes before credentials are looked at. The paths and hosts it names, the words of its pages,
//! and that it stands before the REST API are *assumed*.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, LOCATION, SERVER};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::address;
use super::stage::{Decision, Exchange, Facts, SentOn, Stage, View};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};
use crate::setup::RedirectTo;

/// Where a page sends whoever has no session (wire-core, UI pages).
const LOGIN: &str = "/login_redirect.do";

/// The parameter in which it keeps what was asked for.
const ASKED: &str = "sysparm_stack=";

/// Where an identity provider takes logins, with the parameter that keeps what was asked for (SAML
/// 2.0, Bindings 3.4; the path is *assumed*).
const SSO: &str = "/saml2/idp/sso?RelayState=";

/// Of so many requests in a row a chain answers one.
const CHAIN: u64 = 3;

#[derive(Debug)]
pub(super) struct Redirects;

impl Stage for Redirects {
    fn name(&self) -> &'static str {
        "redirects"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let Some(sent_on) = &view.sends_on else {
            return Decision::pass();
        };
        let Some(location) = location(exchange, sent_on, view.tls_port) else {
            return Decision::pass();
        };
        let Ok(value) = HeaderValue::try_from(&location) else {
            return Decision::pass();
        };
        let status = StatusCode::from_u16(sent_on.status.code()).unwrap_or(StatusCode::FOUND);
        let mut headers = HeaderMap::new();
        headers.insert(SERVER, HeaderValue::from_static("snow_adc"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        headers.insert(LOCATION, value);
        Decision::answer(Reply {
            status,
            headers,
            body: page(status),
            origin: Origin::Edge,
            condition: Some(Condition::Redirected),
            reason: format!("every request is sent on {}", sent_on.to.in_words()),
            served: None,
            served_in_batch: Vec::new(),
            refused_until: None,
            unmodelled: Vec::new(),
            token_call: None,
        })
    }
}

fn page(status: StatusCode) -> Bytes {
    let reason = status.canonical_reason().unwrap_or_default();
    let title = format!("{} {reason}", status.as_u16());
    Bytes::from(format!(
        "<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n"
    ))
}

/// Where a request is sent on to; none where it is answered, or there is nothing to lead to.
fn location(exchange: &Exchange<'_>, sent_on: &SentOn, tls_port: Option<u16>) -> Option<String> {
    let host = address::host(exchange);
    let asked = address::path_and_query(exchange);
    let own_port = if exchange.over_tls {
        tls_port
    } else {
        sent_on.plain_port
    };
    let own = address::origin(exchange.over_tls, host, own_port);
    match sent_on.to {
        RedirectTo::Loop => Some(match back(exchange) {
            Some(path) => format!("{own}{path}"),
            None => format!("{own}{LOGIN}?{ASKED}{asked}"),
        }),
        RedirectTo::Chain => {
            (!exchange.request.is_multiple_of(CHAIN)).then(|| format!("{own}{asked}"))
        }
        RedirectTo::AnotherInstance => {
            let other = sent_on.neighbour.as_ref()?;
            Some(address::of_another(host, other) + &asked)
        }
        RedirectTo::IdentityProvider => {
            let other = sent_on.neighbour.as_ref()?;
            Some(address::of_another(host, other) + SSO + &asked)
        }
        RedirectTo::PlainHttp => (exchange.over_tls && sent_on.plain_port.is_some())
            .then(|| address::origin(false, host, sent_on.plain_port) + &asked),
    }
}

/// The path that the login page leads back to; none on any other page.
fn back<'a>(exchange: &Exchange<'a>) -> Option<&'a str> {
    if exchange.path != LOGIN {
        return None;
    }
    Some(exchange.query.strip_prefix(ASKED).unwrap_or("/"))
}
