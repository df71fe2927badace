//! How a subject is told to authenticate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::subject::Capability;

/// A way to authenticate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// User name and password with every request.
    #[default]
    Basic,
    /// OAuth 2.0: a person consents.
    OauthAuthorizationCode,
    /// OAuth 2.0: tokens that it was given before the run.
    OauthRefresh,
    /// OAuth 2.0: a user's password.
    OauthPassword,
    /// OAuth 2.0: the application's own credentials.
    OauthClientCredentials,
    /// OAuth 2.0: a signed assertion.
    OauthJwt,
    /// An API key.
    ApiKey,
    /// A client certificate.
    Mtls,
}

impl AuthMethod {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Basic,
        Self::OauthAuthorizationCode,
        Self::OauthRefresh,
        Self::OauthPassword,
        Self::OauthClientCredentials,
        Self::OauthJwt,
        Self::ApiKey,
        Self::Mtls,
    ];

    /// The value of the parameter `auth_method`, and its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::OauthAuthorizationCode => "oauth-authorization-code",
            Self::OauthRefresh => "oauth-refresh",
            Self::OauthPassword => "oauth-password",
            Self::OauthClientCredentials => "oauth-client-credentials",
            Self::OauthJwt => "oauth-jwt",
            Self::ApiKey => "api-key",
            Self::Mtls => "mtls",
        }
    }

    /// What a subject must be able to do for it.
    #[must_use]
    pub const fn capability(self) -> Capability {
        match self {
            Self::Basic => Capability::Basic,
            Self::OauthAuthorizationCode => Capability::OauthAuthorizationCode,
            Self::OauthRefresh => Capability::OauthRefresh,
            Self::OauthPassword => Capability::OauthPassword,
            Self::OauthClientCredentials => Capability::OauthClientCredentials,
            Self::OauthJwt => Capability::OauthJwt,
            Self::ApiKey => Capability::ApiKey,
            Self::Mtls => Capability::Mtls,
        }
    }

    /// Whether an application of its own is registered with the instance.
    #[must_use]
    pub const fn is_oauth(self) -> bool {
        matches!(
            self,
            Self::OauthAuthorizationCode
                | Self::OauthRefresh
                | Self::OauthPassword
                | Self::OauthClientCredentials
                | Self::OauthJwt
        )
    }

    /// Whether a user's password is shown.
    #[must_use]
    pub const fn takes_password(self) -> bool {
        matches!(self, Self::Basic | Self::OauthPassword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_serialized_ones() {
        for method in AuthMethod::ALL {
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
            let capability = serde_json::to_value(method.capability()).unwrap();
            assert_eq!(capability, method.name());
        }
    }
}
