//! OAuth applications: clients that may ask the instance for tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// An OAuth application (`oauth_entity`) of an external client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthClientSetup {
    /// Whether the application is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which client id the instance knows. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Issued>,
    /// Which client secret the instance knows. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Issued>,
    /// The redirect URL that is registered: `given`, the one on which the caller listens; that one
    /// with a slip, `given_with_slash` at its end, `given_with_query` or `given_with_https`; or a URL.
    /// Several URLs are separated by commas. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The grants that the application's profiles allow (`oauth_entity_profile`). Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<Grant>>,
    /// Whether the application is a public client, which has no secret and must use PKCE. Default
    /// false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_client: Option<bool>,
    /// The OAuth application user: who calls with a token of the client credentials grant. Default:
    /// nobody, and the grant is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How long an access token lives. Default 1800s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<ScaledDuration>,
    /// How long a refresh token lives. Default 8640000s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_lifetime: Option<ScaledDuration>,
    /// Scopes of its tokens (`oauth_entity_scope`). Default `useraccount` alone, which stands for
    /// everything the user may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Which APIs its tokens reach. Default `broadly_scoped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_restriction: Option<ScopeRestriction>,
    /// What became of the access token that the caller was given before the run. Default `absent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<TokenState>,
    /// What became of the refresh token that the caller was given before the run. Default `absent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<TokenState>,
    /// Whose those tokens are. Default: the caller's own user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_user: Option<String>,
    /// With which key the instance verifies assertions (JWT). Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion_key: Option<Issued>,
    /// The column of `sys_user` that an assertion's `sub` names. Default `user_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion_user_field: Option<String>,
}

/// Which value the instance knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Issued {
    /// The one the caller was given.
    #[default]
    Given,
    /// Another one: the caller's is wrong or outdated.
    Another,
}

/// A way to come by a token (wire-failures 2.2).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// A person consents in a browser.
    AuthorizationCode,
    /// A refresh token stands for an earlier grant.
    RefreshToken,
    /// The client shows a user's password.
    Password,
    /// The client calls as the application's own user.
    ClientCredentials,
    /// The client shows a signed assertion.
    JwtBearer,
}

impl Grant {
    /// Every grant.
    pub const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::Password,
        Self::ClientCredentials,
        Self::JwtBearer,
    ];

    /// What requests and records call it: `grant_type`.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }

    /// The grant that a request or a record calls so.
    #[must_use]
    pub fn of_type(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.type_name() == name)
    }
}

/// Which APIs a token reaches (wire-failures 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeRestriction {
    /// All that its user may call.
    #[default]
    BroadlyScoped,
    /// APIs of its scopes alone: none of those that an instance ships with.
    SecurelyScoped,
}

/// What became of a token that was issued before the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// The instance does not know it.
    #[default]
    Absent,
    /// It was issued just before the run, and lives.
    Valid,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
}
