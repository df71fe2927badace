//! OpenID Connect providers whose ID tokens an instance takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

/// An OpenID Connect provider (`oidc_provider_configuration`). A real instance fetches the
/// provider's keys from its metadata URL; here the set-up holds the key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcProviderSetup {
    /// Whether it is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The claim `iss` of its tokens. Required in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The client id of the application that is registered with it: the claim `aud`. Required in a
    /// whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The public key (SPKI, in PEM) with which it signs: RSA for RS256, P-256 for ES256. Required
    /// in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The claim that names the user. Default `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_claim: Option<String>,
    /// The column of `sys_user` that the claim is compared with. Default `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_field: Option<String>,
    /// How far the clocks of both sides may differ. Default 300s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_skew: Option<ScaledDuration>,
}
