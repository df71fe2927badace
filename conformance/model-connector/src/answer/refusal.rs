//! Which cause an answer without data points to: status and structure first, words last.

use std::time::Duration;

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::waiting::{is_unreadable, stated_wait};
use super::{Answer, CANCELLED, READING};
use crate::diagnosis::{
    ADDRESS_BLOCKED, API_CLOSED, BAD_REQUEST, BAD_SETTING, BUSINESS_RULE, CLIENT_CERTIFICATE,
    CONCURRENCY, Cause, EXECUTION_QUOTA, FIELD_CLOSED, Failure, HIBERNATING, INSTANCE_ERROR, Kind,
    LOGIN_PAGE, MFA_REQUIRED, NO_API, NO_INSTANCE, NO_TABLE, NOT_JSON, PROXY_AUTHENTICATION,
    RATE_LIMIT, RECORD_CLOSED, REDIRECT, REFUSED_CREDENTIALS, REQUEST_TOO_LONG, ROLE_MISSING,
    SCOPE, TABLE_CLOSED, UNAVAILABLE, WAKING, WRITE_CLOSED, quoted,
};

/// Where a sleeping instance may send its callers (wire-failures 6.1).
const DEVELOPER_SITE: &str = "developer.servicenow.com";

/// The two lines of an error envelope.
pub(super) struct Complaint {
    message: String,
    detail: String,
}

impl Complaint {
    pub(super) fn of(value: &Value) -> Option<Self> {
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

    pub(super) fn mentions(&self, words: &str) -> bool {
        let words = words.to_ascii_lowercase();
        self.message.to_ascii_lowercase().contains(&words)
            || self.detail.to_ascii_lowercase().contains(&words)
    }

    pub(super) fn quoted(&self) -> String {
        if self.detail.is_empty() {
            quoted(&self.message)
        } else {
            quoted(&format!("{}: {}", self.message, self.detail))
        }
    }
}

impl Answer<'_> {
    /// HTML with a 2xx: who wrote it, by its markup.
    pub(super) fn page_instead_of_data(&self) -> Failure {
        if let Some(failure) = self.developer_page() {
            return failure;
        }
        let text = String::from_utf8_lossy(self.body);
        let (cause, message) = if text.contains("login.do") || text.contains("user_password") {
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

    /// A page of a developer instance that sleeps or wakes, under whatever status.
    fn developer_page(&self) -> Option<Failure> {
        let text = String::from_utf8_lossy(self.body);
        let hibernates = ["Instance Hibernating page", "instance-hibernating-page"];
        let failure = if hibernates.iter().any(|words| text.contains(words)) {
            let message = "the instance is hibernating: it answered with its hibernation page";
            Failure::permanent(HIBERNATING, message)
        } else if text.contains("Your instance is currently offline") {
            let message =
                "the instance is offline, perhaps waking up: it answered with its offline page";
            Failure::new(WAKING, Kind::Waking, message)
        } else {
            return None;
        };
        Some(Failure {
            page_instead_of_data: true,
            stated_wait: stated_wait(self.headers, false),
            ..failure
        })
    }

    pub(super) fn redirect(&self) -> Failure {
        let target = self.header("location").unwrap_or_default();
        let host = reqwest::Url::parse(target)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "another path".to_owned());
        // The page on which an owner wakes an instance (wire-failures 6.1).
        let cause = if host == DEVELOPER_SITE || target.contains("/dev.do") {
            HIBERNATING
        } else if target.contains("login") || target.contains("saml") || target.contains("sso") {
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

    pub(super) fn refusal(&self) -> Failure {
        if self.is_html()
            && let Some(failure) = self.developer_page()
        {
            return failure;
        }
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
        let about = if matches!(kind, Kind::Forbidden) || [NO_TABLE, RECORD_CLOSED].contains(&cause)
        {
            format!("{} table `{}`: ", self.doing, self.table)
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
            unreadable_wait: kind == Kind::Throttled && is_unreadable(self.headers),
            page_instead_of_data: self.is_html(),
            status: Some(self.status.as_u16()),
            challenges: self.challenges(),
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

    /// The schemes of `WWW-Authenticate`, one header each.
    fn challenges(&self) -> Vec<String> {
        let values = self.headers.get_all(WWW_AUTHENTICATE).iter();
        values
            .filter_map(|value| value.to_str().ok()?.split_whitespace().next())
            .map(str::to_owned)
            .collect()
    }

    /// The edge's page about a client certificate (wire-failures 3).
    fn refuses_certificate(&self) -> bool {
        self.is_html() && String::from_utf8_lossy(self.body).contains("SSL certificate")
    }

    /// Whether the request was longer than the edge or a node reads (wire-core 1.6, wire-failures
    /// 4.19).
    fn finds_request_too_long(&self) -> bool {
        let text = || String::from_utf8_lossy(self.body);
        match self.status.as_u16() {
            414 | 431 => true,
            400 => self.is_html() && text().contains("Request header is too large"),
            _ => false,
        }
    }

    /// Whether it is version 1's word for a list without rows (wire-core 1.1). A table that does not
    /// exist, and an API, are answered in other words.
    pub(super) fn is_empty_list(&self) -> bool {
        let value = || serde_json::from_slice(self.body).ok();
        let complaint = || Complaint::of(&value()?);
        self.doing == READING && complaint().is_some_and(|says| says.mentions("no record found"))
    }

    fn cause(&self, complaint: Option<&Complaint>) -> (Cause, Kind) {
        let mentions = |words| complaint.is_some_and(|complaint| complaint.mentions(words));
        if self.finds_request_too_long() {
            return (REQUEST_TOO_LONG, Kind::BadRequest);
        }
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
            403 if mentions("acl exception") || mentions("aborted by acl") => {
                (WRITE_CLOSED, Kind::Forbidden)
            }
            403 if mentions("aborted by business rule") || mentions("data policy exception") => {
                (BUSINESS_RULE, Kind::Forbidden)
            }
            403 => (ROLE_MISSING, Kind::Forbidden),
            400 if self.refuses_certificate() => (CLIENT_CERTIFICATE, Kind::Permanent),
            400 if mentions("invalid table") => (NO_TABLE, Kind::BadRequest),
            404 if mentions("invalid table") => (NO_TABLE, Kind::NotFound),
            400 if mentions("does not represent any resource") => (NO_API, Kind::BadRequest),
            400 if complaint.is_some() => (BAD_SETTING, Kind::BadRequest),
            400 => (BAD_REQUEST, Kind::BadRequest),
            404 if self.is_html() => (NO_INSTANCE, Kind::NotFound),
            404 if mentions("no record found") => (RECORD_CLOSED, Kind::NotFound),
            404 => (NO_API, Kind::NotFound),
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
}

fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
