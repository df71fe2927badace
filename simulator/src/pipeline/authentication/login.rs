//! The login form: `POST /login.do` (wire-core 4.10).
//!
//! Good credentials are answered 302 to a page, wrong ones 200 and the login page again; that a
//! locked or inactive account, one that may call web services alone, and a form that asks for no
//! login see that page as well is *assumed*, and so are the page's words. Clients send the form
//! without having seen the page, so that a session's token is looked at only where one is sent.
//!
//! A login begins a new session, unless `glide.ui.rotate_sessions` is false (Rotate HTTP session
//! identifiers); that the session's token changes with it is *assumed*.

use http::Method;

use super::{Refusal, check};
use crate::api;
use crate::journal::Condition;
use crate::pages::{self, Frame, HOME, Login, OwnPath, Refused};
use crate::pipeline::admission::{Proof, Session, session_id};
use crate::pipeline::stage::{Decision, Exchange, Facts, View};
use crate::policy::User;
use crate::reply::Reply;

const REFUSED: &str = "User name or password invalid";
const OUTDATED: &str = "The page was open for too long. Log in again.";

/// Whether this is the login form, sent.
pub(super) fn is_sent(exchange: &Exchange<'_>) -> bool {
    *exchange.method == Method::POST && api::is_login(exchange.path)
}

pub(super) fn answer(exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
    let frame = Frame::of(exchange.headers);
    let Some(form) = pages::form(exchange.body) else {
        return Decision::answer(Refused::too_large(frame));
    };
    let field = |name| api::form_value(&form, name).unwrap_or_default();
    let back_to = OwnPath::named_in(&form).or_else(|| OwnPath::named_in(exchange.query));
    let visit = view.visit(exchange);
    let user_name = field("user_name");
    let mut login = Login {
        token: visit.as_ref().map(|session| session.user_token.as_str()),
        back_to,
        user_name: &user_name,
        problem: None,
    };
    if field("sys_action") != "sysverb_login" {
        return Decision::answer(login.reply(frame, "the form asks for no login"));
    }
    let shown = field("sysparm_ck");
    let outdated = |session: &Session| !session.token_matches(shown.as_bytes());
    if !shown.is_empty() && visit.as_ref().is_some_and(outdated) {
        login.problem = Some(OUTDATED);
        let reason = "the form shows another token than its session's";
        return Decision::answer(login.reply(frame, reason));
    }
    let checked =
        check(&user_name, &field("user_password"), exchange.now.unix, view).and_then(|identity| {
            match view.policy.user(&identity.user_name) {
                Some(user) => may_sign_in(user).map(|()| identity),
                None => Ok(identity),
            }
        });
    match checked {
        Ok(identity) => {
            if let Some(id) = session_id(exchange.headers)
                && rotates(view)
            {
                view.admission.sessions.end(id);
            }
            facts.identity = Some(identity);
            facts.proof = Some(Proof::Login);
            let to = login.back_to.as_ref().map_or(HOME, OwnPath::as_str);
            let mut reply = Reply::found(to, "the login form was sent with good credentials");
            reply.condition = Some(Condition::SignedIn);
            Decision::answer(reply)
        }
        Err(Refusal {
            condition, reason, ..
        }) => {
            login.problem = Some(REFUSED);
            let mut reply = login.reply(frame, &reason);
            reply.condition = Some(condition);
            Decision::answer(reply)
        }
    }
}

fn may_sign_in(user: &User) -> Result<(), Refusal> {
    if !user.web_service_access_only {
        return Ok(());
    }
    Err(Refusal::new(
        Condition::NonInteractiveUser,
        "the account may call web services alone",
    ))
}

/// `glide.ui.rotate_sessions`; true where it is not set.
fn rotates(view: &View<'_>) -> bool {
    view.policy
        .property("glide.ui.rotate_sessions")
        .is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"))
}
