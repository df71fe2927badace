//! A connector that is a running service: how it is told over HTTP what to do, and asked how it went.

use std::path::PathBuf;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::Verb;

/// The port that a service is to listen on, between braces in its command and in what it is asked.
pub const LISTEN_PORT: &str = "listen_port";
/// What a service calls the thing that it was asked to do, between braces in the path of its status.
pub const JOB: &str = "job";
/// Where a service posts the records that it delivers, between braces in what it is asked.
pub const SINK_URL: &str = "sink_url";

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
    /// What it is asked before each scenario (`lifetime: run`), and must answer with 2xx: to forget
    /// what it was told before, and no more than that where it serves others at the same time. A
    /// service that lives no longer than a scenario is never asked it. It may hold parameters, those of
    /// the scenario's first act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Ask>,
    /// Scenarios that it serves at once (`lifetime: run`), 1 to 64. Default 1. What it prints is
    /// an act's stderr only where there is one at a time; it is searched for secrets in any case.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 64))]
    pub scenarios_at_once: u32,
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

impl Method {
    /// The name it has on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Get => "GET",
        }
    }
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

/// What the process is told that asks a service, and starts it where it does not run already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceOrder {
    /// The port on which it listens already. Without one it is started for this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The service's program and arguments, where it is started.
    pub command: Vec<String>,
    /// Path of its readiness.
    pub ready: String,
    /// What it is asked.
    pub ask: Ask,
    /// Where it says how that went.
    pub status: Option<Status>,
    /// The file in which the records are kept that are posted to [`SINK_URL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sink: Option<PathBuf>,
}

impl Service {
    /// Scenarios that a service may be told to serve at once.
    pub const AT_ONCE: std::ops::RangeInclusive<u32> = 1..=64;
}

fn root() -> String {
    "/".into()
}

const fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_one(at_once: &u32) -> bool {
    *at_once == 1
}
