//! What a connector said, as evidence.

use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use snowproof_protocol::{FromConnector, Outcome, Parameter};
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
    evidence.deleted = conversation.deleted;
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

/// A warning as it is kept until the act is over, when every token is known: cut any shorter, half
/// of one could remain.
pub(super) fn warning(text: &str, redactor: &Redactor) -> String {
    const HELD_CHARS: usize = 4 * WARNING_CHARS;
    redactor.redact(text).chars().take(HELD_CHARS).collect()
}

/// What a process's exit status says by itself.
pub(super) fn outcome_of(exit_code: Option<i32>, success: &[i32]) -> Outcome {
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

/// Replaces tokens that were issued during the act in what is kept of its output, and tells which
/// there were. A checkpoint may hold them: a refresh token has to be kept somewhere.
pub(super) fn cover_output(
    stdout: &Capture,
    stderr: &Capture,
    issued: &Redactor,
) -> BTreeSet<SecretHit> {
    let mut hits = cover_stream(stdout, "stdout", issued);
    hits.extend(cover_stream(stderr, "stderr", issued));
    hits
}

/// The same for one stream.
pub(super) fn cover_stream(
    capture: &Capture,
    found_in: &str,
    issued: &Redactor,
) -> BTreeSet<SecretHit> {
    let text = without_checkpoints(&capture.whole_lines());
    let hits = hits_of(&issued.find(&text), found_in);
    capture.cover(issued);
    hits
}

/// The same for what it said and delivered.
pub(super) fn cover_evidence(evidence: &mut ActEvidence, issued: &Redactor) -> BTreeSet<SecretHit> {
    let said = &mut evidence.said;
    let texts = std::iter::once(&mut said.text)
        .chain(&mut said.next_step)
        .chain(&mut said.warnings)
        .chain(&mut evidence.argv);
    for text in texts {
        *text = issued.redact(text).into_owned();
    }
    for warning in &mut said.warnings {
        *warning = warning.chars().take(WARNING_CHARS).collect();
    }
    let mut hits = clean_records(&mut evidence.delivered, issued);
    hits.extend(clean_records(&mut evidence.deleted, issued));
    hits
}

/// The text without the lines of the native protocol that carry a checkpoint.
fn without_checkpoints(text: &str) -> String {
    let is_checkpoint = |line: &&str| {
        let message = serde_json::from_str::<FromConnector>(line);
        matches!(message, Ok(FromConnector::State(_)))
    };
    text.split_inclusive('\n')
        .filter(|line| !is_checkpoint(line))
        .collect()
}

/// Secrets in the files that a connector wrote. The files that it was given are not searched. What
/// was issued during the run may be kept for the next one: in a checkpoint, or in a file that nobody
/// else can read.
pub(super) fn hits_in_files(
    folders: &[&ActFolders],
    values: &Values,
    redactor: &Redactor,
    issued: &Redactor,
) -> BTreeSet<SecretHit> {
    const MAX_FILES: usize = 64;
    let mut files = Vec::new();
    for folder in folders.iter().flat_map(|it| [&it.out, &it.home]) {
        collect_files(folder, MAX_FILES, &mut files);
    }
    let state_file = values
        .parameters
        .get(&Parameter::StateFile)
        .map(PathBuf::from);
    files.extend(state_file.clone());
    let mut hits = BTreeSet::new();
    for path in files {
        let is_state = Some(&path) == state_file.as_ref();
        let found_in = if is_state {
            "state".to_owned()
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            issued.redact(&redactor.redact(&name)).into_owned()
        };
        if let Some(text) = beginning_of(&path) {
            hits.extend(hits_of(&redactor.find(&text), &found_in));
            if !is_state && !is_private(&path) {
                hits.extend(hits_of(&issued.find(&text), &found_in));
            }
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

/// Whether its owner alone can read a file.
fn is_private(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_file_is_found_unless_it_is_kept_for_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let within = |name: &str| folder.path().join(name);
        let folders = ActFolders {
            home: within("home"),
            out: within("out"),
            files: within("files"),
            hosts: within("hosts"),
        };
        let state = within("state.json");
        let values = Values {
            parameters: [(Parameter::StateFile, state.display().to_string())].into(),
            files: Default::default(),
            subject_dir: PathBuf::new(),
            program: PathBuf::new(),
        };
        let issued = Redactor::new([("token 1", "minted-during-the-run")]);
        let given = Redactor::new([("password", "correct-horse-battery")]);
        let hits = || {
            let hits = hits_in_files(&[&folders], &values, &given, &issued);
            let named = hits
                .into_iter()
                .map(|hit| (hit.secret, hit.form, hit.found_in));
            named.collect::<Vec<_>>()
        };
        for folder in [&folders.home, &folders.out] {
            std::fs::create_dir(folder).unwrap();
        }
        let cache = folders.home.join("cache");
        let (said, mine) = ("minted%2Dduring-the-run", "minted-during-the-run");
        std::fs::write(folders.out.join("connector.log"), said).unwrap();
        std::fs::write(&state, mine).unwrap();
        std::fs::write(&cache, mine).unwrap();
        std::fs::set_permissions(&cache, PermissionsExt::from_mode(0o600)).unwrap();
        let hit = |secret: &str, form: &str, file: &str| {
            (secret.to_owned(), form.to_owned(), file.to_owned())
        };
        let in_log = hit("token 1", "url-encoded", "connector.log");
        assert_eq!(hits(), std::slice::from_ref(&in_log));
        std::fs::set_permissions(&cache, PermissionsExt::from_mode(0o644)).unwrap();
        std::fs::write(&state, "correct-horse-battery").unwrap();
        let expected = [
            hit("password", "raw", "state"),
            hit("token 1", "raw", "cache"),
            in_log,
        ];
        assert_eq!(hits(), expected);
    }

    #[test]
    fn a_checkpoint_may_hold_a_token_and_a_log_may_not() {
        let log = r#"{"type":"log","run_id":"r1","level":"info","text":"using T"}"#;
        let state = r#"{"type":"state","run_id":"r1","state":{"refresh_token":"T"}}"#;
        let text = format!("{state}\n{log}\n{state}\nno message");
        assert_eq!(without_checkpoints(&text), format!("{log}\nno message"));
    }
}
