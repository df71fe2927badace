//! Rows of demo data, made by rule: the nth row of a table is always the same.

use std::collections::HashMap;
use std::time::Duration;

use super::{SEEDED, SPACING};
use crate::store::records::{Records, row};
use crate::store::schema::Class;
use crate::store::{StoreError, Values};

/// Tables with demo rows, in the order in which they refer to each other.
const USUAL: [(&str, u64); 13] = [
    ("core_company", 4),
    ("cmn_location", 3),
    ("cmn_department", 2),
    ("cmdb_model", 3),
    ("sys_user_group", 3),
    ("sys_user", 3),
    ("cmdb_ci_service", 2),
    ("cmdb_ci_server", 1),
    ("cmdb_ci_linux_server", 4),
    ("cmdb_ci_win_server", 3),
    ("incident", 6),
    ("problem", 2),
    ("change_request", 2),
];

/// Demo rows a table has by itself when a set-up does not say how many.
pub(super) fn usual_rows(table: &str) -> u64 {
    USUAL
        .iter()
        .find(|(name, _)| *name == table)
        .map_or(0, |(_, rows)| *rows)
}

/// Inserts the demo rows of all tables but those that `named` tables hold.
pub(super) fn insert_all(records: &mut Records<'_>, named: &[&str]) -> Result<(), StoreError> {
    for (table, rows) in USUAL {
        let class = records.schema().known(table)?;
        if class.lineage.iter().any(|name| named.contains(name)) {
            continue;
        }
        let mut source = Source::new(records, table)?;
        for at in 0..rows {
            records.set_time(SEEDED + Duration::from_secs(at * SPACING));
            records.insert(table, &source.row(at))?;
        }
    }
    records.set_time(SEEDED);
    if !named.contains(&"cmdb_rel_ci") {
        let mut source = Source::new(records, "cmdb_rel_ci")?;
        for at in 0..2 {
            records.insert("cmdb_rel_ci", &source.row(at))?;
        }
    }
    Ok(())
}

/// Makes the rows of one table.
pub(in crate::store) struct Source {
    class: &'static Class,
    /// Ids that rows refer to, by table.
    ids: HashMap<&'static str, Vec<String>>,
}

/// Tables that rows refer to.
const REFERRED: [&str; 9] = [
    "core_company",
    "cmn_location",
    "cmn_department",
    "cmdb_model",
    "sys_user_group",
    "sys_user",
    "cmdb_ci",
    "cmdb_ci_service",
    "cmdb_rel_type",
];

/// Columns that a demo row fills with a reference.
const FILLED: [&str; 16] = [
    "manufacturer",
    "company",
    "location",
    "department",
    "model_id",
    "support_group",
    "assignment_group",
    "assigned_to",
    "caller_id",
    "managed_by",
    "cmdb_ci",
    "business_service",
    "requested_by",
    "parent",
    "child",
    "type",
];

impl Source {
    pub(in crate::store) fn new(records: &Records<'_>, table: &str) -> Result<Self, StoreError> {
        let class = records.schema().known(table)?;
        let mut ids = HashMap::new();
        for referred in REFERRED {
            let root = records
                .schema()
                .class(referred)
                .map_or(referred, |class| class.root);
            let of_class = if root == referred {
                ""
            } else {
                "WHERE sys_class_name = 'cmdb_ci_service'"
            };
            let statement = format!(
                "SELECT sys_id FROM \"{root}\" {of_class} ORDER BY sys_created_on, sys_id LIMIT 20"
            );
            let mut statement = records.connection.prepare_cached(&statement)?;
            let found = statement.query_map([], |row| row.get(0))?;
            ids.insert(referred, found.collect::<Result<_, _>>()?);
        }
        Ok(Self { class, ids })
    }

    /// The row of this index, counted from 0.
    pub(in crate::store) fn row(&mut self, at: u64) -> Values {
        let n = at + 1;
        let mut values = match self.class.root {
            "cmdb_ci" => configuration_item(self.class, n),
            "task" => task(self.class, n),
            "sys_user" => {
                let (name, email) = (format!("user.{n:05}"), format!("user.{n:05}@example.com"));
                row([
                    ("user_name", name.as_str()),
                    ("first_name", "User"),
                    ("last_name", format!("{n:05}").as_str()),
                    ("email", email.as_str()),
                ])
            }
            _ => Values::new(),
        };
        let display = self.class.display;
        if display != "sys_id"
            && self
                .class
                .column(display)
                .is_some_and(|column| column.kind.refers_to().is_none())
        {
            let name = format!("{} {n:05}", self.class.label);
            if display != "number" {
                values.entry(display.to_owned()).or_insert(name);
            }
        }
        for name in FILLED {
            let Some(column) = self.class.column(name) else {
                continue;
            };
            // A task's parent is a task: demo tasks stand alone.
            let refers_to = column.kind.refers_to().map(|(table, _)| table);
            let Some(ids) = refers_to.and_then(|table| self.ids.get(table)) else {
                continue;
            };
            let shift = if name == "child" { n } else { at };
            let place = usize::try_from(shift).unwrap_or(0) % ids.len().max(1);
            if let (Some(id), "task" | "cmdb_ci" | "cmdb_rel_ci" | "sys_user") =
                (ids.get(place), self.class.root)
            {
                values.insert(name.to_owned(), id.clone());
            }
        }
        values
    }
}

fn configuration_item(class: &Class, n: u64) -> Values {
    let (prefix, os, version) = match class.name {
        "cmdb_ci_linux_server" => ("lnx", "Linux Red Hat", "9.4"),
        "cmdb_ci_win_server" => ("win", "Windows 2022 Standard", "10.0"),
        "cmdb_ci_esx_server" => ("esx", "ESX", "8.0"),
        "cmdb_ci_service" => ("svc", "", ""),
        "cmdb_ci_server" => ("srv", "Linux Red Hat", "9.4"),
        _ => ("ci", "", ""),
    };
    let name = format!("{prefix}-{n:05}");
    let fqdn = format!("{name}.example.com");
    let address = format!("10.{}.{}.{}", (n >> 16) & 255, (n >> 8) & 255, n & 255);
    // No two items are the same to the rules of identification.
    let serial = format!("SN{}{n:08}", prefix.to_uppercase());
    // Every fifth description needs more than ASCII, and more than one byte or UTF-16 unit.
    let description = if n.is_multiple_of(5) {
        format!("Serveur de données n° {n} – Köln 東京 \u{1f5a5}")
    } else {
        format!("Demo item {n}")
    };
    row([
        ("name", name.as_str()),
        ("fqdn", fqdn.as_str()),
        ("host_name", name.as_str()),
        ("ip_address", address.as_str()),
        ("serial_number", serial.as_str()),
        ("asset_tag", format!("P{n:07}").as_str()),
        ("short_description", description.as_str()),
        ("discovery_source", "ServiceNow"),
        ("environment", "production"),
        ("os", os),
        ("os_version", version),
        ("cpu_count", (1 + n % 4).to_string().as_str()),
        ("ram", (4096 * (1 + n % 8)).to_string().as_str()),
        ("disk_space", (100 * (1 + n % 5)).to_string().as_str()),
        ("busines_criticality", "2 - somewhat critical"),
    ])
}

fn task(class: &Class, n: u64) -> Values {
    let what = match class.name {
        "incident" => "Cannot reach the shared drive",
        "problem" => "Shared drive slow after patch",
        "change_request" => "Patch the file servers",
        _ => "Follow up",
    };
    let short = if n.is_multiple_of(5) {
        format!("{what} (Büro Köln, étage {n})")
    } else {
        format!("{what}, case {n}")
    };
    row([
        ("short_description", short.as_str()),
        (
            "description",
            format!("Reported from \"desk {n}\".\nSecond line.").as_str(),
        ),
        ("impact", (1 + n % 3).to_string().as_str()),
        ("urgency", (1 + (n / 3) % 3).to_string().as_str()),
        ("contact_type", "email"),
    ])
}
