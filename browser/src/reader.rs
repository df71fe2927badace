//! What a screen reader tells of a page.

use std::collections::HashMap;

use serde_json::Value;

/// What a screen reader tells of one thing on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its role, such as `button`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// What describes it besides its name.
    pub description: String,
    /// Whether its value is refused.
    pub invalid: bool,
    /// Whether the keyboard is on it.
    pub focused: bool,
    /// Its number in the page.
    pub(crate) node: i64,
}

/// What is told of an accessibility tree, in the order in which it is read.
pub(crate) fn told(tree: &Value) -> Vec<Told> {
    let nodes = tree["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    in_order(nodes)
        .into_iter()
        .filter(|node| node["ignored"] == false)
        .map(|node| {
            let is = |property: &str| {
                let properties = node["properties"].as_array().into_iter().flatten();
                let mut named = properties.filter(|it| it["name"] == property);
                named.next().map(|it| &it["value"]["value"])
            };
            Told {
                role: text(&node["role"]["value"]),
                name: text(&node["name"]["value"]),
                description: text(&node["description"]["value"]),
                invalid: is("invalid").is_some_and(|it| *it == "true"),
                focused: is("focused").is_some_and(|it| *it == true),
                node: node["backendDOMNodeId"].as_i64().unwrap_or_default(),
            }
        })
        .collect()
}

/// The nodes of a tree in the order in which they are read; the first one is its root.
fn in_order(nodes: &[Value]) -> Vec<&Value> {
    let mut by_id: HashMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["nodeId"].as_str()?, node)))
        .collect();
    let root = nodes.first();
    if let Some(id) = root.and_then(|root| root["nodeId"].as_str()) {
        by_id.remove(id);
    }
    let mut open: Vec<&Value> = root.into_iter().collect();
    let mut read = Vec::new();
    while let Some(node) = open.pop() {
        read.push(node);
        let children = node["childIds"].as_array().into_iter().flatten().rev();
        // Each is read once, so that this ends whatever is told.
        open.extend(children.filter_map(|id| by_id.remove(id.as_str()?)));
    }
    read
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_read_in_its_order_without_what_is_hidden() {
        let node = |id: &str, role: &str, children: &[&str], ignored: bool| {
            json!({ "nodeId": id, "ignored": ignored, "role": { "value": role },
                "name": { "value": id }, "childIds": children, "backendDOMNodeId": 7,
                "properties": [{ "name": "focused", "value": { "value": role == "textbox" } }] })
        };
        let tree = json!({ "nodes": [
            node("page", "main", &["form", "end"], false),
            node("end", "button", &["page", "nowhere", "form"], false),
            node("form", "form", &["field"], true),
            node("field", "textbox", &[], false),
        ]});
        let told = told(&tree);
        let roles: Vec<&str> = told.iter().map(|it| it.role.as_str()).collect();
        assert_eq!(roles, ["main", "textbox", "button"]);
        assert!(told[1].focused && !told[2].focused);
        assert_eq!(super::told(&json!({})), []);
    }
}
