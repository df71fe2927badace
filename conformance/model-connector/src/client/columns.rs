//! Columns that make a request too long for the instance are read in parts, each with the key.
//!
//! The parts of a page are put together by key. Where they do not hold the same records, the table
//! changed in between, and the page is read again.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};

use crate::answer::{Page, key_of};
use crate::diagnosis::{Failure, Kind, MALFORMED};

/// Into how many parts the columns are split, which is kept for the pages that follow.
#[derive(Debug)]
pub(super) struct Parts(AtomicUsize);

impl Default for Parts {
    fn default() -> Self {
        Self(AtomicUsize::new(1))
    }
}

impl Parts {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Twice as many; none where a part would hold no column but the key.
    pub(super) fn doubled(&self, fields: &str) -> bool {
        let more = self.count() * 2;
        let is_possible = more <= columns(fields).count();
        if is_possible {
            self.0.store(more, Ordering::Relaxed);
        }
        is_possible
    }

    /// The columns of each part.
    pub(super) fn of(&self, fields: &str) -> Vec<String> {
        let count = self.count();
        if count == 1 {
            return vec![fields.to_owned()];
        }
        let columns: Vec<&str> = columns(fields).collect();
        columns
            .chunks(columns.len().div_ceil(count).max(1))
            .map(|part| format!("sys_id,{}", part.join(",")))
            .collect()
    }
}

/// The columns beside the key.
fn columns(fields: &str) -> impl Iterator<Item = &str> {
    let names = fields.split(',').map(str::trim);
    names.filter(|name| !name.is_empty() && *name != "sys_id")
}

/// Puts the columns of another part to the rows of a page.
///
/// # Errors
///
/// When the two do not hold the same records.
pub(super) fn join(page: &mut Page, part: Page) -> Result<(), Failure> {
    let same = page.rows.len() == part.rows.len()
        && page
            .rows
            .iter()
            .zip(&part.rows)
            .all(|(one, other)| key_of(one) == key_of(other));
    if !same {
        let message = "the table changed while its columns were read in parts";
        return Err(Failure::new(MALFORMED, Kind::Transient, message));
    }
    let rows: Vec<Map<String, Value>> = part.rows;
    for (row, more) in page.rows.iter_mut().zip(rows) {
        row.extend(more);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(rows: &Value) -> Page {
        let rows = rows.as_array().unwrap().iter();
        Page {
            rows: rows.map(|row| row.as_object().unwrap().clone()).collect(),
            ..Page::default()
        }
    }

    #[test]
    fn every_column_is_in_one_part_and_the_key_in_each() {
        let parts = Parts::default();
        let fields = "sys_id,a, b,c,d,e";
        assert_eq!(parts.of(fields), [fields]);
        assert!(parts.doubled(fields));
        assert_eq!(parts.of(fields), ["sys_id,a,b,c", "sys_id,d,e"]);
        assert!(parts.doubled(fields));
        assert_eq!(parts.of(fields), ["sys_id,a,b", "sys_id,c,d", "sys_id,e"]);
        assert!(!parts.doubled(fields));
        assert!(!Parts::default().doubled("sys_id,a"));
    }

    #[test]
    fn parts_of_the_same_records_are_joined_and_others_are_not() {
        let mut whole = page(&json!([{"sys_id": "1", "a": "x"}, {"sys_id": "2", "a": "y"}]));
        let more = page(&json!([{"sys_id": "1", "b": "u"}, {"sys_id": "2"}]));
        join(&mut whole, more).unwrap();
        let expected = json!([{"sys_id": "1", "a": "x", "b": "u"}, {"sys_id": "2", "a": "y"}]);
        assert_eq!(whole, page(&expected));
        for other in [
            json!([{"sys_id": "1"}]),
            json!([{"sys_id": "2"}, {"sys_id": "1"}]),
        ] {
            let failure = join(&mut whole, page(&other)).unwrap_err();
            assert!(failure.retryable());
        }
    }
}
