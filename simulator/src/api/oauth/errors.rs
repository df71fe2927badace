//! What the token endpoint answers to those who get no token (wire-failures 2.2).
//!
//! One catch-all stands for almost everything. That unknown clients, bad codes and malformed
//! requests have names of their own is known from clients' fixtures; their descriptions are
//! *assumed*. The switch `token_errors` chooses the names of RFC 6749 instead.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::journal::Condition;
use crate::reply::{JSON, Reply};
use crate::setup::TokenErrors;

/// A request that gets no token.
#[derive(Debug)]
pub(super) struct Refused {
    name: Name,
    pub(super) condition: Condition,
    reason: String,
    /// What of the request is not modelled.
    pub(super) unmodelled: Option<&'static str>,
}

/// What an error is called where not everything is called the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// The catch-all, and what RFC 6749 calls it.
    AccessDenied(&'static str),
    Client,
    Grant,
    GrantType,
    Request,
}

impl Refused {
    fn new(name: Name, condition: Condition, reason: impl Into<String>) -> Self {
        Self {
            name,
            condition,
            reason: reason.into(),
            unmodelled: None,
        }
    }

    /// The catch-all: 401 `server_error`, `access_denied`.
    pub(super) fn access_denied(condition: Condition, reason: impl Into<String>) -> Self {
        let standard = match condition {
            Condition::ClientSecretRefused => "invalid_client",
            Condition::GrantNotEnabled => "unsupported_grant_type",
            Condition::NoApplicationUser => "unauthorized_client",
            Condition::ParametersInUrl => "invalid_request",
            _ => "invalid_grant",
        };
        Self::new(Name::AccessDenied(standard), condition, reason)
    }

    pub(super) fn invalid_client(condition: Condition, reason: impl Into<String>) -> Self {
        Self::new(Name::Client, condition, reason)
    }

    pub(super) fn invalid_grant(condition: Condition, reason: impl Into<String>) -> Self {
        Self::new(Name::Grant, condition, reason)
    }

    pub(super) fn unsupported_grant_type(reason: impl Into<String>) -> Self {
        Self::new(Name::GrantType, Condition::InvalidRequest, reason)
    }

    pub(super) fn invalid_request(reason: impl Into<String>) -> Self {
        Self::new(Name::Request, Condition::InvalidRequest, reason)
    }

    pub(super) fn reply(self, errors: TokenErrors) -> Reply {
        let unauthorized = StatusCode::UNAUTHORIZED;
        let bad = StatusCode::BAD_REQUEST;
        let by_rfc = errors == TokenErrors::Rfc6749;
        let (status, error, description) = match self.name {
            Name::AccessDenied("invalid_client") if by_rfc => {
                (unauthorized, "invalid_client", "access_denied")
            }
            Name::AccessDenied(name) if by_rfc => (bad, name, "access_denied"),
            Name::AccessDenied(_) => (unauthorized, "server_error", "access_denied"),
            Name::Client => (
                unauthorized,
                "invalid_client",
                "Invalid client_id or client_secret.",
            ),
            Name::Grant if by_rfc => (bad, "invalid_grant", "Invalid grant."),
            Name::Grant => (unauthorized, "invalid_grant", "Invalid grant."),
            Name::GrantType => (bad, "unsupported_grant_type", "Unsupported grant type."),
            Name::Request => (bad, "invalid_request", "Missing or malformed parameter."),
        };
        let body = json!({ "error_description": description, "error": error });
        let mut reply = Reply::application(status, JSON, Bytes::from(body.to_string()));
        reply.condition = Some(self.condition);
        reply.reason = self.reason;
        reply.unmodelled.extend(self.unmodelled.map(str::to_owned));
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(refused: Refused, errors: TokenErrors) -> String {
        let reply = refused.reply(errors);
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        format!("{} {body}", reply.status.as_u16())
    }

    #[test]
    fn the_catch_all_stands_as_observed() {
        let condition = Condition::RefreshTokenExpired;
        assert_eq!(
            answered(
                Refused::access_denied(condition, ""),
                TokenErrors::ServerError
            ),
            r#"401 {"error_description":"access_denied","error":"server_error"}"#
        );
        assert_eq!(
            answered(Refused::access_denied(condition, ""), TokenErrors::Rfc6749),
            r#"400 {"error_description":"access_denied","error":"invalid_grant"}"#
        );
    }

    #[test]
    fn what_has_a_name_keeps_it() {
        let named = |refused, errors| {
            let text = answered(refused, errors);
            let (status, body) = text.split_once(' ').unwrap();
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            format!("{status} {}", body["error"].as_str().unwrap())
        };
        let usual = TokenErrors::ServerError;
        let code = || Refused::invalid_grant(Condition::CodeRefused, "");
        assert_eq!(named(code(), usual), "401 invalid_grant");
        assert_eq!(named(code(), TokenErrors::Rfc6749), "400 invalid_grant");
        let client = Refused::invalid_client(Condition::ClientUnknown, "");
        assert_eq!(named(client, usual), "401 invalid_client");
        let secret = Refused::access_denied(Condition::ClientSecretRefused, "");
        assert_eq!(named(secret, TokenErrors::Rfc6749), "401 invalid_client");
        let kind = Refused::unsupported_grant_type("");
        assert_eq!(named(kind, usual), "400 unsupported_grant_type");
        assert_eq!(
            named(Refused::invalid_request(""), usual),
            "400 invalid_request"
        );
    }
}
