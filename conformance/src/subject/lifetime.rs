//! How long one process of a subject lives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long one process of a subject lives. A process of its own for each act keeps scenarios apart:
/// longer lives are for those whose start costs much, and for what a second run in a process shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// A process of its own for each act.
    #[default]
    Act,
    /// One process for the acts of a scenario.
    Scenario,
    /// Its processes are kept throughout the run.
    Run,
}

impl Lifetime {
    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Scenario => "scenario",
            Self::Run => "run",
        }
    }

    /// Whether it is the one that is taken without a word.
    #[must_use]
    pub fn is_act(&self) -> bool {
        *self == Self::Act
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_named_as_it_is_written() {
        for lifetime in [Lifetime::Act, Lifetime::Scenario, Lifetime::Run] {
            assert_eq!(serde_json::to_value(lifetime).unwrap(), lifetime.name());
            assert_eq!(lifetime.is_act(), lifetime == Lifetime::default());
        }
    }
}
