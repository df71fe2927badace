//! Identification rules and transform maps that every instance ships with.
//!
//! That a rule for hardware ends with the name, and is looked up in `cmdb_ci_hardware`, is
//! documented (wire-core 4.6), as is the map of `imp_user` to `sys_user` (wire-core 4.3). The other
//! entries, rules and fields are *assumed*.

use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// Name, the class it applies to, and its entries by priority: attributes.
type Identifier = (&'static str, &'static str, &'static [&'static str]);

const IDENTIFIERS: [Identifier; 6] = [
    (
        "Hardware Rule",
        "cmdb_ci_hardware",
        &["serial_number,serial_number_type", "serial_number", "name"],
    ),
    ("Service Rule", "cmdb_ci_service", &["name"]),
    ("Application Rule", "cmdb_ci_appl", &["name"]),
    (
        "VM Instance Rule",
        "cmdb_ci_vm_instance",
        &["vm_inst_id", "object_id"],
    ),
    ("Cluster Rule", "cmdb_ci_cluster", &["cluster_id", "name"]),
    ("Configuration Item Rule", "cmdb_ci", &["name"]),
];

/// Fields of `imp_user` that go to the column of the same name.
const USER_FIELDS: [&str; 16] = [
    "user_name",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "title",
    "phone",
    "home_phone",
    "mobile_phone",
    "employee_number",
    "street",
    "city",
    "state",
    "zip",
    "country",
    "active",
];

pub(super) fn ship_identifiers(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (name, class, entries) in IDENTIFIERS {
        let sys_id = named_id(&["cmdb_identifier:", name].concat());
        let values = row([
            ("sys_id", sys_id.as_str()),
            ("name", name),
            ("applies_to", class),
        ]);
        records.insert("cmdb_identifier", &values)?;
        for (attributes, order) in entries.iter().zip(1..) {
            let order: u32 = order * 100;
            let entry = row([
                ("identifier", sys_id.as_str()),
                ("table", class),
                ("attributes", attributes),
                ("order", order.to_string().as_str()),
            ]);
            records.insert("cmdb_identifier_entry", &entry)?;
        }
    }
    Ok(())
}

pub(super) fn ship_transform_maps(records: &mut Records<'_>) -> Result<(), StoreError> {
    let map = named_id("sys_transform_map:User");
    let values = row([
        ("sys_id", map.as_str()),
        ("name", "User"),
        ("source_table", "imp_user"),
        ("target_table", "sys_user"),
    ]);
    records.insert("sys_transform_map", &values)?;
    for field in USER_FIELDS {
        let coalesce = if field == "user_name" {
            "true"
        } else {
            "false"
        };
        let values = row([
            ("map", map.as_str()),
            ("source_table", "imp_user"),
            ("source_field", field),
            ("target_table", "sys_user"),
            ("target_field", field),
            ("coalesce", coalesce),
        ]);
        records.insert("sys_transform_entry", &values)?;
    }
    Ok(())
}
