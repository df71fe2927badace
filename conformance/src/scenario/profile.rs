//! What a scenario counts for: a profile, and how demanding it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The claims a scenario can count for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// What every connector meets.
    Core,
    /// Basic authentication.
    AuthBasic,
    /// OAuth 2.0.
    Oauth,
    /// API keys.
    ApiKey,
    /// Mutual TLS.
    Mtls,
    /// Certificates and handshakes.
    Tls,
    /// TCP and HTTP faults.
    Network,
    /// Roles and access controls.
    Permissions,
    /// Rate limits and quotas.
    Throttle,
    /// Hibernation, maintenance, outages.
    Availability,
    /// Completeness of what is delivered.
    Data,
    /// Writes.
    Writes,
    /// Webhooks.
    Webhooks,
    /// Settings of the connection.
    Configuration,
}

/// How demanding a scenario is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Say what is wrong.
    Diagnose,
    /// Go on when it is over.
    Recover,
    /// Do no harm.
    Protect,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 14] = [
        Self::Core,
        Self::AuthBasic,
        Self::Oauth,
        Self::ApiKey,
        Self::Mtls,
        Self::Tls,
        Self::Network,
        Self::Permissions,
        Self::Throttle,
        Self::Availability,
        Self::Data,
        Self::Writes,
        Self::Webhooks,
        Self::Configuration,
    ];

    /// As files and filters write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::AuthBasic => "auth-basic",
            Self::Oauth => "oauth",
            Self::ApiKey => "api-key",
            Self::Mtls => "mtls",
            Self::Tls => "tls",
            Self::Network => "network",
            Self::Permissions => "permissions",
            Self::Throttle => "throttle",
            Self::Availability => "availability",
            Self::Data => "data",
            Self::Writes => "writes",
            Self::Webhooks => "webhooks",
            Self::Configuration => "configuration",
        }
    }
}

impl Level {
    /// As claims write it: `L1` diagnose, `L2` recover, `L3` protect.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Diagnose => "L1",
            Self::Recover => "L2",
            Self::Protect => "L3",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_listed_by_the_name_that_files_write() {
        let schema = schemars::schema_for!(Profile).to_value();
        let written: Vec<&str> = schema["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["const"].as_str())
            .collect();
        assert_eq!(Profile::ALL.map(Profile::name).to_vec(), written);
    }
}
