//! Access controls of tables, compiled (wire-core 2.5, wire-failures 4).

use std::collections::{BTreeSet, HashMap};

use super::Access;
use crate::query::Query;
use crate::setup::{Denial, Operation};
use crate::store::schema::{Class, Schema};

/// Every active control.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Controls {
    /// The tables they are about.
    pub(super) schema: &'static Schema,
    /// By table and operation; `*` stands for tables without any.
    pub(super) of_tables: HashMap<(String, Operation), Vec<Control>>,
    /// Of single fields: by field and operation, then by table; `*` stands for any of either.
    pub(super) of_fields: HashMap<(String, Operation), HashMap<String, Vec<Control>>>,
    /// Roles that open a REST API, control by control, by the API's title.
    pub(super) of_apis: HashMap<String, Vec<BTreeSet<String>>>,
    /// Tables that web services may not reach.
    pub(super) unexposed: BTreeSet<String>,
}

/// One control.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// Any one of them opens it; none asks for no role.
    pub(super) roles: BTreeSet<String>,
    /// An encoded query; empty for every row.
    pub(super) condition: String,
    pub(super) denial: Denial,
}

impl Controls {
    pub(super) fn access(
        &self,
        roles: &BTreeSet<String>,
        operation: Operation,
        table: &str,
    ) -> Access {
        let Some(class) = self.schema.class(table) else {
            return Access::ALL;
        };
        if operation != Operation::Read && roles.contains("snc_read_only") {
            return Access::Refused;
        }
        if roles.contains("admin") {
            return Access::ALL;
        }
        let own = self.of_class(roles, operation, class);
        if operation == Operation::Read && own == Access::Refused {
            return own;
        }
        self.over_family(class, own, |class| self.of_class(roles, operation, class))
    }

    /// What holds for a class and for those that extend it, from what holds for each; `own` is for
    /// the class itself, and for all where none is open.
    pub(super) fn over_family(
        &self,
        class: &Class,
        own: Access,
        each: impl Fn(&Class) -> Access,
    ) -> Access {
        let family: Vec<(&str, Access)> = class
            .family
            .iter()
            .filter_map(|name| Some((*name, each(self.schema.class(name)?))))
            .collect();
        if family.iter().all(|(_, access)| *access == own) {
            return own;
        }
        let row_conditions: Vec<String> = family
            .iter()
            .filter_map(|(name, access)| match access {
                Access::Granted { row_conditions } => Some(within(name, row_conditions)),
                Access::Refused | Access::Hidden => None,
            })
            .flatten()
            .collect();
        if !row_conditions.is_empty() {
            return Access::Granted { row_conditions };
        }
        match own {
            Access::Refused => Access::Refused,
            Access::Hidden | Access::Granted { .. } => Access::Hidden,
        }
    }

    /// Whether controls guard this API and none of them lets these roles pass.
    pub(super) fn api_denied(&self, roles: &BTreeSet<String>, api: &str) -> bool {
        self.of_apis.get(api).is_some_and(|controls| {
            let passes = |asked: &BTreeSet<String>| asked.is_empty() || !asked.is_disjoint(roles);
            !roles.contains("admin") && !controls.iter().any(passes)
        })
    }

    /// What the controls of exactly this class, or those it inherits, say.
    fn of_class(&self, roles: &BTreeSet<String>, operation: Operation, class: &Class) -> Access {
        let tables = class.lineage.iter().copied().chain(["*"]);
        let deciding = tables
            .filter_map(|table| self.of_tables.get(&(table.to_owned(), operation)))
            .find(|controls| !controls.is_empty());
        let Some(controls) = deciding else {
            return Access::Refused;
        };
        if let Some(access) = granted(controls, roles) {
            return access;
        }
        let refuses = controls
            .iter()
            .any(|control| control.denial == Denial::Refuse);
        if refuses || operation != Operation::Read {
            Access::Refused
        } else {
            Access::Hidden
        }
    }
}

/// The rows that the controls which these roles pass open; none where they pass none.
pub(super) fn granted(controls: &[Control], roles: &BTreeSet<String>) -> Option<Access> {
    let passing: Vec<&Control> = controls
        .iter()
        .filter(|control| control.roles.is_empty() || !control.roles.is_disjoint(roles))
        .collect();
    if passing.is_empty() {
        return None;
    }
    if passing.iter().any(|control| control.condition.is_empty()) {
        return Some(Access::ALL);
    }
    let conditions = passing.iter().map(|control| control.condition.clone());
    Some(Access::Granted {
        row_conditions: conditions.collect(),
    })
}

/// The conditions, narrowed to rows of exactly this class.
fn within(class: &str, conditions: &[String]) -> Vec<String> {
    let of_class = format!("sys_class_name={class}");
    if conditions.is_empty() {
        return vec![of_class];
    }
    let narrowed = |condition: &String| {
        let mut query = Query::parse(condition);
        if query.alternatives.is_empty() {
            query.alternatives.push(Vec::new());
        }
        for alternative in &mut query.alternatives {
            alternative.extend(Query::parse(&of_class).alternatives.concat());
        }
        query.to_string()
    };
    conditions.iter().map(narrowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn control(names: &[&str], condition: &str, denial: Denial) -> Control {
        Control {
            roles: roles(names),
            condition: condition.to_owned(),
            denial,
        }
    }

    fn controls(list: Vec<(&str, Operation, Control)>) -> Controls {
        let mut controls = Controls::default();
        for (table, operation, control) in list {
            let place = controls.of_tables.entry((table.to_owned(), operation));
            place.or_default().push(control);
        }
        controls
    }

    #[test]
    fn the_most_specific_class_decides_and_any_control_suffices() {
        let controls = controls(vec![
            (
                "cmdb_ci",
                Operation::Read,
                control(&["itil"], "", Denial::Hide),
            ),
            (
                "cmdb_ci_server",
                Operation::Read,
                control(&["itil"], "nameLIKEa", Denial::Hide),
            ),
            (
                "cmdb_ci_server",
                Operation::Read,
                control(&[], "nameLIKEb", Denial::Hide),
            ),
        ]);
        let read = |names: &[&str], table| controls.access(&roles(names), Operation::Read, table);
        assert_eq!(
            read(&["itil"], "cmdb_ci_linux_server"),
            Access::Granted {
                row_conditions: vec!["nameLIKEa".into(), "nameLIKEb".into()]
            }
        );
        assert_eq!(
            read(&[], "cmdb_ci_server"),
            Access::Granted {
                row_conditions: vec!["nameLIKEb".into()]
            }
        );
        assert_eq!(read(&["itil"], "cmdb_ci_service"), Access::ALL);
        assert_eq!(read(&[], "cmdb_ci_service"), Access::Hidden);
        assert_eq!(read(&["admin"], "cmdb_ci_server"), Access::ALL);
        assert_eq!(read(&[], "no_such_table"), Access::ALL);
        assert_eq!(read(&["itil"], "core_company"), Access::Refused);
    }

    #[test]
    fn an_api_is_open_unless_its_controls_ask_for_a_role() {
        let mut controls = Controls::default();
        let denied =
            |controls: &Controls, names: &[&str]| controls.api_denied(&roles(names), "Table API");
        assert!(!denied(&controls, &[]));
        controls
            .of_apis
            .insert("Table API".into(), vec![roles(&["rest_service"])]);
        assert!(denied(&controls, &["itil"]));
        assert!(!denied(&controls, &["rest_service"]));
        assert!(!denied(&controls, &["admin"]));
        assert!(!controls.api_denied(&roles(&[]), "Aggregate API"));
    }

    #[test]
    fn a_parent_table_shows_the_classes_that_are_open() {
        let controls = controls(vec![
            (
                "task",
                Operation::Read,
                control(&["itil"], "", Denial::Hide),
            ),
            (
                "incident",
                Operation::Read,
                control(&["reader"], "", Denial::Hide),
            ),
            (
                "problem",
                Operation::Read,
                control(&["reader"], "active=true^NQpriority=1", Denial::Hide),
            ),
        ]);
        let access = controls.access(&roles(&["reader"]), Operation::Read, "task");
        assert_eq!(
            access,
            Access::Granted {
                row_conditions: vec![
                    "sys_class_name=incident".into(),
                    "active=true^sys_class_name=problem^NQpriority=1^sys_class_name=problem".into(),
                ]
            }
        );
    }

    #[test]
    fn every_row_condition_is_narrowed_to_its_class() {
        let narrowed = |condition: &str| within("incident", &[condition.to_owned()]).concat();
        assert_eq!(
            narrowed("a=1^NQb=1"),
            "a=1^sys_class_name=incident^NQb=1^sys_class_name=incident"
        );
        for condition in ["ORDERBYa", "RLQUERYtask.parent,>=1^ENDRLQUERY"] {
            let expected = format!("sys_class_name=incident^{condition}");
            assert_eq!(narrowed(condition), expected);
        }
        assert_eq!(narrowed("^"), "sys_class_name=incident");
    }

    #[test]
    fn a_reader_writes_nothing_and_denied_writes_are_refused() {
        let controls = controls(vec![(
            "task",
            Operation::Write,
            control(&["itil"], "", Denial::Hide),
        )]);
        let write = |names: &[&str]| controls.access(&roles(names), Operation::Write, "incident");
        assert_eq!(write(&["itil"]), Access::ALL);
        assert_eq!(write(&["itil", "snc_read_only"]), Access::Refused);
        assert_eq!(write(&["admin", "snc_read_only"]), Access::Refused);
        assert_eq!(write(&["admin"]), Access::ALL);
        assert_eq!(write(&[]), Access::Refused);
    }

    #[test]
    fn a_parent_table_is_written_in_the_classes_that_are_open() {
        let controls = controls(vec![
            (
                "task",
                Operation::Write,
                control(&["itil"], "", Denial::Hide),
            ),
            (
                "incident",
                Operation::Write,
                control(&["writer"], "", Denial::Hide),
            ),
        ]);
        let write = |table| controls.access(&roles(&["writer"]), Operation::Write, table);
        let only_incidents = Access::Granted {
            row_conditions: vec!["sys_class_name=incident".into()],
        };
        assert_eq!(write("task"), only_incidents);
        assert_eq!(write("problem"), Access::Refused);
    }
}
