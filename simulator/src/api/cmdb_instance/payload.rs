//! The body of a write: attributes, relations and their source.

use serde_json::{Map, Value};

use super::relations::End;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::json_body;
use crate::store::Values;

/// Relations of one body, at most (*assumed*).
const MAX_RELATIONS: usize = 10_000;

/// What a body asks for.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) attributes: Values,
    /// `source`; none where it is missing or no text.
    pub(super) source: Option<String>,
    pub(super) relations: Vec<Asked>,
    /// A dependency was given, which is not modelled.
    pub(super) depends: bool,
}

/// A relation to make.
#[derive(Debug)]
pub(super) struct Asked {
    /// Which end the item is.
    pub(super) item_is: End,
    pub(super) target: String,
    pub(super) kind: String,
}

/// Reads the body of a create or an update.
pub(super) fn of_item(call: &Owned) -> Result<Payload, Failed> {
    let body = json_body::object(call)?;
    let Some(Value::Object(attributes)) = body.get("attributes") else {
        let what =
            "Cannot invoke \"java.util.Map.put(Object, Object)\" because \"attributes\" is null";
        let reason = "the body has no object `attributes`";
        return Err(call.failures.thrown(what, reason).into());
    };
    let mut values = Values::new();
    for (name, value) in attributes {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => {
                let reason = format!("attribute `{name}` is no text");
                return Err(call.failures.thrown(&cast(other), reason).into());
            }
        };
        values.insert(name.clone(), text);
    }
    Ok(Payload {
        attributes: values,
        ..rest(&body)
    })
}

/// Reads the body that adds relations.
pub(super) fn of_relations(call: &Owned) -> Result<Payload, Failed> {
    Ok(rest(&json_body::object(call)?))
}

/// Everything but the attributes.
fn rest(body: &Map<String, Value>) -> Payload {
    let mut relations = Vec::new();
    for (name, item_is) in [
        ("outbound_relations", End::Parent),
        ("inbound_relations", End::Child),
    ] {
        let given = body.get(name).and_then(Value::as_array);
        for relation in given.into_iter().flatten().take(MAX_RELATIONS) {
            let of = |key: &str| {
                let text = relation.get(key).and_then(Value::as_str);
                text.unwrap_or("").to_owned()
            };
            relations.push(Asked {
                item_is,
                target: of("target"),
                kind: of("type"),
            });
        }
    }
    let source = body.get("source").and_then(Value::as_str);
    Payload {
        attributes: Values::new(),
        source: source.map(str::to_owned),
        relations,
        depends: body.get("depends_on").is_some_and(|value| !value.is_null()),
    }
}

/// What Java says of a value that should have been text.
fn cast(value: &Value) -> String {
    let class = match value {
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(number) if number.is_f64() => "java.lang.Double",
        Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
            "java.lang.Integer"
        }
        Value::Number(_) => "java.lang.Long",
        Value::Array(_) => "java.util.ArrayList",
        _ => "java.util.LinkedHashMap",
    };
    format!(
        "class {class} cannot be cast to class java.lang.String ({class} and java.lang.String are in module java.base of loader 'bootstrap')"
    )
}
