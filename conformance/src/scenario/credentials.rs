//! What a subject is told in an act to authenticate with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The user name and password that a subject is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// The user's own password.
    #[default]
    Given,
    /// A password that the instance never knew, as somebody who mistypes it would enter.
    Mistyped,
    /// Neither user name nor password.
    Absent,
    /// The client secret with white space around it, as it is pasted from a browser.
    Padded,
}
