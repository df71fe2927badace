//! What an administrator, or a scenario's step, does to the records. All of it blocks, and goes
//! through [`Records`] like every other write.

use rusqlite::OptionalExtension;

use super::records::{Records, row};
use super::seed::{self, known_column, role_id};
use super::{Author, Store, StoreError, Values};
use crate::query::{Builder, Query, Session};
use crate::setup::RateRuleSetup;

mod api_access;
mod oauth;

impl Store {
    /// Inserts `rows` made-up records and returns their ids.
    ///
    /// # Errors
    /// When the table is unknown or the database fails.
    pub fn insert_rows(
        &self,
        author: &Author,
        table: &str,
        rows: u32,
    ) -> Result<Vec<String>, StoreError> {
        self.write(author, |records| {
            let present = seed::count(records, table)?;
            let mut source = seed::Source::new(records, table)?;
            (0..u64::from(rows))
                .map(|at| records.insert(table, &source.row(present + at)))
                .collect()
        })
    }

    /// Sets columns of the records that an encoded query finds; returns how many changed.
    ///
    /// # Errors
    /// When the table, a column or a part of the query is unknown, or the database fails.
    pub fn update_where(
        &self,
        author: &Author,
        table: &str,
        query: &str,
        set: &Values,
    ) -> Result<u64, StoreError> {
        for column in set.keys() {
            known_column(self.schema(), table, column)?;
        }
        self.write(author, |records| {
            let mut changed = 0;
            for sys_id in found(records, author, table, query)? {
                changed += u64::from(records.update(table, &sys_id, set)?);
            }
            Ok(changed)
        })
    }

    /// The keys of the records that an encoded query finds, in the order of their keys unless it
    /// names another.
    ///
    /// # Errors
    /// When the table or a part of the query is unknown, or the database fails.
    pub fn matching(
        &self,
        author: &Author,
        table: &str,
        query: &str,
    ) -> Result<Vec<String>, StoreError> {
        self.write(author, |records| found(records, author, table, query))
    }

    /// Deletes the records that an encoded query finds; returns how many there were.
    ///
    /// # Errors
    /// When the table or a part of the query is unknown, or the database fails.
    pub fn delete_where(
        &self,
        author: &Author,
        table: &str,
        query: &str,
    ) -> Result<u64, StoreError> {
        self.write(author, |records| {
            let mut deleted = 0;
            for sys_id in found(records, author, table, query)? {
                deleted += u64::from(records.delete(table, &sys_id)?);
            }
            Ok(deleted)
        })
    }

    /// Sets one column of a user, such as `locked_out` or `active`.
    ///
    /// # Errors
    /// When the user or the column is unknown, or the database fails.
    pub fn set_user_field(
        &self,
        author: &Author,
        user_name: &str,
        column: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        known_column(self.schema(), "sys_user", column)?;
        self.write(author, |records| {
            let user = user_id(records, user_name)?;
            records.update("sys_user", &user, &row([(column, value)]))?;
            Ok(())
        })
    }

    /// Replaces a user's password by one that nobody is told.
    ///
    /// # Errors
    /// When the user is unknown, or the database fails.
    pub fn rotate_password(&self, author: &Author, user_name: &str) -> Result<(), StoreError> {
        self.write(author, |records| {
            let user = user_id(records, user_name)?;
            let password = records.random_secret();
            records.update(
                "sys_user",
                &user,
                &row([("user_password", password.as_str())]),
            )?;
            Ok(())
        })
    }

    /// Gives a user a role. Nothing changes when the user holds it directly already.
    ///
    /// # Errors
    /// When the user or the role is unknown, or the database fails.
    pub fn grant_role(
        &self,
        author: &Author,
        user_name: &str,
        role: &str,
    ) -> Result<(), StoreError> {
        self.write(author, |records| {
            let (user, role) = (user_id(records, user_name)?, role_id(records, role)?);
            let tie = row([("user", user.as_str()), ("role", role.as_str())]);
            if ties(records, author, &user, &role)?.is_empty() {
                records.insert("sys_user_has_role", &tie)?;
            }
            Ok(())
        })
    }

    /// Takes a directly held role from a user. Roles held by a group stay.
    ///
    /// # Errors
    /// When the user or the role is unknown, or the database fails.
    pub fn revoke_role(
        &self,
        author: &Author,
        user_name: &str,
        role: &str,
    ) -> Result<(), StoreError> {
        self.write(author, |records| {
            let (user, role) = (user_id(records, user_name)?, role_id(records, role)?);
            for tie in ties(records, author, &user, &role)? {
                records.delete("sys_user_has_role", &tie)?;
            }
            Ok(())
        })
    }

    /// Creates or changes the rate limit rule of this name.
    ///
    /// # Errors
    /// When its user or role is unknown, or the database fails.
    pub fn set_rate_rule(
        &self,
        author: &Author,
        name: &str,
        rule: &RateRuleSetup,
    ) -> Result<(), StoreError> {
        self.write(author, |records| put_rate_rule(records, name, rule))
    }

    /// Deletes the rate limit rule of this name.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub fn remove_rate_rule(&self, author: &Author, name: &str) -> Result<(), StoreError> {
        self.write(author, |records| {
            match records.find("sys_rate_limit_rules", "name", name)? {
                Some(sys_id) => records.delete("sys_rate_limit_rules", &sys_id).map(|_| ()),
                None => Err(StoreError::unknown("rate limit rule", name, [])),
            }
        })
    }
}

/// The ids of the records that an encoded query finds, in the order it asks for.
fn found(
    records: &Records<'_>,
    author: &Author,
    table: &str,
    query: &str,
) -> Result<Vec<String>, StoreError> {
    let user = records.find("sys_user", "user_name", &author.user_name)?;
    let time_zone = time_zone(records, user.as_deref())?;
    let session = Session {
        user_name: &author.user_name,
        user_sys_id: user.as_deref().unwrap_or(""),
        unix: author.unix,
        time_zone: &time_zone,
        reach: None,
    };
    let mut builder = Builder::new(records.schema().known(table)?, session);
    let query = Query::parse(query);
    let condition = builder.condition(&query);
    let (mut order, _) = builder.ordering(&query);
    if let Some(part) = builder.invalid.first().or(builder.unmodelled.first()) {
        return Err(StoreError::Invalid(format!(
            "`{part}` is no part of a query on table `{table}`"
        )));
    }
    order.push("t.sys_id".to_owned());
    let statement = format!(
        "SELECT t.sys_id {} WHERE {} AND {condition} ORDER BY {}",
        builder.source(),
        builder.of_class(),
        order.join(", ")
    );
    let mut statement = records.connection.prepare_cached(&statement)?;
    let ids = statement.query_map(rusqlite::params_from_iter(&builder.parameters), |row| {
        row.get(0)
    })?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The zone in which a user's days begin: its own, or UTC.
fn time_zone(records: &Records<'_>, user: Option<&str>) -> Result<String, StoreError> {
    let mut statement = records
        .connection
        .prepare_cached("SELECT time_zone FROM sys_user WHERE sys_id = ? AND time_zone <> ''")?;
    let zone = statement.query_row([user], |row| row.get(0)).optional()?;
    Ok(zone.unwrap_or_else(|| "UTC".to_owned()))
}

fn ties(
    records: &Records<'_>,
    author: &Author,
    user: &str,
    role: &str,
) -> Result<Vec<String>, StoreError> {
    found(
        records,
        author,
        "sys_user_has_role",
        &format!("user={user}^role={role}"),
    )
}

fn user_id(records: &Records<'_>, user_name: &str) -> Result<String, StoreError> {
    match records.find("sys_user", "user_name", user_name)? {
        Some(sys_id) => Ok(sys_id),
        None => Err(StoreError::unknown("user", user_name, [])),
    }
}

/// Creates or changes a rate limit rule. Default window: one hour, effective 3 s.
pub(super) fn put_rate_rule(
    records: &mut Records<'_>,
    name: &str,
    rule: &RateRuleSetup,
) -> Result<(), StoreError> {
    let limit = rule
        .limit
        .ok_or_else(|| StoreError::Invalid(format!("rate limit rule `{name}` names no `limit`")))?;
    let user = rule
        .user
        .as_deref()
        .map(|user| user_id(records, user))
        .transpose()?;
    let role = rule
        .role
        .as_deref()
        .map(|role| role_id(records, role))
        .transpose()?;
    let window = rule
        .window
        .map_or_else(|| "1h as 3s".to_owned(), |window| window.to_string());
    let neighbour = rule.neighbour.unwrap_or(0).to_string();
    let values = row([
        ("name", name),
        ("request_limit", limit.to_string().as_str()),
        ("u_window", window.as_str()),
        ("user", user.as_deref().unwrap_or("")),
        ("role", role.as_deref().unwrap_or("")),
        ("api", rule.api.as_deref().unwrap_or("Table API")),
        ("u_neighbour", neighbour.as_str()),
        ("active", "true"),
    ]);
    match records.find("sys_rate_limit_rules", "name", name)? {
        Some(sys_id) => records
            .update("sys_rate_limit_rules", &sys_id, &values)
            .map(|_| ()),
        None => records.insert("sys_rate_limit_rules", &values).map(|_| ()),
    }
}
