//! The pages that a person meets: login, consent, home, and what cannot be carried out.
//!
//! HTML without scripts, but for the one that tells the session's token. The templates escape
//! whatever a caller sent. What clients look for in the real pages is observed (wire-core 4.10,
//! wire-failures 7); the markup around it is *assumed*, and so are the headers that keep pages out of
//! frames and tell a browser what a page may load.

use std::borrow::Cow;
use std::sync::LazyLock;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::fidelity::Behaviour;
use crate::reply::Reply;

mod behaviours;
mod consent;
mod home;
mod login;
mod own_path;
mod redirect_url;
mod refused;

pub(crate) use consent::Consent;
pub(crate) use home::{HOME, Home};
pub(crate) use login::Login;
pub(crate) use own_path::OwnPath;
pub(crate) use redirect_url::{with_parameters, with_values};
pub(crate) use refused::Refused;

/// What is known of the truth of the pages.
pub(crate) const BEHAVIOURS: &[Behaviour] = behaviours::BEHAVIOURS;

/// Bytes of a form that are read: many times what the pages' own forms hold (*assumed*).
pub(crate) const LARGEST_FORM: usize = 64 * 1024;

/// A form as it was sent; none where there is more of it than is read.
pub(crate) fn form(body: &[u8]) -> Option<Cow<'_, str>> {
    (body.len() <= LARGEST_FORM).then(|| String::from_utf8_lossy(body))
}

const STYLE: &str = include_str!("pages/style.css");

/// What every page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// The instance, as the caller names it.
    host: &'a str,
}

impl<'a> Frame<'a> {
    /// The frame of whatever answers a request with these headers.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        Self {
            host: host.unwrap_or("ServiceNow"),
        }
    }

    /// The style sheet, which is ours and needs no escaping.
    #[expect(
        clippy::unused_self,
        reason = "templates see the methods of their fields alone"
    )]
    const fn style(self) -> &'static str {
        STYLE
    }
}

/// What a page lets a browser do besides showing it.
#[derive(Debug, Clone, Copy, Default)]
struct Allows<'a> {
    /// Where its forms may lead besides the instance, as a source of a content security policy:
    /// browsers look at the redirect that follows a form too.
    forms_to: Option<&'a str>,
    /// The one script that may run.
    script: Option<&'a str>,
}

/// A page, in no frame and with nothing loaded from elsewhere.
fn page(status: StatusCode, template: &impl Template, allows: Allows<'_>) -> Reply {
    // Writing into a string does not fail.
    let body = Bytes::from(template.render().unwrap_or_default());
    let content_type = HeaderValue::from_static("text/html;charset=UTF-8");
    let mut reply = Reply::application(status, content_type, body);
    let headers = &mut reply.headers;
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(allows)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    reply
}

fn content_security_policy(allows: Allows<'_>) -> String {
    static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(STYLE));
    let mut policy = format!(
        "default-src 'none'; style-src {}; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        *STYLE_SOURCE
    );
    if let Some(source) = allows.forms_to {
        policy.push(' ');
        policy.push_str(source);
    }
    if let Some(script) = allows.script {
        policy.push_str("; script-src ");
        policy.push_str(&source_of(script));
    }
    policy
}

/// What stands between two tags, as a source of a content security policy.
fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod tests;
