//! The body of a call as JSON, for APIs whose bodies are not one record's fields.

use serde_json::Value;

use super::Owned;
use super::failures::Failed;

/// `glide.rest.max_content_length`, in bytes (wire-core 1.6).
const MAX_BODY: usize = 10_485_760;

/// The body, whatever JSON it is. Nesting is bounded by the reader.
pub(super) fn read(call: &Owned) -> Result<Value, Failed> {
    if call.body.len() > MAX_BODY {
        let reply = call.failures.oversize_body(call.body.len(), MAX_BODY);
        return Err(reply.into());
    }
    serde_json::from_slice(&call.body).map_err(|error| {
        let mut reply = call.failures.malformed_body(&error);
        // A real instance reads single-quoted JSON (wire-core 1.6).
        if call.body.contains(&b'\'') {
            reply.unmodelled.push("a body in lenient JSON".to_owned());
        }
        reply.into()
    })
}

/// A value as text: a string as it is, a number or a boolean as it is written. Nothing else is.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
