//! The page that a browser with a session sees, and the way to it.
//!
//! That a login is answered 302, and that pages hold `g_ck`, is observed (wire-core 4.10); where the
//! login leads to and the markup are *assumed*.

use askama::Template;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::{Allows, Frame, page};
use crate::reply::Reply;

/// The page behind the login.
pub(crate) const HOME: &str = "/navpage.do";

/// The home page.
pub(crate) struct Home<'a> {
    /// Who is signed in.
    pub(crate) user_name: &'a str,
    /// The session's token, hexadecimal digits.
    pub(crate) token: &'a str,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Html<'a> {
    frame: Frame<'a>,
    user_name: &'a str,
    token: &'a str,
    script: &'a str,
}

impl Home<'_> {
    /// 200 and the page, which tells the session's token.
    pub(crate) fn reply(&self, frame: Frame<'_>) -> Reply {
        let script = format!("\nvar g_ck = '{}';\n", self.token);
        let html = Html {
            frame,
            user_name: self.user_name,
            token: self.token,
            script: &script,
        };
        let allows = Allows {
            script: Some(&script),
            ..Allows::default()
        };
        let mut reply = page(StatusCode::OK, &html, allows);
        "a page of the user interface is asked for within a session".clone_into(&mut reply.reason);
        reply
    }
}

impl Reply {
    /// 302 to an address that headers can carry.
    pub(crate) fn found(to: &str, reason: impl Into<String>) -> Self {
        let mut reply = Self::empty(StatusCode::FOUND);
        if let Ok(to) = HeaderValue::try_from(to) {
            reply.headers.insert(LOCATION, to);
        }
        reply.reason = reason.into();
        reply
    }
}
