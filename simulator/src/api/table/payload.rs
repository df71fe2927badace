//! The body of a create or an update (wire-core 1.6, 5).

use serde_json::Value;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::store::Values;

/// `glide.rest.max_content_length`, in bytes (wire-core 1.6).
const MAX_BODY: usize = 10_485_760;

/// The columns and values that a body sets. Of several records only the first counts (wire-core
/// 1.1); an empty body sets nothing.
pub(in crate::api) fn read(call: &Owned) -> Result<Values, Failed> {
    if call.body.len() > MAX_BODY {
        return Err(call
            .failures
            .oversize_body(call.body.len(), MAX_BODY)
            .into());
    }
    if call.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Values::new());
    }
    let parsed: Value = serde_json::from_slice(&call.body).map_err(|error| {
        let mut reply = call.failures.malformed_body(&error);
        // A real instance reads single-quoted JSON (wire-core 1.6).
        if call.body.contains(&b'\'') {
            reply.unmodelled.push("a body in lenient JSON".to_owned());
        }
        reply
    })?;
    let first = match parsed {
        Value::Array(records) => records.into_iter().next().unwrap_or_default(),
        record => record,
    };
    match first {
        Value::Object(fields) => Ok(fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, text(value)?)))
            .collect()),
        _ => Err(call.failures.malformed_body("it is no object").into()),
    }
}

/// A field as text; a reference as it is read back (`{"value":…}`) stands for its value.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Object(mut fields) => fields.remove("value").and_then(text),
        Value::Array(_) => None,
    }
}
