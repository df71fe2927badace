//! The CI identification rules that every instance ships with (CMDB Meta API).

use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// An entry: its `sys_id` where it is known, its attributes, the table that is searched and the
/// column of it that names the item, its order and its condition.
struct Entry {
    sys_id: Option<&'static str>,
    attributes: &'static str,
    lookup: Option<(&'static str, &'static str)>,
    order: &'static str,
    exact_count: &'static str,
    condition: &'static str,
}

const fn own(attributes: &'static str, order: &'static str) -> Entry {
    Entry {
        sys_id: None,
        attributes,
        lookup: None,
        order,
        exact_count: "false",
        condition: "",
    }
}

/// The Hardware Rule as the page shows it; the attributes of its last entry are those that the
/// Identification and Reconciliation API shows.
const HARDWARE: [Entry; 4] = [
    Entry {
        lookup: Some(("cmdb_serial_number", "cmdb_ci")),
        exact_count: "true",
        condition: "valid=true^absent=false^EQ",
        ..own("serial_number,serial_number_type", "100")
    },
    own("serial_number", "200"),
    Entry {
        sys_id: Some("556eb250c3400200d8d4bea192d3ae92"),
        ..own("name", "300")
    },
    Entry {
        lookup: Some(("cmdb_ci_network_adapter", "cmdb_ci")),
        exact_count: "true",
        condition: "install_status!=100^EQ",
        ..own("mac_address,name", "400")
    },
];

/// What virtual machines are told by (*assumed* but for the object id, which clients found wanting).
const MACHINES: [Entry; 2] = [own("vm_inst_id", "100"), own("object_id", "200")];

/// Classes whose items are told by their names (*assumed*).
const NAME: [Entry; 1] = [own("name", "100")];

/// Everything that has no rule of its own (*assumed*).
const ANY: [Entry; 1] = [own("name,sys_class_name", "100")];

/// Name, class, description and entries of each rule.
const RULES: [(&str, &str, &str, &[Entry]); 5] = [
    (
        "Hardware Rule",
        "cmdb_ci_hardware",
        "Identifier for hardware.",
        &HARDWARE,
    ),
    (
        "Service Rule",
        "cmdb_ci_service",
        "Identifier for services.",
        &NAME,
    ),
    (
        "Application Rule",
        "cmdb_ci_appl",
        "Identifier for applications.",
        &NAME,
    ),
    (
        "VM Instance Rule",
        "cmdb_ci_vm_instance",
        "Identifier for virtual machines.",
        &MACHINES,
    ),
    (
        "Configuration Item Rule",
        "cmdb_ci",
        "Identifier for configuration items.",
        &ANY,
    ),
];

/// Inserts the rules.
pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (name, table, description, entries) in RULES {
        let rule = named_id(&format!("cmdb_identifier:{name}"));
        let values = row([
            ("sys_id", rule.as_str()),
            ("name", name),
            ("applies_to", table),
            ("description", description),
        ]);
        records.insert("cmdb_identifier", &values)?;
        for entry in entries {
            let Entry {
                attributes, order, ..
            } = entry;
            let made = named_id(&format!(
                "cmdb_identifier_entry:{name}:{attributes}:{order}"
            ));
            let (searched, field) = entry.lookup.unwrap_or(("", ""));
            let values = row([
                ("sys_id", entry.sys_id.unwrap_or(&made)),
                ("identifier", rule.as_str()),
                ("attributes", attributes),
                ("table", searched),
                ("referenced_field", field),
                ("order", order),
                ("exact_count_match", entry.exact_count),
                ("optional_condition", entry.condition),
            ]);
            records.insert("cmdb_identifier_entry", &values)?;
        }
    }
    Ok(())
}
