//! Pages of the user interface: they are for browsers, and a caller without a session is shown the
//! login page, or sent to it; the switch `page_without_session` chooses (wire-core 4.10,
//! wire-failures 7).
//!
//! A session is known by its cookie alone: that Basic credentials open no page, that everything below
//! such a page's path is that page, and that the login page is shown within a session too, is
//! *assumed*. So is what a closed diagnostics page shows.

use http::Method;

use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api;
use crate::reply::Reply;
use crate::setup::PageWithoutSession;

mod diagnostics;

#[derive(Debug)]
pub(super) struct UserInterface;

impl Stage for UserInterface {
    fn name(&self) -> &'static str {
        "user_interface"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        let reads = matches!(*exchange.method, Method::GET | Method::HEAD);
        let is_diagnostic = diagnostics::is_one(exchange.path);
        if !reads || !(is_diagnostic || api::is_page(exchange.path)) {
            return Decision::pass();
        }
        if let Some(page) = diagnostics::page(exchange.path, view.policy) {
            return Decision::answer(page);
        }
        if let Some((session, user)) = view.session(exchange)
            && user.active
            && !user.locked_out
            && !api::is_login(exchange.path)
            && !is_diagnostic
        {
            facts.in_session = true;
            return Decision::answer(Reply::home_page(&session.user_token));
        }
        let reason = "a page of the user interface is asked for without a session";
        let form = view.switches.page_without_session.unwrap_or_default();
        Decision::answer(match form {
            PageWithoutSession::Redirect if !api::is_login(exchange.path) => {
                Reply::to_login_page(reason)
            }
            PageWithoutSession::Redirect | PageWithoutSession::LoginPage => {
                Reply::login_page(reason)
            }
        })
    }
}
