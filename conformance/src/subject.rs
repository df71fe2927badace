//! A subject: the connector under test, and how it is driven.
//!
//! The runner never asks a connector for a verdict: the manifest says how to start it, how to
//! hand it its settings, and where to read what it told its user.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::duration::ScaledDuration;

use crate::diagnosis::Class;

mod adapter;
mod applicability;
mod incremental;
mod lifetime;
mod load;
mod programs;
mod route;
mod service;
mod stream;
pub mod template;

pub use adapter::{Adapter, RunKey};
pub use incremental::{Deletes, Incremental};
pub use lifetime::Lifetime;
pub use load::{Subject, SubjectError};
pub use programs::ProgramError;
pub use route::Route;
pub use service::{Ask, JOB, LISTEN_PORT, Method, Service, ServiceOrder, Status};
pub use stream::{StreamChoice, SyncMode};

/// Format and version of a manifest.
pub const SCHEMA: &str = "snowproof.subject/1";

/// A connector's manifest. Strings may hold parameters between braces, such as `{base_url}`,
/// files such as `{file:config}`, and `{subject_dir}`, the manifest's own folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectFile {
    /// [`SCHEMA`].
    pub schema: String,
    /// Its name in reports.
    pub subject: String,
    /// What it is, in one line: for readers of a report who do not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How it is driven.
    pub adapter: Adapter,
    /// Command that prints its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Vec<String>>,
    /// Command per verb. The adapters `native`, `airbyte` and `singer` have one command for all: the
    /// entry of that name; a tap that can test its connection has `check` beside it.
    pub run: IndexMap<RunKey, Vec<String>>,
    /// Files written before each act, by name. The adapters `airbyte` and `singer` pass `config` to
    /// every command, and `catalog`, where there is one, in place of what is discovered.
    #[serde(default)]
    pub files: IndexMap<String, FileTemplate>,
    /// Environment variables.
    #[serde(default)]
    pub env: IndexMap<String, String>,
    /// Variables taken from the runner's own environment.
    #[serde(default)]
    pub pass_env: Vec<String>,
    /// Whether it keeps the caller's HOME or gets a fresh one. Default `fresh`.
    #[serde(default)]
    pub home: Home,
    /// The tables it reads and writes.
    #[serde(default)]
    pub tables: Tables,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// What it says of itself.
    #[serde(default)]
    pub declares: Declares,
    /// Where its words are.
    #[serde(default)]
    pub diagnosis: DiagnosisSource,
    /// Where its records are. Without it, checks of records do not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordsSource>,
    /// Where the page is found that a person is to open (verb `connect`, command adapter). Without
    /// it, whatever the command opens with `$BROWSER` is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<AuthorizeSource>,
    /// The stream that is read (airbyte and singer adapters). A tap without one reads what its
    /// configuration says, and is given no catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamChoice>,
    /// What it does not support, and why.
    #[serde(default)]
    pub not_supported: IndexMap<Capability, String>,
    /// What is asked and is not its task, and why, as of a library that a program drives: a check, a
    /// scenario with its variants (`SP-O22`), or one of them (`SP-O20/other-user`). It is not judged.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub out_of_scope: IndexMap<String, String>,
    /// How it is brought to the simulator. Default `direct`; `snowproof doctor` says which it takes.
    #[serde(default, skip_serializing_if = "Route::is_direct")]
    pub route: Route,
    /// How the service is told what to do (http adapter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// How long one of its processes lives. Default `act`.
    #[serde(default, skip_serializing_if = "Lifetime::is_act")]
    pub lifetime: Lifetime,
}

/// A file handed to a subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileTemplate {
    /// How `template` is written. Default `text`.
    #[serde(default)]
    pub format: FileFormat,
    /// Its content: text, or a JSON document whose strings hold parameters.
    pub template: serde_json::Value,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Text as it is.
    #[default]
    Text,
    /// JSON.
    Json,
}

/// Where HOME points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Home {
    /// A new, empty folder.
    #[default]
    Fresh,
    /// The caller's own.
    Keep,
}

/// The tables a subject reads and writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// What `$table` stands for. Default `cmdb_ci_server`.
    #[serde(default = "default_table")]
    pub default: String,
    /// What `$write_table` stands for: where it creates records. Default `incident`.
    #[serde(default = "default_write_table")]
    pub write: String,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            default: default_table(),
            write: default_write_table(),
        }
    }
}

fn default_table() -> String {
    "cmdb_ci_server".into()
}

fn default_write_table() -> String {
    "incident".into()
}

/// What a connector can do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Tests a connection.
    Check,
    /// Reads a table, whole.
    Sync,
    /// Basic authentication.
    Basic,
    /// Goes on where an earlier run stopped.
    Resume,
    /// Several requests in flight.
    Parallel,
    /// Several runs in one process (native adapter).
    MultiRun,
    /// Creates a record.
    Write,
    /// Sends a person to the instance to consent.
    Connect,
    /// OAuth 2.0 with a person's consent.
    OauthAuthorizationCode,
    /// OAuth 2.0 with tokens that it was given.
    OauthRefresh,
    /// OAuth 2.0 with a user's password.
    OauthPassword,
    /// OAuth 2.0 with the application's own credentials.
    OauthClientCredentials,
    /// OAuth 2.0 with a signed assertion.
    OauthJwt,
    /// API keys.
    ApiKey,
    /// Client certificates.
    Mtls,
    /// Changes a record.
    Update,
    /// Uploads a file to a record.
    Attach,
    /// Sends a message through the instance.
    Email,
    /// Sets the instance up to call back.
    Provision,
    /// Keeps the cookies of answers, or can be told to.
    Cookies,
    /// Delivers what changed since a sync that came to its end.
    Incremental,
    /// Creates several records at once, by the Batch API.
    Batch,
}

/// What a connector says of itself. Every value has a published ceiling: declaring less does not
/// buy a pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declares {
    /// Attempts at one call, the first included. Default 5, ceiling 10.
    #[serde(default = "Declares::default_max_attempts")]
    pub max_attempts: u32,
    /// The longest it waits before a retry. Default 60 s, ceiling 1 h.
    #[serde(default = "Declares::default_max_wait")]
    pub max_wait: ScaledDuration,
    /// The longest one attempt may take. Default 30 s, ceiling 120 s.
    #[serde(default = "Declares::default_attempt_timeout")]
    pub attempt_timeout: ScaledDuration,
    /// Rows it asks for at a time. Default 100.
    #[serde(default = "Declares::default_page_size")]
    pub page_size: u32,
    /// Requests in flight. Default 1, ceiling 32.
    #[serde(default = "Declares::default_parallelism")]
    pub parallelism: u32,
    /// What it promises about duplicates. Default `exactly_once`.
    #[serde(default)]
    pub delivery: Delivery,
    /// How it finds what changed (capability `incremental`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incremental: Option<Incremental>,
}

impl Default for Declares {
    fn default() -> Self {
        Self {
            max_attempts: Self::default_max_attempts(),
            max_wait: Self::default_max_wait(),
            attempt_timeout: Self::default_attempt_timeout(),
            page_size: Self::default_page_size(),
            parallelism: Self::default_parallelism(),
            delivery: Delivery::default(),
            incremental: None,
        }
    }
}

impl Declares {
    const fn default_max_attempts() -> u32 {
        5
    }
    const fn default_max_wait() -> ScaledDuration {
        ScaledDuration::plain(std::time::Duration::from_secs(60))
    }
    const fn default_attempt_timeout() -> ScaledDuration {
        ScaledDuration::plain(std::time::Duration::from_secs(30))
    }
    const fn default_page_size() -> u32 {
        100
    }
    const fn default_parallelism() -> u32 {
        1
    }
}

/// What a connector promises about duplicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Each record once, over a resume too.
    #[default]
    ExactlyOnce,
    /// Records may be repeated after a resume.
    AtLeastOnce,
}

/// Where a subject's words are, and how they map to classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisSource {
    /// Word lists shipped with the judge, tried after `map`, in this order.
    #[serde(default)]
    pub dialects: Vec<String>,
    /// Where to look, in this order; the first that yields text decides.
    #[serde(default)]
    pub read_from: Vec<WordsSource>,
    /// The subject's own words, tried first, in this order.
    #[serde(default)]
    pub map: Vec<MapEntry>,
    /// How its exit code maps to an outcome: these codes mean success. Default: 0 alone.
    #[serde(default = "zero_alone")]
    pub success_exit_codes: Vec<i32>,
}

impl Default for DiagnosisSource {
    fn default() -> Self {
        Self {
            dialects: Vec::new(),
            read_from: Vec::new(),
            map: Vec::new(),
            success_exit_codes: zero_alone(),
        }
    }
}

fn zero_alone() -> Vec<i32> {
    vec![0]
}

/// One place to look for words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WordsSource {
    /// JSON pointer into stdout, which holds one JSON document or one a line; the last match counts.
    StdoutJson(String),
    /// JSON pointer into stderr, likewise.
    StderrJson(String),
    /// The lines of stdout that match this regular expression; group 1, or the whole match.
    StdoutMatch(String),
    /// The lines of stderr that match this regular expression; group 1, or the whole match.
    StderrMatch(String),
    /// The last non-empty line of stderr.
    StderrLastLine,
    /// The last non-empty line of stdout.
    StdoutLastLine,
    /// Exit codes that mean a class by themselves.
    ExitCode(IndexMap<i32, Class>),
}

/// Where the URL of a page for a person is found, as soon as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthorizeSource {
    /// The first line of stdout that matches this regular expression; group 1, or the whole match.
    StdoutRegex(String),
    /// The first line of stderr that matches this regular expression; group 1, or the whole match.
    StderrRegex(String),
    /// JSON pointer into a line of stdout.
    StdoutJson(String),
}

/// Words that mean a class, or that are known to mean none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapEntry {
    /// Regular expression.
    #[serde(rename = "match")]
    pub pattern: String,
    /// The primary class it means. Without one the words are known to name no cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Further classes the same words name.
    #[serde(default)]
    pub candidates: Vec<Class>,
}

/// Where a subject's records are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsSource {
    /// A file of JSON lines, or `-` for stdout. The adapters `airbyte` and `singer` take them from the
    /// framework's messages: `-`.
    pub jsonl: String,
    /// JSON pointer to the record's `sys_id`. Default `/sys_id`.
    #[serde(default = "default_key")]
    pub key: String,
}

fn default_key() -> String {
    "/sys_id".into()
}
