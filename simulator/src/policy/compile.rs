//! From the records of the settings tables to a [`Policy`].

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use rusqlite::Connection;

use super::access::{Control, Controls};
use super::api_access::ApiAccess;
use super::authenticator::Authenticator;
use super::compile_oauth;
use super::ip_ranges::{IpRange, IpRanges};
use super::lockout::Lockout;
use super::oidc;
use super::{Account, Binds, BoundRule, Digest, Policy, RateRule, User};
use crate::duration::ScaledDuration;
use crate::setup::{Denial, IpRangeKind, Operation, WebServiceRoles};
use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::schema::Schema;
use crate::store::text::fold;

pub(super) fn compile(
    connection: &Connection,
    schema: &'static Schema,
    version: u64,
    web_service_roles: WebServiceRoles,
) -> Result<Policy, StoreError> {
    let roles = Roles::read(connection)?;
    let users = users(connection, &roles, web_service_roles)?;
    Ok(Policy {
        version,
        api_access: ApiAccess::compile(connection, &users)?,
        oidc_providers: oidc::compile(connection, schema)?,
        users,
        controls: controls(connection, schema, &roles)?,
        ip_ranges: ip_ranges(connection)?,
        rate_rules: rate_rules(connection, &roles)?,
        properties: rows(connection, "SELECT name, value FROM sys_properties")?
            .into_iter()
            .map(|[name, value]| (name, value))
            .collect(),
        oauth_clients: compile_oauth::clients(connection, schema)?,
        lockout: Lockout::read(connection)?,
    })
}

/// Rows of text.
pub(super) fn rows<const N: usize>(
    connection: &Connection,
    statement: &str,
) -> Result<Vec<[String; N]>, StoreError> {
    let mut statement = connection.prepare(statement)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = [const { String::new() }; N];
        for (at, value) in values.iter_mut().enumerate() {
            *value = text_of(row.get_ref(at)?);
        }
        found.push(values);
    }
    Ok(found)
}

/// Groups the second column by the first.
pub(super) fn grouped(pairs: Vec<[String; 2]>) -> HashMap<String, Vec<String>> {
    let mut groups: HashMap<String, Vec<String>> = HashMap::new();
    for [key, value] in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// Roles by `sys_id`: names, and what they contain.
struct Roles {
    names: HashMap<String, String>,
    contained: HashMap<String, Vec<String>>,
}

impl Roles {
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        let names = rows(connection, "SELECT sys_id, name FROM sys_user_role")?;
        let contained = "SELECT role, \"contains\" FROM sys_user_role_contains";
        Ok(Self {
            names: names.into_iter().map(|[id, name]| (id, name)).collect(),
            contained: grouped(rows(connection, contained)?),
        })
    }

    fn name(&self, sys_id: &str) -> String {
        self.names.get(sys_id).cloned().unwrap_or_default()
    }

    /// The names of these roles and of all that they contain.
    fn expand<'r>(&'r self, direct: impl IntoIterator<Item = &'r String>) -> BTreeSet<String> {
        let mut open: Vec<&String> = direct.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(role) = open.pop() {
            if seen.insert(role) {
                open.extend(self.contained.get(role).into_iter().flatten());
            }
        }
        seen.into_iter()
            .filter_map(|role| self.names.get(role).cloned())
            .collect()
    }
}

fn users(
    connection: &Connection,
    roles: &Roles,
    web_service_roles: WebServiceRoles,
) -> Result<HashMap<String, Account>, StoreError> {
    let direct = grouped(rows(
        connection,
        "SELECT user, role FROM sys_user_has_role WHERE state = 'active'",
    )?);
    let by_group = grouped(rows(
        connection,
        "SELECT m.user, r.role FROM sys_user_grmember m \
         JOIN sys_group_has_role r ON r.\"group\" = m.\"group\" WHERE r.inherits = 'true'",
    )?);
    let statement = "SELECT sys_id, user_name, active, locked_out, time_zone, user_password, \
                     u_password_expired, password_needs_reset, date_format, time_format, \
                     enable_multifactor_authn, web_service_access_only, u_mfa_secret \
                     FROM sys_user WHERE user_name <> '' ORDER BY sys_id DESC";
    let users = rows(connection, statement)?;
    Ok(users
        .into_iter()
        .map(
            |[
                sys_id,
                user_name,
                active,
                locked_out,
                time_zone,
                digest,
                expired,
                needs_reset,
                date_format,
                time_format,
                mfa_required,
                web_service_access_only,
                mfa_secret,
            ]| {
                let direct_only = web_service_roles == WebServiceRoles::Direct
                    && web_service_access_only == "true";
                let by_group = (!direct_only).then_some(&by_group);
                let held = std::iter::once(&direct)
                    .chain(by_group)
                    .filter_map(|held| held.get(&sys_id))
                    .flatten();
                let user = User {
                    roles: Arc::new(roles.expand(held)),
                    sys_id,
                    active: active == "true",
                    locked_out: locked_out == "true",
                    password_expired: expired == "true",
                    password_needs_reset: needs_reset == "true",
                    mfa_required: mfa_required == "true",
                    web_service_access_only: web_service_access_only == "true",
                    time_zone: if time_zone.is_empty() {
                        "UTC".to_owned()
                    } else {
                        time_zone
                    },
                    date_format,
                    time_format,
                    user_name,
                };
                let account = Account {
                    digest: Digest(digest),
                    authenticator: Authenticator::sharing(&mfa_secret),
                    user,
                };
                (fold(&account.user.user_name), account)
            },
        )
        .collect())
}

fn controls(
    connection: &Connection,
    schema: &'static Schema,
    roles: &Roles,
) -> Result<Controls, StoreError> {
    let asked = grouped(rows(
        connection,
        "SELECT sys_security_acl, sys_user_role FROM sys_security_acl_role",
    )?);
    let statement = "SELECT sys_id, name, operation, condition, u_denial, type \
                     FROM sys_security_acl \
                     WHERE active = 'true' AND type IN ('record', 'REST_Endpoint') ORDER BY sys_id";
    let unexposed: Vec<[String; 1]> = rows(
        connection,
        "SELECT name FROM sys_db_object WHERE ws_access <> 'true'",
    )?;
    let mut controls = Controls {
        schema,
        unexposed: unexposed.into_iter().flatten().collect(),
        ..Controls::default()
    };
    for [sys_id, table, operation, condition, denial, kind] in rows(connection, statement)? {
        if kind == "REST_Endpoint" {
            let asked = asked.get(&sys_id).into_iter().flatten();
            let roles = asked.map(|role| roles.name(role)).collect();
            controls.of_apis.entry(table).or_default().push(roles);
            continue;
        }
        let operation = match operation.as_str() {
            "read" => Operation::Read,
            "create" => Operation::Create,
            "write" => Operation::Write,
            "delete" => Operation::Delete,
            _ => continue,
        };
        let asked = asked.get(&sys_id).into_iter().flatten();
        let control = Control {
            roles: asked.map(|role| roles.name(role)).collect(),
            condition,
            denial: if denial == "refuse" {
                Denial::Refuse
            } else {
                Denial::Hide
            },
        };
        let of = match table.split_once('.') {
            Some((table, field)) => controls
                .of_fields
                .entry((field.to_owned(), operation))
                .or_default()
                .entry(table.to_owned())
                .or_default(),
            None => controls.of_tables.entry((table, operation)).or_default(),
        };
        of.push(control);
    }
    Ok(controls)
}

/// A range whose addresses cannot be read holds none.
fn ip_ranges(connection: &Connection) -> Result<IpRanges, StoreError> {
    let statement = "SELECT type, range_start, range_end FROM ip_access WHERE active = 'true'";
    let ranges = rows(connection, statement)?.into_iter();
    Ok(IpRanges(
        ranges
            .filter_map(|[kind, from, to]| {
                let from: IpAddr = from.trim().parse().ok()?;
                Some(IpRange {
                    kind: if kind == "allow" {
                        IpRangeKind::Allow
                    } else {
                        IpRangeKind::Deny
                    },
                    from,
                    to: to.trim().parse().unwrap_or(from),
                })
            })
            .collect(),
    ))
}

fn rate_rules(connection: &Connection, roles: &Roles) -> Result<Vec<BoundRule>, StoreError> {
    let statement = "SELECT sys_id, name, request_limit, u_window, user, role, api, u_neighbour \
                     FROM sys_rate_limit_rules WHERE active = 'true' ORDER BY sys_id";
    let rules = rows(connection, statement)?;
    Ok(rules
        .into_iter()
        .filter_map(
            |[sys_id, name, limit, window, user, role, api, neighbour]| {
                let binds = match (user.is_empty(), role.is_empty()) {
                    (false, _) => Binds::User(user),
                    (true, false) => Binds::Role(roles.name(&role)),
                    (true, true) => Binds::Everyone,
                };
                let rule = RateRule {
                    sys_id,
                    name,
                    limit: limit.parse().ok()?,
                    window: window
                        .parse()
                        .unwrap_or(ScaledDuration::plain(std::time::Duration::from_secs(3600))),
                    api,
                    neighbour: neighbour.parse().unwrap_or(0),
                };
                Some(BoundRule { rule, binds })
            },
        )
        .collect())
}
