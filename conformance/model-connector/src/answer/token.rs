//! What the token endpoint answers. Its errors have a shape of their own, and its catch-all names
//! no cause (wire-failures 2.2).

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::Answer;
use super::refusal::Complaint;
use crate::diagnosis::{
    ASSERTION_REFUSED, BAD_REQUEST, CODE_REFUSED, Cause, Failure, HIBERNATING, Kind, MALFORMED,
    OAUTH_ASSERTION, OAUTH_CLIENT, OAUTH_CODE, OAUTH_GRANT, REFRESH_EXPIRED, REFRESH_REFUSED,
    SCOPE, TOKEN_REFUSED, TOKEN_URL, WAKING, WRONG_PASSWORD, quoted,
};
use crate::settings::Secret;

/// With what a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A code that a person's consent brought.
    Code,
    /// A refresh token.
    RefreshToken,
    /// A user's password.
    Password,
    /// The application's own secret.
    OwnSecret,
    /// A signed assertion.
    Assertion,
}

impl Shown {
    const fn words(self) -> &'static str {
        match self {
            Self::Code => "the authorization code",
            Self::RefreshToken => "the refresh token",
            Self::Password => "the user name and password",
            Self::OwnSecret => "the client credentials",
            Self::Assertion => "the signed assertion",
        }
    }

    /// What the catch-all may mean.
    const fn refused(self) -> Cause {
        match self {
            Self::Code => CODE_REFUSED,
            Self::RefreshToken => REFRESH_REFUSED,
            Self::Password | Self::OwnSecret => TOKEN_REFUSED,
            Self::Assertion => ASSERTION_REFUSED,
        }
    }

    /// What `invalid_grant` means.
    const fn invalid(self) -> Cause {
        match self {
            Self::Code => OAUTH_CODE,
            Self::RefreshToken => REFRESH_EXPIRED,
            Self::Password => WRONG_PASSWORD,
            Self::OwnSecret => OAUTH_GRANT,
            Self::Assertion => OAUTH_ASSERTION,
        }
    }

    /// What somebody has to look at after the catch-all, the likeliest first.
    const fn suspects(self) -> &'static str {
        match self {
            Self::Code => "the client secret, then the code, its redirect URL and its verifier",
            Self::RefreshToken => {
                "the refresh token expired or was revoked, so that a person must consent again, or \
                 the client secret changed"
            }
            Self::Password => {
                "the client secret, then user name and password, whether the account is active, \
                 unlocked and no web-service-only one, and whether the grant is enabled"
            }
            Self::OwnSecret => {
                "the client secret, then whether the client credentials grant is enabled and the \
                 OAuth Application User is set and usable"
            }
            Self::Assertion => {
                "the client secret, then key id, audience, expiry and signature of the assertion"
            }
        }
    }
}

/// What was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) access: Secret,
    /// A client credentials grant has none.
    pub(crate) refresh: Option<Secret>,
    /// Seconds that the access token lives.
    pub(crate) expires_in: Option<u64>,
}

/// Reads the answer of the token endpoint at `url` to a request that showed `shown`.
///
/// # Errors
///
/// Whatever grants no token.
pub(crate) fn granted(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    shown: Shown,
    url: &str,
) -> Result<Granted, Failure> {
    let answer = Answer {
        status,
        headers,
        body,
        table: "",
        doing: "requesting a token",
    };
    let value: Option<Value> = serde_json::from_slice(body).ok();
    if let Some(value) = value.as_ref().filter(|_| !answer.is_html()) {
        if let Some(error) = value.get("error").and_then(Value::as_str)
            && status.as_u16() != 429
        {
            return Err(refused(status, error, value, shown));
        }
        if status.is_success() {
            return read(value);
        }
    }
    match status.as_u16() {
        200..=299 if answer.is_html() => Err(elsewhere(answer.page_instead_of_data(), url)),
        200..=299 => Err(Failure::permanent(
            MALFORMED,
            "the answer of the token endpoint cannot be read",
        )),
        300..=399 => Err(elsewhere(answer.redirect(), url)),
        400 | 404 | 405 => Err(elsewhere(answer.refusal(), url)),
        // Nobody was asked for a password here: an endpoint for tokens answers otherwise.
        401 => Err(elsewhere(answer.refusal(), url)),
        _ => Err(answer.refusal()),
    }
}

fn read(value: &Value) -> Result<Granted, Failure> {
    let token = |key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(Secret::of)
    };
    let access = token("access_token").ok_or_else(|| {
        let why = match Complaint::of(value) {
            Some(complaint) => format!("the token endpoint answered {}", complaint.quoted()),
            None => "the answer of the token endpoint holds no `access_token`".to_owned(),
        };
        Failure::permanent(MALFORMED, why)
    })?;
    let expires_in = value.get("expires_in");
    Ok(Granted {
        access,
        refresh: token("refresh_token"),
        expires_in: expires_in
            .and_then(|seconds| seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok())),
    })
}

/// An error in the endpoint's own shape. None of them goes away by itself, whatever its name says.
fn refused(status: StatusCode, error: &str, value: &Value, shown: Shown) -> Failure {
    let (cause, suspects) = match error {
        "invalid_client" => (
            OAUTH_CLIENT,
            "the client id and secret, and whether the application is active",
        ),
        "invalid_grant" => (shown.invalid(), shown.suspects()),
        "unsupported_grant_type" | "unauthorized_client" => {
            (OAUTH_GRANT, "which grants the application may use")
        }
        "invalid_scope" => (SCOPE, "the scopes of the application"),
        "invalid_request" => (BAD_REQUEST, "the connector itself"),
        _ => (shown.refused(), shown.suspects()),
    };
    let description = value.get("error_description").and_then(Value::as_str);
    let said = match description {
        Some(description) => format!("{error}: {description}"),
        None => error.to_owned(),
    };
    Failure {
        status: Some(status.as_u16()),
        ..Failure::new(
            cause,
            Kind::RefusedGrant,
            format!(
                "the token endpoint refused {} with {} (status {}); to look at: {suspects}",
                shown.words(),
                quoted(&said),
                status.as_u16()
            ),
        )
    }
}

/// What answered is no token endpoint, unless the instance is away.
fn elsewhere(failure: Failure, url: &str) -> Failure {
    if [HIBERNATING, WAKING].contains(&failure.cause) {
        return failure.adding("nothing is wrong with the client secret");
    }
    Failure {
        cause: TOKEN_URL,
        kind: Kind::Permanent,
        message: format!(
            "no token endpoint answers at {}: {}; it is `https://yourinstance.service-now.com/oauth_token.do`",
            quoted(url),
            failure.message
        ),
        ..failure
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderValue};

    use super::*;

    fn answered(
        status: u16,
        content_type: &'static str,
        body: &str,
        shown: Shown,
    ) -> Result<Granted, Failure> {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        let status = StatusCode::from_u16(status).unwrap();
        granted(
            status,
            &headers,
            body.as_bytes(),
            shown,
            "https://i.example/oauth_token.do",
        )
    }

    const JSON: &str = "application/json;charset=UTF-8";

    #[test]
    fn a_grant_is_read_with_a_refresh_token_or_without() {
        let body = r#"{"access_token":"a","refresh_token":"r","expires_in":1799}"#;
        let granted = answered(200, JSON, body, Shown::Password).unwrap();
        assert_eq!(granted.refresh, Some(Secret::of("r")));
        assert_eq!(granted.expires_in, Some(1799));
        let body = r#"{"access_token":"a","expires_in":"1799"}"#;
        let granted = answered(200, JSON, body, Shown::OwnSecret).unwrap();
        assert_eq!((granted.refresh, granted.expires_in), (None, Some(1799)));
    }

    #[test]
    fn the_catch_all_is_permanent_and_names_what_to_look_at() {
        let body = r#"{"error_description":"access_denied","error":"server_error"}"#;
        for (shown, class) in [
            (Shown::RefreshToken, "auth.refresh_expired"),
            (Shown::Password, "auth.token_refused"),
            (Shown::OwnSecret, "auth.token_refused"),
            (Shown::Code, "auth.token_refused"),
        ] {
            let failure = answered(401, JSON, body, shown).unwrap_err();
            assert_eq!(
                (failure.cause.class, failure.kind),
                (class, Kind::RefusedGrant)
            );
            assert!(!failure.retryable());
            assert!(
                failure.message.contains("client secret"),
                "{}",
                failure.message
            );
        }
    }

    #[test]
    fn named_errors_are_what_they_say() {
        for (error, shown, class) in [
            ("invalid_client", Shown::OwnSecret, "auth.oauth_client"),
            ("invalid_grant", Shown::Code, "auth.oauth_code"),
            ("invalid_grant", Shown::RefreshToken, "auth.refresh_expired"),
            (
                "unsupported_grant_type",
                Shown::Password,
                "auth.oauth_grant",
            ),
            ("invalid_request", Shown::Code, "config.connector_request"),
        ] {
            let body = format!(r#"{{"error":"{error}"}}"#);
            let failure = answered(400, JSON, &body, shown).unwrap_err();
            assert_eq!(failure.cause.class, class, "{error}");
        }
    }

    #[test]
    fn a_page_is_no_answer_about_the_secret() {
        let asleep = "<html><title>Instance Hibernating page</title>";
        let failure = answered(200, "text/html", asleep, Shown::OwnSecret).unwrap_err();
        assert_eq!(failure.cause.class, "instance.hibernating");
        for (status, content_type, body) in [
            (200, "text/html", "<html><form action=\"/login.do\">"),
            (404, "text/html", "<html>"),
            (
                400,
                JSON,
                r#"{"error":{"message":"Requested URI does not represent any resource","detail":null},"status":"failure"}"#,
            ),
            (
                401,
                JSON,
                r#"{"error":{"message":"User Not Authenticated","detail":"x"},"status":"failure"}"#,
            ),
        ] {
            let failure = answered(status, content_type, body, Shown::OwnSecret).unwrap_err();
            assert_eq!(failure.cause.class, "config.token_url", "{status} {body}");
        }
        let failure = answered(503, "text/html", "<html>", Shown::OwnSecret).unwrap_err();
        assert!(failure.retryable());
        let failure = answered(429, JSON, "{}", Shown::OwnSecret).unwrap_err();
        assert_eq!(failure.kind, Kind::Throttled);
    }
}
