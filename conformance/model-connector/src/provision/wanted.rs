//! The records that a callback takes, and what is missing of one.

use serde_json::{Map, Value};

/// The property that holds the URL.
const PROPERTY: &str = "x_snowproof.callback_url";

/// What the rule runs: one call, asynchronous, with what identifies the change. It is not tried again
/// (wire-failures 9), so that a reader has to poll as well.
const SCRIPT: &str = "(function executeRule(current, previous) {
    var url = gs.getProperty('x_snowproof.callback_url');
    if (!url) return;
    var message = new sn_ws.RESTMessageV2();
    message.setEndpoint(url);
    message.setHttpMethod('post');
    message.setRequestHeader('Content-Type', 'application/json');
    message.setRequestBody(JSON.stringify({
        table: current.getTableName(),
        sys_id: current.getUniqueValue(),
        sys_mod_count: String(current.sys_mod_count),
        operation: String(current.operation())
    }));
    message.executeAsync();
})(current, previous);";

/// A record that is to be there.
pub(super) struct Wanted {
    pub(super) table: &'static str,
    pub(super) name: String,
    /// The columns that a look-up asks for.
    pub(super) columns: &'static str,
    /// Columns and values, the name among them.
    fields: Vec<(&'static str, String)>,
}

impl Wanted {
    /// The property that holds the URL to call.
    pub(super) fn property(url: &str) -> Self {
        let fields = [
            ("name", PROPERTY.to_owned()),
            ("value", url.to_owned()),
            ("type", "string".to_owned()),
        ];
        Self {
            table: "sys_properties",
            name: PROPERTY.to_owned(),
            columns: "sys_id,name,value,type",
            fields: fields.into(),
        }
    }

    /// The rule that calls it when a record of the table changes.
    pub(super) fn rule(table: &str) -> Self {
        let name = format!("Snowproof connector: callback of {table}");
        let fields = [
            ("name", name.clone()),
            ("collection", table.to_owned()),
            ("when", "async".to_owned()),
            ("active", "true".to_owned()),
            ("advanced", "true".to_owned()),
            ("action_insert", "true".to_owned()),
            ("action_update", "true".to_owned()),
            ("script", SCRIPT.to_owned()),
        ];
        Self {
            table: "sys_script",
            name,
            columns: "sys_id,name,collection,when,active,advanced,action_insert,action_update,script",
            fields: fields.into(),
        }
    }

    /// The encoded query that finds it.
    pub(super) fn query(&self) -> String {
        let place = self
            .fields
            .iter()
            .find(|(column, _)| *column == "collection");
        let place = place.map(|(_, table)| format!("^collection={table}"));
        format!("name={}{}", self.name, place.unwrap_or_default())
    }

    /// Whether a record is the one.
    pub(super) fn is_named_in(&self, row: &Map<String, Value>) -> bool {
        row.get("name").and_then(Value::as_str) == Some(self.name.as_str())
    }

    /// Whether it holds a script.
    pub(super) fn has_script(&self) -> bool {
        self.fields.iter().any(|(column, _)| *column == "script")
    }

    /// All of it.
    pub(super) fn whole(&self) -> Map<String, Value> {
        self.missing_in(None)
    }

    /// What a record lacks, or has otherwise.
    pub(super) fn missing_in(&self, found: Option<&Map<String, Value>>) -> Map<String, Value> {
        let is_there = |column: &str, value: &str| {
            let there = found.and_then(|row| row.get(column)?.as_str());
            // An instance keeps the line ends of a browser's forms.
            there.is_some_and(|there| there.replace("\r\n", "\n") == value)
        };
        let fields = self.fields.iter();
        fields
            .filter(|(column, value)| !is_there(column, value))
            .map(|(column, value)| ((*column).to_owned(), Value::from(value.as_str())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_as_wanted_lacks_nothing() {
        let rule = Wanted::rule("incident");
        let mut row = rule.whole();
        assert!(rule.missing_in(Some(&row)).is_empty() && rule.is_named_in(&row));
        let script = row["script"].as_str().unwrap().replace('\n', "\r\n");
        row.insert("script".into(), script.into());
        assert!(rule.missing_in(Some(&row)).is_empty());
        row.insert("script".into(), "".into());
        row.insert("active".into(), "false".into());
        let missing = rule.missing_in(Some(&row));
        assert_eq!(missing.keys().collect::<Vec<_>>(), ["active", "script"]);
    }

    #[test]
    fn each_is_found_by_what_is_its_own() {
        assert_eq!(
            Wanted::rule("incident").query(),
            "name=Snowproof connector: callback of incident^collection=incident"
        );
        let property = Wanted::property("https://hooks.example.com/x");
        assert_eq!(property.query(), "name=x_snowproof.callback_url");
        assert!(!property.has_script());
    }
}
