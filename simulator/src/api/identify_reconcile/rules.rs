//! Identification rules: the records of `cmdb_identifier` and `cmdb_identifier_entry`.
//!
//! A class without a rule of its own is identified by that of the nearest class it extends.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::schema::{Class, Schema};

/// A rule of one class.
#[derive(Debug)]
pub(in crate::api) struct Rule {
    pub(in crate::api) name: String,
    pub(in crate::api) description: String,
    pub(in crate::api) independent: bool,
    /// The class it is defined for.
    pub(in crate::api) applies_to: &'static Class,
    /// Active entries, the first tried first.
    pub(in crate::api) entries: Vec<Entry>,
}

/// A set of attributes that identifies an item.
#[derive(Debug)]
pub(in crate::api) struct Entry {
    pub(in crate::api) sys_id: String,
    pub(in crate::api) attributes: Vec<String>,
    /// The table whose records name the item, where the attributes are not the item's own.
    pub(in crate::api) lookup: Option<&'static Class>,
    /// The column of that table that names the item.
    pub(in crate::api) referenced_field: String,
    pub(in crate::api) order: i64,
    pub(in crate::api) allow_null: bool,
    pub(in crate::api) allow_fallback: bool,
    pub(in crate::api) exact_count: bool,
    pub(in crate::api) condition: String,
}

impl Entry {
    /// The table that is searched.
    pub(in crate::api) fn table(&self, rule: &Rule) -> &'static str {
        self.lookup.unwrap_or(rule.applies_to).name
    }
}

/// Every active rule, by the class it is defined for.
#[derive(Debug)]
pub(in crate::api) struct Rules(HashMap<&'static str, Rule>);

impl Rules {
    /// Reads the rules. One that names no table, and an entry that names no column, is left out.
    pub(in crate::api) fn read(
        connection: &Connection,
        schema: &'static Schema,
    ) -> Result<Self, StoreError> {
        let mut rules = HashMap::new();
        let mut statement = connection.prepare_cached(
            "SELECT sys_id, name, description, independent, applies_to FROM cmdb_identifier \
             WHERE active = 'true' ORDER BY sys_created_on DESC, sys_id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let table: String = row.get(4)?;
            let Some(applies_to) = schema.class(&table) else {
                continue;
            };
            let sys_id: String = row.get(0)?;
            let rule = Rule {
                entries: entries(connection, &sys_id, applies_to)?,
                name: row.get(1)?,
                description: row.get(2)?,
                independent: row.get::<_, String>(3)? == "true",
                applies_to,
            };
            rules.insert(applies_to.name, rule);
        }
        Ok(Self(rules))
    }

    /// The rule that identifies items of a class.
    pub(in crate::api) fn of(&self, class: &Class) -> Option<&Rule> {
        class.lineage.iter().find_map(|table| self.0.get(table))
    }
}

fn entries(
    connection: &Connection,
    rule: &str,
    applies_to: &'static Class,
) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sys_id, attributes, \"table\", \"order\", allow_null_attribute, allow_fallback, \
         exact_count_match, referenced_field, optional_condition FROM cmdb_identifier_entry \
         WHERE identifier = ? AND active = 'true'",
    )?;
    let mut found = statement.query([rule])?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        let of = |at| row.get_ref(at).map(text_of);
        let table = of(2)?;
        let own = table.is_empty() || table == applies_to.name;
        let lookup = if own {
            None
        } else {
            applies_to.schema().class(&table)
        };
        let searched = lookup.unwrap_or(applies_to);
        let named = of(1)?;
        let attributes = named.split(',').map(|name| name.trim().to_owned());
        let attributes: Vec<String> = attributes.filter(|name| !name.is_empty()).collect();
        let referenced_field = of(7)?;
        let known = attributes
            .iter()
            .all(|name| searched.column(name).is_some())
            && (own || (lookup.is_some() && searched.column(&referenced_field).is_some()));
        if attributes.is_empty() || !known {
            continue;
        }
        entries.push(Entry {
            sys_id: of(0)?,
            attributes,
            lookup,
            referenced_field,
            order: of(3)?.parse().unwrap_or(0),
            allow_null: of(4)? == "true",
            allow_fallback: of(5)? == "true",
            exact_count: of(6)? == "true",
            condition: of(8)?,
        });
    }
    entries.sort_by(|left, right| (left.order, &left.sys_id).cmp(&(right.order, &right.sys_id)));
    Ok(entries)
}
