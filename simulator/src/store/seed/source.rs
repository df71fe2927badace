//! Rows made by rule: the nth row of a table is always the same, but for its id and for what it
//! refers to.

use std::collections::HashMap;

use crate::store::records::{Records, row};
use crate::store::schema::Class;
use crate::store::{StoreError, Values};

mod item;

use item::Items;

/// Makes the rows of one table.
pub(in crate::store) struct Source {
    class: &'static Class,
    /// Ids that rows refer to, by table.
    ids: HashMap<&'static str, Vec<String>>,
    items: Items,
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

/// Columns that a row fills with a reference, and of how many rows one stays empty; 0 for none.
const FILLED: [(&str, u64); 16] = [
    ("manufacturer", 0),
    ("company", 0),
    ("location", 13),
    ("department", 7),
    ("model_id", 0),
    ("support_group", 5),
    ("assignment_group", 9),
    ("assigned_to", 4),
    ("caller_id", 0),
    ("managed_by", 3),
    ("cmdb_ci", 6),
    ("business_service", 0),
    ("requested_by", 0),
    ("parent", 0),
    ("child", 0),
    ("type", 0),
];

impl Source {
    pub(in crate::store) fn new(records: &Records<'_>, table: &str) -> Result<Self, StoreError> {
        let class = records.schema().known(table)?;
        let mut ids = HashMap::new();
        for referred in REFERRED {
            let (root, holds) = records
                .schema()
                .class(referred)
                .map_or((referred, "1".to_owned()), |class| {
                    (class.root, class.holds("t"))
                });
            let statement = format!(
                "SELECT t.sys_id FROM \"{root}\" AS t WHERE {holds} \
                 ORDER BY t.sys_created_on, t.sys_id LIMIT 20"
            );
            let mut statement = records.connection.prepare_cached(&statement)?;
            let found = statement.query_map([], |row| row.get(0))?;
            ids.insert(referred, found.collect::<Result<_, _>>()?);
        }
        let items = Items::new(records, class)?;
        Ok(Self { class, ids, items })
    }

    /// The row of this index, counted from 0.
    pub(in crate::store) fn row(&mut self, at: u64) -> Values {
        let n = at + 1;
        let mut values = match self.class.root {
            "cmdb_ci" => self.items.row(self.class, n),
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
        if !matches!(display, "sys_id" | "number")
            && self
                .class
                .column(display)
                .is_some_and(|column| column.kind.refers_to().is_none())
        {
            let label = self.class.label;
            values
                .entry(display.to_owned())
                .or_insert_with(|| format!("{label} {n:05}"));
        }
        self.refer(at, &mut values);
        values
    }

    fn refer(&self, at: u64, values: &mut Values) {
        if !matches!(
            self.class.root,
            "task" | "cmdb_ci" | "cmdb_rel_ci" | "sys_user"
        ) {
            return;
        }
        for (name, empty) in FILLED {
            // A task's parent is a task: made-up tasks stand alone.
            let refers_to = self
                .class
                .column(name)
                .and_then(|column| column.kind.refers_to());
            let Some(ids) = refers_to.and_then(|(table, _)| self.ids.get(table)) else {
                continue;
            };
            if values.contains_key(name) || (empty > 0 && at % empty == empty - 1) {
                continue;
            }
            let shift = if name == "child" { at + 1 } else { at };
            let place = usize::try_from(shift).unwrap_or(0) % ids.len().max(1);
            if let Some(id) = ids.get(place) {
                values.insert(name.to_owned(), id.clone());
            }
        }
    }
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
