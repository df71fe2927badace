//! Pages of the user interface: they are for browsers, and a caller without a session is shown the
//! login page, or sent to it; the switch `page_without_session` chooses (wire-core 4.10,
//! wire-failures 7).
//!
//! No caller has a session here. That Basic credentials make none, and that everything below such a
//! page's path is that page, is *assumed*.

use http::Method;

use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api;
use crate::reply::Reply;
use crate::setup::PageWithoutSession;

#[derive(Debug)]
pub(super) struct UserInterface;

impl Stage for UserInterface {
    fn name(&self) -> &'static str {
        "user_interface"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let reads = matches!(*exchange.method, Method::GET | Method::HEAD);
        if !reads || !api::is_page(exchange.path) {
            return Decision::pass();
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
