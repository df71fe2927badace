//! The schema described in the instance's own tables: `sys_db_object`, `sys_dictionary`,
//! `sys_choice`, `sys_glide_object` (wire-core 6).

use std::collections::BTreeSet;

use crate::store::records::{Records, row};
use crate::store::schema::{Class, Column, Kind};
use crate::store::{StoreError, named_id};

pub(super) fn describe_schema(records: &mut Records<'_>) -> Result<(), StoreError> {
    let table_id = |name: &str| named_id(&format!("sys_db_object:{name}"));
    let schema = records.schema();
    for class in schema.classes.values() {
        let (sys_id, parent) = (table_id(class.name), class.parent.map(table_id));
        let extendable = class.family.len() > 1 || class.parent.is_some();
        let values = row([
            ("sys_id", sys_id.as_str()),
            ("name", class.name),
            ("label", class.label),
            ("sys_name", class.label),
            ("super_class", parent.as_deref().unwrap_or("")),
            ("is_extendable", if extendable { "true" } else { "false" }),
        ]);
        records.insert("sys_db_object", &values)?;
        // The table's own row has no element (wire-core 6).
        let collection = row([
            ("name", class.name),
            ("internal_type", "collection"),
            ("column_label", class.label),
        ]);
        records.insert("sys_dictionary", &collection)?;
        for column in class.own.iter().filter_map(|name| class.column(name)) {
            records.insert("sys_dictionary", &describe(class, column))?;
            let choices = column.kind.choices().unwrap_or(&[]);
            for (at, (value, label)) in choices.iter().enumerate() {
                let sequence = (at + 1).to_string();
                let values = row([
                    ("name", class.name),
                    ("element", column.name),
                    ("value", value),
                    ("label", label),
                    ("sequence", sequence.as_str()),
                ]);
                records.insert("sys_choice", &values)?;
            }
        }
    }
    let types: BTreeSet<&str> = schema
        .classes
        .values()
        .flat_map(|class| class.columns.values())
        .map(|column| column.internal_type())
        .chain(["collection"])
        .collect();
    for name in types {
        let values = row([("name", name), ("label", name)]);
        records.insert("sys_glide_object", &values)?;
    }
    Ok(())
}

fn describe(class: &Class, column: &Column) -> crate::store::Values {
    let label = column.label();
    let reference = match column.kind {
        Kind::Reference(table) | Kind::NamedReference(table) | Kind::List(table) => table,
        _ => "",
    };
    let length = column.max_length().to_string();
    let flag = |set: bool| if set { "true" } else { "false" };
    row([
        ("name", class.name),
        ("element", column.name),
        ("column_label", label.as_str()),
        ("internal_type", column.internal_type()),
        ("max_length", length.as_str()),
        ("mandatory", flag(column.mandatory)),
        ("read_only", flag(column.is_read_only())),
        ("reference", reference),
        ("default_value", column.default),
        (
            "choice",
            if column.kind.choices().is_some() {
                "1"
            } else {
                "0"
            },
        ),
        ("display", flag(class.display == column.name)),
        ("primary", flag(column.name == "sys_id")),
    ])
}
