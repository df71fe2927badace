//! Data policies that abort a change: rows of `sys_data_policy2` with their `sys_data_policy_rule`
//! (wire-core 2.1; Data policy fields).
//!
//! A policy is asked about the record as it would be, after the business rules (*assumed*). A rule
//! with `mandatory` wants a value, one with `disabled` that what was set stays as it was. Where the
//! policy's conditions do not hold, `reverse_if_false` turns its rules round.

use rusqlite::params;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::opened::is_covered;
use crate::policy::Access;
use crate::store::records::text_of;
use crate::store::schema::Class;
use crate::store::{Records, StoreError, Values};

/// The policies that apply to a record, and what a change overwrites in it.
#[derive(Debug)]
pub(super) struct DataPolicies {
    policies: Vec<Policy>,
    /// The fields that the caller sets, each with the value that it had.
    overwritten: Values,
}

#[derive(Debug)]
struct Policy {
    sys_id: String,
    name: String,
    conditions: String,
    reversed: bool,
}

impl DataPolicies {
    /// Those for a new record of a class, whose fields were all empty.
    pub(super) fn of_new(
        records: &Records<'_>,
        class: &'static Class,
        set: &Values,
    ) -> Result<Self, StoreError> {
        let empty = set.keys().map(|name| (name.clone(), String::new()));
        Ok(Self {
            policies: policies(records, class)?,
            overwritten: empty.collect(),
        })
    }

    /// Those for a record that is about to be changed.
    pub(super) fn of_change(
        records: &Records<'_>,
        class: &'static Class,
        sys_id: &str,
        set: &Values,
    ) -> Result<Self, StoreError> {
        let policies = policies(records, class)?;
        let mut overwritten = Values::new();
        if !policies.is_empty() {
            for name in set.keys() {
                if let Some(value) = stored(records, class, sys_id, name)? {
                    overwritten.insert(name.clone(), value);
                }
            }
        }
        Ok(Self {
            policies,
            overwritten,
        })
    }

    /// Fails with the answer of an instance if a policy does not allow the record as it is now. The
    /// caller's transaction is what takes it back.
    pub(super) fn check(
        &self,
        records: &Records<'_>,
        call: &Owned,
        class: &'static Class,
        sys_id: &str,
    ) -> Result<(), Failed> {
        for policy in &self.policies {
            let matching = Access::Granted {
                row_conditions: vec![policy.conditions.clone()],
            };
            let holds = is_covered(records.connection, call, class, &matching, sys_id)?;
            let mut missing = Vec::new();
            let mut locked = Vec::new();
            for rule in rules(records, policy)? {
                let Some(column) = class.column(&rule.field) else {
                    continue;
                };
                let value = stored(records, class, sys_id, column.name)?.unwrap_or_default();
                if policy.demands(&rule.mandatory, holds) && value.is_empty() {
                    missing.push(column.label());
                }
                let before = self.overwritten.get(column.name);
                if policy.demands(&rule.disabled, holds)
                    && before.is_some_and(|before| *before != value)
                {
                    locked.push(column.label());
                }
            }
            for (fields, what) in [(missing, "mandatory"), (locked, "read only")] {
                if !fields.is_empty() {
                    let told = told(&fields, what);
                    return Err(call
                        .failures
                        .against_data_policy(&policy.name, &told)
                        .into());
                }
            }
        }
        Ok(())
    }
}

impl Policy {
    /// Whether a rule's choice (`true`, `false` or `ignore`) asks for it now.
    fn demands(&self, choice: &str, holds: bool) -> bool {
        match choice {
            "true" => holds,
            "false" => self.reversed && !holds,
            _ => false,
        }
    }
}

/// `Short description is mandatory`, or `The following fields are mandatory: …`: seen. What joins
/// several, and the words for a read-only field, are *assumed*.
fn told(fields: &[String], what: &str) -> String {
    match fields {
        [field] => format!("{field} is {what}"),
        fields => format!("The following fields are {what}: {}", fields.join(", ")),
    }
}

/// Those of the record's table, and of the tables it extends where they are inherited.
fn policies(records: &Records<'_>, class: &Class) -> Result<Vec<Policy>, StoreError> {
    const ACTIVE: &str = "SELECT sys_id, short_description, conditions, reverse_if_false, inherit \
         FROM sys_metadata WHERE sys_class_name = 'sys_data_policy2' AND model_table = ? \
         AND active = 'true' ORDER BY sys_id";
    let mut found = Vec::new();
    let mut statement = records.connection.prepare_cached(ACTIVE)?;
    for table in &class.lineage {
        let rows = statement.query_map(params![table], |row| {
            let policy = Policy {
                sys_id: row.get(0)?,
                name: row.get(1)?,
                conditions: row.get(2)?,
                reversed: row.get::<_, String>(3)? == "true",
            };
            Ok((policy, row.get::<_, String>(4)? == "true"))
        })?;
        for row in rows {
            let (policy, inherited) = row?;
            if inherited || *table == class.name {
                found.push(policy);
            }
        }
    }
    Ok(found)
}

struct Rule {
    field: String,
    mandatory: String,
    disabled: String,
}

fn rules(records: &Records<'_>, policy: &Policy) -> Result<Vec<Rule>, StoreError> {
    const OF_POLICY: &str = "SELECT field, mandatory, disabled FROM sys_metadata \
         WHERE sys_class_name = 'sys_data_policy_rule' AND sys_data_policy = ? \
         ORDER BY field, sys_id";
    let mut statement = records.connection.prepare_cached(OF_POLICY)?;
    let found = statement.query_map(params![policy.sys_id], |row| {
        Ok(Rule {
            field: row.get(0)?,
            mandatory: row.get(1)?,
            disabled: row.get(2)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The value that a record has in a column, if there are both.
fn stored(
    records: &Records<'_>,
    class: &Class,
    sys_id: &str,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let Some(column) = class.column(name) else {
        return Ok(None);
    };
    let statement = format!(
        "SELECT \"{}\" FROM \"{}\" WHERE sys_id=?",
        column.name, class.root
    );
    let mut statement = records.connection.prepare_cached(&statement)?;
    let mut rows = statement.query(params![sys_id])?;
    let value = rows.next()?.map(|row| row.get_ref(0).map(text_of));
    Ok(value.transpose()?)
}
