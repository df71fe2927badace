//! Where a subject's records are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a subject's records are: `jsonl`, or `sink`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsSource {
    /// A file of JSON lines, or `-` for stdout. The adapters `airbyte` and `singer` take them from the
    /// framework's messages: `-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jsonl: Option<String>,
    /// Whether it posts them to `{sink_url}` (http adapter): a JSON object, an array of objects, or
    /// JSON lines, of at most 16 MiB a request. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sink: bool,
    /// JSON pointer to the record's `sys_id`. Default `/sys_id`.
    #[serde(default = "default_key")]
    pub key: String,
}

impl RecordsSource {
    /// Whether they are on stdout.
    #[must_use]
    pub fn on_stdout(&self) -> bool {
        self.jsonl.as_deref() == Some("-")
    }

    /// Where they are, as the manifest says it.
    #[must_use]
    pub fn place(&self) -> &str {
        self.jsonl.as_deref().unwrap_or("{sink_url}")
    }
}

fn default_key() -> String {
    "/sys_id".into()
}
