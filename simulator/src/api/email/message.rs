//! A message as it is sent in, kept, and shown.

use serde_json::{Map, Value, json};

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::json_body;
use crate::store::Values;

/// Addresses of one field, at most (Email API).
const MOST_ADDRESSES: usize = 100;

/// A message to be kept.
#[derive(Debug)]
pub(super) struct Message {
    /// Columns and values.
    values: Values,
    /// Table and id of the record it is about.
    pub(super) related: Option<(String, String)>,
}

impl Message {
    pub(super) fn read(call: &Owned) -> Result<Self, Failed> {
        let body = json_body::read(call)?;
        let read = match body.as_object() {
            Some(fields) => Self::of(fields),
            None => Err("A message is a JSON object.".to_owned()),
        };
        read.map_err(|detail| call.failures.unfit_body(&detail).into())
    }

    fn of(fields: &Map<String, Value>) -> Result<Self, String> {
        let mut values = Values::new();
        for (field, column) in [
            ("to", "recipients"),
            ("cc", "copied"),
            ("bcc", "blind_copied"),
        ] {
            values.insert(column.to_owned(), addresses(fields, field)?.join(","));
        }
        if values["recipients"].is_empty() {
            return Err("to is missing or empty.".to_owned());
        }
        for (field, column) in [
            ("subject", "subject"),
            ("html", "body"),
            ("text", "body_text"),
            ("importance", "importance"),
        ] {
            values.insert(column.to_owned(), words(fields, field)?);
        }
        values.insert("headers".to_owned(), headers(fields.get("headers"))?);
        let related = match (
            words(fields, "table_name")?,
            words(fields, "table_record_id")?,
        ) {
            (table, record) if table.is_empty() && record.is_empty() => None,
            (table, record) if table.is_empty() || record.is_empty() => {
                return Err("table_name and table_record_id need each other.".to_owned());
            }
            both => Some(both),
        };
        Ok(Self { values, related })
    }

    /// The record it is kept as.
    pub(super) fn values(self, call: &Owned) -> Values {
        let mut values = self.values;
        let mut set =
            |column: &str, value: &str| values.insert(column.to_owned(), value.to_owned());
        set("type", "send-ready");
        set("state", "ready");
        set("mailbox", "outbox");
        set("user_id", &call.identity.sys_id);
        if let Some((table, record)) = self.related {
            set("target_table", &table);
            set("instance", &record);
        }
        values
    }
}

fn addresses(fields: &Map<String, Value>, field: &str) -> Result<Vec<String>, String> {
    let listed = match fields.get(field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(format!("{field} is no list.")),
    };
    if listed.len() > MOST_ADDRESSES {
        return Err(format!(
            "{field} holds more than {MOST_ADDRESSES} addresses."
        ));
    }
    listed
        .iter()
        .map(|address| address.as_str().map(|address| one_line(address.trim())))
        .filter(|address| address.as_deref() != Some(""))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("{field} holds something that is no address."))
}

fn words(fields: &Map<String, Value>, field: &str) -> Result<String, String> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(value) => json_body::text(value).ok_or_else(|| format!("{field} is no text.")),
    }
}

/// `Name: value`, a line each.
fn headers(listed: Option<&Value>) -> Result<String, String> {
    let unfit = || "headers is no object of names and values.".to_owned();
    let named = match listed {
        None | Some(Value::Null) => return Ok(String::new()),
        Some(Value::Object(named)) => named,
        Some(_) => return Err(unfit()),
    };
    let lines: Option<Vec<String>> = named
        .iter()
        .map(|(name, value)| {
            let value = json_body::text(value)?;
            Some(format!("{}: {}", one_line(name), one_line(&value)))
        })
        .collect();
    lines.map(|lines| lines.join("\n")).ok_or_else(unfit)
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

/// The value of a field in an answer.
pub(super) fn shown(field: &str, kept: &str) -> Value {
    match field {
        "to" | "cc" | "bcc" => json!(kept.split(',').map(str::trim).collect::<Vec<_>>()),
        "headers" => {
            let pairs = kept.lines().filter_map(|line| line.split_once(": "));
            let named = pairs.map(|(name, value)| (name.to_owned(), json!(value)));
            Value::Object(named.collect())
        }
        _ => json!(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &Value) -> Result<Message, String> {
        Message::of(message.as_object().unwrap())
    }

    #[test]
    fn a_message_is_kept_in_the_columns_of_its_table() {
        let message = of(&json!({
            "to": ["A <a@example.com>", "b@example.com", ""],
            "headers": {"X-Custom": "one\r\ntwo", "X-Number": 3},
        }));
        let values = message.unwrap().values;
        assert_eq!(values["recipients"], "A <a@example.com>,b@example.com");
        assert_eq!(values["headers"], "X-Custom: one  two\nX-Number: 3");
        let headers = json!({"X-Custom": "one  two", "X-Number": "3"});
        assert_eq!(shown("headers", &values["headers"]), headers);
        assert_eq!(shown("cc", &values["copied"]), json!([""]));
    }

    #[test]
    fn what_is_wrong_with_a_message_is_named() {
        let many = vec!["a@example.com"; 101];
        for (message, word) in [
            (json!({}), "to"),
            (json!({"to": []}), "to"),
            (json!({"to": "a@example.com"}), "to"),
            (json!({"to": ["a"], "bcc": [1]}), "bcc"),
            (json!({"to": many}), "100"),
            (json!({"to": ["a"], "subject": []}), "subject"),
            (json!({"to": ["a"], "headers": "X: y"}), "headers"),
            (
                json!({"to": ["a"], "table_name": "incident"}),
                "table_record_id",
            ),
        ] {
            let why = of(&message).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
