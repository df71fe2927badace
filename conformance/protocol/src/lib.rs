//! The messages of the native adapter: JSON objects, one a line, on stdin and stdout.
//!
//! ```text
//! connector ─ hello ─► runner      version and capabilities, first of all
//! connector ◄─ run ─── runner      an opaque run id, a verb and parameters
//! connector ─ record, state, log, authorize ─► runner
//! connector ─ result ─► runner     the outcome and the diagnosis; the run is over
//! ```
//!
//! The runner then closes stdin, or sends another `run` to a connector that says `multi-run` and whose
//! manifest keeps its process (`lifetime: scenario` or `run`). `hello` is said once in a process, and there is one
//! run at a time: the next one begins with nothing of the one before, and may have another instance, other
//! credentials and another CA. Between `result` and the next `run` nothing is written, to stderr neither; at
//! the end of stdin the process exits.
//!
//! Anything else on stdout is an error that the runner reports by line. Stderr is free text.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name and version of this protocol; the first message of either side carries it.
pub const VERSION: &str = "snowproof.native/1";

/// Exit status of a connector that does not implement what it was asked to do.
pub const EXIT_NOT_IMPLEMENTED: i32 = 89;

/// What the runner sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToConnector {
    /// Do one thing.
    Run(Run),
    /// End the run with this id: write the checkpoint, send a result, and be ready to exit.
    Stop(Stop),
}

/// What a connector sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromConnector {
    /// Who it is; its first message.
    Hello(Hello),
    /// A record it has delivered to its user.
    Record(Record),
    /// Where a later run may resume; everything delivered before it is safe.
    State(State),
    /// Something it tells its user on the way; not its final word.
    Log(Log),
    /// The run is over.
    Result(RunResult),
    /// A page that a person is to open in a browser, to sign in and to consent.
    Authorize(Authorize),
    /// A record of which it tells its user that it is gone.
    Deleted(Deleted),
}

/// Who a connector is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// [`VERSION`].
    pub protocol: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it can do: `basic`, `sync`, `write`, `resume`, `multi-run`, …
    pub capabilities: Vec<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Opaque; every answer repeats it.
    pub run_id: String,
    /// What to do.
    pub verb: Verb,
    /// The settings, as text: `base_url`, `user`, `password`, `ca_file`, `table`, `page_size`
    /// (rows), `timeout` (whole seconds one attempt may take), `record` (what to create or to change), … A missing one means the
    /// connector's own default; one that is there is to be obeyed.
    pub parameters: BTreeMap<Parameter, String>,
    /// The last state of an earlier run, when this one is to resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<serde_json::Value>,
}

/// What a connector is asked to do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Test the connection and say what is wrong with it.
    Check,
    /// Read the table, whole, and deliver its records. With the state of a run that came to its end:
    /// what changed since (capability `incremental`).
    Sync,
    /// Create the given record in the table, exactly once. Success means that it is there once. With
    /// `records` in the place of `record`: each of them, and success means all (capability `batch`).
    Write,
    /// Obtain a person's consent (OAuth 2.0, authorization code) and verify what came of it.
    Connect,
    /// Change the given fields of one record of the table. Success means that they are changed.
    Update,
    /// Upload a file to one record of the table. Success means that it is there, whole.
    Attach,
    /// Send a message through the instance's Email API. Success means that the instance took it.
    Email,
    /// Set the instance up so that it calls back when a record of the table changes. Success means
    /// that all that it takes is there.
    Provision,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::Sync => "sync",
            Self::Write => "write",
            Self::Connect => "connect",
            Self::Update => "update",
            Self::Attach => "attach",
            Self::Email => "email",
            Self::Provision => "provision",
        })
    }
}

/// Asks to end a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The run.
    pub run_id: String,
}

/// A delivered record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The run.
    pub run_id: String,
    /// The table it was read from.
    pub table: String,
    /// The record as the connector hands it on; it must hold `sys_id`.
    pub record: serde_json::Map<String, serde_json::Value>,
    /// Fields of which the connector says that they could not be read, whatever it hands on for
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The run.
    pub run_id: String,
    /// Whatever the connector needs to resume. After a person's consent that includes the tokens it
    /// brought; evidence never holds them.
    pub state: serde_json::Value,
}

/// A line for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The run.
    pub run_id: String,
    /// `info`, `warning` or `error`.
    pub level: LogLevel,
    /// The text.
    pub text: String,
}

/// How grave a line is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Good to know.
    Info,
    /// Something went wrong that may not matter.
    Warning,
    /// Something went wrong that matters.
    Error,
}

/// A record that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deleted {
    /// The run.
    pub run_id: String,
    /// The table it was in.
    pub table: String,
    /// Its key.
    pub sys_id: String,
}

/// A page for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// The run.
    pub run_id: String,
    /// The whole URL, with its query.
    pub url: String,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunResult {
    /// The run.
    pub run_id: String,
    /// How it went.
    pub outcome: Outcome,
    /// What the user is told is wrong; none when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
}

/// How a run went, in the connector's own judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All of it was done.
    Success,
    /// None of it can be relied upon.
    Failure,
    /// Part of it was done, and the diagnosis says what is missing.
    Partial,
}

/// What a connector tells its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// The most likely cause, a class of the published vocabulary such as `tls.expired`.
    pub class: String,
    /// Other causes that the connector cannot rule out.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// What is shown.
    pub message: String,
    /// What the user should do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Whether trying again later may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
}

/// Everything a runner may set on a connector. A closed list.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// `https://127.0.0.1:PORT`, or `https://dev12345.service-now.com` by a route that takes names.
    BaseUrl,
    /// Host alone.
    Host,
    /// Port alone.
    Port,
    /// `https`.
    Scheme,
    /// `dev12345`, without a domain.
    InstanceName,
    /// How it authenticates: `basic`, `oauth-authorization-code`, `oauth-refresh`, `oauth-password`,
    /// `oauth-client-credentials`, `oauth-jwt`, `api-key` or `mtls`.
    AuthMethod,
    /// User name.
    User,
    /// Password.
    Password,
    /// PEM file with the run's CA.
    CaFile,
    /// PEM file with the system's roots and the run's CA.
    CaBundle,
    /// Table to read, or to write to.
    Table,
    /// Columns to read, comma separated.
    Fields,
    /// Rows asked for at a time.
    PageSize,
    /// Requests in flight at most.
    Parallelism,
    /// Seconds one attempt may take.
    Timeout,
    /// File in which a checkpoint is kept.
    StateFile,
    /// Folder for whatever the connector writes.
    OutDir,
    /// The opaque run id.
    RunId,
    /// The record to create, or what to change of one: a JSON object of columns and texts. A new
    /// record's `correlation_id` is unique, so that it can be looked up.
    Record,
    /// `http://127.0.0.1:PORT` of the forward proxy, where there is one.
    ProxyUrl,
    /// User name for the proxy.
    ProxyUser,
    /// Password for the proxy.
    ProxyPassword,
    /// PKCS #12 file with the run's CA, without a password.
    Truststore,
    /// Whether certificates are checked: `on`, or `off` where the user has switched that off.
    Verify,
    /// Client id of the OAuth application.
    ClientId,
    /// Client secret of the OAuth application; none for a public client.
    ClientSecret,
    /// Where a person consents: `https://…/oauth_auth.do`.
    AuthorizeUrl,
    /// Where tokens are asked for: `https://…/oauth_token.do`.
    TokenUrl,
    /// Where the browser returns to: `http://127.0.0.1:PORT/…`, on which the connector is to
    /// listen. It is registered with the application, byte for byte.
    RedirectUrl,
    /// An access token that the connector was given before the run.
    AccessToken,
    /// A refresh token that the connector was given before the run.
    RefreshToken,
    /// An API key.
    ApiKey,
    /// PEM file with the client's certificate chain.
    ClientCertificate,
    /// PEM file with the client's private key (PKCS #8); with `oauth-jwt` the one that signs
    /// assertions.
    ClientKey,
    /// The id (`kid`) by which the instance knows the key that signs assertions.
    ClientKeyId,
    /// The `sys_id` of the record to change, or to upload a file to.
    SysId,
    /// The text file (UTF-8) to upload; on the instance it has the last part of this path as its name.
    Attachment,
    /// The message to send: a JSON object of `to` (a list of addresses), `subject` and `text`.
    Message,
    /// Where the instance is to call back.
    WebhookUrl,
    /// Only records that changed at this time or later are to be read (`sys_updated_on`):
    /// `YYYY-MM-DD hh:mm:ss`, UTC.
    Since,
    /// Whether the cookies of answers are sent along with later requests: `on` or `off`.
    Cookies,
    /// Only records that this encoded query finds are to be read: `install_status=1`.
    Query,
    /// The records to create by the Batch API: a JSON array of objects as of `record`.
    Records,
}

impl Parameter {
    /// Every parameter, in the order of declaration.
    pub const ALL: [Self; 43] = [
        Self::BaseUrl,
        Self::Host,
        Self::Port,
        Self::Scheme,
        Self::InstanceName,
        Self::AuthMethod,
        Self::User,
        Self::Password,
        Self::CaFile,
        Self::CaBundle,
        Self::Table,
        Self::Fields,
        Self::PageSize,
        Self::Parallelism,
        Self::Timeout,
        Self::StateFile,
        Self::OutDir,
        Self::RunId,
        Self::Record,
        Self::ProxyUrl,
        Self::ProxyUser,
        Self::ProxyPassword,
        Self::Truststore,
        Self::Verify,
        Self::ClientId,
        Self::ClientSecret,
        Self::AuthorizeUrl,
        Self::TokenUrl,
        Self::RedirectUrl,
        Self::AccessToken,
        Self::RefreshToken,
        Self::ApiKey,
        Self::ClientCertificate,
        Self::ClientKey,
        Self::ClientKeyId,
        Self::SysId,
        Self::Attachment,
        Self::Message,
        Self::WebhookUrl,
        Self::Since,
        Self::Cookies,
        Self::Query,
        Self::Records,
    ];

    /// The name it has in files, between braces in a template.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::Host => "host",
            Self::Port => "port",
            Self::Scheme => "scheme",
            Self::InstanceName => "instance_name",
            Self::AuthMethod => "auth_method",
            Self::User => "user",
            Self::Password => "password",
            Self::CaFile => "ca_file",
            Self::CaBundle => "ca_bundle",
            Self::Table => "table",
            Self::Fields => "fields",
            Self::PageSize => "page_size",
            Self::Parallelism => "parallelism",
            Self::Timeout => "timeout",
            Self::StateFile => "state_file",
            Self::OutDir => "out_dir",
            Self::RunId => "run_id",
            Self::Record => "record",
            Self::ProxyUrl => "proxy_url",
            Self::ProxyUser => "proxy_user",
            Self::ProxyPassword => "proxy_password",
            Self::Truststore => "truststore",
            Self::Verify => "verify",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::AuthorizeUrl => "authorize_url",
            Self::TokenUrl => "token_url",
            Self::RedirectUrl => "redirect_url",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::ApiKey => "api_key",
            Self::ClientCertificate => "client_certificate",
            Self::ClientKey => "client_key",
            Self::ClientKeyId => "client_key_id",
            Self::SysId => "sys_id",
            Self::Attachment => "attachment",
            Self::Message => "message",
            Self::WebhookUrl => "webhook_url",
            Self::Since => "since",
            Self::Cookies => "cookies",
            Self::Query => "query",
            Self::Records => "records",
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_names_are_the_serialized_ones() {
        for parameter in Parameter::ALL {
            assert_eq!(serde_json::to_value(parameter).unwrap(), parameter.name());
        }
    }

    #[test]
    fn messages_are_tagged_lines() {
        let message = FromConnector::Log(Log {
            run_id: "r1".into(),
            level: LogLevel::Info,
            text: "page 1".into(),
        });
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"type":"log","run_id":"r1","level":"info","text":"page 1"}"#
        );
        assert!(
            serde_json::from_str::<FromConnector>(
                r#"{"type":"log","run_id":"r1","lvl":"info","text":""}"#
            )
            .is_err()
        );
    }
}
