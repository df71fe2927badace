//! What is gathered from the messages of a framework: records, and what is wrong with its lines.

use serde_json::Value;
use snowproof_simulator::redaction::Redactor;

use super::blank::BlankFields;
use super::native::{MAX_LINE_BYTES, MAX_RECORDS, delivered};
use super::words;
use crate::evidence::{ActEvidence, Delivered, ProcessProblem};

/// Most problems that are listed of one act.
const MAX_PROBLEMS: usize = 20;

/// What was gathered so far.
pub(super) struct Harvest {
    /// JSON pointer to the key of a record.
    key: String,
    lines: u64,
    /// Bytes of the lines.
    bytes: u64,
    pub(super) delivered: Vec<Delivered>,
    blank: BlankFields,
    /// Records that were not kept.
    dropped: u64,
    pub(super) checkpoints: u32,
    pub(super) problems: Vec<ProcessProblem>,
    /// What it warned of on the way, secrets replaced.
    pub(super) warnings: Vec<String>,
}

impl Harvest {
    pub(super) fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            lines: 0,
            bytes: 0,
            delivered: Vec::new(),
            blank: BlankFields::default(),
            dropped: 0,
            checkpoints: 0,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Counts a line, whatever it holds.
    pub(super) const fn count(&mut self, line: &[u8]) {
        self.lines += 1;
        self.bytes = self.bytes.saturating_add(line.len() as u64);
    }

    /// Takes a record of a stream.
    pub(super) fn record(&mut self, record: &Value) {
        let Some(key) = delivered(record, &self.key) else {
            self.bad(format!("the record has no text at {}", self.key));
            return;
        };
        if let Some(fields) = record.as_object() {
            self.blank.count("", fields, &[]);
        }
        if self.delivered.len() < MAX_RECORDS {
            self.delivered.push(key);
        } else {
            self.dropped += 1;
        }
    }

    /// A state was written.
    pub(super) const fn checkpoint(&mut self) {
        self.checkpoints = self.checkpoints.saturating_add(1);
    }

    /// Keeps a warning, secrets replaced.
    pub(super) fn warn(&mut self, text: &str, redactor: &Redactor) {
        if self.warnings.len() < words::MAX_WARNINGS {
            self.warnings.push(words::warning(text, redactor));
        }
    }

    /// The line that was counted last is wrong.
    pub(super) fn bad(&mut self, why: String) {
        self.problem(ProcessProblem::BadLine {
            line: self.lines,
            why,
        });
    }

    /// Stdout ended within a line of so many bytes.
    pub(super) fn half_line(&mut self, bytes: usize) {
        self.problem(ProcessProblem::HalfLine {
            bytes: bytes as u64,
        });
    }

    /// A line is longer than any that is read.
    pub(super) fn long_line(&mut self) {
        self.lines += 1;
        self.bad(format!("the line is longer than {MAX_LINE_BYTES} bytes"));
    }

    fn problem(&mut self, problem: ProcessProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// What was gathered becomes evidence; the empty fields are handed back.
    pub(super) fn hand_over(
        self,
        evidence: &mut ActEvidence,
        problems: &mut Vec<ProcessProblem>,
    ) -> BlankFields {
        evidence.delivered = self.delivered;
        evidence.checkpoints = self.checkpoints;
        problems.extend(self.problems);
        if self.dropped > 0 {
            problems.push(ProcessProblem::Flooded {
                stream: "records".to_owned(),
                bytes: self.bytes,
            });
        }
        self.blank
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_without_a_key_and_a_line_too_long_are_named_by_their_line() {
        let mut harvest = Harvest::new("/sys_id");
        harvest.count(b"x");
        harvest.record(&json!({"sys_id": "a"}));
        harvest.count(b"x");
        harvest.record(&json!({"number": 1}));
        harvest.long_line();
        let bad = |line, why: &str| ProcessProblem::BadLine {
            line,
            why: why.to_owned(),
        };
        assert_eq!(harvest.delivered.len(), 1);
        assert_eq!(
            harvest.problems,
            [
                bad(2, "the record has no text at /sys_id"),
                bad(3, "the line is longer than 16777216 bytes"),
            ]
        );
    }

    #[test]
    fn problems_and_warnings_are_bounded() {
        let mut harvest = Harvest::new("/sys_id");
        for _ in 0..100 {
            harvest.half_line(1);
            harvest.warn("slow", &Redactor::default());
        }
        assert_eq!(harvest.problems.len(), MAX_PROBLEMS);
        assert_eq!(harvest.warnings.len(), words::MAX_WARNINGS);
    }
}
