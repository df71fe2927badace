//! The login form: `POST /login.do` (wire-core 4.10).
//!
//! Good credentials are answered 302 to a page, wrong ones 200 and the login page again; that a
//! locked or inactive account, and a form that asks for no login, see that page as well is *assumed*.

use http::Method;

use super::{Refusal, check};
use crate::api;
use crate::pipeline::stage::{Decision, Exchange, Facts, View};
use crate::reply::Reply;

/// Whether this is the login form, sent.
pub(super) fn is_sent(exchange: &Exchange<'_>) -> bool {
    *exchange.method == Method::POST && api::is_login(exchange.path)
}

pub(super) fn answer(exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
    let form = String::from_utf8_lossy(exchange.body);
    let field = |name| api::form_value(&form, name).unwrap_or_default();
    if field("sys_action") != "sysverb_login" {
        return Decision::answer(Reply::login_page("the form asks for no login"));
    }
    match check(&field("user_name"), &field("user_password"), view) {
        Ok(identity) => {
            facts.identity = Some(identity);
            Decision::answer(Reply::to_home_page())
        }
        Err(Refusal {
            condition, reason, ..
        }) => {
            let mut reply = Reply::login_page(&reason);
            reply.condition = Some(condition);
            Decision::answer(reply)
        }
    }
}
