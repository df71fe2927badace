//! Pages of the user interface: they are for browsers, and a caller without a session is shown the
//! login page, or sent to it; the switch `page_without_session` chooses (wire-core 4.10,
//! wire-failures 7).
//!
//! A session is known by its cookie alone: that Basic credentials open no page, that everything below
//! such a page's path is that page, that the login page is shown within a session too, and where a
//! logout leads is *assumed*. So is what a closed diagnostics page shows. Clients follow
//! `/login_redirect.do` to the page behind the login, so that within a session it leads there.

use http::Method;

use super::admission::{Session, session_id};
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api;
use crate::pages::{self, Frame, HOME, Home, Login, OwnPath, Refused};
use crate::policy::User;
use crate::reply::Reply;
use crate::setup::PageWithoutSession;

mod consent;
mod diagnostics;

#[derive(Debug)]
pub(super) struct UserInterface;

impl Stage for UserInterface {
    fn name(&self) -> &'static str {
        "user_interface"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        let reads = matches!(*exchange.method, Method::GET | Method::HEAD);
        if api::is_logout(exchange.path) && *exchange.method != Method::HEAD {
            return Decision::answer(log_out(exchange, view));
        }
        if api::is_consent(exchange.path) && (reads || *exchange.method == Method::POST) {
            return Decision::answer(consent::answer(exchange, facts, view));
        }
        let is_diagnostic = diagnostics::is_one(exchange.path);
        if !reads || !(is_diagnostic || api::is_page(exchange.path)) {
            return Decision::pass();
        }
        if let Some(page) = diagnostics::page(exchange.path, view.policy) {
            return Decision::answer(page);
        }
        if let Some((session, user)) = signed_in(exchange, view)
            && !api::is_login_form(exchange.path)
            && !is_diagnostic
        {
            facts.in_session = true;
            return Decision::answer(if api::is_login(exchange.path) {
                let to = OwnPath::named_in(exchange.query);
                let to = to.as_ref().map_or(HOME, OwnPath::as_str);
                Reply::found(to, "the login was asked for within a session")
            } else {
                let home = Home {
                    user_name: &user.user_name,
                    token: &session.user_token,
                };
                home.reply(Frame::of(exchange.headers))
            });
        }
        Decision::answer(log_in_first(exchange, view))
    }
}

/// The session and its user, if the user may see pages. A person must be logged in (wire-failures
/// 2.1): a session that a token, a key or a certificate began is an application's.
fn signed_in<'a>(exchange: &Exchange<'_>, view: &View<'a>) -> Option<(Session, &'a User)> {
    view.session(exchange)
        .filter(|(_, user)| user.active && !user.locked_out && !user.web_service_access_only)
        .filter(|(session, _)| {
            let holder = session.holder.as_ref();
            holder.is_some_and(|holder| holder.proof.is_password())
        })
}

/// The login page, or the way to it; a login leads back to the page that was asked for.
fn log_in_first(exchange: &Exchange<'_>, view: &View<'_>) -> Reply {
    let reason = "a page of the user interface is asked for without a session";
    let visit = view.visit(exchange);
    let is_login = api::is_login(exchange.path);
    let back_to = match (is_login, exchange.query) {
        (true, query) => OwnPath::named_in(query),
        (false, "") => OwnPath::read(exchange.path),
        (false, query) => OwnPath::read(&format!("{}?{query}", exchange.path)),
    };
    let login = Login {
        token: visit.as_ref().map(|session| session.user_token.as_str()),
        back_to,
        ..Login::default()
    };
    let frame = Frame::of(exchange.headers);
    match view.switches.page_without_session.unwrap_or_default() {
        PageWithoutSession::Redirect if !is_login => login.redirect(frame, reason),
        PageWithoutSession::Redirect | PageWithoutSession::LoginPage => login.reply(frame, reason),
    }
}

/// Ends the session. A link does it as well as a form, so that there is no token to look at.
fn log_out(exchange: &Exchange<'_>, view: &View<'_>) -> Reply {
    let form = if *exchange.method == Method::POST {
        let Some(form) = pages::form(exchange.body) else {
            return Refused::too_large(Frame::of(exchange.headers));
        };
        form
    } else {
        exchange.query.into()
    };
    if let Some(id) = session_id(exchange.headers) {
        view.admission.sessions.end(id);
    }
    let to = OwnPath::named_in(&form);
    Reply::found(
        to.as_ref().map_or("/login.do", OwnPath::as_str),
        "the session ends with a logout",
    )
}
