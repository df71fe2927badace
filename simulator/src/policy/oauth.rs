//! OAuth applications as decisions see them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use super::{Digest, Policy};
use crate::duration::ScaledDuration;
use crate::setup::{Grant, ScopeRestriction};
use crate::store::records::password;
use crate::store::seed::oauth::USER_ACCOUNT;

/// The applications of an instance, by client id.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Clients(pub(super) HashMap<String, OauthClient>);

/// An OAuth application of an external client (`oauth_entity`).
#[derive(Debug, Clone, PartialEq)]
pub struct OauthClient {
    /// `oauth_entity.sys_id`.
    pub sys_id: String,
    /// Its name.
    pub name: String,
    /// `oauth_entity.client_id`.
    pub client_id: String,
    /// Whether it is active.
    pub active: bool,
    /// Whether it is a public client: without a secret, with PKCE.
    pub public: bool,
    /// The redirect URLs that are registered.
    pub redirect_urls: Vec<String>,
    /// The grants that its profiles allow. One without profiles allows all (*assumed*).
    pub grants: BTreeSet<Grant>,
    /// The OAuth application user's name, if there is one.
    pub user: Option<String>,
    /// How long an access token lives.
    pub access_token_lifetime: ScaledDuration,
    /// How long a refresh token lives.
    pub refresh_token_lifetime: ScaledDuration,
    /// Scopes of its tokens; never empty.
    pub scopes: Vec<String>,
    /// Which APIs its tokens reach.
    pub restriction: ScopeRestriction,
    /// How assertions are verified, if it takes any.
    pub assertions: Option<Assertions>,
    pub(super) secret: Digest,
}

/// How an application verifies assertions (`oauth_jwt`, `jwt_verifier_map`).
#[derive(Clone, PartialEq, Eq)]
pub struct Assertions {
    /// The column of `sys_user` that `sub` names.
    pub user_field: String,
    /// How far the clocks of both sides may differ.
    pub clock_skew: Duration,
    /// The claim that makes an assertion good for one use; none where that is not asked.
    pub single_use_claim: Option<String>,
    /// Certificates or public keys in PEM, by key id.
    pub keys: BTreeMap<String, String>,
    /// Names of active users by the value of `user_field`, folded.
    pub users: HashMap<String, String>,
}

impl fmt::Debug for Assertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&String> = self.keys.keys().collect();
        f.debug_struct("Assertions")
            .field("user_field", &self.user_field)
            .field("clock_skew", &self.clock_skew)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl OauthClient {
    /// Whether this is the client's secret; constant time in the secret. A public client has none.
    #[must_use]
    pub fn secret_matches(&self, secret: &str) -> bool {
        !self.public && password::matches(&self.secret.0, secret)
    }

    /// Whether tokens of these scopes, separated by spaces, reach the APIs that an instance ships
    /// with (wire-failures 2.3).
    #[must_use]
    pub fn reaches_shipped_apis(&self, scope: &str) -> bool {
        self.restriction == ScopeRestriction::BroadlyScoped
            && scope.split(' ').any(|one| one == USER_ACCOUNT)
    }
}

impl Policy {
    /// The OAuth application of this client id, active or not.
    #[must_use]
    pub fn oauth_client(&self, client_id: &str) -> Option<&OauthClient> {
        self.oauth_clients.0.get(client_id)
    }

    /// The OAuth application of this `sys_id`.
    #[must_use]
    pub fn oauth_client_of(&self, sys_id: &str) -> Option<&OauthClient> {
        let mut all = self.oauth_clients.0.values();
        all.find(|client| client.sys_id == sys_id)
    }

    /// The OAuth application of this name; of several the first by client id.
    #[must_use]
    pub fn oauth_client_named(&self, name: &str) -> Option<&OauthClient> {
        let all = self.oauth_clients.0.values();
        all.filter(|client| client.name == name)
            .min_by_key(|client| &client.client_id)
    }

    /// `glide.oauth.allow.parameters.in.post.body.only`: whether parameters in a URL are not read.
    /// Default false; an instance ships with true (wire-failures 2.2).
    #[must_use]
    pub fn takes_token_parameters_in_bodies_alone(&self) -> bool {
        self.is_set("glide.oauth.allow.parameters.in.post.body.only")
    }

    /// `glide.oauth.inbound.client.credential.grant_type.enabled`. Default false (wire-failures 2.2).
    #[must_use]
    pub fn client_credentials_are_enabled(&self) -> bool {
        self.is_set("glide.oauth.inbound.client.credential.grant_type.enabled")
    }

    /// `glide.oauth.inbound.ropc.grant_type.disabled`. Default false (wire-failures 2.2).
    #[must_use]
    pub fn password_grant_is_disabled(&self) -> bool {
        self.is_set("glide.oauth.inbound.ropc.grant_type.disabled")
    }

    /// `glide.oauth.state.parameter.required`. Default false; an instance ships with true
    /// (wire-failures 2.1).
    #[must_use]
    pub fn state_is_required(&self) -> bool {
        self.is_set("glide.oauth.state.parameter.required")
    }

    /// `glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled`: whether a session ends
    /// with the token that began it. Default false (wire-failures 1.3).
    #[must_use]
    pub fn sessions_end_with_tokens(&self) -> bool {
        self.is_set("glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled")
    }

    /// `glide.security.oauth_allow_unscoped_clients`: whether scopes close no API. Default false
    /// (wire-failures 2.3).
    #[must_use]
    pub fn scopes_are_ignored(&self) -> bool {
        self.is_set("glide.security.oauth_allow_unscoped_clients")
    }

    /// Whether a system property is there and true.
    #[must_use]
    pub fn is_set(&self, property: &str) -> bool {
        self.property(property)
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}
