//! What is wrong with a manifest, read from what its connector did on a healthy instance and on one
//! that refuses its password.
//!
//! It judges the manifest and not the connector: every finding names the entry that is to be
//! changed, its line, and what to change it to. Nothing here runs anything.

use serde::Serialize;
use snowproof_simulator::journal::{Entry, Event, Request};

use crate::evidence::{ActEvidence, Evidence};
use crate::subject::{Adapter, RunKey, SubjectFile};
use crate::yaml::{FileError, Positions, SourceFile};

mod contact;
mod credentials;
mod records;
mod trust;
mod voice;

pub(crate) use records::key_in;
pub(crate) use voice::pointer_to_words;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub finding: Fault,
    /// The entry of the manifest that it is about, such as `records.jsonl`.
    pub entry: String,
    /// Its line, from 1; that of its nearest parent where it is not written.
    pub line: usize,
    /// What was seen.
    pub seen: String,
    /// What to change.
    pub change: String,
}

impl Finding {
    /// Whether another route may help.
    #[must_use]
    pub fn may_be_the_route(&self) -> bool {
        match self.finding {
            Fault::NothingArrived | Fault::ProxyIgnored => true,
            // What its words say is missing is missing by every route.
            Fault::ExitedBeforeConnecting => self.entry.starts_with("run."),
            _ => false,
        }
    }
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The program cannot be started.
    CannotStart,
    /// It ended before it connected.
    ExitedBeforeConnecting,
    /// It ran, and nothing arrived.
    NothingArrived,
    /// It went past the proxy.
    ProxyIgnored,
    /// It does not trust the run's authority.
    CaNotTrusted,
    /// It spoke no TLS, or the handshake failed over something else.
    NoHandshake,
    /// It showed no credentials.
    NoCredentials,
    /// What it showed are not the credentials it was given.
    CredentialsChanged,
    /// It failed on a healthy instance.
    FailsWhereAllIsWell,
    /// It did not end.
    DoesNotEnd,
    /// It says success whatever happens.
    AlwaysSucceeds,
    /// No words were found where it failed.
    NoWordsSeen,
    /// Its words mean nothing to the judge.
    WordsNotUnderstood,
    /// No records were found where it read some.
    NoRecordsSeen,
}

impl Fault {
    /// The name it has in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CannotStart => "cannot-start",
            Self::ExitedBeforeConnecting => "exited-before-connecting",
            Self::NothingArrived => "nothing-arrived",
            Self::ProxyIgnored => "proxy-ignored",
            Self::CaNotTrusted => "ca-not-trusted",
            Self::NoHandshake => "no-handshake",
            Self::NoCredentials => "no-credentials",
            Self::CredentialsChanged => "credentials-changed",
            Self::FailsWhereAllIsWell => "fails-where-all-is-well",
            Self::DoesNotEnd => "does-not-end",
            Self::AlwaysSucceeds => "always-succeeds",
            Self::NoWordsSeen => "no-words-seen",
            Self::WordsNotUnderstood => "words-not-understood",
            Self::NoRecordsSeen => "no-records-seen",
        }
    }
}

/// A manifest with the places of its entries.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// What it says.
    pub file: &'a SubjectFile,
    source: &'a SourceFile,
    positions: Positions,
}

impl<'a> Manifest<'a> {
    /// Finds the places.
    ///
    /// # Errors
    ///
    /// The text is no YAML.
    pub fn new(file: &'a SubjectFile, source: &'a SourceFile) -> Result<Self, Box<FileError>> {
        let positions = Positions::read(source)?;
        Ok(Self {
            file,
            source,
            positions,
        })
    }

    /// A finding about an entry.
    #[must_use]
    pub fn finding(&self, finding: Fault, path: &[&str], seen: String, change: String) -> Finding {
        Finding {
            finding,
            entry: path.join("."),
            line: self.positions.of(path).line,
            seen,
            change,
        }
    }

    /// A finding about the entry that places one of these parameters; about another one where
    /// none of them is placed.
    fn about_placed(
        &self,
        finding: Fault,
        parameters: &[&str],
        otherwise: &[&str],
        (seen, change): (String, String),
    ) -> Finding {
        match parameters.iter().find_map(|name| self.placed(name)) {
            Some((entry, line)) => Finding {
                finding,
                entry,
                line,
                seen,
                change,
            },
            None => self.finding(finding, otherwise, seen, change),
        }
    }

    /// The entry and the line that place a parameter first, comments aside.
    fn placed(&self, parameter: &str) -> Option<(String, usize)> {
        let name = format!("{{{parameter}}}");
        let at = self.source.text.lines().position(|line| {
            let found = line.find(&name);
            found.is_some_and(|at| !line[..at].trim_start().starts_with('#'))
        })?;
        Some((name, at + 1))
    }

    /// The command of an act, by its entry.
    fn command(&self, act: &ActEvidence) -> [&'static str; 2] {
        let key = match self.file.adapter {
            Adapter::Command => RunKey::from(act.verb).name(),
            other => other.name(),
        };
        ["run", key]
    }
}

/// What one scenario showed.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// Its evidence.
    pub evidence: &'a Evidence,
    /// What is kept of stdout.
    pub stdout: &'a str,
    /// What is kept of stderr.
    pub stderr: &'a str,
}

impl<'a> Trial<'a> {
    fn act(&self) -> Option<&'a ActEvidence> {
        self.evidence.acts.first()
    }

    fn events(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        self.evidence
            .journal
            .iter()
            .map(|entry: &Entry| &entry.event)
    }

    fn requests(&self) -> impl Iterator<Item = &'a Request> + use<'a> {
        self.events().filter_map(|event| match event {
            Event::Request(request) => Some(request),
            _ => None,
        })
    }

    /// Its words of both streams, the last lines of each.
    fn tail(&self) -> String {
        const LINES: usize = 40;
        let last = |text: &str| -> Vec<String> {
            let lines: Vec<&str> = text.lines().filter(|it| !it.trim().is_empty()).collect();
            let from = lines.len().saturating_sub(LINES);
            lines[from..].iter().map(|it| (*it).to_owned()).collect()
        };
        [last(self.stdout), last(self.stderr)].concat().join("\n")
    }

    /// Its last line, short enough to be shown.
    fn last_words(&self) -> String {
        const SHOWN: usize = 160;
        let tail = self.tail();
        // What Node ends every crash with says nothing.
        let mut lines = tail.lines().rev().map(str::trim);
        let line = lines.find(|line| !line.starts_with("Node.js v"));
        let line = line.unwrap_or_default();
        if line.is_empty() {
            return "it printed nothing".to_owned();
        }
        let shown: String = line.chars().take(SHOWN).collect();
        format!("it printed `{shown}`")
    }
}

/// What the trials tell of a manifest: of a healthy instance, of one that refuses the password,
/// and of a healthy sync where the connector syncs. Where nothing could be read the rest tells
/// nothing and is left out.
#[must_use]
pub fn examine(
    manifest: &Manifest<'_>,
    healthy: Trial<'_>,
    refused: Option<Trial<'_>>,
    synced: Option<Trial<'_>>,
) -> Vec<Finding> {
    let first = contact::examine(manifest, healthy)
        .or_else(|| trust::examine(manifest, healthy))
        .or_else(|| credentials::examine(manifest, healthy))
        .or_else(|| voice::fails_where_all_is_well(manifest, healthy));
    let mut findings: Vec<Finding> = first.into_iter().collect();
    let reached = findings
        .iter()
        .all(|finding| finding.finding >= Fault::FailsWhereAllIsWell);
    if reached {
        findings.extend(refused.and_then(|refused| voice::on_refusal(manifest, refused)));
        findings.extend(synced.and_then(|synced| records::examine(manifest, synced)));
    }
    findings
}
