//! The records of the image: the schema described in its own tables, roles, access controls.

use super::roles::{CONTROLS, OPEN_TO_ANY_ROLE, ROLES};
use super::{ADMIN, put_acl};
use crate::store::records::{Records, row};
use crate::store::schema::{Class, Column, Kind};
use crate::store::{StoreError, named_id};

/// Relation types with the ids they have everywhere (wire-core 6).
const RELATION_TYPES: [(&str, &str, &str); 3] = [
    ("1a9cb166f1571100a92eb60da2bce5c5", "Depends on", "Used by"),
    ("60bc4e22c0a8010e01f074cbe6bd73c3", "Runs on", "Runs"),
    (
        "607ad1b2c0a8010e01941856b365af90",
        "Exchanges data with",
        "Exchanges data with",
    ),
];

/// Properties connectors read (wire-core 6). The build name is *assumed*.
const PROPERTIES: [(&str, &str); 5] = [
    ("glide.buildname", "Australia"),
    (
        "glide.buildname.full",
        "glide-australia-02-11-2026__patch1-04-01-2026",
    ),
    (
        "glide.war",
        "glide-australia-02-11-2026__patch1-04-01-2026.zip",
    ),
    ("glide.product.name", "ServiceNow"),
    ("glide.user.max_unlock_attempts", "5"),
];

/// Inserts everything that every instance ships with.
pub(crate) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    describe_schema(records)?;
    for (name, _) in ROLES {
        let sys_id = role_id(name);
        let values = row([
            ("sys_id", sys_id.as_str()),
            ("name", name),
            ("sys_name", name),
        ]);
        records.insert("sys_user_role", &values)?;
    }
    for (role, contained) in ROLES {
        for contains in *contained {
            let (role, contains) = (role_id(role), role_id(contains));
            let tie = row([("role", role.as_str()), ("contains", contains.as_str())]);
            records.insert("sys_user_role_contains", &tie)?;
        }
    }
    let any_role: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
    for (table, operations, roles, denial) in CONTROLS {
        for operation in *operations {
            ship_acl(records, table, operation, roles, denial)?;
        }
    }
    for table in OPEN_TO_ANY_ROLE {
        ship_acl(records, table, "read", &any_role, "refuse")?;
    }
    let admin = row([
        ("sys_id", ADMIN),
        ("user_name", "admin"),
        ("first_name", "System"),
        ("last_name", "Administrator"),
    ]);
    records.insert("sys_user", &admin)?;
    let role = role_id("admin");
    let tie = row([("user", ADMIN), ("role", role.as_str())]);
    records.insert("sys_user_has_role", &tie)?;
    for (sys_id, parent, child) in RELATION_TYPES {
        let name = format!("{parent}::{child}");
        let values = row([
            ("sys_id", sys_id),
            ("name", name.as_str()),
            ("parent_descriptor", parent),
            ("child_descriptor", child),
        ]);
        records.insert("cmdb_rel_type", &values)?;
    }
    for (name, value) in PROPERTIES {
        records.insert("sys_properties", &row([("name", name), ("value", value)]))?;
    }
    Ok(())
}

fn role_id(name: &str) -> String {
    named_id(&format!("sys_user_role:{name}"))
}

fn ship_acl(
    records: &mut Records<'_>,
    table: &str,
    operation: &str,
    roles: &[&str],
    denial: &str,
) -> Result<(), StoreError> {
    let sys_id = named_id(&format!("sys_security_acl:{table}:{operation}"));
    let values = row([
        ("sys_id", sys_id.as_str()),
        ("name", table),
        ("operation", operation),
        ("u_denial", denial),
    ]);
    put_acl(records, &values, roles.iter().copied())
}

fn describe_schema(records: &mut Records<'_>) -> Result<(), StoreError> {
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
    let types: std::collections::BTreeSet<&str> = schema
        .classes
        .values()
        .flat_map(|class| class.columns.values())
        .map(|column| column.kind.internal_type())
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
    let length = match column.kind {
        Kind::Guid | Kind::Reference(_) | Kind::NamedReference(_) => "32",
        Kind::Integer | Kind::IntegerChoice(_) | Kind::Boolean | Kind::DateTime => "40",
        Kind::Journal | Kind::List(_) => "4000",
        _ => "255",
    };
    row([
        ("name", class.name),
        ("element", column.name),
        ("column_label", label.as_str()),
        ("internal_type", column.kind.internal_type()),
        ("max_length", length),
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
        (
            "display",
            if class.display == column.name {
                "true"
            } else {
                "false"
            },
        ),
        (
            "primary",
            if column.name == "sys_id" {
                "true"
            } else {
                "false"
            },
        ),
        (
            "read_only",
            if column.name.starts_with("sys_") {
                "true"
            } else {
                "false"
            },
        ),
    ])
}
