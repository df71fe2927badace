//! The headers with which an instance's application signs its answers.
//!
//! The set and the forms of the values are those of captured answers (wire-core 1.2 and 4.11,
//! wire-failures 0.1): a session cookie where the caller sent none, cleared user cookies, a route,
//! `X-Is-Logged-In` and `X-Transaction-ID` except on 401, no caching, HSTS. The edge's answers and
//! scripted ones carry none of it. Values look random and repeat with the seed.
//!
//! Who has no session is told `X-Is-Logged-In: false` (wire-core 2.2); that the login page says so,
//! and sets no more cookies than a 401, is *assumed*.

use http::header::{
    CACHE_CONTROL, CONNECTION, COOKIE, EXPIRES, PRAGMA, SERVER, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::fmt::strtime;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::clock::Now;
use crate::journal::Condition;
use crate::reply::{Origin, Reply};
use crate::setup::ServerHeader;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const IS_LOGGED_IN: HeaderName = HeaderName::from_static("x-is-logged-in");
const TRANSACTION_ID: HeaderName = HeaderName::from_static("x-transaction-id");

/// Seconds that `glide_session_store` lives (wire-failures 0.1).
const SESSION_STORE_SECS: i64 = 1800;
/// The route cookie's expiry lies this far ahead: about 68 years (wire-core 1.2).
const ROUTE_SECS: i64 = 2_147_483_647;

/// Whose answer it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature<'a> {
    pub(crate) request_headers: &'a HeaderMap,
    pub(crate) server: ServerHeader,
    /// Seeds this answer's values.
    pub(crate) seed: u64,
    pub(crate) now: Now,
}

/// Adds the headers to an application's answer; leaves others as they are.
pub(crate) fn sign(reply: &mut Reply, signature: Signature<'_>) {
    if reply.origin != Origin::Application {
        return;
    }
    let mut random = StdRng::seed_from_u64(signature.seed);
    let mut headers = HeaderMap::with_capacity(reply.headers.len() + 20);
    headers.insert(
        SERVER,
        HeaderValue::from_static(match signature.server {
            ServerHeader::SnowAdc => "snow_adc",
            ServerHeader::ServiceNow => "ServiceNow",
        }),
    );
    if !reply.headers.contains_key(CONNECTION) {
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    let transaction = hex(&mut random, 12);
    add(
        &mut headers,
        SERVER_TIMING,
        format!("t;desc=\"{transaction}\", sem_wait;dur=0, sesh_wait;dur=0"),
    );
    let refused = reply.status == StatusCode::UNAUTHORIZED;
    let unknown = reply.condition == Some(Condition::LoginPage);
    for cookie in cookies(&mut random, signature, refused || unknown) {
        add(&mut headers, SET_COOKIE, cookie);
    }
    if unknown {
        headers.insert(IS_LOGGED_IN, HeaderValue::from_static("false"));
    } else if !refused {
        headers.insert(IS_LOGGED_IN, HeaderValue::from_static("true"));
        add(&mut headers, TRANSACTION_ID, transaction);
    }
    for (name, value) in reply.headers.drain_in_order() {
        headers.append(name, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-store,no-cache"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache,no-store,must-revalidate,max-age=-1"),
    );
    headers.insert(EXPIRES, HeaderValue::from_static("0"));
    headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    reply.headers = headers;
}

fn cookies(random: &mut StdRng, signature: Signature<'_>, refused: bool) -> Vec<String> {
    let mut cookies = Vec::with_capacity(6);
    if !signature.request_headers.contains_key(COOKIE) {
        let session = hex(random, 32).to_uppercase();
        cookies.push(format!("JSESSIONID={session}; Path=/; HttpOnly; Secure"));
    }
    for name in ["glide_user", "glide_user_session"] {
        cookies.push(format!(
            "{name}=; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; Secure; HttpOnly"
        ));
    }
    if refused {
        return cookies;
    }
    cookies.push(format!(
        "glide_user_route=glide.{}; Max-Age=; Expires={}; Path=/; Secure; HttpOnly",
        hex(random, 32),
        cookie_date(signature.now, ROUTE_SECS)
    ));
    cookies.push(format!(
        "glide_node_id_for_js={}; Path=/; Secure",
        hex(random, 64)
    ));
    cookies.push(format!(
        "glide_session_store={}; Max-Age={SESSION_STORE_SECS}; Expires={}; Path=/; Secure; HttpOnly",
        hex(random, 32).to_uppercase(),
        cookie_date(signature.now, SESSION_STORE_SECS)
    ));
    cookies
}

fn hex(random: &mut StdRng, digits: usize) -> String {
    (0..digits)
        .map(|_| char::from(b"0123456789abcdef"[random.random_range(0..16)]))
        .collect()
}

/// `Fri, 26-Feb-2021 14:19:48 GMT`.
fn cookie_date(now: Now, ahead_secs: i64) -> String {
    let secs = i64::try_from(now.unix.as_secs()).unwrap_or(0);
    let moment = Timestamp::from_second(secs.saturating_add(ahead_secs)).unwrap_or_default();
    strtime::format("%a, %d-%b-%Y %H:%M:%S GMT", moment).unwrap_or_default()
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.append(name, value);
    }
}

trait DrainInOrder {
    /// Takes every header out, in the order in which they are sent.
    fn drain_in_order(&mut self) -> Vec<(HeaderName, HeaderValue)>;
}

impl DrainInOrder for HeaderMap {
    fn drain_in_order(&mut self) -> Vec<(HeaderName, HeaderValue)> {
        let taken = std::mem::take(self);
        taken
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::CONTENT_TYPE;

    use super::*;

    fn signed(status: StatusCode, request_headers: &HeaderMap) -> String {
        let mut reply = Reply::json(status, &serde_json::json!({ "result": [] }));
        let signature = Signature {
            request_headers,
            server: ServerHeader::SnowAdc,
            seed: 7,
            now: Now {
                elapsed: Duration::ZERO,
                unix: Duration::from_secs(1_782_555_505),
            },
        };
        sign(&mut reply, signature);
        reply
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_good_answer_is_signed_like_a_captured_one() {
        insta::assert_snapshot!(signed(StatusCode::OK, &HeaderMap::new()));
    }

    #[test]
    fn a_refused_caller_learns_no_transaction() {
        let shown = signed(StatusCode::UNAUTHORIZED, &HeaderMap::new());
        assert!(!shown.contains("x-is-logged-in") && !shown.contains("x-transaction-id"));
        assert!(shown.contains("JSESSIONID="), "{shown}");
        assert!(!shown.contains("glide_session_store"), "{shown}");
    }

    #[test]
    fn a_caller_with_cookies_keeps_its_session() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("JSESSIONID=X"));
        let shown = signed(StatusCode::OK, &headers);
        assert!(!shown.contains("JSESSIONID="), "{shown}");
        assert!(shown.contains(CONTENT_TYPE.as_str()));
    }
}
