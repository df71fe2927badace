//! The parts of a table that workers read at once, and the checkpoint that covers them all.
//!
//! A part is a range of keys. Each is walked by key like a whole table, so that rows that come and
//! go in one shift nothing in another; a checkpoint says of each part how far it was delivered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::progress::Progress;
use crate::diagnosis::{BAD_REQUEST, Failure};
use crate::ending::Halt;

/// First bytes that a key may have: keys are 32 hexadecimal digits (wire-core 1.1).
const FIRST_BYTES: u32 = 256;

/// A range of keys; none at an end leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    /// The least key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The key before which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// A part of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) range: Range,
    pub(super) progress: Progress,
}

/// Every part of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    parts: Vec<Part>,
}

impl Range {
    /// A query, narrowed to this range.
    pub(super) fn narrow(&self, query: Option<String>) -> Option<String> {
        let from = self.from.as_ref().map(|key| format!("sys_id>={key}"));
        let to = self.to.as_ref().map(|key| format!("sys_id<{key}"));
        let terms: Vec<String> = [from, to, query].into_iter().flatten().collect();
        (!terms.is_empty()).then(|| terms.join("^"))
    }
}

impl Parts {
    /// A table in `count` parts, 1 to 256.
    pub(super) fn of(count: u32) -> Self {
        let count = count.clamp(1, FIRST_BYTES);
        let bound = |part: u32| {
            let inner = part > 0 && part < count;
            inner.then(|| format!("{:02x}", part * FIRST_BYTES / count))
        };
        let part = |part: u32| Part {
            range: Range {
                from: bound(part),
                to: bound(part + 1),
            },
            progress: Progress::default(),
        };
        Self {
            parts: (0..count).map(part).collect(),
        }
    }

    /// The parts of a checkpoint.
    ///
    /// # Errors
    ///
    /// When it is none of this connector.
    pub(super) fn resume(state: &Value) -> Result<Self, Halt> {
        let whole = || -> Result<Self, serde_json::Error> {
            if state.get("parts").is_some() {
                return serde_json::from_value(state.clone());
            }
            let part = Part {
                progress: serde_json::from_value(state.clone())?,
                ..Part::default()
            };
            Ok(Self { parts: vec![part] })
        };
        whole().map_err(|error| {
            Halt::Failed(Failure::permanent(
                BAD_REQUEST,
                format!("the checkpoint cannot be read: {error}"),
            ))
        })
    }

    /// Whether every part was read to its end.
    pub(super) fn are_complete(&self) -> bool {
        self.parts.iter().all(|part| part.progress.complete)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.parts.len()
    }

    /// One of them.
    pub(super) fn part(&self, number: usize) -> Part {
        self.parts.get(number).cloned().unwrap_or_default()
    }

    /// A part has come this far.
    pub(super) fn advanced(&mut self, number: usize, progress: &Progress) {
        if let Some(part) = self.parts.get_mut(number) {
            part.progress.clone_from(progress);
        }
    }

    /// What a later run needs to go on here. A table in one part is told of as such.
    ///
    /// # Errors
    ///
    /// Never, as far as is known: every value in it has a form in JSON.
    pub(super) fn checkpoint(&self) -> Result<Value, serde_json::Error> {
        match self.parts.as_slice() {
            [whole] if whole.range == Range::default() => serde_json::to_value(&whole.progress),
            _ => serde_json::to_value(self),
        }
    }

    /// Records delivered.
    pub(super) fn delivered(&self) -> u64 {
        self.parts.iter().map(|part| part.progress.delivered).sum()
    }

    /// Rows of the table when the read began; none where a part did not count them.
    pub(super) fn total(&self) -> Option<u64> {
        self.parts.iter().map(|part| part.progress.total).sum()
    }

    /// Rows that were passed without being shown.
    pub(super) fn hidden(&self) -> u64 {
        self.parts
            .iter()
            .map(|part| part.progress.hidden.rows())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_in_one_part_is_asked_for_and_told_of_as_ever() {
        let whole = Parts::of(1);
        assert_eq!(whole.part(0).range.narrow(None), None);
        assert_eq!(
            whole.part(0).range.narrow(Some("ORDERBYsys_id".into())),
            Some("ORDERBYsys_id".into())
        );
        let state = whole.checkpoint().unwrap();
        assert_eq!(state.get("parts"), None);
        assert_eq!(Parts::resume(&state).unwrap(), whole);
    }

    #[test]
    fn parts_are_narrowed_and_survive_a_checkpoint() {
        let parts = Parts::of(5);
        let query = parts.part(1).range.narrow(Some("ORDERBYsys_id".into()));
        assert_eq!(query.as_deref(), Some("sys_id>=33^sys_id<66^ORDERBYsys_id"));
        let state = parts.checkpoint().unwrap();
        assert_eq!(Parts::resume(&state).unwrap(), parts);
        assert!(Parts::resume(&json!({"parts": 7})).is_err());
        assert!(Parts::resume(&json!({"cursor": 7})).is_err());
    }

    proptest! {
        #[test]
        fn every_key_lies_in_exactly_one_part(count in 1_u32..300, key in "[0-9a-z]{1,32}") {
            let parts = Parts::of(count);
            let holds = |part: &Part| {
                part.range.from.as_ref().is_none_or(|from| key >= *from)
                    && part.range.to.as_ref().is_none_or(|to| key < *to)
            };
            prop_assert_eq!(parts.parts.iter().filter(|part| holds(part)).count(), 1);
        }
    }
}
