//! Rate limit rules: how often a user may call an API.
//!
//! `X-RateLimit-Limit`, `-Reset` (UNIX seconds) and `-Rule` are on every answer to a call that a
//! rule binds, 200 included; there is no `X-RateLimit-Remaining`. A refusal is 429 with the
//! documented envelope and `Retry-After` in seconds (wire-failures 5.1). Counting itself is
//! `admission`'s; the wording for windows that are not an hour is *assumed*.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

use super::admission::{WindowState, WindowVerdict};
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api::Api;
use crate::journal::{Condition, RefusedUntil};
use crate::policy::RateRule;
use crate::reply::Reply;
use crate::setup::{BatchCounts, RetryAfterForm};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const RULE: HeaderName = HeaderName::from_static("x-ratelimit-rule");

#[derive(Debug)]
pub(super) struct RateLimit;

impl Stage for RateLimit {
    fn name(&self) -> &'static str {
        "rate_limit"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        let Some(identity) = &facts.identity else {
            return Decision::pass();
        };
        let api = exchange.target.api.title();
        let Some(rule) = view.policy.rate_rule(identity, api) else {
            return Decision::pass();
        };
        match view.admission.admit(
            &identity.user_name,
            rule,
            calls(exchange, view),
            exchange.now,
        ) {
            WindowVerdict::Admitted { window, permit } => Decision::Pass {
                headers: headers(rule, &window),
                permit: Some(permit),
            },
            WindowVerdict::Refused {
                window,
                retry_after_secs,
            } => Decision::answer(refusal(rule, &window, retry_after_secs, view)),
        }
    }
}

/// How many calls a request counts as: a batch may stand for those that it holds. One that cannot be
/// read is one.
fn calls(exchange: &Exchange<'_>, view: &View<'_>) -> u32 {
    let counts = view.switches.batch_counts.unwrap_or_default();
    if exchange.target.api != Api::Batch || counts == BatchCounts::OneCall {
        return 1;
    }
    let batch: Value = serde_json::from_slice(exchange.body).unwrap_or_default();
    let requests = batch.get("rest_requests").and_then(Value::as_array);
    requests.map_or(1, |requests| {
        u32::try_from(requests.len()).unwrap_or(u32::MAX).max(1)
    })
}

fn headers(rule: &RateRule, window: &WindowState) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(LIMIT, HeaderValue::from(rule.limit));
    headers.insert(RESET, HeaderValue::from(window.reset_unix));
    if let Ok(sys_id) = HeaderValue::from_str(&rule.sys_id) {
        headers.insert(RULE, sys_id);
    }
    headers
}

fn refusal(rule: &RateRule, window: &WindowState, retry_after: u64, view: &View<'_>) -> Reply {
    let detail = format!(
        "Rate limit of {} requests per {} for {} exceeded",
        rule.limit,
        unit(rule.window.nominal),
        rule.api
    );
    let mut reply = Reply::failure(
        StatusCode::TOO_MANY_REQUESTS,
        "Rate limit exceeded",
        Some(&detail),
        view.switches.error_keys.unwrap_or_default(),
        Condition::RateLimited,
        used_up(rule, window),
    );
    reply.headers.extend(headers(rule, window));
    let stated = stated(
        view.switches.retry_after.unwrap_or_default(),
        window,
        retry_after,
    );
    if let Some(Ok(stated)) = stated.as_deref().map(HeaderValue::from_str) {
        reply.headers.insert(RETRY_AFTER, stated);
    }
    reply.refused_until = Some(RefusedUntil {
        rule: rule.name.clone(),
        window_ends_ns: window.ends_ns,
        retry_after: stated,
        reset_unix: Some(window.reset_unix),
    });
    reply
}

fn used_up(rule: &RateRule, window: &WindowState) -> String {
    let admitted = format!(
        "`{}` admitted {} of {} requests in this window",
        rule.name, window.admitted, rule.limit
    );
    match window.by_neighbour {
        0 => admitted,
        eaten => format!("{admitted}, {eaten} of them another integration's"),
    }
}

/// The value of `Retry-After`.
fn stated(form: RetryAfterForm, window: &WindowState, seconds: u64) -> Option<String> {
    match form {
        RetryAfterForm::Seconds => Some(seconds.to_string()),
        RetryAfterForm::HttpDate => {
            let reset = i64::try_from(window.reset_unix).ok()?;
            let moment = Timestamp::from_second(reset).ok()?;
            strtime::format("%a, %d %b %Y %H:%M:%S GMT", moment).ok()
        }
        RetryAfterForm::Absent => None,
    }
}

/// `hour`, as documented, or the window's documented length in words.
fn unit(nominal: Duration) -> String {
    match nominal.as_secs() {
        3600 => "hour".to_owned(),
        60 => "minute".to_owned(),
        1 => "second".to_owned(),
        86_400 => "day".to_owned(),
        secs => format!("{secs} seconds"),
    }
}
