//! Evidence on disk: written once, read back bounded, since a folder may come from anywhere.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ActEvidence, Evidence};

/// Largest JSON file that is read, bytes.
const MAX_JSON_BYTES: u64 = 64 * 1024 * 1024;
/// Largest file of JSON lines that is read, bytes.
const MAX_LINES_BYTES: u64 = 512 * 1024 * 1024;
/// Longest line that is read, bytes.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
/// Most acts of one scenario.
const MAX_ACTS: u32 = 64;

/// An act's words, kept beside its evidence for people; no check reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// What is kept of stdout, secrets replaced.
    pub stdout: Vec<u8>,
    /// What is kept of stderr, secrets replaced.
    pub stderr: Vec<u8>,
}

/// Why evidence cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file cannot be written.
    #[error("failed to write `{path}`: {why}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// A file cannot be read.
    #[error("failed to read `{path}`: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words, or the limit that it exceeds.
        why: String,
    },
    /// A file does not hold what it should.
    #[error("{path}:{line}:{column}: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Why, in the words of serde.
        why: String,
    },
}

impl Evidence {
    /// Writes the folder, with each act's words.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, folder: &Path, words: &[Words]) -> Result<(), EvidenceError> {
        create(folder)?;
        write_json(&folder.join("scenario.json"), &self.scenario)?;
        write_json(&folder.join("subject.json"), &self.subject)?;
        write_json(&folder.join("truth.json"), &self.truth)?;
        write_json(&folder.join("lag.json"), &self.lag)?;
        let journal = folder.join("journal.jsonl");
        write_lines(&journal, Some(&self.header), &self.journal)?;
        for (at, act) in self.acts.iter().enumerate() {
            let folder = folder.join(format!("act-{}", act.act));
            create(&folder)?;
            let mut head = act.clone();
            let delivered = std::mem::take(&mut head.delivered);
            write_json(&folder.join("act.json"), &head)?;
            write_lines(&folder.join("records.jsonl"), None::<&()>, &delivered)?;
            if let Some(words) = words.get(at) {
                write_bytes(&folder.join("stdout"), &words.stdout)?;
                write_bytes(&folder.join("stderr"), &words.stderr)?;
            }
        }
        Ok(())
    }

    /// Reads a folder that [`Evidence::write`] wrote.
    ///
    /// # Errors
    ///
    /// A file is missing, too large, or does not hold what it should.
    pub fn read(folder: &Path) -> Result<Self, EvidenceError> {
        let (header, journal) = read_journal(&folder.join("journal.jsonl"))?;
        let mut acts = Vec::new();
        for number in 1..=MAX_ACTS {
            let folder = folder.join(format!("act-{number}"));
            if !folder.is_dir() {
                break;
            }
            let mut act: ActEvidence = read_json(&folder.join("act.json"))?;
            act.delivered = read_lines(&folder.join("records.jsonl"))?;
            acts.push(act);
        }
        Ok(Self {
            scenario: read_json(&folder.join("scenario.json"))?,
            subject: read_json(&folder.join("subject.json"))?,
            header,
            journal,
            acts,
            truth: read_json(&folder.join("truth.json"))?,
            lag: read_json(&folder.join("lag.json"))?,
        })
    }
}

/// The evidence folders at or below a folder, sorted: those that hold a `scenario.json`.
///
/// # Errors
///
/// A folder cannot be listed.
pub fn evidence_folders(root: &Path) -> Result<Vec<PathBuf>, EvidenceError> {
    // OUT/evidence/CODE/VARIANT is three below the folder that a run writes.
    const MAX_DEPTH: usize = 3;
    let mut found = Vec::new();
    let mut waiting = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        if folder.join("scenario.json").is_file() {
            found.push(folder.clone());
        }
        if depth == MAX_DEPTH {
            continue;
        }
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn create(folder: &Path) -> Result<(), EvidenceError> {
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    std::fs::write(path, bytes).map_err(|error| unwritable(path, &error))
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), EvidenceError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| unwritable(path, &error))?;
    text.push(b'\n');
    write_bytes(path, &text)
}

fn write_lines(
    path: &Path,
    head: Option<&impl Serialize>,
    lines: &[impl Serialize],
) -> Result<(), EvidenceError> {
    let file = File::create(path).map_err(|error| unwritable(path, &error))?;
    let mut out = BufWriter::new(file);
    let mut write = || -> std::io::Result<()> {
        if let Some(head) = head {
            serde_json::to_writer(&mut out, head)?;
            out.write_all(b"\n")?;
        }
        for line in lines {
            serde_json::to_writer(&mut out, line)?;
            out.write_all(b"\n")?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(path, &error))
}

fn open(path: &Path, limit: u64) -> Result<File, EvidenceError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(unreadable(path, &"it is not a file"));
    }
    if metadata.len() > limit {
        let why = format!(
            "it holds `{}` bytes; at most {limit} are read",
            metadata.len()
        );
        return Err(unreadable(path, &why));
    }
    Ok(file)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, EvidenceError> {
    let file = open(path, MAX_JSON_BYTES)?;
    let mut text = Vec::new();
    file.take(MAX_JSON_BYTES)
        .read_to_end(&mut text)
        .map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| malformed(path, 0, &error))
}

fn read_journal<H: DeserializeOwned, L: DeserializeOwned>(
    path: &Path,
) -> Result<(H, Vec<L>), EvidenceError> {
    let mut lines = Lines::open(path)?;
    let header = lines.next()?.ok_or_else(|| EvidenceError::Malformed {
        path: path.to_owned(),
        line: 1,
        column: 1,
        why: "the first line, the header, is missing".into(),
    })?;
    Ok((header, lines.rest()?))
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, EvidenceError> {
    Lines::open(path)?.rest()
}

struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self, EvidenceError> {
        Ok(Self {
            path,
            reader: BufReader::new(open(path, MAX_LINES_BYTES)?),
            number: 0,
        })
    }

    fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, EvidenceError> {
        let mut line = Vec::new();
        let read = (&mut self.reader)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line)
            .map_err(|error| unreadable(self.path, &error))?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        serde_json::from_slice(&line)
            .map(Some)
            .map_err(|error| malformed(self.path, self.number, &error))
    }

    fn rest<T: DeserializeOwned>(mut self) -> Result<Vec<T>, EvidenceError> {
        let mut all = Vec::new();
        while let Some(line) = self.next()? {
            all.push(line);
        }
        Ok(all)
    }
}

fn unwritable(path: &Path, why: &dyn std::fmt::Display) -> EvidenceError {
    EvidenceError::Unwritable {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> EvidenceError {
    EvidenceError::Unreadable {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// `line` is that of the file; 0 where serde counts the lines itself.
fn malformed(path: &Path, line: usize, error: &serde_json::Error) -> EvidenceError {
    EvidenceError::Malformed {
        path: path.to_owned(),
        line: if line == 0 { error.line() } else { line },
        column: error.column(),
        why: error.to_string(),
    }
}
