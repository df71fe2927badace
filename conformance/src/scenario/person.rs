//! What the person does whom a connector sends to the instance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's part in an act.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// Signs in as the subject's user and allows.
    #[default]
    Allows,
    /// Signs in as the subject's user and denies.
    Denies,
    /// Opens the page and leaves it.
    Abandons,
    /// Signs in as the administrator and allows, as somebody does whose browser still was.
    OtherUser,
    /// Mistypes the password once, then signs in and allows.
    WrongPasswordFirst,
    /// Allows; the browser brings back the code with the state of another connection.
    ForeignState,
    /// Allows; the browser brings back a code that was granted to another connection.
    ForeignCode,
    /// Never sees the page: the browser blocked its window.
    NeverSees,
    /// Allows, and loads the page again that the connector shows then: its callback comes twice.
    Reloads,
}
