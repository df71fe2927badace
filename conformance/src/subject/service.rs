//! A connector that is a running service: how it is told over HTTP what to do, and asked how it went.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::Verb;

/// The port that a service is to listen on, between braces in its command and in what it is asked.
pub const LISTEN_PORT: &str = "listen_port";
/// What a service calls the thing that it was asked to do, between braces in the path of its status.
pub const JOB: &str = "job";

/// How a service is told what to do. Paths are on `http://127.0.0.1:{listen_port}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Path that is answered with 2xx once it is ready. Default `/`.
    #[serde(default = "root")]
    pub ready: String,
    /// What it is asked, by verb.
    pub ask: IndexMap<Verb, Ask>,
    /// Where it says how that went. Without it the answer says it: 2xx is success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// One thing that a service is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Default POST.
    #[serde(default)]
    pub method: Method,
    /// Path, with its query.
    pub path: String,
    /// JSON document whose strings hold parameters; none for an empty body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
}

/// The method of a request to a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// GET.
    Get,
}

/// Where a service says how far something is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Path that is asked (GET) until it is over; may hold `{job}`.
    pub path: String,
    /// JSON pointer into the first answer: what `{job}` stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// JSON pointer into the status: how far it is.
    pub state: String,
    /// The states in which it has succeeded.
    pub success: Vec<String>,
    /// The states in which it has failed.
    pub failure: Vec<String>,
}

/// What the process is told that starts a service and asks it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOrder {
    /// The service's program and arguments.
    pub command: Vec<String>,
    /// Path of its readiness.
    pub ready: String,
    /// What it is asked.
    pub ask: Ask,
    /// Where it says how that went.
    pub status: Option<Status>,
}

fn root() -> String {
    "/".into()
}
