//! What the journal keeps of a request's head and body.
//!
//! Credentials are never kept: a header that holds a known secret says which, any other becomes a
//! digest, salted per run, by which equal ones can be told from others. The same holds for the
//! values of cookies, for session tokens, and for what login forms and token requests carry.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::incoming::Body;
use crate::api;
use crate::pipeline::admission::session_id;
use crate::pipeline::stage::ClientCertificate;
use crate::redaction::Redactor;
use crate::store::hex;

/// Bytes of a body that are kept.
const KEPT_BODY_BYTES: usize = 16 * 1024;

/// Random bytes of this run.
#[derive(Clone, Copy)]
pub(crate) struct Salt([u8; 16]);

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt")
    }
}

impl Salt {
    /// A salt that nobody can guess.
    pub(crate) fn random() -> Self {
        Self(rand::random())
    }

    fn digest(self, bytes: &[u8]) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(bytes)
            .finalize();
        hex(&digest[..8])
    }
}

/// Digest of the credentials that a request carries: its `Authorization`, or its API key.
pub(super) fn credentials(headers: &HeaderMap, query: &str, salt: Salt) -> Option<String> {
    let header = headers.get(AUTHORIZATION).or_else(|| headers.get(API_KEY));
    header
        .map(|value| salt.digest(value.as_bytes()))
        .or_else(|| Some(salt.digest(api::form_value(query, API_KEY)?.as_bytes())))
}

/// The user name that Basic credentials claim, true or not.
pub(super) fn claimed_user(headers: &HeaderMap) -> Option<String> {
    let pair = basic_payload(headers.get(AUTHORIZATION)?)?;
    pair.split_once(':').map(|(user, _)| user.to_owned())
}

/// The access token that a request shows.
pub(super) use crate::pipeline::authentication::bearer;

/// How a request means to prove who sends it.
pub(super) fn scheme(
    headers: &HeaderMap,
    query: &str,
    certificate: &ClientCertificate,
) -> &'static str {
    if headers.contains_key(AUTHORIZATION) {
        if bearer(headers).is_some() {
            "bearer"
        } else {
            "basic"
        }
    } else if headers.contains_key(API_KEY) || api::form_value(query, API_KEY).is_some() {
        "api_key"
    } else if *certificate != ClientCertificate::None {
        "mutual_tls"
    } else if session_id(headers).is_some() {
        "session"
    } else {
        "none"
    }
}

/// Names and values of the headers, credentials replaced.
pub(super) fn headers(
    headers: &HeaderMap,
    redactor: &Redactor,
    salt: Salt,
) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let shown =
                if name == AUTHORIZATION || name == PROXY_AUTHORIZATION || name == "authentication"
                {
                    authorization(value, redactor, salt)
                } else if name == COOKIE {
                    cookies(value, salt)
                } else if name == API_KEY {
                    api_key(value, redactor, salt)
                } else if name == "x-usertoken" {
                    masked("token", value.as_bytes(), salt)
                } else {
                    String::from_utf8_lossy(value.as_bytes()).into_owned()
                };
            (name.as_str().to_owned(), shown)
        })
        .collect()
}

/// The user name that a login form claims, true or not.
pub(super) fn login_user(path: &str, body: &Body) -> Option<String> {
    match body {
        Body::Whole(form) if api::is_login(path) => {
            api::form_value(&String::from_utf8_lossy(form), "user_name")
        }
        _ => None,
    }
}

/// Names of fields and parameters whose values are kept as digests: a login form's password, the
/// session's token as forms have it (wire-core 4.10). So is an API key (wire-failures 3).
const CONFIDENTIAL: [&str; 2] = ["user_password", "sysparm_ck"];

/// The header, and the parameter, that carries an API key.
const API_KEY: &str = "x-sn-apikey";

/// The same of the token endpoints, of redirects to a client, and of parameters that stand for a
/// header.
const OF_TOKENS: [&str; 10] = [
    "client_secret",
    "password",
    "code",
    "code_verifier",
    "access_token",
    "refresh_token",
    "id_token",
    "assertion",
    "client_assertion",
    "token",
];

/// A target without the tokens that its query holds.
pub(super) fn without_tokens(target: String, redactor: &Redactor, salt: Salt) -> String {
    match target.split_once('?') {
        Some((path, query)) => {
            format!("{path}?{}", form(query, is_oauth(path), redactor, salt))
        }
        None => target,
    }
}

/// Whether a path is a page or an endpoint of OAuth.
fn is_oauth(path: &str) -> bool {
    path.contains("oauth_")
}

fn form(text: &str, of_tokens: bool, redactor: &Redactor, salt: Salt) -> String {
    let is_confidential = |name: &str| {
        let name = percent_decode_str(name).decode_utf8_lossy();
        let name = name.trim();
        CONFIDENTIAL.contains(&name)
            || name.eq_ignore_ascii_case(API_KEY)
            || name == "access_token"
            || (of_tokens && OF_TOKENS.contains(&name))
    };
    let fields = text.split('&').map(|field| match field.split_once('=') {
        // The whole value: what stands around a known secret may be one as well.
        Some((name, value)) if is_confidential(name) && !value.is_empty() => {
            let shown = match redactor.find(value).into_keys().next() {
                Some((secret, _)) => format!("<secret:{secret}>"),
                None => masked("credentials", value.as_bytes(), salt),
            };
            format!("{name}={shown}")
        }
        _ => field.to_owned(),
    });
    fields.collect::<Vec<_>>().join("&")
}

/// Names and digests of cookies, so that a session that is used again can be told.
fn cookies(value: &HeaderValue, salt: Salt) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    let cookies = text.split(';').map(|cookie| {
        let (name, value) = cookie.trim().split_once('=').unwrap_or(("", cookie.trim()));
        format!("{name}={}", masked("cookie", value.as_bytes(), salt))
    });
    cookies.collect::<Vec<_>>().join("; ")
}

fn api_key(value: &HeaderValue, redactor: &Redactor, salt: Salt) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    match redactor.find(&text).into_keys().next() {
        Some((name, _)) => format!("<secret:{name}>"),
        None => masked("credentials", value.as_bytes(), salt),
    }
}

fn masked(kind: &str, value: &[u8], salt: Salt) -> String {
    format!("<{kind}:{}>", salt.digest(value))
}

/// The beginning of a body as text, secrets replaced.
pub(super) fn body(body: &[u8], path: &str, redactor: &Redactor, salt: Salt) -> Option<String> {
    if api::is_login(path) || api::is_logout(path) || is_oauth(path) {
        let start = &body[..body.len().min(KEPT_BODY_BYTES)];
        // What is no form is not taken apart.
        let masked = if is_form(body) || body.is_empty() {
            form(
                &String::from_utf8_lossy(start),
                is_oauth(path),
                redactor,
                salt,
            )
        } else {
            masked("body", body, salt)
        };
        return beginning(masked.as_bytes(), redactor);
    }
    beginning(body, redactor)
}

/// A digest of a body that came compressed: what is in it is not looked at, and may be a secret.
pub(super) fn encoded(body: &[u8], salt: Salt) -> Option<String> {
    (!body.is_empty()).then(|| masked("body", body, salt))
}

/// Whether a body is fields and values: it has what they must, and nothing that they cannot have.
fn is_form(body: &[u8]) -> bool {
    let is_foreign = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'"' | b'{' | b'<');
    body.contains(&b'=') && !body.trim_ascii().iter().any(is_foreign)
}

fn beginning(body: &[u8], redactor: &Redactor) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let mut stream = redactor.stream();
    let whole = body.len() <= 2 * KEPT_BODY_BYTES;
    let mut clean = stream.push(&body[..body.len().min(2 * KEPT_BODY_BYTES)]);
    if whole {
        clean.extend(stream.finish());
    }
    clean.truncate(KEPT_BODY_BYTES);
    Some(String::from_utf8_lossy(&clean).into_owned())
}

fn authorization(value: &HeaderValue, redactor: &Redactor, salt: Salt) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    let (scheme, payload) = match text.split_once(' ') {
        Some((scheme, payload)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
            (scheme, payload)
        }
        _ => ("", &*text),
    };
    let decoded = basic_payload(value);
    let secret = [decoded.as_deref(), Some(payload)]
        .into_iter()
        .flatten()
        .find_map(|text| redactor.find(text).into_keys().next())
        .map(|(name, _)| name);
    let shown: Cow<'_, str> = match secret {
        Some(name) => format!("<secret:{name}>").into(),
        None => format!("<credentials:{}>", salt.digest(value.as_bytes())).into(),
    };
    if scheme.is_empty() {
        shown.into_owned()
    } else {
        format!("{scheme} {shown}")
    }
}

fn basic_payload(value: &HeaderValue) -> Option<String> {
    let (scheme, payload) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    String::from_utf8(STANDARD.decode(payload.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> String {
        let redactor = Redactor::new([("password", "hunter22")]);
        authorization(
            &HeaderValue::from_str(value).unwrap(),
            &redactor,
            Salt([7; 16]),
        )
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn known_credentials_are_named() {
        assert_eq!(
            shown(&basic("sync.user:hunter22")),
            "Basic <secret:password>"
        );
        assert_eq!(shown(&basic("x:xhunter22x")), "Basic <secret:password>");
        assert_eq!(shown("Bearer hunter22"), "Bearer <secret:password>");
    }

    #[test]
    fn unknown_credentials_become_a_digest() {
        let first = shown(&basic("sync.user:wrong"));
        assert!(first.starts_with("Basic <credentials:"), "{first}");
        assert_eq!(first, shown(&basic("sync.user:wrong")));
        assert_ne!(first, shown(&basic("sync.user:wronger")));
        assert!(!first.contains(&STANDARD.encode("sync.user:wrong")));
        assert!(shown("garbage").starts_with("<credentials:"));
    }

    #[test]
    fn a_long_body_is_cut_and_no_secret_is_cut_open() {
        let redactor = Redactor::new([("password", "hunter22")]);
        let long = "x".repeat(KEPT_BODY_BYTES - 4) + "hunter22" + &"y".repeat(KEPT_BODY_BYTES);
        let kept = beginning(long.as_bytes(), &redactor).unwrap();
        assert!(kept.len() <= KEPT_BODY_BYTES);
        assert!(!kept.contains("hunt"));
        assert_eq!(beginning(b"", &redactor), None);
    }

    #[test]
    fn a_body_that_came_compressed_is_a_digest() {
        let kept = encoded(b"\x1f\x8b hunter22", Salt([7; 16])).unwrap();
        assert!(kept.starts_with("<body:"), "{kept}");
        assert_eq!(encoded(b"", Salt([7; 16])), None);
    }

    #[test]
    fn cookies_tokens_and_login_forms_become_digests() {
        let redactor = Redactor::new([("password", "hunter22")]);
        let salt = Salt([7; 16]);
        let mut sent = HeaderMap::new();
        sent.insert(COOKIE, HeaderValue::from_static("JSESSIONID=ABCDEF; odd"));
        sent.insert("x-usertoken", HeaderValue::from_static("7okenABCDEF"));
        let kept = format!("{:?}", headers(&sent, &redactor, salt));
        assert!(kept.contains("JSESSIONID=<cookie:"), "{kept}");
        assert!(!kept.contains("ABCDEF") && !kept.contains("odd"), "{kept}");
        let of = |text: &str, path| body(text.as_bytes(), path, &redactor, salt).unwrap();
        let login = of("user_name=a&user_password=hunter23&b=c", "/login.do");
        assert!(login.starts_with("user_name=a&user_password=<credentials:"));
        assert!(login.ends_with("&b=c"));
        let known = of("user_password=hunter22", "/login.do");
        assert_eq!(known, "user_password=<secret:password>");
        let around = of("user_password=hunter22123456&b=c", "/login.do");
        assert_eq!(around, "user_password=<secret:password>&b=c");
        assert_eq!(of("user_password=x", "/api/now/table/x"), "user_password=x");
        let asked = "grant_type=password&client%5Fsecret=t0ken&password=t0ken&code=t0ken&token=";
        let asked = of(asked, "/oauth_token.do");
        assert!(asked.starts_with("grant_type=password&client%5Fsecret=<credentials:"));
        assert!(!asked.contains("t0ken"), "{asked}");
        let json = of("{\"refresh_token\":\"t0ken\"}", "/oauth_token.do");
        assert!(json.starts_with("<body:"), "{json}");
        for foreign in [
            "--b\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nt0ken\r\n--b--",
            "[\"a=b\",\"t0ken\"]",
            "<a b=''>t0ken</a>",
        ] {
            let kept = of(foreign, "/oauth_token.do");
            assert!(kept.starts_with("<body:"), "{kept}");
        }
        let ended = of("grant_type=x&code=t0ken\r\n", "/oauth_token.do");
        assert!(
            ended.starts_with("grant_type=x&code=<credentials:"),
            "{ended}"
        );
        let revoked = without_tokens("/oauth_revoke_token.do?token=t0ken".into(), &redactor, salt);
        assert!(!revoked.contains("t0ken"), "{revoked}");
        let target = "/incident.do?sysparm_ck=c0ffee&x=1".to_owned();
        let target = without_tokens(target, &redactor, salt);
        assert!(target.starts_with("/incident.do?sysparm_ck=<credentials:"));
        assert!(!target.contains("c0ffee"));
    }
}
