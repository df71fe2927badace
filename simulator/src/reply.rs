//! What an instance answers: status, headers, body, and what the journal should know of it.
//!
//! Bodies speak ServiceNow's words; reasons are ours and go to the journal only.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::journal::{Condition, RefusedUntil, Served, TokenCall};
use crate::setup::{DeniedWrite, ErrorKeys, Operation};

/// An answer, whole, before any byte of it is written.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status line.
    pub status: StatusCode,
    /// Headers in the order they are sent; `Date` and framing are added when it is written.
    pub headers: HeaderMap,
    /// Body; it is sent chunked, as an instance does.
    pub body: Bytes,
    /// Who made it: an instance's application sends session headers, its edge sends none.
    pub origin: Origin,
    /// The condition it follows from; none for a good answer.
    pub condition: Option<Condition>,
    /// Why, in our words.
    pub reason: String,
    /// What was read, for the journal.
    pub served: Option<Served>,
    /// What the requests of a batch read, in their order.
    pub served_in_batch: Vec<Served>,
    /// The window that refused it.
    pub refused_until: Option<RefusedUntil>,
    /// What the caller asked for that is not modelled; journalled, and the scenario is inconclusive.
    pub unmodelled: Vec<String>,
    /// What was asked of the token endpoint and given, for the journal.
    pub token_call: Option<Box<TokenCall>>,
}

/// Which layer of an instance made an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The edge (load balancer): bare headers, no cookies (wire-failures 0.1).
    Edge,
    /// The application node: cookies, `X-Is-Logged-In`, `X-Transaction-ID`, caching headers.
    Application,
    /// A step scripted it: exactly the headers the script names.
    Script,
}

/// `Content-Type` of every JSON answer, without a space (wire-core 1.6).
pub const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// `Content-Type` of every XML answer (wire-core 1.6).
pub const XML: HeaderValue = HeaderValue::from_static("application/xml;charset=UTF-8");

impl Reply {
    /// An application answer with a JSON body.
    #[must_use]
    pub fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::application(status, JSON, Bytes::from(body.to_string()))
    }

    /// An application answer with any body.
    #[must_use]
    pub fn application(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type);
        Self {
            status,
            headers,
            body,
            origin: Origin::Application,
            condition: None,
            reason: String::new(),
            served: None,
            served_in_batch: Vec::new(),
            refused_until: None,
            unmodelled: Vec::new(),
            token_call: None,
        }
    }

    /// An application answer without a body, such as the 204 of a delete.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        let mut reply = Self::application(status, JSON, Bytes::new());
        reply.headers.remove(CONTENT_TYPE);
        reply
    }

    /// The error envelope `{"error":{"message":…,"detail":…},"status":"failure"}` (wire-core 0).
    #[must_use]
    pub fn failure(
        status: StatusCode,
        message: &str,
        detail: Option<&str>,
        keys: ErrorKeys,
        condition: Condition,
        reason: impl Into<String>,
    ) -> Self {
        let message = serde_json::Value::from(message);
        let detail = serde_json::Value::from(detail);
        let error = match keys {
            ErrorKeys::MessageFirst => format!(r#"{{"message":{message},"detail":{detail}}}"#),
            ErrorKeys::DetailFirst => format!(r#"{{"detail":{detail},"message":{message}}}"#),
        };
        let body = format!(r#"{{"error":{error},"status":"failure"}}"#);
        let mut reply = Self::application(status, JSON, Bytes::from(body));
        reply.condition = Some(condition);
        reply.reason = reason.into();
        reply
    }

    /// The 403 of a write that access controls deny (wire-failures 4.4 and 4.5).
    #[must_use]
    pub fn write_denied(
        operation: Operation,
        table: &str,
        form: DeniedWrite,
        keys: ErrorKeys,
        reason: impl Into<String>,
    ) -> Self {
        let word = match operation {
            Operation::Create => "Insert",
            Operation::Delete => "Delete",
            Operation::Write | Operation::Read => "Update",
        };
        let (message, detail) = match form {
            DeniedWrite::Exception => (
                "Operation Failed".to_owned(),
                Some(format!(
                    "ACL Exception {word} Failed due to security constraints"
                )),
            ),
            DeniedWrite::Aborted => (
                format!("Operation against file '{table}' was aborted by ACL"),
                None,
            ),
        };
        Self::failure(
            StatusCode::FORBIDDEN,
            &message,
            detail.as_deref(),
            keys,
            Condition::WriteDenied,
            reason,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_keeps_key_order_and_null_detail() {
        let reply = |keys, detail| {
            Reply::failure(
                StatusCode::BAD_REQUEST,
                "Invalid table x",
                detail,
                keys,
                Condition::InvalidTable,
                "",
            )
            .body
        };
        assert_eq!(
            reply(ErrorKeys::MessageFirst, None),
            r#"{"error":{"message":"Invalid table x","detail":null},"status":"failure"}"#
        );
        assert_eq!(
            reply(ErrorKeys::DetailFirst, Some("d")),
            r#"{"error":{"detail":"d","message":"Invalid table x"},"status":"failure"}"#
        );
    }
}
