//! The JSON object in the body of a call of the CMDB's APIs (wire-core 1.6, 4.5, 4.6).

use serde_json::{Map, Value};

use super::Owned;
use super::failures::Failed;
use super::json_body;

/// The object a body holds, or the 400 of a body that holds none.
pub(super) fn object(call: &Owned) -> Result<Map<String, Value>, Failed> {
    match json_body::read(call)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(call.failures.malformed_body("it is no object").into()),
    }
}

/// A value as the text that a column takes; none of a list or an object.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
