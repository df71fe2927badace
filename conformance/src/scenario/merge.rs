//! A scenario and a variant's patch become one scenario.
//!
//! Both were checked by type on their own; they are merged as JSON and checked by type again.
//! Maps are merged key by key, lists and single values are replaced, and `null` removes whatever
//! it stands for. A trigger of another kind replaces the trigger that it patches.

use serde_json::{Map, Value};

use super::{ScenarioFile, Variant};

/// A variant's patch: as it was read, and as it was written, because a type that is read does not
/// tell a key that is `null` from one that is not there.
#[derive(Clone, Copy)]
pub(super) struct Patch<'a> {
    pub(super) variant: &'a Variant,
    pub(super) written: &'a Value,
}

/// Merges a patch into its scenario. The result has `instances` and neither `instance` nor
/// `variants`.
///
/// # Errors
///
/// The merged whole does not fit the type of a scenario, in the words of serde.
pub(super) fn merge(
    base: &ScenarioFile,
    patch: Option<Patch<'_>>,
) -> Result<ScenarioFile, serde_json::Error> {
    let mut whole = serde_json::to_value(base)?;
    if let Some(fields) = whole.as_object_mut() {
        fields.remove("variants");
        name_the_main_instance(fields);
    }
    if let Some(patch) = patch {
        let Patch { variant, written } = patch;
        let mut patch = serde_json::to_value(variant)?;
        keep_nulls(&mut patch, written);
        if let Some(fields) = patch.as_object_mut() {
            name_the_main_instance(fields);
        }
        merge_value(&mut whole, patch);
    }
    serde_json::from_value(whole)
}

/// Gives every `null` that was written back to what was read.
fn keep_nulls(read: &mut Value, written: &Value) {
    let (Value::Object(read), Value::Object(written)) = (read, written) else {
        return;
    };
    for (key, value) in written {
        if value.is_null() {
            read.entry(key.clone()).or_insert(Value::Null);
        } else if let Some(read) = read.get_mut(key) {
            keep_nulls(read, value);
        }
    }
}

/// Turns `instance: …` into `instances: { main: … }`.
fn name_the_main_instance(fields: &mut Map<String, Value>) {
    if let Some(main) = fields.remove("instance") {
        fields
            .entry("instances")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .map(|instances| instances.insert("main".into(), main));
    }
}

fn merge_value(whole: &mut Value, patch: Value) {
    match (whole, patch) {
        (Value::Object(whole), Value::Object(patch)) => {
            for (key, value) in patch {
                match whole.get_mut(&key) {
                    _ if value.is_null() => {
                        whole.remove(&key);
                    }
                    Some(old) if key == "when" && is_another_kind(old, &value) => *old = value,
                    Some(old) => merge_value(old, value),
                    None => {
                        whole.insert(key, value);
                    }
                }
            }
        }
        (whole, patch) => *whole = patch,
    }
}

/// Whether a trigger counts something else than the one before.
fn is_another_kind(old: &Value, new: &Value) -> bool {
    super::validate::TRIGGER_KINDS
        .iter()
        .any(|kind| new.get(kind).is_some() && old.get(kind).is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(mut whole: Value, patch: Value) -> Value {
        merge_value(&mut whole, patch);
        whole
    }

    #[test]
    fn maps_merge_lists_are_replaced_and_null_removes() {
        assert_eq!(
            merged(
                json!({"a": {"b": 1, "c": [1, 2]}, "d": {"x": {}}}),
                json!({"a": {"c": [3]}, "d": {"x": null, "y": {}}}),
            ),
            json!({"a": {"b": 1, "c": [3]}, "d": {"y": {}}})
        );
    }

    #[test]
    fn a_null_that_was_written_is_kept_at_any_depth() {
        let mut read = json!({"a": {"b": 1}, "l": [1]});
        keep_nulls(
            &mut read,
            &json!({"a": {"b": 1, "c": null}, "d": null, "l": [null]}),
        );
        assert_eq!(read, json!({"a": {"b": 1, "c": null}, "d": null, "l": [1]}));
    }

    #[test]
    fn a_trigger_of_another_kind_replaces_and_one_of_the_same_kind_merges() {
        let base = json!({"s": {"when": {"read": "t", "page": 3}}});
        assert_eq!(
            merged(base.clone(), json!({"s": {"when": {"connection": 2}}})),
            json!({"s": {"when": {"connection": 2}}})
        );
        assert_eq!(
            merged(base, json!({"s": {"when": {"page": 1}}})),
            json!({"s": {"when": {"read": "t", "page": 1}}})
        );
    }
}
