//! The ways in which a subject is driven, and the commands that each has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::Verb;

/// How a subject is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adapter {
    /// JSON lines on stdin and stdout.
    Native,
    /// A command per verb.
    Command,
    /// A source of the Airbyte protocol.
    Airbyte,
    /// A tap of the Singer specification.
    Singer,
    /// A service that is told over HTTP what to do.
    Http,
}

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunKey {
    /// The verb `check`.
    Check,
    /// The verb `sync`.
    Sync,
    /// Every verb, over the native protocol.
    Native,
    /// The verb `write`.
    Write,
    /// The verb `connect`.
    Connect,
    /// The verb `update`.
    Update,
    /// The verb `attach`.
    Attach,
    /// The verb `email`.
    Email,
    /// The verb `provision`.
    Provision,
    /// Every verb, by the Airbyte protocol.
    Airbyte,
    /// Every verb, by the Singer specification.
    Singer,
    /// The service that is asked over HTTP.
    Http,
}

impl Adapter {
    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Command => "command",
            Self::Airbyte => "airbyte",
            Self::Singer => "singer",
            Self::Http => "http",
        }
    }

    /// Whether it speaks a protocol that carries records and states on stdout.
    #[must_use]
    pub const fn has_messages(self) -> bool {
        !matches!(self, Self::Command | Self::Http)
    }
}

impl RunKey {
    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Sync => "sync",
            Self::Native => "native",
            Self::Write => "write",
            Self::Connect => "connect",
            Self::Update => "update",
            Self::Attach => "attach",
            Self::Email => "email",
            Self::Provision => "provision",
            Self::Airbyte => "airbyte",
            Self::Singer => "singer",
            Self::Http => "http",
        }
    }
}

impl From<Verb> for RunKey {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Check => Self::Check,
            Verb::Sync => Self::Sync,
            Verb::Write => Self::Write,
            Verb::Connect => Self::Connect,
            Verb::Update => Self::Update,
            Verb::Attach => Self::Attach,
            Verb::Email => Self::Email,
            Verb::Provision => Self::Provision,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::subject::Subject;
    use crate::yaml::SourceFile;

    fn read(body: &str) -> Result<Subject, String> {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: format!(
                "schema: snowproof.subject/1\nsubject: x\ncapabilities: [check]\n{body}\n"
            ),
        };
        let subject = Subject::read(&source, PathBuf::from("/"));
        subject.map_err(|error| error.rendered())
    }

    #[test]
    fn each_adapter_has_its_commands_and_a_framework_its_configuration() {
        let config = "files: { config: { template: x } }";
        for (body, expected) in [
            (
                format!("adapter: airbyte\nrun: {{ check: [a] }}\n{config}"),
                "`check` is no command of this adapter",
            ),
            (
                format!("adapter: singer\nrun: {{ check: [a] }}\n{config}"),
                "the command `singer` is missing",
            ),
            (
                "adapter: singer\nrun: { singer: [a] }".to_owned(),
                "the file `config` is missing",
            ),
            (
                "adapter: command\nrun: { singer: [a] }".to_owned(),
                "`singer` is no command of this adapter",
            ),
            (
                format!(
                    "adapter: airbyte\nrun: {{ airbyte: [a] }}\n{config}\nstream: {{ name: \"{{tabel}}\" }}"
                ),
                "`{tabel}` is no parameter",
            ),
        ] {
            let told = read(&body).map(|_| ()).unwrap_err();
            assert!(told.contains(expected), "{body}: {told}");
        }
        for body in [
            format!("adapter: airbyte\nrun: {{ airbyte: [a] }}\n{config}"),
            format!("adapter: singer\nrun: {{ singer: [a], check: [b] }}\n{config}"),
        ] {
            assert!(read(&body).is_ok(), "{body}");
        }
    }
}
