//! The life of an instance, as a caller meets it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether an instance is there, and if not, why (wire-failures 6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Requests reach the application.
    #[default]
    Awake,
    /// A sleeping developer instance: the edge answers every path with one page, status 200.
    Hibernating,
    /// A developer instance on its way back, for up to five minutes: an offline page on every path.
    Waking,
    /// An outage: the edge answers 503 on every path.
    Down,
    /// The only node restarts: the edge answers 502 on every path.
    Restarting,
    /// The application is slower than the edge waits: 504 on every path.
    Overloaded,
    /// Nodes are upgraded one by one: of four requests in a row one meets 502, one 503, one a
    /// reset connection, and one a node that works.
    Maintenance,
    /// Callers are taken for browsers without a session: the login page on every path, status 200.
    LoginPage,
    /// No instance of this name: the edge knows nobody to pass a request to, and says so itself.
    Absent,
    /// On its way to another data centre: the connection is reset in the place of every answer.
    FailingOver,
    /// No instance but the developer site: whatever is asked for, its page asks to sign in. Whoever
    /// does wakes the instances of the set-up that hibernate.
    DeveloperSite,
    /// No instance but an identity provider: whatever is asked for, its page asks for a password.
    IdentityProvider,
}

impl InstanceState {
    /// Whether this is a site of another kind, which no instance ever becomes or ceases to be.
    #[must_use]
    pub const fn is_another_site(self) -> bool {
        matches!(self, Self::DeveloperSite | Self::IdentityProvider)
    }
}

impl InstanceState {
    /// The state in plain words, as they follow `the instance is`.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Awake => "awake",
            Self::Hibernating => "hibernating",
            Self::Waking => "waking up",
            Self::Down => "down",
            Self::Restarting => "restarting its node",
            Self::Overloaded => "slower than its edge waits",
            Self::Maintenance => "being upgraded",
            Self::LoginPage => "showing its login page to everyone",
            Self::Absent => "not there: nothing has this name",
            Self::FailingOver => "on its way to another data centre",
            Self::DeveloperSite => "the developer site and no instance",
            Self::IdentityProvider => "an identity provider and no instance",
        }
    }
}
