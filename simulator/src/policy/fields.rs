//! Access controls of single fields, compiled (wire-failures 4.3, 4.9 and 4.18).
//!
//! A control named `table.field` guards a field, `table.*` every field without one of its own, and
//! `*` stands for any table. The name decides first, then the nearest class: `incident.number`,
//! `task.number`, `*.number`, `incident.*`, `task.*`, `*.*`. Who passes none of the controls that
//! decide may not read, or set, the field, though the record is open.

use std::collections::BTreeSet;

use super::access::{Controls, granted};
use super::{Access, Identity, Policy};
use crate::setup::Operation;
use crate::store::schema::{Class, Column};

/// The role that setting a script takes besides what else it takes (Scripting Governance Tool).
const SCRIPT_WRITER: &str = "snc_required_script_writer_permission";

/// Types of columns that hold scripts (Scripting Governance Tool: Data type ACLs).
const SCRIPTS: [&str; 9] = [
    "script",
    "script_client",
    "script_plain",
    "script_server",
    "email_script",
    "html_script",
    "html_template",
    "xml",
    "condition_string",
];

impl Controls {
    /// Of which records these roles may do something to a field. An id is no secret (*assumed*).
    /// Reads cover the classes that extend the table, each by its own controls.
    pub(super) fn field_access(
        &self,
        roles: &BTreeSet<String>,
        operation: Operation,
        class: &Class,
        field: &str,
    ) -> Access {
        let guards = |field: &str| self.of_fields.contains_key(&(field.to_owned(), operation));
        if self.of_fields.is_empty()
            || roles.contains("admin")
            || field == "sys_id"
            || !(guards(field) || guards("*"))
        {
            return Access::ALL;
        }
        let own = self.of_class_field(roles, operation, class, field);
        if operation != Operation::Read {
            return own;
        }
        self.over_family(class, own, |class| {
            self.of_class_field(roles, operation, class, field)
        })
    }

    /// What the controls of a field of exactly this class, or those it inherits, say.
    fn of_class_field(
        &self,
        roles: &BTreeSet<String>,
        operation: Operation,
        class: &Class,
        field: &str,
    ) -> Access {
        let named = |field: &str| self.of_fields.get(&(field.to_owned(), operation));
        let deciding = [named(field), named("*")]
            .into_iter()
            .flatten()
            .find_map(|tables| {
                let mut line = class.lineage.iter().copied().chain(["*"]);
                line.find_map(|table| tables.get(table))
            });
        match deciding {
            None => Access::ALL,
            Some(controls) => granted(controls, roles).unwrap_or(Access::Refused),
        }
    }
}

impl Policy {
    /// Whether there may be fields that an identity may not read.
    #[must_use]
    pub fn guards_fields(&self, identity: &Identity) -> bool {
        !self.controls.of_fields.is_empty() && !identity.roles.contains("admin")
    }

    /// Of which records of a table an identity may read a field; all, where there is no such field.
    #[must_use]
    pub fn may_read_field(&self, identity: &Identity, table: &str, field: &str) -> Access {
        if self.controls.of_fields.is_empty() {
            return Access::ALL;
        }
        let class = self.controls.schema.class(table);
        class.map_or(Access::ALL, |class| {
            let (roles, operation) = (&identity.roles, Operation::Read);
            self.controls.field_access(roles, operation, class, field)
        })
    }

    /// Of which records of exactly this class an identity may set a column, in an insert or an
    /// update. A script takes a role of its own besides (wire-failures 4.18), of `admin` too.
    pub(crate) fn may_set_field(
        &self,
        identity: &Identity,
        operation: Operation,
        class: &Class,
        column: &Column,
    ) -> Access {
        if SCRIPTS.contains(&column.internal_type()) && !self.writes_scripts(identity) {
            return Access::Refused;
        }
        let roles = &identity.roles;
        self.controls
            .field_access(roles, operation, class, column.name)
    }

    /// Whether an identity holds the role that scripts take, or has been given it by the job that
    /// gives it to all users with roles, while `glide.security.scripting_role.auto_provisioning` is
    /// not `false`. That the job gives it at once is *assumed*; on an instance it is weekly.
    fn writes_scripts(&self, identity: &Identity) -> bool {
        let roles = &identity.roles;
        let provisions = self.property("glide.security.scripting_role.auto_provisioning");
        roles.contains(SCRIPT_WRITER)
            || (provisions.is_none_or(|value| value.trim() != "false")
                && !roles.is_empty()
                && !roles.contains("snc_external"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::access::Control;
    use super::*;
    use crate::setup::Denial;

    fn controls(list: &[(&str, &str, &str)]) -> Controls {
        let mut controls = Controls::default();
        for (table, field, role) in list {
            let control = Control {
                roles: BTreeSet::from([(*role).to_owned()]),
                condition: String::new(),
                denial: Denial::Hide,
            };
            let fields = &mut controls.of_fields;
            let tables: &mut HashMap<_, _> = fields
                .entry(((*field).to_owned(), Operation::Read))
                .or_default();
            let own: &mut Vec<Control> = tables.entry((*table).to_owned()).or_default();
            own.push(control);
        }
        controls
    }

    fn read(controls: &Controls, role: &str, table: &str, field: &str) -> Access {
        let class = controls.schema.class(table).unwrap();
        let roles = BTreeSet::from([role.to_owned()]);
        controls.field_access(&roles, Operation::Read, class, field)
    }

    #[test]
    fn the_field_decides_before_the_class_and_the_nearest_class_first() {
        let controls = controls(&[
            ("incident", "*", "a"),
            ("task", "number", "b"),
            ("*", "state", "c"),
        ]);
        for (role, table, field, access) in [
            ("b", "incident", "number", Access::ALL),
            ("a", "incident", "number", Access::Refused),
            ("a", "incident", "impact", Access::ALL),
            ("b", "incident", "impact", Access::Refused),
            ("c", "incident", "state", Access::ALL),
            ("a", "incident", "state", Access::Refused),
            ("x", "problem", "impact", Access::ALL),
            ("x", "incident", "sys_id", Access::ALL),
            ("admin", "incident", "impact", Access::ALL),
        ] {
            assert_eq!(
                read(&controls, role, table, field),
                access,
                "{role} {field}"
            );
        }
    }

    #[test]
    fn a_parent_table_shows_the_field_of_the_classes_in_which_it_is_open() {
        let controls = controls(&[("task", "number", "b"), ("incident", "number", "a")]);
        assert_eq!(
            read(&controls, "a", "task", "number"),
            Access::Granted {
                row_conditions: vec!["sys_class_name=incident".to_owned()]
            }
        );
        assert_eq!(read(&controls, "x", "task", "number"), Access::Refused);
    }
}
