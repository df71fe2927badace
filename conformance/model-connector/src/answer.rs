//! What an HTTP answer is, by its structure: status, content type, first bytes, envelope. Words
//! are read only where the structure leaves several causes (wire-core 2.1, wire-failures 4 and 7).
//!
//! A 2xx with HTML is neither success nor an empty result.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK};
use serde_json::{Map, Value};

use crate::diagnosis::{
    ADDRESS_BLOCKED, API_CLOSED, BAD_REQUEST, BAD_SETTING, CONCURRENCY, Cause, DROPPED,
    ERROR_IN_SUCCESS, EXECUTION_QUOTA, FIELD_CLOSED, Failure, HIBERNATING, INSTANCE_ERROR, Kind,
    LOGIN_PAGE, MALFORMED, MFA_REQUIRED, NO_API, NO_INSTANCE, NO_TABLE, NOT_JSON,
    PROXY_AUTHENTICATION, RATE_LIMIT, REDIRECT, REFUSED_CREDENTIALS, ROLE_MISSING, SCOPE,
    TABLE_CLOSED, UNAVAILABLE, WAKING, quoted,
};

mod waiting;

use waiting::stated_wait;

/// What the platform writes where it cancels a query (wire-core 2.3).
const CANCELLED: &str = "Transaction cancelled: maximum execution time exceeded";

/// Rows of a table, as answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Map<String, Value>>,
    /// `X-Total-Count`: rows that match, visible or not.
    pub(crate) total: Option<u64>,
    /// The offset in the `Link` with `rel="next"`.
    pub(crate) next_offset: Option<u64>,
}

/// Reads the answer to a list request for `table`.
///
/// # Errors
///
/// Whatever is not a list of rows. With `trust_status`, any 2xx is taken for one.
pub(crate) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    table: &str,
    trust_status: bool,
) -> Result<Page, Failure> {
    let answer = Answer {
        status,
        headers,
        body,
        table,
    };
    if status.is_success() && trust_status {
        return Ok(answer.whatever_it_holds());
    }
    match status.as_u16() {
        202 => Err(Failure::new(
            DROPPED,
            Kind::Transient,
            "the instance dropped the request from its session queue (status 202)",
        )),
        200..=299 => answer.success(),
        300..=399 => Err(answer.redirect()),
        _ => Err(answer.refusal()),
    }
}

struct Answer<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
    table: &'a str,
}

/// The two lines of an error envelope.
struct Complaint {
    message: String,
    detail: String,
}

impl Complaint {
    fn of(value: &Value) -> Option<Self> {
        let error = value.get("error")?;
        let text = |key: &str| {
            error
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Some(Self {
            message: text("message"),
            detail: text("detail"),
        })
    }

    fn mentions(&self, words: &str) -> bool {
        let words = words.to_ascii_lowercase();
        self.message.to_ascii_lowercase().contains(&words)
            || self.detail.to_ascii_lowercase().contains(&words)
    }

    fn quoted(&self) -> String {
        if self.detail.is_empty() {
            quoted(&self.message)
        } else {
            quoted(&format!("{}: {}", self.message, self.detail))
        }
    }
}

impl Answer<'_> {
    fn success(&self) -> Result<Page, Failure> {
        if self.is_html() {
            return Err(self.page_instead_of_data());
        }
        let value: Value =
            serde_json::from_slice(self.body).map_err(|error| self.unreadable(&error))?;
        if let Some(complaint) = Complaint::of(&value) {
            let cause = if complaint.mentions(CANCELLED) {
                EXECUTION_QUOTA
            } else {
                ERROR_IN_SUCCESS
            };
            return Err(Failure::permanent(
                cause,
                format!(
                    "the instance answered 200 with an error: {}",
                    complaint.quoted()
                ),
            ));
        }
        let Some(Value::Array(list)) = value.get("result") else {
            return Err(Failure::permanent(
                MALFORMED,
                "the answer holds no list of records under `result`",
            ));
        };
        let mut rows = Vec::with_capacity(list.len());
        for row in list {
            match row {
                Value::Object(row) if key_of(row).is_some() => rows.push(row.clone()),
                _ => {
                    return Err(Failure::permanent(
                        MALFORMED,
                        "the answer holds a record without `sys_id`",
                    ));
                }
            }
        }
        Ok(self.page(rows))
    }

    fn page(&self, rows: Vec<Map<String, Value>>) -> Page {
        Page {
            rows,
            total: self
                .header("x-total-count")
                .and_then(|text| text.parse().ok()),
            next_offset: self
                .headers
                .get_all(LINK)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .find_map(next_offset),
        }
    }

    /// The rows it has, if it has any.
    fn whatever_it_holds(&self) -> Page {
        let value: Value = serde_json::from_slice(self.body).unwrap_or_default();
        let rows = match value.get("result") {
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(Value::as_object)
                .filter(|row| key_of(row).is_some())
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        self.page(rows)
    }

    fn unreadable(&self, error: &serde_json::Error) -> Failure {
        let text = String::from_utf8_lossy(self.body);
        if text.contains(CANCELLED) {
            Failure::permanent(
                EXECUTION_QUOTA,
                format!(
                    "the instance cancelled the query half way: {}",
                    quoted(CANCELLED)
                ),
            )
        } else if self.claims_json() {
            Failure::permanent(
                MALFORMED,
                format!("the answer says that it is JSON and cannot be read: {error}"),
            )
        } else {
            Failure::permanent(
                NOT_JSON,
                format!(
                    "the answer is not JSON: content type {}",
                    quoted(self.header("content-type").unwrap_or_default())
                ),
            )
        }
    }

    /// HTML with a 2xx: who wrote it, by its markup.
    fn page_instead_of_data(&self) -> Failure {
        let text = String::from_utf8_lossy(self.body);
        let (cause, message) = if text.contains("Instance Hibernating page")
            || text.contains("instance-hibernating-page")
        {
            (
                HIBERNATING,
                "the instance is hibernating: it answered with its hibernation page",
            )
        } else if text.contains("Your instance is currently offline") {
            (
                WAKING,
                "the instance is offline, perhaps waking up: it answered with its offline page",
            )
        } else if text.contains("login.do") || text.contains("user_password") {
            (
                LOGIN_PAGE,
                "the instance answered with a login page instead of data",
            )
        } else {
            (NOT_JSON, "an HTML page arrived where JSON was expected")
        };
        Failure {
            page_instead_of_data: true,
            ..Failure::permanent(cause, message)
        }
    }

    fn redirect(&self) -> Failure {
        let target = self.header("location").unwrap_or_default();
        let host = reqwest::Url::parse(target)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "another path".to_owned());
        let cause = if target.contains("login") || target.contains("saml") || target.contains("sso")
        {
            LOGIN_PAGE
        } else {
            REDIRECT
        };
        Failure::permanent(
            cause,
            format!(
                "the instance redirects the call (status {}) to {}",
                self.status.as_u16(),
                quoted(&host)
            ),
        )
    }

    fn refusal(&self) -> Failure {
        let complaint = (!self.is_html())
            .then(|| serde_json::from_slice(self.body).ok())
            .flatten()
            .as_ref()
            .and_then(Complaint::of);
        let (cause, kind) = self.cause(complaint.as_ref());
        let said = complaint.map_or_else(
            || {
                format!(
                    "with {}",
                    if self.is_html() {
                        "an HTML page"
                    } else {
                        "no error text"
                    }
                )
            },
            |complaint| format!("with {}", complaint.quoted()),
        );
        let about = if matches!(kind, Kind::Forbidden) || cause == NO_TABLE {
            format!("reading table `{}`: ", self.table)
        } else {
            String::new()
        };
        let wait = matches!(kind, Kind::Throttled | Kind::Transient)
            .then(|| stated_wait(self.headers, kind == Kind::Throttled))
            .flatten();
        let until = wait.map_or_else(String::new, |wait| {
            format!("; it asks to wait {} s", ceil_seconds(wait))
        });
        Failure {
            stated_wait: wait,
            page_instead_of_data: self.is_html(),
            ..Failure::new(
                cause,
                kind,
                format!(
                    "{about}the instance answered {} {said}{until}",
                    self.status.as_u16()
                ),
            )
        }
    }

    fn cause(&self, complaint: Option<&Complaint>) -> (Cause, Kind) {
        let mentions = |words| complaint.is_some_and(|complaint| complaint.mentions(words));
        match self.status.as_u16() {
            401 if self.headers.contains_key("x-mfa_token") => {
                (MFA_REQUIRED, Kind::RefusedCredentials)
            }
            401 => (REFUSED_CREDENTIALS, Kind::RefusedCredentials),
            403 if self.is_html() => (ADDRESS_BLOCKED, Kind::Forbidden),
            403 if mentions("field(s) present in the query") => (FIELD_CLOSED, Kind::Forbidden),
            403 if mentions("insufficient rights to query") => (TABLE_CLOSED, Kind::Forbidden),
            403 if mentions("unscoped api") => (SCOPE, Kind::Forbidden),
            403 if mentions("api level acl") => (API_CLOSED, Kind::Forbidden),
            403 => (ROLE_MISSING, Kind::Forbidden),
            400 | 404 if mentions("invalid table") => (NO_TABLE, Kind::Permanent),
            400 | 404 if mentions("does not represent any resource") => (NO_API, Kind::Permanent),
            400 if complaint.is_some() => (BAD_SETTING, Kind::Permanent),
            404 if self.is_html() => (NO_INSTANCE, Kind::Permanent),
            404 => (NO_API, Kind::Permanent),
            407 => (PROXY_AUTHENTICATION, Kind::Permanent),
            // Only a rule of the instance states when its window ends (wire-failures 0, fact 5).
            429 if self.header("retry-after").is_some()
                || self.header("x-ratelimit-reset").is_some() =>
            {
                (RATE_LIMIT, Kind::Throttled)
            }
            429 => (CONCURRENCY, Kind::Throttled),
            500 if mentions(CANCELLED) => (EXECUTION_QUOTA, Kind::Permanent),
            502..=504 => (UNAVAILABLE, Kind::Transient),
            500..=599 => (INSTANCE_ERROR, Kind::Transient),
            _ => (BAD_REQUEST, Kind::Permanent),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    fn claims_json(&self) -> bool {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|text| text.to_ascii_lowercase().starts_with("application/json"))
    }

    /// By content type, or by the first byte where that claims something else.
    fn is_html(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        first == Some(&b'<')
            || (!self.claims_json()
                && self
                    .header("content-type")
                    .is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html")))
    }
}

/// The key of a row, in either of the shapes that the platform gives it (wire-core 1.5).
pub(crate) fn key_of(row: &Map<String, Value>) -> Option<&str> {
    match row.get("sys_id")? {
        Value::String(key) => Some(key.as_str()),
        Value::Object(pair) => pair.get("value")?.as_str(),
        _ => None,
    }
    .filter(|key| !key.is_empty())
}

fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The offset of `rel="next"` in a `Link` header (wire-core 1.3). Its address is not followed: it
/// could name another host, and the credentials would go there.
fn next_offset(link: &str) -> Option<u64> {
    let (before, _) = link.split_once("rel=\"next\"")?;
    let target = before.rsplit_once('<')?.1.split_once('>')?.0;
    target
        .rsplit_once("sysparm_offset=")?
        .1
        .split('&')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests;
