//! Identification: which record an item is, by its source's own key or by the rule of its class.

use std::collections::HashMap;

use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use serde_json::json;

use super::payload::{Item, Lookup};
use super::problem::Problem;
use super::rules::{Entry, Rule};
use crate::api::Owned;
use crate::api::reading::session;
use crate::query::{Builder, Query};
use crate::store::records::values::normalise;
use crate::store::schema::Class;
use crate::store::text::fold;
use crate::store::{StoreError, Values};

/// Duplicates that identification passes over, at most, where no property says otherwise
/// (Properties for Identification and Reconciliation).
const DUPLICATES: usize = 5;

/// What a source's key is known for: record and item, the oldest first. A source has one name and
/// many keys, so that it is the key that is looked up.
pub(super) const BY_KEY: &str = "SELECT sys_id, target_sys_id FROM sys_object_source \
     WHERE id = ? AND +name = ? ORDER BY sys_created_on, sys_id";

/// An attempt to identify an item, as it is reported.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Attempt {
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<String>,
    identifier_name: String,
    attempt_result: &'static str,
    attributes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_on_table: Option<&'static str>,
    hybrid_entry_ci_attributes: [(); 0],
}

/// A record that exists.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) sys_id: String,
    pub(super) class: &'static Class,
}

/// What identification came to.
#[derive(Debug, Default)]
pub(super) struct Identified {
    pub(super) attempts: Vec<Attempt>,
    pub(super) found: Option<Found>,
    /// The entry that found it.
    pub(super) entry: Option<String>,
    /// Further records that the same entry found.
    pub(super) duplicates: Vec<String>,
    pub(super) problem: Option<Problem>,
}

/// Values that say which items of a payload are the same, and the fields they are made of.
pub(super) fn keys(rule: Option<&Rule>, class: Option<&Class>, item: &Item) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(source) = item.source.as_ref().filter(|source| source.identifies()) {
        keys.push(Key {
            value: format!("source\u{0}{}\u{0}{}", source.name, source.native_key),
            fields: "source_name,source_native_key".to_owned(),
        });
    }
    let (Some(rule), Some(class)) = (rule, class) else {
        return keys;
    };
    for entry in &rule.entries {
        let mut add = |values: &[String]| {
            keys.push(Key {
                value: fold(&format!("{}\u{0}{}", entry.sys_id, values.join("\u{0}"))),
                fields: entry.attributes.join(","),
            });
        };
        match entry.lookup {
            None => {
                if let Some(values) = criteria(entry, class, &item.values) {
                    add(&values);
                }
            }
            Some(table) => {
                for lookup in lookups(item, table) {
                    if let Some(values) = criteria(entry, table, &lookup.values) {
                        add(&values);
                    }
                }
            }
        }
    }
    keys
}

/// One way in which two items can be the same.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) value: String,
    pub(super) fields: String,
}

/// Finds the record that an item is.
pub(super) fn identify(
    connection: &Connection,
    call: &Owned,
    rule: &Rule,
    class: &'static Class,
    item: &Item,
    shown: &str,
) -> Result<Identified, StoreError> {
    let mut identified = Identified::default();
    if let Some(sys_id) = item.values.get("sys_id").filter(|id| !id.is_empty()) {
        let found = records(connection, rule.applies_to, std::slice::from_ref(sys_id))?;
        identified.found = found.into_iter().next();
        if identified.found.is_none() {
            identified.problem = Some(Problem::sys_id(sys_id, rule.applies_to.name));
        }
        return Ok(identified);
    }
    by_source(connection, call, rule, item, &mut identified)?;
    if identified.found.is_some() {
        return Ok(identified);
    }
    let mut attempted = false;
    for entry in &rule.entries {
        let candidates = match entry.lookup {
            None => match criteria(entry, class, &item.values) {
                Some(values) => Some(own(connection, call, rule, entry, &values)?),
                None => None,
            },
            Some(table) => by_lookups(connection, call, rule, entry, table, item)?,
        };
        attempted |= candidates.is_some();
        let result = match candidates.as_deref() {
            None => "SKIPPED",
            Some([]) => "NO_MATCH",
            Some([_, rest @ ..]) if rest.is_empty() || passes_over(call, rest.len() + 1) => {
                "MATCHED"
            }
            Some(_) => "MULTI_MATCH",
        };
        identified.attempts.push(Attempt {
            info: None,
            identifier_name: rule.name.clone(),
            attempt_result: result,
            attributes: entry.attributes.clone(),
            search_on_table: Some(entry.table(rule)),
            hybrid_entry_ci_attributes: [],
        });
        let mut candidates = candidates.unwrap_or_default().into_iter();
        match result {
            "MATCHED" => {
                identified.found = candidates.next();
                identified.duplicates = candidates.map(|found| found.sys_id).collect();
                identified.entry = Some(entry.sys_id.clone());
                return Ok(identified);
            }
            "MULTI_MATCH" => {
                let fields = entry.attributes.join(",");
                let problem = Problem::duplicate_records(entry.table(rule), &fields);
                identified.problem = Some(problem);
                return Ok(identified);
            }
            _ => {}
        }
    }
    if !attempted {
        let problem = Problem::missing_attributes(rule.applies_to.name, shown);
        identified.problem = Some(problem);
    }
    Ok(identified)
}

/// By the key that the source itself gives the item (`sys_object_source`), which comes before the
/// rules.
fn by_source(
    connection: &Connection,
    call: &Owned,
    rule: &Rule,
    item: &Item,
    identified: &mut Identified,
) -> Result<(), StoreError> {
    let skips = "glide.identification_engine.skip_sys_object_source_matching";
    if call.policy.property(skips) == Some("true") {
        return Ok(());
    }
    let Some(source) = item.source.as_ref().filter(|source| source.identifies()) else {
        return Ok(());
    };
    let ids: Vec<String> = {
        let mut statement = connection.prepare_cached(BY_KEY)?;
        let found = statement.query_map([&source.native_key, &source.name], |row| row.get(1))?;
        found.collect::<Result<_, _>>()?
    };
    identified.found = records(connection, rule.applies_to, &ids)?
        .into_iter()
        .next();
    let (result, attributes) = match identified.found {
        Some(_) => ("MATCHED", vec!["source_name", "source_native_key"]),
        None => ("NO_MATCH", Vec::new()),
    };
    identified.attempts.push(Attempt {
        info: Some(format!("sys_object_source {result}")),
        identifier_name: String::new(),
        attempt_result: result,
        attributes: attributes.into_iter().map(str::to_owned).collect(),
        search_on_table: None,
        hybrid_entry_ci_attributes: [],
    });
    Ok(())
}

/// The values of an entry's attributes, in stored form, where enough of them are given.
fn criteria(entry: &Entry, class: &Class, given: &Values) -> Option<Vec<String>> {
    let value = |name: &String| {
        if name == "sys_class_name" {
            return class.name.to_owned();
        }
        let value = given.get(name).map_or("", String::as_str);
        class
            .column(name)
            .map_or_else(String::new, |column| normalise(column.kind, value.trim()))
    };
    let values: Vec<String> = entry.attributes.iter().map(value).collect();
    let told = |(name, value): (&String, &String)| name != "sys_class_name" && !value.is_empty();
    let given = entry
        .attributes
        .iter()
        .zip(&values)
        .filter(|pair| told(*pair))
        .count();
    let asked = entry
        .attributes
        .iter()
        .filter(|name| *name != "sys_class_name")
        .count();
    let enough = given > 0 && (given == asked || entry.allow_null);
    enough.then_some(values)
}

/// Records whose own attributes have these values, the oldest first.
fn own(
    connection: &Connection,
    call: &Owned,
    rule: &Rule,
    entry: &Entry,
    values: &[String],
) -> Result<Vec<Found>, StoreError> {
    let mut builder = Builder::new(rule.applies_to, session(call));
    let mut conditions = vec![builder.of_class()];
    for (name, value) in entry.attributes.iter().zip(values) {
        let place = builder.bind(value.clone());
        conditions.push(format!("t.\"{name}\" = {place}"));
    }
    if rule.applies_to.column("duplicate_of").is_some() {
        conditions.push("t.duplicate_of = ''".to_owned());
    }
    let enough = builder.bind(i64::try_from(threshold(call).saturating_add(2)).unwrap_or(100));
    let statement = format!(
        "SELECT t.sys_id, t.sys_class_name {} WHERE {} ORDER BY t.sys_created_on, t.sys_id LIMIT {enough}",
        builder.source(),
        conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let mut rows = statement.query(params_from_iter(&builder.parameters))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let class: String = row.get(1)?;
        if let Some(class) = rule.applies_to.schema().class(&class) {
            let sys_id = row.get(0)?;
            found.push(Found { sys_id, class });
        }
    }
    Ok(found)
}

/// The item that the records of a lookup table name: that which most of them name, and of several
/// the oldest; none where no lookup has the attributes.
fn by_lookups(
    connection: &Connection,
    call: &Owned,
    rule: &Rule,
    entry: &Entry,
    table: &'static Class,
    item: &Item,
) -> Result<Option<Vec<Found>>, StoreError> {
    let mut named: HashMap<String, usize> = HashMap::new();
    let mut tried = 0;
    for lookup in lookups(item, table) {
        let Some(values) = criteria(entry, table, &lookup.values) else {
            continue;
        };
        tried += 1;
        for sys_id in naming(connection, call, entry, table, &values)? {
            *named.entry(sys_id).or_insert(0) += 1;
        }
    }
    if tried == 0 {
        return Ok(None);
    }
    let most = named.values().copied().max().unwrap_or(0);
    let wanted = if entry.exact_count { tried } else { most };
    named.retain(|_, count| *count == wanted);
    let ids: Vec<String> = named.into_keys().collect();
    let mut found = records(connection, rule.applies_to, &ids)?;
    found.truncate(1);
    Ok(Some(found))
}

/// Items that records of a lookup table with these values name.
fn naming(
    connection: &Connection,
    call: &Owned,
    entry: &Entry,
    table: &'static Class,
    values: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut builder = Builder::new(table, session(call));
    let mut conditions = vec![builder.of_class()];
    conditions.push(builder.condition(&Query::parse(&entry.condition)));
    for (name, value) in entry.attributes.iter().zip(values) {
        let place = builder.bind(value.clone());
        conditions.push(format!("t.\"{name}\" = {place}"));
    }
    let field = &entry.referenced_field;
    let statement = format!(
        "SELECT DISTINCT t.\"{field}\" {} WHERE {} AND t.\"{field}\" <> '' LIMIT 100",
        builder.source(),
        conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let found = statement.query_map(params_from_iter(&builder.parameters), |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Those of these records that exist in a table, the oldest first.
fn records(
    connection: &Connection,
    table: &'static Class,
    ids: &[String],
) -> Result<Vec<Found>, StoreError> {
    let statement = format!(
        "SELECT sys_id, sys_class_name FROM \"{}\" WHERE sys_id IN (SELECT value FROM json_each(?)) \
         ORDER BY sys_created_on, sys_id",
        table.root
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let mut rows = statement.query([json!(ids).to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let class: String = row.get(1)?;
        let class = table.schema().class(&class);
        if let Some(class) = class.filter(|class| table.family.contains(&class.name)) {
            let sys_id = row.get(0)?;
            found.push(Found { sys_id, class });
        }
    }
    Ok(found)
}

/// The lookups of an item in a table or one that extends it.
fn lookups<'i>(item: &'i Item, table: &Class) -> impl Iterator<Item = &'i Lookup> {
    let family = &table.family;
    item.lookups
        .iter()
        .filter(move |lookup| family.contains(&lookup.class_name.as_str()))
}

/// Whether so many records that are the same are passed over: the oldest counts.
fn passes_over(call: &Owned, records: usize) -> bool {
    let property = "glide.identification_engine.skip_duplicates";
    call.policy.property(property) != Some("false") && records <= threshold(call)
}

fn threshold(call: &Owned) -> usize {
    let property = "glide.identification_engine.skip_duplicates.threshold";
    let value = call.policy.property(property);
    value
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(DUPLICATES)
        .min(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_source_s_key_is_looked_up_in_an_index() {
        let store = Store::open(None).unwrap();
        let plan = store.read(|connection| {
            let statement = format!("EXPLAIN QUERY PLAN {BY_KEY}");
            let mut statement = connection.prepare(&statement)?;
            let step = |row: &rusqlite::Row<'_>| row.get::<_, String>(3);
            let steps = statement.query_map(["key", "source"], step)?;
            Ok::<Vec<_>, StoreError>(steps.collect::<Result<_, _>>()?)
        });
        let plan = plan.unwrap().join("\n");
        assert!(plan.contains("sys_object_source/id (id=?)"), "{plan}");
    }
}
