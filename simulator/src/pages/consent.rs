//! The consent page: who is signed in, which application asks for what, Allow and Deny.
//!
//! That there are the two buttons, and that nothing is granted without them, is documented (OAuth
//! authorization code grant flow); the form and its fields are *assumed*.

use askama::Template;
use http::StatusCode;

use super::{Allows, Frame, OwnPath, page, redirect_url};
use crate::reply::Reply;

/// The scope that stands for whatever the account may (wire-failures 2.2).
const WHOLE_ACCOUNT: &str = "useraccount";

/// The consent page.
pub(crate) struct Consent<'a> {
    /// The application's name.
    pub(crate) application: &'a str,
    /// Who is signed in.
    pub(crate) user_name: &'a str,
    /// What it asks for.
    pub(crate) scopes: Vec<&'a str>,
    /// Where both answers lead.
    pub(crate) redirect_url: &'a str,
    /// The parameters of the request, which the form sends again.
    pub(crate) parameters: &'a [(&'a str, &'a str)],
    /// The session's token.
    pub(crate) token: &'a str,
    /// The page's own address, to which another user's login leads.
    pub(crate) again: Option<OwnPath>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Html<'a> {
    frame: Frame<'a>,
    application: &'a str,
    user_name: &'a str,
    whole_account: bool,
    scopes: Vec<&'a str>,
    leads_to: &'a str,
    hidden: &'a [(&'a str, &'a str)],
    token: &'a str,
    again: &'a str,
}

impl Consent<'_> {
    /// The field that says which button was pressed.
    pub(crate) const FIELD: &'static str = "consent";

    /// 200 and the page.
    pub(crate) fn reply(&self, frame: Frame<'_>) -> Reply {
        let html = Html {
            frame,
            application: self.application,
            user_name: self.user_name,
            whole_account: self.scopes.contains(&WHOLE_ACCOUNT),
            scopes: self
                .scopes
                .iter()
                .copied()
                .filter(|scope| *scope != WHOLE_ACCOUNT)
                .collect(),
            leads_to: redirect_url::shown(self.redirect_url),
            hidden: self.parameters,
            token: self.token,
            again: self.again.as_ref().map_or("", OwnPath::as_str),
        };
        let source = redirect_url::source(self.redirect_url);
        let allows = Allows {
            forms_to: source.as_deref(),
            ..Allows::default()
        };
        let mut reply = page(StatusCode::OK, &html, allows);
        reply.reason = format!("`{}` is asked for consent", self.user_name);
        reply
    }
}
