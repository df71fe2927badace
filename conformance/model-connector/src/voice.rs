//! What the connector says: the messages of one run, a line each. Never a secret, unless the
//! policy says so.

use std::cell::Cell;
use std::io;

use serde_json::{Map, Value};
use snowproof_protocol::{
    Authorize, Deleted, FromConnector, Hello, Log, LogLevel, Outcome, Record, RunResult, State,
    VERSION,
};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Mutex;

use crate::client::Client;
use crate::diagnosis::Failure;
use crate::policy::{OnFailure, Policy, Verbosity};
use crate::settings::Settings;

/// What the connector can do.
const CAPABILITIES: [&str; 22] = [
    "check",
    "sync",
    "basic",
    "resume",
    "multi-run",
    "write",
    "parallel",
    "connect",
    "oauth-authorization-code",
    "oauth-refresh",
    "oauth-password",
    "oauth-client-credentials",
    "oauth-jwt",
    "api-key",
    "mtls",
    "cookies",
    "provision",
    "update",
    "attach",
    "email",
    "incremental",
    "batch",
];

/// A record as it is handed on.
#[derive(Debug, PartialEq)]
pub(crate) struct Handed {
    pub(crate) record: Map<String, Value>,
    /// Fields that could not be read.
    pub(crate) unreadable: Vec<String>,
}

/// Says who it is.
pub(crate) async fn hello<W: AsyncWrite + Unpin>(out: &mut W) -> io::Result<()> {
    let hello = FromConnector::Hello(Hello {
        protocol: VERSION.to_owned(),
        name: "snowproof-connector".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
    });
    let mut lines = Vec::new();
    push(&mut lines, &hello)?;
    write(out, &lines).await
}

/// The voice of one run. Several workers may speak: each message leaves whole.
pub(crate) struct Voice<'a, W> {
    out: Mutex<&'a mut W>,
    run_id: &'a str,
    policy: &'a Policy,
    /// The last failure after which another attempt was made.
    passed: Cell<Option<Failure>>,
}

impl<'a, W: AsyncWrite + Unpin> Voice<'a, W> {
    /// Speaks for the run `run_id`.
    pub(crate) fn new(out: &'a mut W, run_id: &'a str, policy: &'a Policy) -> Self {
        Self {
            out: Mutex::new(out),
            run_id,
            policy,
            passed: Cell::new(None),
        }
    }

    /// Remembers a failure after which another attempt is made.
    pub(crate) fn passes(&self, failure: Failure) {
        self.passed.set(Some(failure));
    }

    /// Delivers a page's records, then the checkpoint that covers them, in one write.
    pub(crate) async fn page(
        &self,
        table: &str,
        records: Vec<Handed>,
        state: Value,
    ) -> io::Result<()> {
        let mut lines = Vec::new();
        for Handed { record, unreadable } in records {
            let record = FromConnector::Record(Record {
                run_id: self.run_id.to_owned(),
                table: table.to_owned(),
                record,
                unreadable,
            });
            push(&mut lines, &record)?;
        }
        let state = FromConnector::State(State {
            run_id: self.run_id.to_owned(),
            state,
        });
        push(&mut lines, &state)?;
        self.write(&lines).await
    }

    /// Tells which records are gone.
    pub(crate) async fn gone(&self, table: &str, sys_ids: Vec<String>) -> io::Result<()> {
        let mut lines = Vec::new();
        for sys_id in sys_ids {
            let deleted = FromConnector::Deleted(Deleted {
                run_id: self.run_id.to_owned(),
                table: table.to_owned(),
                sys_id,
            });
            push(&mut lines, &deleted)?;
        }
        self.write(&lines).await
    }

    /// Tells something on the way.
    pub(crate) async fn log(&self, level: LogLevel, text: String) -> io::Result<()> {
        let log = FromConnector::Log(Log {
            run_id: self.run_id.to_owned(),
            level,
            text,
        });
        let mut lines = Vec::new();
        push(&mut lines, &log)?;
        self.write(&lines).await
    }

    /// Sends a person to a page.
    pub(crate) async fn authorize(&self, url: &str) -> io::Result<()> {
        let authorize = FromConnector::Authorize(Authorize {
            run_id: self.run_id.to_owned(),
            url: url.to_owned(),
        });
        let mut lines = Vec::new();
        push(&mut lines, &authorize)?;
        self.write(&lines).await
    }

    /// Tells what only a talkative connector tells.
    pub(crate) async fn chat(&self, text: impl FnOnce() -> String) -> io::Result<()> {
        if self.policy.verbosity == Verbosity::Chatty {
            self.log(LogLevel::Info, text()).await?;
        }
        Ok(())
    }

    /// Tells the settings, where the policy is so careless.
    pub(crate) async fn settings(&self, settings: &Settings) -> io::Result<()> {
        if self.policy.verbosity == Verbosity::WithPassword {
            let text = format!(
                "connecting to {} as {} with {}",
                settings.base,
                settings.user,
                settings.password.reveal()
            );
            self.log(LogLevel::Info, text).await?;
        }
        Ok(())
    }

    /// Tells the tokens, where the policy is so careless.
    pub(crate) async fn tokens(&self, client: &Client<'_>) -> io::Result<()> {
        if self.policy.verbosity == Verbosity::WithTokens {
            for token in client.tokens_held().await {
                self.log(LogLevel::Warning, format!("using {}", token.reveal()))
                    .await?;
            }
        }
        Ok(())
    }

    /// Says the final word, and returns the outcome that was reported.
    pub(crate) async fn result(
        &self,
        outcome: Outcome,
        failure: Option<Failure>,
    ) -> io::Result<Outcome> {
        let recovered = self
            .passed
            .take()
            .filter(|_| self.policy.tells_recovered && outcome == Outcome::Success);
        let mut result = RunResult {
            run_id: self.run_id.to_owned(),
            outcome,
            diagnosis: failure
                .or(recovered)
                .map(|failure| failure.diagnosis(self.policy)),
        };
        if outcome == Outcome::Failure {
            match self.policy.on_failure {
                OnFailure::Tell => {}
                OnFailure::ClaimSuccess => result.outcome = Outcome::Success,
                OnFailure::SayNothing => {
                    result.outcome = Outcome::Success;
                    result.diagnosis = None;
                }
                OnFailure::Vanish => return Ok(outcome),
            }
        }
        let said = result.outcome;
        let mut lines = Vec::new();
        push(&mut lines, &FromConnector::Result(result))?;
        self.write(&lines).await?;
        Ok(said)
    }

    async fn write(&self, lines: &[u8]) -> io::Result<()> {
        write(&mut **self.out.lock().await, lines).await
    }
}

fn push(lines: &mut Vec<u8>, message: &FromConnector) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, message)?;
    lines.push(b'\n');
    Ok(())
}

async fn write<W: AsyncWrite + Unpin>(out: &mut W, lines: &[u8]) -> io::Result<()> {
    out.write_all(lines).await?;
    out.flush().await
}
