//! Tokens: asked for, issued, ended. They go by numbers; no value is ever written down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::admission::{Ended, Token, TokenKind};

/// What a request to the token endpoint asked for, and what it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCall {
    /// `grant_type` as sent, `revoke` at the revocation endpoint; empty where none was sent.
    pub grant: String,
    /// The OAuth application's name, where the client id is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The user that the token stands for, or would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The `sys_id` of that user, where the account is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Number of the token that was presented: one to refresh, or to revoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presented: Option<u64>,
    /// Number of the authorization code that was presented, where it is one of the instance's; codes
    /// count from 1 by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u64>,
    /// The access token that was handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<TokenGiven>,
    /// The refresh token that was handed out with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<TokenGiven>,
    /// Names of the parameters that were read from the URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_url: Vec<String>,
}

/// A token that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenGiven {
    /// Counts the tokens of the instance from 1.
    pub number: u64,
    /// Journal nanoseconds at which it expires, unless it ends before.
    pub expires_ns: u64,
    /// Whether it was handed out before: the grant gives the one that is alive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// A token that ended before its time, or was made to expire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenEnded {
    /// Its number.
    pub token: u64,
    /// What it was for.
    pub kind: TokenUse,
    /// Whose it was.
    pub user: String,
    /// How it ended.
    pub how: TokenEnd,
    /// The request that ended it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// It opens the APIs.
    Access,
    /// It is changed for an access token.
    Refresh,
}

/// How a token ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenEnd {
    /// Its time was made to be over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

impl TokenEnded {
    pub(crate) fn of(token: &Token, how: Ended, request: Option<u64>) -> Self {
        Self {
            token: token.number,
            kind: match token.kind {
                TokenKind::Access => TokenUse::Access,
                TokenKind::Refresh => TokenUse::Refresh,
            },
            user: token.grantee.user.clone(),
            how: match how {
                Ended::Expired => TokenEnd::Expired,
                Ended::Revoked => TokenEnd::Revoked,
            },
            request,
        }
    }
}
