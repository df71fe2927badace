//! The headers with which an instance's application signs its answers, and the sessions that they
//! begin.
//!
//! The set and the forms of the values are those of captured answers: of 2026 where the application
//! calls itself `snow_adc` (wire-failures 0.1), of 2022 to 2024 where it calls itself `ServiceNow`
//! (wire-core 1.2). They are a session cookie where the caller sent none, cleared user cookies, a
//! route, `X-Is-Logged-In` and `X-Transaction-ID` except on 401, no caching, HSTS. The edge's answers
//! and scripted ones carry none of it. Values look random and repeat with the seed, but for a
//! session's id and token, which nobody can foresee.
//!
//! Who has no session is told `X-Is-Logged-In: false` (wire-core 2.2); that the login page says so,
//! and sets no more cookies than a 401, is *assumed*. So are that a session which is over or unknown
//! is replaced by a new one, the order of the attributes with `SameSite=None`, and which of the two
//! observed times `Keep-Alive` states when.

use std::time::Duration;

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, EXPIRES, PRAGMA, SERVER, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::tz::Offset;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::clock::Now;
use crate::pipeline::admission::{Holder, Mint, Session, Sessions, session_id};
use crate::reply::{Origin, Reply};
use crate::setup::ServerHeader;
use crate::store;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const IS_LOGGED_IN: HeaderName = HeaderName::from_static("x-is-logged-in");
const TRANSACTION_ID: HeaderName = HeaderName::from_static("x-transaction-id");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// The route cookie's expiry lies this far ahead: about 68 years (wire-core 1.2).
const ROUTE_SECS: u64 = 2_147_483_647;

/// Digits of a session's token, `g_ck` (wire-core 2.2).
const TOKEN_DIGITS: usize = 72;

/// Bytes that every cookie fits into, but for those with long host names.
const LONGEST_COOKIE: usize = 192;

/// Whose answer it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature<'a> {
    pub(crate) request_headers: &'a HeaderMap,
    /// Who was authenticated, and by what; the session is theirs from here on.
    pub(crate) holder: Option<&'a Holder>,
    /// Whether the caller is signed in, by whatever means.
    pub(crate) signed_in: bool,
    pub(crate) sessions: &'a Sessions,
    /// Makes the id and the token of a session that begins.
    pub(crate) mint: Mint,
    /// Number of the request.
    pub(crate) request: u64,
    /// How long it stood in queues.
    pub(crate) waited: Waited,
    /// How long a session lasts without being used.
    pub(crate) lifetime: Duration,
    pub(crate) server: ServerHeader,
    /// The instance's host name.
    pub(crate) host: &'a str,
    /// Seeds what stays the same for an instance.
    pub(crate) instance_seed: u64,
    /// Seeds this answer's values.
    pub(crate) seed: u64,
    pub(crate) now: Now,
}

/// How long an exchange stood in queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waited {
    /// For a semaphore.
    semaphore: Duration,
    /// For its session's turn.
    session: Duration,
}

impl Waited {
    /// It waited for so long because of this stage.
    pub(crate) fn add(&mut self, stage: &str, time: Duration) {
        if stage == "session_queue" {
            self.session += time;
        } else {
            self.semaphore += time;
        }
    }

    /// As `Server-Timing` tells it, in milliseconds; the meaning is inferred from the names
    /// (wire-failures 0.1).
    fn timing(self) -> String {
        let (semaphore, session) = (self.semaphore.as_millis(), self.session.as_millis());
        format!("sem_wait;dur={semaphore}, sesh_wait;dur={session}")
    }
}

/// Adds the headers to an application's answer; leaves others as they are.
pub(crate) fn sign(reply: &mut Reply, signature: Signature<'_>) {
    if reply.origin != Origin::Application {
        return;
    }
    let mut random = StdRng::seed_from_u64(signature.seed);
    let mut headers = HeaderMap::with_capacity(reply.headers.len() + 20);
    let is_older = signature.server == ServerHeader::ServiceNow;
    let server = if is_older { "ServiceNow" } else { "snow_adc" };
    headers.insert(SERVER, HeaderValue::from_static(server));
    if let Some(kind) = reply.headers.remove(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, kind);
    }
    let refused = reply.status == StatusCode::UNAUTHORIZED;
    if is_older {
        let secs = if refused { "timeout=20" } else { "timeout=70" };
        headers.insert(KEEP_ALIVE, HeaderValue::from_static(secs));
    }
    if !reply.headers.contains_key(CONNECTION) {
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    let transaction = hex(&mut random, 12);
    let waits = signature.waited.timing();
    let timing = if is_older {
        waits
    } else {
        format!("t;desc=\"{transaction}\", {waits}")
    };
    add(&mut headers, SERVER_TIMING, timing);
    let begun = begin_or_bind(signature);
    add_cookies(&mut headers, &mut random, signature, begun.as_deref());
    if !refused {
        let logged_in = if signature.signed_in { "true" } else { "false" };
        headers.insert(IS_LOGGED_IN, HeaderValue::from_static(logged_in));
        if signature.signed_in {
            add(&mut headers, TRANSACTION_ID, transaction);
        }
    }
    for (name, value) in &reply.headers {
        headers.append(name, value.clone());
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

/// Keeps the session that the caller's cookie names; gives the id of a new one where it names none
/// that lasts.
fn begin_or_bind(signature: Signature<'_>) -> Option<String> {
    let Signature {
        sessions, lifetime, ..
    } = signature;
    let kept = session_id(signature.request_headers)
        .filter(|id| sessions.find(id, lifetime, signature.now).is_some());
    if let Some(id) = kept {
        if let Some(holder) = signature.holder {
            sessions.bind(id, holder);
        }
        return None;
    }
    let digits = |purpose, digits: usize| {
        let bytes = signature.mint.bytes(purpose, signature.request);
        store::hex(&bytes[..digits / 2])
    };
    let id = digits("session", 32).to_ascii_uppercase();
    let session = Session {
        holder: signature.holder.cloned(),
        user_token: digits("session token", TOKEN_DIGITS),
    };
    sessions.begin(id.clone(), session, signature.now);
    Some(id)
}

/// Adds the cookies. They are as many as all other headers, so each is written into one piece of
/// memory.
fn add_cookies(
    headers: &mut HeaderMap,
    random: &mut StdRng,
    signature: Signature<'_>,
    begun: Option<&str>,
) {
    // How the attributes end: of the session's own cookie, of those that scripts may not read, and
    // of the one that they may.
    let (own, closed, open) = match signature.server {
        ServerHeader::SnowAdc => ("HttpOnly", "Secure; HttpOnly", "Secure"),
        ServerHeader::ServiceNow => (
            "HttpOnly; SameSite=None; Secure",
            "HttpOnly; SameSite=None; Secure",
            "SameSite=None; Secure",
        ),
    };
    let now = signature.now;
    let mut cookie = String::with_capacity(LONGEST_COOKIE);
    let mut add = |write: &mut dyn FnMut(&mut String)| {
        cookie.clear();
        write(&mut cookie);
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, value);
        }
    };
    let concat = |parts: &[&str], cookie: &mut String| {
        for part in parts {
            cookie.push_str(part);
        }
    };
    if let Some(id) = begun {
        add(&mut |cookie| concat(&["JSESSIONID=", id, "; Path=/; ", own], cookie));
    }
    for name in ["glide_user", "glide_user_session"] {
        let over = "=; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; ";
        add(&mut |cookie| concat(&[name, over, closed], cookie));
    }
    if signature.signed_in {
        add(&mut |cookie| {
            cookie.push_str("glide_user_route=glide.");
            add_hex(cookie, random, 32);
            cookie.push_str("; Max-Age=; Expires=");
            add_date(cookie, now, ROUTE_SECS);
            concat(&["; Path=/; ", closed], cookie);
        });
        add(&mut |cookie| {
            cookie.push_str("glide_node_id_for_js=");
            add_hex(cookie, random, 64);
            concat(&["; Path=/; ", open], cookie);
        });
        let lifetime = signature.lifetime;
        let secs = lifetime.as_secs() + u64::from(lifetime.subsec_nanos() > 0);
        add(&mut |cookie| {
            cookie.push_str("glide_session_store=");
            let named = cookie.len();
            add_hex(cookie, random, 32);
            cookie[named..].make_ascii_uppercase();
            concat(&["; Max-Age=", &secs.to_string(), "; Expires="], cookie);
            add_date(cookie, now, secs);
            concat(&["; Path=/; ", closed], cookie);
        });
    }
    if signature.server == ServerHeader::ServiceNow {
        add(&mut |cookie| cookie.push_str(&pool(signature)));
    }
}

/// The load balancer's cookie: an address and a port that stay the same for an instance.
fn pool(signature: Signature<'_>) -> String {
    let mut random = StdRng::seed_from_u64(signature.instance_seed);
    let address: u32 = random.random();
    let port: u16 = random.random();
    let instance = signature.host.split('.').next().unwrap_or_default();
    format!("BIGipServerpool_{instance}={address}.{port}.0000; path=/; Httponly; Secure")
}

fn hex(random: &mut StdRng, digits: usize) -> String {
    let mut text = String::with_capacity(digits);
    add_hex(&mut text, random, digits);
    text
}

fn add_hex(text: &mut String, random: &mut StdRng, digits: usize) {
    // A digit is the first bits of a number, as sampling from a range would have it.
    text.extend((0..digits).map(|_| {
        let first = usize::try_from(random.next_u32() >> 28).unwrap_or_default();
        char::from(b"0123456789abcdef"[first])
    }));
}

/// `Fri, 26-Feb-2021 14:19:48 GMT`. Every answer has two of them.
fn add_date(text: &mut String, now: Now, ahead_secs: u64) {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let secs = now.unix.as_secs().saturating_add(ahead_secs);
    let secs = i64::try_from(secs).unwrap_or(i64::MAX);
    let moment = Offset::UTC.to_datetime(Timestamp::from_second(secs).unwrap_or_default());
    let name = |names: &[&'static str], at: i8| {
        let at = usize::try_from(at).unwrap_or_default();
        names.get(at).copied().unwrap_or_default()
    };
    let two = |text: &mut String, number: i16| {
        for digit in [number / 10, number % 10] {
            text.push(char::from(
                b'0' + u8::try_from(digit % 10).unwrap_or_default(),
            ));
        }
    };
    text.push_str(name(&DAYS, moment.weekday().to_sunday_zero_offset()));
    text.push_str(", ");
    two(text, moment.day().into());
    text.push('-');
    text.push_str(name(&MONTHS, moment.month() - 1));
    text.push('-');
    two(text, moment.year() / 100);
    two(text, moment.year() % 100);
    for (before, number) in [
        (' ', moment.hour()),
        (':', moment.minute()),
        (':', moment.second()),
    ] {
        text.push(before);
        two(text, number.into());
    }
    text.push_str(" GMT");
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;
    use crate::pipeline::admission::Proof;

    const NOW: Now = Now {
        elapsed: Duration::ZERO,
        unix: Duration::from_secs(1_782_555_505),
    };

    fn shown(
        status: StatusCode,
        request_headers: &HeaderMap,
        server: ServerHeader,
        sessions: &Sessions,
    ) -> String {
        let mut reply = Reply::json(status, &serde_json::json!({ "result": [] }));
        let signed_in = status != StatusCode::UNAUTHORIZED;
        let holder = Holder {
            user_name: "sync.user".to_owned(),
            proof: Proof::Login,
        };
        let signature = Signature {
            request_headers,
            holder: signed_in.then_some(&holder),
            signed_in,
            sessions,
            mint: Mint::keyed([5; 32]),
            request: 1,
            waited: Waited::default(),
            lifetime: Duration::from_secs(1800),
            server,
            host: "dev10001.instance.test",
            instance_seed: 3,
            seed: 7,
            now: NOW,
        };
        sign(&mut reply, signature);
        reply
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn signed(status: StatusCode, server: ServerHeader) -> String {
        shown(status, &HeaderMap::new(), server, &Sessions::default())
    }

    #[test]
    fn a_good_answer_is_signed_like_a_captured_one() {
        insta::assert_snapshot!(signed(StatusCode::OK, ServerHeader::SnowAdc));
    }

    #[test]
    fn an_older_node_signs_like_older_captures() {
        insta::assert_snapshot!(signed(StatusCode::OK, ServerHeader::ServiceNow));
    }

    #[test]
    fn dates_are_written_as_cookies_have_them() {
        for (unix, expected) in [
            (0, "Thu, 01-Jan-1970 00:00:00 GMT"),
            (1_614_349_188, "Fri, 26-Feb-2021 14:19:48 GMT"),
            (4_107_542_400 - 1, "Sun, 28-Feb-2100 23:59:59 GMT"),
            (1_782_907_200 + ROUTE_SECS, "Mon, 19-Jul-2094 15:14:07 GMT"),
        ] {
            let now = Now {
                elapsed: Duration::ZERO,
                unix: Duration::from_secs(unix),
            };
            let mut written = String::new();
            add_date(&mut written, now, 0);
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn a_refused_caller_learns_no_transaction() {
        let shown = signed(StatusCode::UNAUTHORIZED, ServerHeader::SnowAdc);
        assert!(!shown.contains("x-is-logged-in") && !shown.contains("x-transaction-id"));
        assert!(shown.contains("JSESSIONID="), "{shown}");
        assert!(!shown.contains("glide_session_store"), "{shown}");
    }

    #[test]
    fn a_caller_keeps_its_session_while_it_lasts() {
        let sessions = Sessions::default();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("JSESSIONID=X"));
        let of =
            |headers: &HeaderMap| shown(StatusCode::OK, headers, ServerHeader::SnowAdc, &sessions);
        let begun = of(&headers);
        let (_, id) = begun.split_once("JSESSIONID=").unwrap();
        let cookie = format!("JSESSIONID={}", &id[..32]);
        headers.insert(COOKIE, HeaderValue::try_from(cookie).unwrap());
        assert!(!of(&headers).contains("JSESSIONID="));
        let session = sessions.find(&id[..32], Duration::MAX, NOW).unwrap();
        assert_eq!(session.holder.unwrap().user_name, "sync.user");
        assert_eq!(session.user_token.len(), TOKEN_DIGITS);
    }
}
