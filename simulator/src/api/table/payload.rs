//! The body of a create or an update (wire-core 1.6, 5).

use serde_json::Value;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::json_body;
use crate::store::Values;

/// The columns and values that a body sets. Of several records only the first counts (wire-core
/// 1.1); an empty body sets nothing.
pub(in crate::api) fn read(call: &Owned) -> Result<Values, Failed> {
    if call.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Values::new());
    }
    let first = match json_body::read(call)? {
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

/// A field as text; a reference as it is read back (`{"value":…}`) stands for its value, or else
/// for its display value. Anything else that is nested is ignored (*assumed*).
fn text(value: Value) -> Option<String> {
    match value {
        Value::Object(mut fields) => ["value", "display_value"]
            .into_iter()
            .find_map(|key| fields.remove(key))
            .filter(|value| !value.is_object())
            .and_then(text),
        flat => json_body::field(&flat),
    }
}
