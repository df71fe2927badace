//! The page that a browser with a session sees, and the way to it.
//!
//! That a login is answered 302, and that pages hold `g_ck`, is observed (wire-core 4.10); where the
//! login leads to and the markup are *assumed*.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::Reply;

const HOME: &str = "/navpage.do";

impl Reply {
    /// 302 to the page behind the login.
    #[must_use]
    pub fn to_home_page() -> Self {
        let mut reply = Self::empty(StatusCode::FOUND);
        reply
            .headers
            .insert(LOCATION, HeaderValue::from_static(HOME));
        "the login form was sent with good credentials".clone_into(&mut reply.reason);
        reply
    }

    /// 200 and a page of the user interface, which tells the session's token.
    #[must_use]
    pub fn home_page(token: &str) -> Self {
        let content_type = HeaderValue::from_static("text/html;charset=UTF-8");
        let body = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>ServiceNow</title>\n<script>\nvar g_ck = '{token}';\n</script>\n</head>\n<body></body>\n</html>\n"
        );
        let mut reply = Self::application(StatusCode::OK, content_type, Bytes::from(body));
        "a page of the user interface is asked for within a session".clone_into(&mut reply.reason);
        reply
    }
}
