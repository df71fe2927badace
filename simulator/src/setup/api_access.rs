//! API keys, and the access policies that say how callers of an API may show who they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issued;

/// How a caller shows who it is; the types of inbound authentication profiles.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AuthScheme {
    /// User name and password (RFC 7617).
    Basic,
    /// An access token that the instance issued.
    Oauth,
    /// A REST API key, as header or parameter.
    ApiKey,
    /// A client certificate in the TLS handshake.
    MutualTls,
    /// An ID token of an OpenID Connect provider.
    IdToken,
}

impl AuthScheme {
    /// Every scheme.
    pub const ALL: [Self; 5] = [
        Self::Basic,
        Self::Oauth,
        Self::ApiKey,
        Self::MutualTls,
        Self::IdToken,
    ];

    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Oauth => "oauth",
            Self::ApiKey => "api_key",
            Self::MutualTls => "mutual_tls",
            Self::IdToken => "id_token",
        }
    }
}

/// A REST API key (`api_key`). It opens an API only where an access policy lets keys in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeySetup {
    /// The user as whom its bearer calls. Required in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether the key is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which key the instance knows. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Issued>,
    /// Whether its expiry lies in the past. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<bool>,
}

/// A REST API access policy (`sys_api_access_policy`). Of several that fit a call, the most specific
/// one decides, and it lets in the schemes that it names alone (wire-failures 3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiAccessPolicySetup {
    /// Title of the REST API, such as `Table API`. Default: a global policy, for every API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The version it is for, `v1` or `v2`: calls whose path names that version. Default: all, and
    /// calls that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The HTTP method it is for, in capital letters. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The resource it is for, such as `/now/table/{tableName}/{sys_id}`. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The tables it is for; the Table API's policies alone have them. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<String>>,
    /// The schemes it lets in, in the order in which they were added: the last one is advertised.
    /// Required in a whole scenario. A global policy lets no API keys in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemes: Option<Vec<AuthScheme>>,
    /// Whether a refusal advertises all of them. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertises_all: Option<bool>,
    /// Whether the policy is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}
