//! Columns that were asked for by name and are in no row: the user may not read them, or the table
//! has none of that name (wire-failures 4.9, wire-core 1.4). An empty value in their place would
//! overwrite what is known of them elsewhere.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::policy::UnsentFields;
use crate::settings::Settings;
use crate::voice::Handed;

/// What is known of them so far.
pub(super) struct Unsent<'a> {
    asked: Vec<&'a str>,
    /// Those that no row has held yet; nothing before the first row.
    missing: RefCell<Option<BTreeSet<&'a str>>>,
}

impl<'a> Unsent<'a> {
    /// Before anything is read.
    pub(super) fn of(settings: &'a Settings) -> Self {
        Self {
            asked: settings.asked(),
            missing: RefCell::default(),
        }
    }

    /// The rows of a page, as they are handed on.
    pub(super) fn handed(&self, rows: Vec<Map<String, Value>>, how: UnsentFields) -> Vec<Handed> {
        rows.into_iter().map(|row| self.one(row, how)).collect()
    }

    fn one(&self, mut record: Map<String, Value>, how: UnsentFields) -> Handed {
        let lacks = |field: &&&str| !record.contains_key(**field);
        let lacking: BTreeSet<&str> = self.asked.iter().filter(lacks).copied().collect();
        let filler = match how {
            UnsentFields::LeftOut => None,
            UnsentFields::Marked => Some(Value::Null),
            UnsentFields::Blanked => Some(Value::from("")),
        };
        if let Some(filler) = filler {
            for field in &lacking {
                record.insert((*field).to_owned(), filler.clone());
            }
        }
        let unreadable = match how {
            UnsentFields::Marked => lacking.iter().map(|&field| field.to_owned()).collect(),
            UnsentFields::LeftOut | UnsentFields::Blanked => Vec::new(),
        };
        let mut missing = self.missing.borrow_mut();
        *missing = Some(match missing.take() {
            Some(before) => before.intersection(&lacking).copied().collect(),
            None => lacking,
        });
        Handed { record, unreadable }
    }

    /// What the user is told of them; nothing where there is none.
    pub(super) fn told(&self, table: &str) -> Option<String> {
        let missing = self.missing.borrow();
        let fields: Vec<&str> = missing.iter().flatten().copied().collect();
        (!fields.is_empty()).then(|| {
            format!(
                "column `{}` of table `{table}` was asked for and is in no record: this user may \
                 not read it, or there is no such column; it was left out, and what is known of it \
                 elsewhere should stay",
                fields.join("`, `")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> Settings {
        Settings {
            fields: Some("sys_id,name, serial_number".into()),
            ..Settings::for_test("https://127.0.0.1:1")
        }
    }

    fn row(row: &Value) -> Vec<Map<String, Value>> {
        vec![row.as_object().unwrap().clone()]
    }

    #[test]
    fn what_no_row_holds_is_told_and_handed_on_as_the_policy_says() {
        let settings = settings();
        let given = json!({"sys_id": "a", "name": ""});
        for (how, handed, unreadable) in [
            (UnsentFields::LeftOut, given.clone(), vec![]),
            (
                UnsentFields::Marked,
                json!({"sys_id": "a", "name": "", "serial_number": null}),
                vec!["serial_number".to_owned()],
            ),
            (
                UnsentFields::Blanked,
                json!({"sys_id": "a", "name": "", "serial_number": ""}),
                vec![],
            ),
        ] {
            let unsent = Unsent::of(&settings);
            assert_eq!(unsent.told("t"), None);
            let all = unsent.handed(row(&given), how);
            assert_eq!(Value::Object(all[0].record.clone()), handed, "{how:?}");
            assert_eq!(all[0].unreadable, unreadable, "{how:?}");
            assert!(unsent.told("t").unwrap().contains("`serial_number`"));
        }
    }

    #[test]
    fn a_column_that_some_row_holds_can_be_read() {
        let settings = settings();
        let unsent = Unsent::of(&settings);
        unsent.handed(
            row(&json!({"sys_id": "a", "name": "x"})),
            UnsentFields::LeftOut,
        );
        let whole = json!({"sys_id": "b", "name": "y", "serial_number": "1"});
        unsent.handed(row(&whole), UnsentFields::LeftOut);
        assert_eq!(unsent.told("t"), None);
    }
}
