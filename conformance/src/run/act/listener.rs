//! What is made of the lines of stdout: a conversation, records, or nothing.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use snowproof_simulator::redaction::Redactor;

use super::super::airbyte::Airbyte;
use super::super::blank::BlankFields;
use super::super::harvest::Harvest;
use super::super::native::{Conversation, MAX_LINE_BYTES, MAX_RECORDS, Then, delivered};
use super::super::singer::Singer;
use super::super::workplace::ActFolders;
use super::ActOrder;
use super::framework::Step;
use super::readers::Heard;
use crate::evidence::{ActEvidence, Delivered, ProcessProblem};
use crate::subject::template::Values;
use crate::subject::{Adapter, Subject};

/// The largest file of records that is read, bytes.
const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;

/// Who listens to stdout.
pub(super) enum Listener {
    /// The native protocol.
    Native(Box<Conversation>),
    /// The Airbyte protocol.
    Airbyte(Box<Airbyte>),
    /// The Singer specification.
    Singer(Box<Singer>),
    /// Records are printed there, one JSON object a line.
    Records(RecordLines),
    /// Its words are read once it has ended.
    Nothing,
}

impl Listener {
    pub(super) fn of(order: &ActOrder<'_>, run_id: &str, step: Step) -> Self {
        let subject = order.subject;
        let key = || {
            let records = subject.file.records.as_ref();
            records.map_or("/sys_id", |records| &records.key)
        };
        let given = order.state.as_ref();
        match (&subject.file.adapter, &subject.file.records) {
            (Adapter::Native, _) => Self::Native(Box::new(Conversation::new(run_id.to_owned()))),
            (Adapter::Command | Adapter::Http, Some(records)) if records.on_stdout() => {
                Self::Records(RecordLines::new(&records.key))
            }
            (Adapter::Command | Adapter::Http, _) => Self::Nothing,
            (Adapter::Airbyte, _) => Self::Airbyte(Box::new(Airbyte::new(key(), given))),
            (Adapter::Singer, _) if step == Step::Discover => {
                Self::Singer(Box::new(Singer::discovers()))
            }
            (Adapter::Singer, _) => Self::Singer(Box::new(Singer::new(key(), given))),
        }
    }

    /// Whether lines are to be told apart.
    pub(super) const fn wants_lines(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    pub(super) fn hear(&mut self, heard: Heard, redactor: &Redactor) -> Then {
        match (self, heard) {
            (Self::Native(conversation), Heard::Line(line)) => conversation.line(&line, redactor),
            (Self::Native(conversation), Heard::HalfLine(bytes)) => {
                conversation.half_line(bytes);
                Then::Listen
            }
            (Self::Native(conversation), Heard::LongLine) => {
                conversation.long_line();
                Then::Listen
            }
            (Self::Records(records), Heard::Line(line)) => {
                // Other lines of stdout are words.
                records.take(&line);
                Then::Listen
            }
            (Self::Airbyte(source), Heard::Line(line)) => {
                source.line(&line, redactor);
                Then::Listen
            }
            (Self::Singer(tap), Heard::Line(line)) => {
                tap.line(&line, redactor);
                Then::Listen
            }
            (Self::Airbyte(source), heard) => in_part(&mut source.harvest, &heard),
            (Self::Singer(tap), heard) => in_part(&mut tap.harvest, &heard),
            (_, Heard::ErrorLine(_)) | (Self::Records(_) | Self::Nothing, _) => Then::Listen,
        }
    }
}

/// What could not be heard whole.
fn in_part(harvest: &mut Harvest, heard: &Heard) -> Then {
    match heard {
        Heard::HalfLine(bytes) => harvest.half_line(*bytes),
        Heard::LongLine => harvest.long_line(),
        Heard::Line(_) | Heard::ErrorLine(_) => {}
    }
    Then::Listen
}

/// Records as JSON lines.
pub(super) struct RecordLines {
    key: String,
    delivered: Vec<Delivered>,
    blank: BlankFields,
    bytes: u64,
    too_many: bool,
    problems: Vec<ProcessProblem>,
}

impl RecordLines {
    fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            delivered: Vec::new(),
            blank: BlankFields::default(),
            bytes: 0,
            too_many: false,
            problems: Vec::new(),
        }
    }

    /// Reads the file that the manifest names, or what was posted to the sink; a missing one holds no
    /// records.
    pub(super) fn from_file(subject: &Subject, values: &Values, folders: &ActFolders) -> Self {
        let Some(source) = &subject.file.records else {
            return Self::new("");
        };
        let mut records = Self::new(&source.key);
        match &source.jsonl {
            Some(jsonl) => records.read(Path::new(&values.fill(jsonl))),
            None => records.read(&folders.sink()),
        }
        records
    }

    fn read(&mut self, path: &Path) {
        const MAX_PROBLEMS: usize = 5;
        let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        let Some(file) = is_file.then(|| std::fs::File::open(path).ok()).flatten() else {
            return;
        };
        let mut reader = BufReader::new(file.take(MAX_FILE_BYTES));
        for number in 1.. {
            let mut line = Vec::new();
            let read = (&mut reader)
                .take(MAX_LINE_BYTES as u64)
                .read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                break;
            }
            let whole = line.ends_with(b"\n");
            let blank = line.iter().all(u8::is_ascii_whitespace);
            if !self.take(&line) && whole && !blank && self.problems.len() < MAX_PROBLEMS {
                self.problems.push(ProcessProblem::BadLine {
                    line: number,
                    why: format!("the file of records holds no object with {} here", self.key),
                });
            }
        }
    }

    fn take(&mut self, line: &[u8]) -> bool {
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else {
            return false;
        };
        let Some(key) = delivered(&record, &self.key) else {
            return false;
        };
        if let Some(fields) = record.as_object() {
            self.blank.count("", fields, &[]);
        }
        self.bytes += line.len() as u64;
        if self.delivered.len() < MAX_RECORDS {
            self.delivered.push(key);
        } else {
            self.too_many = true;
        }
        true
    }

    /// What was read becomes evidence; the empty fields are handed back.
    pub(super) fn hand_over(
        self,
        evidence: &mut ActEvidence,
        problems: &mut Vec<ProcessProblem>,
    ) -> BlankFields {
        evidence.delivered = self.delivered;
        problems.extend(self.problems);
        if self.too_many {
            problems.push(ProcessProblem::Flooded {
                stream: "records".to_owned(),
                bytes: self.bytes,
            });
        }
        self.blank
    }
}
