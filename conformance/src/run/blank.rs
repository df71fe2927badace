//! Which fields of the delivered records are empty.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use snowproof_simulator::redaction::Redactor;

use crate::evidence::BlankField;

/// Most fields that are counted of one act.
const MAX_FIELDS: usize = 1000;
/// Longest name of a field or table that is kept, bytes; an instance's own have 80 at most.
const MAX_NAME_BYTES: usize = 80;

/// The count so far, by table and field.
#[derive(Debug, Default)]
pub(super) struct BlankFields {
    records: BTreeMap<(String, String), u64>,
}

impl BlankFields {
    /// Counts the empty fields of a record, but for those that are called unreadable.
    pub(super) fn count(
        &mut self,
        table: &str,
        record: &Map<String, Value>,
        unreadable: &[String],
    ) {
        for (field, value) in record {
            if !is_empty(value) || unreadable.contains(field) {
                continue;
            }
            let is_name = |text: &str| {
                text.len() <= MAX_NAME_BYTES
                    && text.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte)
                    })
            };
            if !is_name(field) || !is_name(table) {
                continue;
            }
            let key = (table.to_owned(), field.clone());
            if self.records.len() < MAX_FIELDS || self.records.contains_key(&key) {
                *self.records.entry(key).or_default() += 1;
            }
        }
    }

    /// What was counted; a name that holds a secret is left out.
    pub(super) fn without_secrets(self, redactors: &[&Redactor]) -> Vec<BlankField> {
        let is_clean = |text: &str| redactors.iter().all(|one| one.find(text).is_empty());
        self.records
            .into_iter()
            .filter(|((table, field), _)| is_clean(table) && is_clean(field))
            .map(|((table, field), records)| BlankField {
                table,
                field,
                records,
            })
            .collect()
    }
}

/// Whether a value says that there is nothing, in any shape of `sysparm_display_value`.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(pair) => pair.get("value").is_some_and(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counted(records: &[(&str, Value, &[&str])]) -> Vec<(String, String, u64)> {
        let mut blank = BlankFields::default();
        for (table, record, unreadable) in records {
            let unreadable: Vec<String> = unreadable.iter().map(|&name| name.into()).collect();
            blank.count(table, record.as_object().unwrap(), &unreadable);
        }
        let fields = blank.without_secrets(&[&Redactor::default()]);
        fields
            .into_iter()
            .map(|blank| (blank.table, blank.field, blank.records))
            .collect()
    }

    #[test]
    fn empty_values_of_every_shape_are_counted_by_table() {
        let empty = json!({"a": "", "b": null, "c": {"value": "", "display_value": ""}});
        let full =
            json!({"a": "x", "b": 0, "c": {"value": "1"}, "d": [], "e": false, "Not A Name": ""});
        let name = |field: &str| ("t".to_owned(), field.to_owned(), 1);
        assert_eq!(
            counted(&[("t", empty, &[]), ("t", full, &[])]),
            [name("a"), name("b"), name("c")]
        );
    }

    #[test]
    fn what_is_called_unreadable_is_not_counted() {
        let record = json!({"a": null, "b": ""});
        assert_eq!(
            counted(&[("", record, &["a"])]),
            [(String::new(), "b".to_owned(), 1)]
        );
    }
}
