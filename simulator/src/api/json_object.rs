//! The JSON object in the body of a call of the CMDB's APIs (wire-core 1.6, 4.5, 4.6).

use serde_json::{Map, Value};

use super::Owned;
use super::failures::Failed;

/// The object a body holds, or the 400 of a body that holds none.
pub(super) fn object(call: &Owned) -> Result<Map<String, Value>, Failed> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(call.failures.malformed_body("it is no object").into()),
        Err(error) => {
            let mut reply = call.failures.malformed_body(&error);
            // A real instance reads single-quoted JSON (wire-core 1.6).
            if call.body.contains(&b'\'') {
                reply.unmodelled.push("a body in lenient JSON".to_owned());
            }
            Err(reply.into())
        }
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
