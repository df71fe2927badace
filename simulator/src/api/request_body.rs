//! The body of a call as JSON, for APIs whose bodies are not one record's fields.

use serde_json::Value;

pub(super) use super::json_body::read;

/// A value as text: a string as it is, a number or a boolean as it is written. Nothing else is.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
