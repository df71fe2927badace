//! The login page of the user interface, which is what a caller without a session sees of it.
//!
//! The form's target and the names of its fields are observed (wire-failures 7); the markup around
//! them is *assumed*. The application makes it, so that it comes with a session.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::Reply;
use crate::journal::Condition;

const LOGIN: &str = include_str!("login.html");

/// Where a page sends whoever has no session (wire-core 4.10).
const LOGIN_REDIRECT: &str = "/login_redirect.do";

impl Reply {
    /// 200 and the login page.
    #[must_use]
    pub fn login_page(reason: &str) -> Self {
        let content_type = HeaderValue::from_static("text/html;charset=UTF-8");
        let body = Bytes::from_static(LOGIN.as_bytes());
        let mut reply = Self::application(StatusCode::OK, content_type, body);
        reply.condition = Some(Condition::LoginPage);
        reason.clone_into(&mut reply.reason);
        reply
    }

    /// 302 to the login page.
    #[must_use]
    pub fn to_login_page(reason: &str) -> Self {
        let mut reply = Self::empty(StatusCode::FOUND);
        let to = HeaderValue::from_static(LOGIN_REDIRECT);
        reply.headers.insert(LOCATION, to);
        reply.condition = Some(Condition::LoginPage);
        reason.clone_into(&mut reply.reason);
        reply
    }
}
