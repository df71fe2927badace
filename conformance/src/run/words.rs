//! What a connector said, as evidence.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use snowproof_protocol::{Outcome, Parameter};
use snowproof_simulator::redaction::Redactor;

use super::native::Conversation;
pub(super) use super::output::hits_of;
use super::output::{Capture, without_runtime_noise};
use super::workplace::ActFolders;
use crate::diagnosis::{self, Class};
use crate::evidence::{ActEvidence, Delivered, ProcessProblem, ReadBy, Said, SecretHit};
use crate::subject::Subject;
use crate::subject::template::Values;

/// Warnings that are kept of one act, and characters of each.
pub(super) const MAX_WARNINGS: usize = 16;
const WARNING_CHARS: usize = 300;

/// What a native connector said: its result as sent. Also gives its last state.
pub(super) fn native(
    conversation: Conversation,
    evidence: &mut ActEvidence,
    problems: &mut Vec<ProcessProblem>,
    redactor: &Redactor,
) -> (Said, Option<serde_json::Value>) {
    evidence.delivered = conversation.delivered;
    evidence.checkpoints = conversation.checkpoints;
    problems.extend(conversation.problems);
    if conversation.dropped > 0 {
        problems.push(ProcessProblem::Flooded {
            stream: "records".to_owned(),
            bytes: evidence.output.stdout,
        });
    }
    let mut said = conversation.result.map_or_else(Said::default, |result| {
        let clean = |text: String| redactor.redact(&text).into_owned();
        let mut said = Said {
            outcome: Some(result.outcome),
            ..Said::default()
        };
        if let Some(diagnosis) = result.diagnosis {
            said.class = diagnosis.class.parse::<Class>().ok();
            said.candidates = diagnosis
                .candidates
                .iter()
                .filter_map(|class| class.parse().ok())
                .collect();
            said.text = clean(diagnosis.message);
            said.next_step = diagnosis.next_step.map(clean);
            said.read_by = Some(ReadBy::Native);
        }
        said
    });
    said.warnings = conversation.warnings;
    (said, conversation.state)
}

/// What a command said: its words where the manifest says they are, and its exit status.
pub(super) fn command(
    subject: &Subject,
    stdout: &Capture,
    stderr: &Capture,
    exit_code: Option<i32>,
    has_words: bool,
) -> Said {
    let source = &subject.file.diagnosis;
    if !has_words {
        return Said {
            outcome: exit_code.map(|code| outcome_of(Some(code), &source.success_exit_codes)),
            ..Said::default()
        };
    }
    let text = |capture: &Capture| without_runtime_noise(&String::from_utf8_lossy(&capture.text()));
    let stderr = text(stderr);
    let mut said = diagnosis::read_words(source, &text(stdout), &stderr, exit_code);
    said.warnings = stderr
        .lines()
        .filter(|line| line.to_ascii_lowercase().contains("warn"))
        .take(MAX_WARNINGS)
        // A capture holds no secret any more.
        .map(|line| warning(line, &Redactor::default()))
        .collect();
    said
}

/// A warning as it is kept.
pub(super) fn warning(text: &str, redactor: &Redactor) -> String {
    redactor.redact(text).chars().take(WARNING_CHARS).collect()
}

/// What a process's exit status says by itself.
fn outcome_of(exit_code: Option<i32>, success: &[i32]) -> Outcome {
    match exit_code {
        Some(code) if success.contains(&code) => Outcome::Success,
        _ => Outcome::Failure,
    }
}

/// Replaces secrets in the keys of records, and tells which there were.
pub(super) fn clean_records(
    delivered: &mut [Delivered],
    redactor: &Redactor,
) -> BTreeSet<SecretHit> {
    let mut hits = BTreeSet::new();
    for record in delivered {
        let found = redactor.find(&record.sys_id);
        if !found.is_empty() {
            record.sys_id = redactor.redact(&record.sys_id).into_owned();
            hits.extend(hits_of(&found, "records"));
        }
    }
    hits
}

/// Secrets in the files that a connector wrote. The files that it was given are not searched.
pub(super) fn hits_in_files(
    folders: &ActFolders,
    values: &Values,
    redactor: &Redactor,
) -> BTreeSet<SecretHit> {
    const MAX_FILES: usize = 64;
    let mut files = Vec::new();
    for folder in [&folders.out, &folders.home] {
        collect_files(folder, MAX_FILES, &mut files);
    }
    let state_file = values
        .parameters
        .get(&Parameter::StateFile)
        .map(PathBuf::from);
    files.extend(state_file.clone());
    let mut hits = BTreeSet::new();
    for path in files {
        let found_in = if Some(&path) == state_file.as_ref() {
            "state".to_owned()
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            redactor.redact(&name).into_owned()
        };
        if let Some(text) = beginning_of(&path) {
            hits.extend(hits_of(&redactor.find(&text), &found_in));
        }
    }
    hits
}

fn collect_files(root: &Path, limit: usize, files: &mut Vec<PathBuf>) {
    const MAX_FOLDERS: usize = 64;
    let mut waiting = vec![root.to_owned()];
    for _ in 0..MAX_FOLDERS {
        let Some(folder) = waiting.pop() else { return };
        let entries = std::fs::read_dir(folder);
        for entry in entries.into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(kind) if kind.is_file() && files.len() < limit => files.push(entry.path()),
                // Neither links nor pipes: what lies behind them was not written here.
                _ => {}
            }
        }
    }
}

fn beginning_of(path: &Path) -> Option<String> {
    const MAX_BYTES: u64 = 16 * 1024 * 1024;
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut bytes = Vec::new();
    is_file.then_some(())?;
    std::fs::File::open(path)
        .ok()?
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
