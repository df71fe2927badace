//! The form of an aggregation's answer (wire-core 4.1).

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::asked::Asked;
use super::statement::{Group, Statement};
use crate::api::failures::Failed;
use crate::api::reading::Row;
use crate::api::shapes::Shape;
use crate::store::schema::Class;

/// An object for all rows, or an array of groups.
pub(super) fn result(
    connection: &Connection,
    shape: &Shape<'_>,
    class: &Class,
    asked: &Asked,
    statement: &Statement,
    groups: &[Group],
) -> Result<Value, Failed> {
    if statement.groups.is_empty() {
        let all = groups.first();
        let stats = all.map_or_else(Map::new, |group| stats(asked, group));
        return Ok(json!({ "stats": stats }));
    }
    let rows: Vec<Row> = groups
        .iter()
        .map(|group| Row {
            sys_id: String::new(),
            class: class.name.to_owned(),
            visible: true,
            values: group.values.iter().map(String::as_str).collect(),
        })
        .collect();
    let displays = shape.displays(connection, &statement.groups, &rows)?;
    let each = groups.iter().enumerate().map(|(at, group)| {
        let displayed = displays.as_ref().and_then(|displays| displays.get(at));
        let fields: Vec<Value> = statement
            .groups
            .iter()
            .zip(&group.values)
            .enumerate()
            .map(|(at, (shown, value))| {
                let mut field = json!({ "field": shown.key, "value": value });
                if let Some(displayed) = displayed.and_then(|displayed| displayed.get(at)) {
                    field["display_value"] = json!(displayed);
                }
                field
            })
            .collect();
        json!({ "stats": stats(asked, group), "groupby_fields": fields })
    });
    Ok(each.collect())
}

/// `count`, then aggregate by aggregate the values of its fields.
fn stats(asked: &Asked, group: &Group) -> Map<String, Value> {
    let mut stats = Map::new();
    if asked.count {
        stats.insert("count".to_owned(), json!(group.count));
    }
    for (function, field, value) in &group.measures {
        let fields = stats
            .entry(function.name())
            .or_insert_with(|| Value::Object(Map::new()));
        fields[field.as_str()] = json!(value);
    }
    stats
}
