//! What the identification of configuration items keeps beside them (Identification and
//! Reconciliation engine).

use super::{Table, boolean, datetime, named, reference, root, text};

pub(super) static TABLES: &[Table] = &[
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
];
