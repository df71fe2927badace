//! The login page. Its form's target and the names of its fields are observed (wire-failures 7).

use askama::Template;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::{Allows, Frame, OwnPath, page};
use crate::journal::Condition;
use crate::reply::Reply;

/// Where a page sends whoever has no session (wire-core 4.10).
const LOGIN_REDIRECT: &str = "/login_redirect.do";

/// The login page.
#[derive(Default)]
pub(crate) struct Login<'a> {
    /// The token of the session that the page is shown in, if there is one.
    pub(crate) token: Option<&'a str>,
    /// Where the login leads.
    pub(crate) back_to: Option<OwnPath>,
    /// What the form was sent with.
    pub(crate) user_name: &'a str,
    /// Why the last one did not succeed, in an instance's words.
    pub(crate) problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Html<'a> {
    frame: Frame<'a>,
    token: Option<&'a str>,
    back_to: Option<&'a str>,
    leads_to_consent: bool,
    user_name: &'a str,
    problem: Option<&'static str>,
}

impl Login<'_> {
    /// 200 and the page. The application makes it, so that it comes with a session.
    pub(crate) fn reply(&self, frame: Frame<'_>, reason: &str) -> Reply {
        let leads_to_consent = self.back_to.as_ref().is_some_and(OwnPath::leads_to_consent);
        let html = Html {
            frame,
            token: self.token,
            back_to: self.back_to.as_ref().map(OwnPath::as_str),
            leads_to_consent,
            user_name: self.user_name,
            problem: self.problem,
        };
        let mut reply = page(StatusCode::OK, &html, Allows::default());
        reply.condition = Some(Condition::LoginPage);
        reason.clone_into(&mut reply.reason);
        reply
    }

    /// 302 to the page, from which the login leads back; the page itself where its address would
    /// be too long.
    pub(crate) fn redirect(self, frame: Frame<'_>, reason: &str) -> Reply {
        let to = match &self.back_to {
            Some(path) => path.after(LOGIN_REDIRECT),
            None => Some(LOGIN_REDIRECT.to_owned()),
        };
        let Some(to) = to.and_then(|to| HeaderValue::try_from(to).ok()) else {
            return self.reply(frame, reason);
        };
        let mut reply = Reply::empty(StatusCode::FOUND);
        reply.headers.insert(LOCATION, to);
        reply.condition = Some(Condition::LoginPage);
        reason.clone_into(&mut reply.reason);
        reply
    }
}
