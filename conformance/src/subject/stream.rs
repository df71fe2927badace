//! The stream that a source of a framework is to read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which of the streams that a source discovers it is to read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamChoice {
    /// Its name. Default `{table}`.
    #[serde(default = "table")]
    pub name: String,
    /// How it is read (airbyte adapter). Default `full_refresh`.
    #[serde(default)]
    pub sync_mode: SyncMode,
}

impl Default for StreamChoice {
    fn default() -> Self {
        Self {
            name: table(),
            sync_mode: SyncMode::default(),
        }
    }
}

fn table() -> String {
    "{table}".into()
}

/// How a stream is read. Source: the Airbyte protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// All of it, every time.
    #[default]
    FullRefresh,
    /// What changed since its state.
    Incremental,
}

impl SyncMode {
    /// The name it has in the protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullRefresh => "full_refresh",
            Self::Incremental => "incremental",
        }
    }
}
