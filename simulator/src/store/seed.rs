//! What an instance holds before the first request: what it ships with, demo records, the set-up's.
//!
//! Everything derives from the set-up and a seed, so that a run can be repeated.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::records::{Records, row};
use super::schema::Schema;
use super::{Author, Store, StoreError, Values, actions};
use crate::query::{Builder, Query};
use crate::setup::{AclSetup, Denial, Given, InstanceSetup, IpRangeKind, IpRangeSetup, Operation};

mod accounts;
pub(crate) mod api_access;
mod configuration;
mod demo;
mod dictionary;
mod identification;
pub(crate) mod oauth;
mod platform;
mod progress;
mod roles;
mod rows;
mod source;

pub(crate) use demo::make_room;
pub(crate) use platform::ship;
pub(crate) use progress::Progress;
pub use progress::{Filled, Watch};
pub(super) use source::Source;

/// When the shipped records were made: 2025-01-01 00:00:00 UTC.
pub(crate) const SHIPPED: Duration = Duration::from_secs(1_735_689_600);
/// When the first seeded row was made: 2026-01-05 08:00:00 UTC.
const SEEDED: Duration = Duration::from_secs(1_767_600_000);
/// Seconds between seeded rows.
const SPACING: u64 = 7;
/// The administrator's `sys_id` on every instance (wire-core 5).
pub(crate) const ADMIN: &str = "6816f79cc0a8016401c5a33be04be441";

/// Fills a fresh store with what the set-up names. A table that it names holds no demo rows of its
/// own, and made-up ones instead: as many as it says, or as there were. Blocks.
///
/// `passwords` are the ones callers were given, by user name, and `given` is what else they were
/// given; `page_size` is the unit of `rows: 3 pages`. An access control of the set-up stands in place of the shipped ones for the
/// same table and operation.
///
/// # Errors
/// When the set-up names a table, column, role, user or group that does not exist, when a row
/// condition or a time zone cannot be read, or when the database fails.
pub fn populate(
    store: &Store,
    setup: &InstanceSetup,
    passwords: &HashMap<String, String>,
    given: &Given,
    page_size: u32,
    seed: u64,
) -> Result<(), StoreError> {
    populate_watched(store, setup, passwords, given, page_size, seed, None)
}

/// As [`populate`], telling `watch` how far it is. A store that was stopped holds nothing of use.
///
/// # Errors
/// As `populate`, and [`StoreError::Stopped`] when the watch says so.
pub fn populate_watched(
    store: &Store,
    setup: &InstanceSetup,
    passwords: &HashMap<String, String>,
    given: &Given,
    page_size: u32,
    seed: u64,
    watch: Option<Watch>,
) -> Result<(), StoreError> {
    let progress = Arc::new(Progress::new(watch));
    let watched = Arc::clone(&progress);
    // Indexing takes long, and no row goes in meanwhile.
    store.interrupt_when(move || watched.tell())?;
    let done = fill(store, setup, passwords, given, page_size, seed, &progress);
    store.never_interrupt()?;
    if progress.is_stopped() {
        return Err(StoreError::Stopped);
    }
    done
}

fn fill(
    store: &Store,
    setup: &InstanceSetup,
    passwords: &HashMap<String, String>,
    given: &Given,
    page_size: u32,
    seed: u64,
    progress: &Progress,
) -> Result<(), StoreError> {
    store.seed_ids(seed);
    let tables = setup.tables.clone().unwrap_or_default();
    for table in tables.keys() {
        store.schema().known(table)?;
    }
    store.write(&Author::system(SEEDED), |records| {
        let usual = rows::usual(records, &tables)?;
        let named: Vec<&str> = tables.keys().map(String::as_str).collect();
        make_room(records, &named)?;
        for (name, group) in setup.groups.iter().flatten() {
            accounts::add_group(records, name, group)?;
        }
        if let Some(password) = passwords.get("admin") {
            records.update(
                "sys_user",
                ADMIN,
                &row([("user_password", password.as_str())]),
            )?;
        }
        for (name, user) in setup.users.iter().flatten() {
            accounts::add_user(records, name, user, passwords.get(name).map(String::as_str))?;
        }
        rows::fill(records, &tables, &usual, page_size, progress)?;
        for (name, acl) in setup.acls.iter().flatten() {
            add_acl(records, name, acl)?;
        }
        for (name, range) in setup.ip_access.iter().flatten() {
            add_ip_range(records, name, range)?;
        }
        for (name, rule) in setup.rate_rules.iter().flatten() {
            actions::put_rate_rule(records, name, rule)?;
        }
        for (name, value) in setup.properties.iter().flatten() {
            put_property(records, name, value)?;
        }
        for (name, client) in setup.oauth_clients.iter().flatten() {
            oauth::add(records, name, client, given)?;
        }
        api_access::add(records, setup, given)?;
        let prefixes = records.schema().classes.values().map(|class| class.prefix);
        let prefixes: Vec<&str> = prefixes.filter(|prefix| !prefix.is_empty()).collect();
        super::records::hooks::reserve_demo_numbers(records, &prefixes)
    })
}

/// Fails unless the table has this column.
pub(super) fn known_column(
    schema: &'static Schema,
    table: &str,
    column: &str,
) -> Result<(), StoreError> {
    let class = schema.known(table)?;
    if class.column(column).is_some() {
        return Ok(());
    }
    Err(StoreError::unknown(
        "column",
        column,
        class.columns.keys().copied(),
    ))
}

pub(super) fn count(records: &Records<'_>, table: &str) -> Result<u64, StoreError> {
    let builder = Builder::new(records.schema().known(table)?, super::SYSTEM);
    let statement = format!(
        "SELECT count(*) {} WHERE {}",
        builder.source(),
        builder.of_class()
    );
    let count: i64 = records
        .connection
        .query_row(&statement, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn add_ip_range(
    records: &mut Records<'_>,
    name: &str,
    range: &IpRangeSetup,
) -> Result<(), StoreError> {
    let from = range
        .from
        .ok_or_else(|| StoreError::Invalid(format!("address range `{name}` has no `from`")))?;
    let to = range.to.unwrap_or(from);
    if from.is_ipv4() != to.is_ipv4() || to < from {
        return Err(StoreError::Invalid(format!(
            "address range `{name}` ends at `{to}`, before `{from}` or in another family"
        )));
    }
    let (from, to) = (from.to_string(), to.to_string());
    let kind = match range.kind.unwrap_or_default() {
        IpRangeKind::Deny => "deny",
        IpRangeKind::Allow => "allow",
    };
    let values = row([
        ("type", kind),
        ("range_start", from.as_str()),
        ("range_end", to.as_str()),
        ("description", name),
    ]);
    records.insert("ip_access", &values).map(drop)
}

/// An access control of a REST API stands beside no other: an instance ships them inactive.
fn add_api_acl(
    records: &mut Records<'_>,
    name: &str,
    api: &str,
    acl: &AclSetup,
) -> Result<(), StoreError> {
    let of_table = [&acl.table, &acl.field, &acl.condition];
    if of_table.iter().any(|part| part.is_some()) || acl.operation.is_some() {
        return Err(StoreError::Invalid(format!(
            "access control `{name}` guards an `api`; it takes `roles` and nothing else"
        )));
    }
    put_acl(
        records,
        &row([
            ("name", api),
            ("operation", "execute"),
            ("type", "REST_Endpoint"),
            ("description", name),
        ]),
        acl.roles.iter().flatten().map(String::as_str),
    )
}

fn add_acl(records: &mut Records<'_>, name: &str, acl: &AclSetup) -> Result<(), StoreError> {
    if let Some(api) = &acl.api {
        return add_api_acl(records, name, api, acl);
    }
    let table = acl.table.as_deref().ok_or_else(|| {
        StoreError::Invalid(format!(
            "access control `{name}` names no `table` and no `api`"
        ))
    })?;
    let class = records.schema().known(table)?;
    let condition = acl.condition.as_deref().unwrap_or("");
    let mut reading = Builder::new(class, super::SYSTEM);
    reading.condition(&Query::parse(condition));
    if let Some(part) = reading.invalid.first().or(reading.unmodelled.first()) {
        return Err(StoreError::Invalid(format!(
            "access control `{name}`: `{part}` is no condition on table `{table}`"
        )));
    }
    let operation = operation_name(acl.operation.unwrap_or_default());
    let guarded = match &acl.field {
        Some(field) if field != "*" => {
            known_column(records.schema(), table, field)?;
            format!("{table}.{field}")
        }
        Some(_) => format!("{table}.*"),
        None => table.to_owned(),
    };
    if acl.field.is_some() && (acl.operation == Some(Operation::Delete) || acl.denial.is_some()) {
        return Err(StoreError::Invalid(format!(
            "access control `{name}` guards a `field`; it takes no `denial`, and `delete` is of records"
        )));
    }
    let shipped: Vec<String> = {
        let mut statement = records.connection.prepare_cached(
            "SELECT sys_id FROM sys_security_acl \
             WHERE name = ? AND operation = ? AND sys_created_on = ?",
        )?;
        let made = super::records::values::written(SHIPPED);
        let found = statement.query_map([guarded.as_str(), operation, made.as_str()], |row| {
            row.get(0)
        })?;
        found.collect::<Result<_, _>>()?
    };
    for sys_id in shipped {
        records.update("sys_security_acl", &sys_id, &row([("active", "false")]))?;
    }
    let denial = acl.denial.unwrap_or(if table.starts_with("sys_") {
        Denial::Refuse
    } else {
        Denial::Hide
    });
    put_acl(
        records,
        &row([
            ("name", guarded.as_str()),
            ("operation", operation),
            ("condition", condition),
            ("description", name),
            ("u_denial", denial_name(denial)),
        ]),
        acl.roles.iter().flatten().map(String::as_str),
    )
}

/// Says what the instance is called in its own records, unless the set-up did. Blocks.
///
/// # Errors
/// When the database fails.
pub fn name_instance(store: &Store, setup: &InstanceSetup, name: &str) -> Result<(), StoreError> {
    let given = setup.properties.as_ref();
    if given.is_some_and(|properties| properties.contains_key("instance_name")) {
        return Ok(());
    }
    store.write(&Author::system(SEEDED), |records| {
        put_property(records, "instance_name", name)
    })
}

/// Inserts an access control and the roles that open it.
fn put_acl<'r>(
    records: &mut Records<'_>,
    values: &Values,
    roles: impl IntoIterator<Item = &'r str>,
) -> Result<(), StoreError> {
    let acl = records.insert("sys_security_acl", values)?;
    for role in roles {
        let role = role_id(records, role)?;
        let tie = row([
            ("sys_security_acl", acl.as_str()),
            ("sys_user_role", role.as_str()),
        ]);
        records.insert("sys_security_acl_role", &tie)?;
    }
    Ok(())
}

fn put_property(records: &mut Records<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    match records.find("sys_properties", "name", name)? {
        Some(sys_id) => records
            .update("sys_properties", &sys_id, &row([("value", value)]))
            .map(|_| ()),
        None => records
            .insert("sys_properties", &row([("name", name), ("value", value)]))
            .map(|_| ()),
    }
}

/// The `sys_id` of a role, or the error that names the nearest.
pub(super) fn role_id(records: &Records<'_>, role: &str) -> Result<String, StoreError> {
    match records.find("sys_user_role", "name", role)? {
        Some(sys_id) => Ok(sys_id),
        None => {
            let legal = names(records, "sys_user_role")?;
            Err(StoreError::unknown(
                "role",
                role,
                legal.iter().map(String::as_str),
            ))
        }
    }
}

fn names(records: &Records<'_>, table: &str) -> Result<Vec<String>, StoreError> {
    let statement = format!("SELECT name FROM \"{table}\" ORDER BY name");
    let mut statement = records.connection.prepare(&statement)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

const fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

const fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "read",
        Operation::Create => "create",
        Operation::Write => "write",
        Operation::Delete => "delete",
    }
}

const fn denial_name(denial: Denial) -> &'static str {
    match denial {
        Denial::Refuse => "refuse",
        Denial::Hide => "hide",
    }
}
