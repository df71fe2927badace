//! Evidence: all that a verdict rests on, saved per scenario run, free of secrets.
//!
//! ```text
//! evidence/SP-A01[/variant]/
//!   scenario.json      the scenario as it was run
//!   journal.jsonl      what the wire saw
//!   truth.json         which records must, may and must never be delivered, per user and table
//!   lag.json           how late this machine's scheduler was
//!   subject.json       who was judged, and what it declares
//!   act-1/             one folder an act
//!     act.json         how it ran and what it said
//!     stdout, stderr   its words
//!     records.jsonl    what it delivered
//! ```
//!
//! A check sees an [`Evidence`] and nothing else, so judging a saved folder gives the same verdict.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::{Outcome, Verb};
use snowproof_simulator::journal::{Entry, Header, Unlisted};

use crate::diagnosis::Class;
use crate::scenario::Scenario;
use crate::subject::{Capability, Declares, Route};

mod changes;
mod folder;
mod truth;

pub use folder::{EvidenceError, Words, evidence_folders};

/// Everything known about one scenario run.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The scenario as it was run.
    pub scenario: Scenario,
    /// Who was judged.
    pub subject: SubjectFacts,
    /// First line of the journal.
    pub header: Header,
    /// What the wire saw, in order.
    pub journal: Vec<Entry>,
    /// What each act's process did and said, in order.
    pub acts: Vec<ActEvidence>,
    /// Which records had to be delivered.
    pub truth: Truth,
    /// How late the scheduler was.
    pub lag: Lag,
}

/// Who was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectFacts {
    /// Name from the manifest.
    pub name: String,
    /// What its version command printed, first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How it was driven.
    pub adapter: String,
    /// What it says it can do.
    pub capabilities: Vec<Capability>,
    /// What it says of itself, with defaults filled in.
    pub declares: Declares,
    /// Whether its words can be read: false for `exec`, so that checks of words do not apply.
    pub has_words: bool,
    /// Whether its records can be read.
    pub has_records: bool,
    /// How it was brought to the simulator.
    #[serde(default, skip_serializing_if = "Route::is_direct")]
    pub route: Route,
    /// The checks that ask for what is not its task, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub out_of_scope: BTreeMap<String, String>,
}

/// What one act's process did and said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActEvidence {
    /// Counts from 1.
    pub act: u32,
    /// What was asked.
    pub verb: Verb,
    /// Whether it was given state.
    pub resumed: bool,
    /// Host, and port unless it is 443, of the URL that it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The `correlation_id` of the record that it was asked to create, or what else tells apart
    /// what it was asked to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_key: Option<String>,
    /// What it was asked to do to the instance, and whether that was done in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// The command, secrets replaced.
    pub argv: Vec<String>,
    /// Names of the environment variables it was given.
    pub environment: Vec<String>,
    /// Journal nanoseconds at which the process was started, or one that was kept was given the act.
    pub spawned_ns: u64,
    /// Journal nanoseconds of its first contact with the simulator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_contact_ns: Option<u64>,
    /// Journal nanoseconds at which it was gone, or the act over that it outlives.
    pub exited_ns: u64,
    /// How many runs the process had done or begun before this act; the first act of a process has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub earlier_runs: u32,
    /// How it ended.
    pub ending: ProcessEnding,
    /// Exit status, where it exited by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Signal that ended it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// What it said in the end.
    pub said: Said,
    /// Records it delivered, in order.
    pub delivered: Vec<Delivered>,
    /// Records of which it said that they are gone, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<Delivered>,
    /// Fields that it delivered empty without a word that they could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<BlankField>,
    /// How many checkpoints it wrote.
    pub checkpoints: u32,
    /// Where secrets were found in its words, files or records.
    pub secret_hits: Vec<SecretHit>,
    /// What was wrong with the way it behaved as a process.
    pub problems: Vec<ProcessProblem>,
    /// Bytes it wrote to stdout and stderr, and how many of each are kept.
    pub output: OutputSizes,
    /// What the person did whom it sent to the instance, in our words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub person: Vec<String>,
}

impl ActEvidence {
    /// An act of which nothing is known yet, from its beginning: nobody was started, nothing was said.
    pub(crate) fn begun(act: u32, verb: Verb, at_ns: u64) -> Self {
        Self {
            act,
            verb,
            resumed: false,
            host: None,
            record_key: None,
            asked: None,
            argv: Vec::new(),
            environment: Vec::new(),
            spawned_ns: at_ns,
            first_contact_ns: None,
            exited_ns: at_ns,
            earlier_runs: 0,
            ending: ProcessEnding::NotStarted,
            exit_code: None,
            signal: None,
            said: Said::default(),
            delivered: Vec::new(),
            deleted: Vec::new(),
            blank: Vec::new(),
            checkpoints: 0,
            secret_hits: Vec::new(),
            problems: Vec::new(),
            output: OutputSizes::default(),
            person: Vec::new(),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What an act was asked to do to the instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The table in which that is seen: the one to write to, `sys_attachment` or `sys_email`.
    pub table: String,
    /// The record that was to be changed, or that the file was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sys_id: Option<String>,
    /// Whether the instance held it, whole, when the act was over.
    pub held: bool,
    /// How much of it there was, where several records were to be created at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub several: Option<Several>,
}

/// Several records that were to be created at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Several {
    /// How many.
    pub wanted: u32,
    /// How many of them the instance held, once or more often, when the act was over.
    pub held: u32,
}

/// How the note of a person begins whose browser was answered by the connector.
pub(crate) const WENT_BACK: &str = "the browser went back to the connector";

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessEnding {
    /// It exited by itself.
    Exited,
    /// The scenario killed it, as planned.
    KilledAsPlanned,
    /// It was still running when its budget was used up.
    OverBudget,
    /// The run was interrupted.
    Interrupted,
    /// It could not be started.
    NotStarted,
    /// It said its result, and its process goes on: it has no exit status.
    Answered,
    /// It runs elsewhere: nobody here started it, hears it or knows whether it has ended.
    Elsewhere,
}

/// What a connector said in the end, as its manifest reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Its own judgement; for `command`, exit status 0 is success unless the manifest says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Primary class; none when it said nothing, or nothing that maps to one class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Further classes it names.
    #[serde(default)]
    pub candidates: Vec<Class>,
    /// Its words, secrets replaced; empty when it said nothing.
    #[serde(default)]
    pub text: String,
    /// What it warned of on the way, secrets replaced: warnings and errors of the native protocol's
    /// log, and lines of a command's stderr that speak of a warning. At most 16, of 300 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The next step it offers, where that can be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// What turned words into a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_by: Option<ReadBy>,
    /// Journal nanoseconds at which it was said; for words read from output, when they arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ns: Option<u64>,
}

/// What turned words into a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    /// The connector said it in the native protocol.
    Native,
    /// The manifest's own map, by the number of its entry from 1.
    Map(u32),
    /// The manifest's exit code table.
    ExitCode,
    /// A dialect shipped with the judge.
    Dialect(String),
}

/// A delivered record, as far as judging needs it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// Its key.
    pub sys_id: String,
    /// Its `sys_mod_count`, where the record carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mod_count: Option<u64>,
}

/// A field that is empty in delivered records.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct BlankField {
    /// The table that the records were read from; empty where it is not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
    /// Its name.
    pub field: String,
    /// In how many records.
    pub records: u64,
}

/// A place where a secret was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretHit {
    /// Name of the secret, such as `password`.
    pub secret: String,
    /// Its form: `raw`, `base64`, `url-encoded`, `json-escaped`, `html-escaped`, `hex`.
    pub form: String,
    /// Where: `stdout`, `stderr`, `records`, `state`, or a file's name.
    pub found_in: String,
}

/// What was wrong with a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessProblem {
    /// It wrote far more than is kept.
    Flooded {
        /// `stdout`, `stderr` or `records`.
        stream: String,
        /// Bytes in all.
        bytes: u64,
    },
    /// A line of the native protocol could not be read.
    BadLine {
        /// Line number of stdout, from 1.
        line: u64,
        /// Why.
        why: String,
    },
    /// Its stdout ended within a line.
    HalfLine {
        /// Bytes of the unfinished line.
        bytes: u64,
    },
    /// Something it started still held its output open after it exited.
    OutputHeldOpen,
    /// It exited without a result.
    NoResult,
    /// It exited before it reached the simulator.
    NeverConnected,
    /// It says that it does not implement what it was asked to do.
    NotImplemented,
    /// It did not exit after SIGTERM and was killed.
    IgnoredTerm,
    /// The manifest keeps its process for further runs, and its `hello` does not say `multi-run`.
    SingleRun,
    /// It could not be started.
    NotStarted {
        /// The system's words.
        why: String,
    },
}

/// Bytes of output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputSizes {
    /// Bytes written to stdout.
    pub stdout: u64,
    /// Bytes written to stderr.
    pub stderr: u64,
}

/// Which records must, may and must never be delivered, by act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// By table, for the user the subject authenticates as, over all acts.
    pub tables: BTreeMap<String, TableTruth>,
    /// Tables of which too much was visible to be listed, at some moment that counts. They are left
    /// out of `tables`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unlisted: BTreeMap<String, Unlisted>,
    /// By the number of an act that was asked for changes, and table: what it had to end with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<u32, BTreeMap<String, ChangesTruth>>,
}

/// The truth about one table during one act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangesTruth {
    /// Visible throughout the act in one version (`sys_mod_count`). Whoever goes on from an earlier
    /// act ends with each of them in that version.
    pub must: Vec<(String, u64)>,
    /// Visible at some moment of the act. Nothing else may be delivered in it.
    pub may: Vec<String>,
    /// Visible in an earlier act, and deleted before this one.
    pub gone: Vec<String>,
}

/// The truth about one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableTruth {
    /// Visible throughout.
    pub must: Vec<String>,
    /// Visible at some moment, `must` included.
    pub may: Vec<String>,
}

/// How late this machine's scheduler was while the scenario ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    /// 99th percentile, milliseconds.
    pub p99_ms: u64,
    /// Largest, milliseconds.
    pub max_ms: u64,
    /// How often it was measured.
    pub samples: u64,
}

impl Evidence {
    /// Whether nothing is known of the subject but what the wire saw.
    #[must_use]
    pub fn is_of_the_wire_alone(&self) -> bool {
        let mut acts = self.acts.iter();
        acts.any(|act| act.ending == ProcessEnding::Elsewhere)
    }
}

impl Lag {
    /// The 99th percentile.
    #[must_use]
    pub const fn p99(&self) -> Duration {
        Duration::from_millis(self.p99_ms)
    }
}
