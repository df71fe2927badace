//! What the identification of configuration items reads and keeps (CI identification rules,
//! Identification and Reconciliation engine).

use super::{Table, boolean, child, datetime, int, named, reference, root, text};

pub(super) static TABLES: &[Table] = &[
    root(
        "cmdb_identifier",
        "CI Identifier",
        "name",
        &[
            text("name"),
            named("applies_to", "sys_db_object"),
            text("description"),
            boolean("active").or("true"),
            boolean("independent").or("true"),
        ],
    ),
    root(
        "cmdb_identifier_entry",
        "Identifier Entry",
        "attributes",
        &[
            reference("identifier", "cmdb_identifier"),
            text("attributes"),
            named("table", "sys_db_object"),
            int("order").or("100"),
            boolean("active").or("true"),
            boolean("allow_null_attribute"),
            boolean("allow_fallback"),
            boolean("exact_count_match"),
            text("referenced_field"),
            text("condition"),
        ],
    ),
    root(
        "sys_object_source",
        "Source",
        "name",
        &[
            text("name"),
            text("id"),
            text("source_feed"),
            named("target_table", "sys_db_object"),
            reference("target_sys_id", "cmdb_ci"),
            datetime("last_scan"),
        ],
    ),
    root(
        "cmdb_serial_number",
        "Serial Number",
        "serial_number",
        &[
            reference("cmdb_ci", "cmdb_ci"),
            text("serial_number"),
            text("serial_number_type"),
            boolean("valid").or("true"),
            boolean("absent"),
        ],
    ),
    child(
        "cmdb_ci_network_adapter",
        "Network Adapter",
        "cmdb_ci",
        &[
            reference("cmdb_ci", "cmdb_ci"),
            text("netmask"),
            text("alias"),
            boolean("virtual"),
        ],
    ),
];
