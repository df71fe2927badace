//! The forward proxy between the caller and the instance.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the proxy treats calls for the instance. Saying so opens the proxy's port.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Proxy {
    /// Whoever asks is let through.
    #[default]
    Open,
    /// Whoever shows the credentials that the caller was given is let through.
    RequiresCredentials,
    /// Credentials are required, and those that the caller was given are outdated.
    RefusesCredentials,
    /// It cannot reach the instance.
    BadGateway,
    /// It takes the call and never answers.
    Hangs,
    /// Nothing listens on its port. Only a set-up can say so, and only of the first instance.
    Refuses,
}

/// What a caller was given to show to the proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyCredentials {
    /// User name, without a colon.
    pub user: String,
    /// Password. Never written anywhere.
    pub password: String,
}

impl fmt::Debug for ProxyCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyCredentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
