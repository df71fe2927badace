//! Users and groups of a set-up.

use jiff::tz::TimeZone;

use super::{boolean, names, role_id};
use crate::policy::is_secret;
use crate::setup::{GroupSetup, Mfa, Password, UserSetup};
use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

pub(super) fn add_group(
    records: &mut Records<'_>,
    name: &str,
    group: &GroupSetup,
) -> Result<(), StoreError> {
    let sys_id = match records.find("sys_user_group", "name", name)? {
        Some(sys_id) => sys_id,
        None => {
            let sys_id = named_id(&format!("sys_user_group:{name}"));
            records.insert(
                "sys_user_group",
                &row([("sys_id", sys_id.as_str()), ("name", name)]),
            )?
        }
    };
    for role in group.roles.iter().flatten() {
        let role = role_id(records, role)?;
        let tie = row([
            ("group", sys_id.as_str()),
            ("role", role.as_str()),
            ("inherits", boolean(group.inherits.unwrap_or(true))),
        ]);
        records.insert("sys_group_has_role", &tie)?;
    }
    Ok(())
}

pub(super) fn add_user(
    records: &mut Records<'_>,
    name: &str,
    user: &UserSetup,
    password: Option<&str>,
) -> Result<(), StoreError> {
    let zone = user.time_zone.as_deref().unwrap_or("UTC");
    if TimeZone::get(zone).is_err() && TimeZone::get("Europe/Berlin").is_ok() {
        return Err(StoreError::Invalid(format!(
            "unknown time zone `{zone}` of user `{name}`; name one of IANA's, such as `Europe/Berlin`"
        )));
    }
    let another = records.random_secret();
    let kind = user.password.unwrap_or_default();
    let password = match kind {
        Password::Given | Password::Expired => password.unwrap_or(""),
        Password::Another => another.as_str(),
        Password::Absent => "",
    };
    let secret = mfa_secret(name, user)?;
    let values = row([
        ("user_name", name),
        ("active", boolean(user.active.unwrap_or(true))),
        ("locked_out", boolean(user.locked_out.unwrap_or(false))),
        (
            "web_service_access_only",
            boolean(user.web_service_access_only.unwrap_or(false)),
        ),
        (
            "password_needs_reset",
            boolean(user.password_needs_reset.unwrap_or(false)),
        ),
        (
            "enable_multifactor_authn",
            boolean(user.mfa == Some(Mfa::Required)),
        ),
        ("u_password_expired", boolean(kind == Password::Expired)),
        ("time_zone", zone),
        ("user_password", password),
    ]);
    let sys_id = match records.find("sys_user", "user_name", name)? {
        Some(sys_id) => {
            records.update("sys_user", &sys_id, &values)?;
            sys_id
        }
        None => records.insert("sys_user", &values)?,
    };
    if !secret.is_empty() {
        // As it is: codes are told from the secret, not from a digest of it.
        records.connection.execute(
            "UPDATE sys_user SET u_mfa_secret = ? WHERE sys_id = ?",
            [secret, sys_id.as_str()],
        )?;
    }
    for role in user.roles.iter().flatten() {
        let role = role_id(records, role)?;
        let tie = row([("user", sys_id.as_str()), ("role", role.as_str())]);
        records.insert("sys_user_has_role", &tie)?;
    }
    for group in user.groups.iter().flatten() {
        let Some(group) = records.find("sys_user_group", "name", group)? else {
            let legal = names(records, "sys_user_group")?;
            let legal = legal.iter().map(String::as_str);
            return Err(StoreError::unknown("group", group, legal));
        };
        let tie = row([("user", sys_id.as_str()), ("group", group.as_str())]);
        records.insert("sys_user_grmember", &tie)?;
    }
    Ok(())
}

/// A secret whose codes can be told.
fn mfa_secret<'u>(name: &str, user: &'u UserSetup) -> Result<&'u str, StoreError> {
    let secret = user.mfa_secret.as_deref().unwrap_or_default();
    if secret.is_empty() || is_secret(secret) {
        return Ok(secret);
    }
    Err(StoreError::Invalid(format!(
        "the `mfa_secret` of user `{name}` is no base32 of 128 bits or more; write 26 characters or more of A to Z and 2 to 7"
    )))
}

/// The `sys_id` of the user that something of a set-up is for, or the error that names the nearest.
pub(super) fn user_named(
    records: &Records<'_>,
    what: &str,
    name: &str,
    user: Option<&str>,
) -> Result<String, StoreError> {
    let Some(user) = user else {
        return Err(StoreError::Invalid(format!(
            "{what} `{name}` has no `user`"
        )));
    };
    if let Some(sys_id) = records.find("sys_user", "user_name", user)? {
        return Ok(sys_id);
    }
    let mut statement = records
        .connection
        .prepare("SELECT user_name FROM sys_user ORDER BY user_name")?;
    let legal = statement.query_map([], |row| row.get(0))?;
    let legal: Vec<String> = legal.collect::<Result<_, _>>()?;
    let legal = legal.iter().map(String::as_str);
    Err(StoreError::unknown("user", user, legal))
}
