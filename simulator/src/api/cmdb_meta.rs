//! The CMDB Meta API: `GET /api/now/cmdb/meta/{class}` (wire-core 4.7, CMDB Meta API).
//!
//! It describes a class by the records that describe it: `sys_db_object`, `sys_dictionary`,
//! `cmdb_identifier`.

use http::{Method, StatusCode};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use super::Owned;
use super::cmdb_instance;
use super::failures::Failed;
use super::identify_reconcile::rules::{Entry, Rule, Rules};
use crate::fidelity::{Behaviour, Standing};
use crate::policy::Access;
use crate::reply::Reply;
use crate::setup::Operation;
use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::schema::{Class, Column};

use Standing::{Assumed, Documented};

const PAGE: &str = "CMDB Meta API";

/// Hosting rules: parent, name of the relation type, child (*assumed* to be the shipped ones).
const HOSTING: [(&str, &str, &str); 1] = [("cmdb_ci_appl", "Runs on::Runs", "cmdb_ci_hardware")];

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "`is_extendable` is a boolean; an attribute's `max_length` and flags are text, and a `default_value` that is empty is null",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "in `identification_rules` flags are booleans, `order` a number, and an empty `condition`, `referenced_field` or `table` is null; a class without a rule of its own shows the rule it inherits",
        standing: Documented,
        source: PAGE,
    },
    Behaviour {
        what: "`parent` of `cmdb_ci`, `icon` and `icon_url` are null; a class without any rule has null for `identification_rules`",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "`relationship_rules` holds what the instance ships: an application runs on hardware; no related rules",
        standing: Assumed,
        source: PAGE,
    },
    Behaviour {
        what: "a table that is no class of the CMDB is 404",
        standing: Documented,
        source: "CMDB Meta API; its words are those of a missing record, assumed",
    },
    Behaviour {
        what: "a user who may not read the class is refused with 403",
        standing: Assumed,
        source: "the page asks for the role itil; wire-core 2.1",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    let table = call.target.table.as_deref().unwrap_or("");
    let Some(class) = cmdb_instance::class(call, table) else {
        return Err(call.failures.no_class(table).into());
    };
    if !matches!(
        call.access_to(Operation::Read, class.name),
        Access::Granted { .. }
    ) {
        return Err(call.failures.table_refused(None).into());
    }
    let result = call
        .store
        .read(|connection| meta(connection, class).map_err(Failed::from))?;
    Ok(Reply::json(StatusCode::OK, &json!({"result": result})))
}

fn meta(connection: &Connection, class: &'static Class) -> Result<Value, StoreError> {
    let children: Vec<&str> = class
        .schema()
        .classes
        .values()
        .filter(|other| other.parent == Some(class.name))
        .map(|other| other.name)
        .collect();
    let attributes: Vec<Value> = class
        .columns
        .values()
        .map(|column| attribute(connection, class, column))
        .collect::<Result<_, _>>()?;
    let rules = Rules::read(connection, class.schema())?;
    Ok(json!({
        "icon_url": null,
        "is_extendable": is_extendable(connection, class)?,
        "parent": class.parent,
        "children": children,
        "name": class.name,
        "icon": null,
        "attributes": attributes,
        "relationship_rules": relationship_rules(connection, class)?,
        "label": class.label,
        "identification_rules": rules.of(class).map(identification_rules),
    }))
}

fn is_extendable(connection: &Connection, class: &Class) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT is_extendable FROM sys_db_object WHERE name = ?")?;
    let flag: Option<String> = statement
        .query_row([class.name], |row| row.get(0))
        .optional()?;
    Ok(flag.as_deref() == Some("true"))
}

/// An attribute, as the dictionary entry of the nearest class describes it.
fn attribute(connection: &Connection, class: &Class, column: &Column) -> Result<Value, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT column_label, internal_type, max_length, mandatory, read_only, display, default_value \
         FROM sys_dictionary WHERE name = ? AND element = ?",
    )?;
    for table in &class.lineage {
        let found = statement
            .query_row([*table, column.name], |row| {
                (0..7)
                    .map(|at| row.get_ref(at).map(text_of))
                    .collect::<Result<Vec<_>, _>>()
            })
            .optional()?;
        let Some(entry) = found else {
            continue;
        };
        let [label, kind, length, mandatory, read_only, display, default] = &entry[..] else {
            continue;
        };
        let inherited = *table != class.name;
        return Ok(json!({
            "is_inherited": inherited.to_string(),
            "is_mandatory": flag(mandatory),
            "is_read_only": flag(read_only),
            "default_value": or_null(default),
            "label": label,
            "type": kind,
            "element": column.name,
            "max_length": length,
            "is_display": flag(display),
        }));
    }
    let inherited = !class.own.contains(&column.name);
    Ok(json!({
        "is_inherited": inherited.to_string(),
        "is_mandatory": "false",
        "is_read_only": "false",
        "default_value": or_null(column.default),
        "label": column.label(),
        "type": column.kind.internal_type(),
        "element": column.name,
        "max_length": "40",
        "is_display": (column.name == class.display).to_string(),
    }))
}

fn relationship_rules(connection: &Connection, class: &Class) -> Result<Vec<Value>, StoreError> {
    let mut rules = Vec::new();
    for (parent, kind, child) in HOSTING {
        if class.name != parent && class.name != child {
            continue;
        }
        let mut statement = connection
            .prepare_cached("SELECT sys_id FROM cmdb_rel_type WHERE name = ? ORDER BY sys_id")?;
        let kind: Option<String> = statement.query_row([kind], |row| row.get(0)).optional()?;
        if let Some(kind) = kind {
            rules.push(json!({"parent": parent, "relation_type": kind, "child": child}));
        }
    }
    Ok(rules)
}

fn identification_rules(rule: &Rule) -> Value {
    let identifiers = rule.entries.iter().map(identifier).collect::<Vec<_>>();
    json!({
        "related_rules": [],
        "applies_to": rule.applies_to.name,
        "identifiers": identifiers,
        "name": rule.name,
        "description": rule.description,
        "active": true,
        "is_independent": rule.independent,
    })
}

fn identifier(entry: &Entry) -> Value {
    json!({
        "condition": or_null(&entry.condition),
        "exact_count_match": entry.exact_count,
        "referenced_field": or_null(&entry.referenced_field),
        "active": true,
        "attributes": entry.attributes.join(","),
        "allow_fallback": entry.allow_fallback,
        "table": entry.lookup.map(|table| table.name),
        "order": entry.order,
        "allow_null_attribute": entry.allow_null,
    })
}

fn flag(value: &str) -> &str {
    if value == "true" { "true" } else { "false" }
}

fn or_null(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}
