//! From the records of OAuth applications to what decisions read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use rusqlite::Connection;

use super::Digest;
use super::compile::{grouped, rows};
use super::oauth::{Assertions, Clients, OauthClient};
use crate::duration::ScaledDuration;
use crate::setup::{Grant, ScopeRestriction};
use crate::store::StoreError;
use crate::store::schema::Schema;
use crate::store::seed::oauth::{ACCESS_SECS, REFRESH_SECS, USER_ACCOUNT};
use crate::store::text::fold;

/// An application's columns, in the order in which they are read.
const COLUMNS: &str = "sys_id, name, client_id, client_secret, active, public_client, redirect_url, \
     user, access_token_lifespan, u_access_token_lifespan, refresh_token_lifespan, \
     u_refresh_token_lifespan, scope_restriction, sys_class_name, user_field, clock_skew, \
     enable_jti_verification, jti_claim";

/// Of several with one client id the first by `sys_id` counts (*assumed*).
pub(super) fn clients(
    connection: &Connection,
    schema: &'static Schema,
) -> Result<Clients, StoreError> {
    let grants = grouped(rows(
        connection,
        "SELECT oauth_entity, grant_type FROM oauth_entity_profile ORDER BY sys_id",
    )?);
    let scopes = grouped(rows(
        connection,
        "SELECT oauth_entity, oauth_entity_scope FROM oauth_entity_scope ORDER BY name, sys_id",
    )?);
    let statement = format!(
        "SELECT {COLUMNS} FROM oauth_entity WHERE client_id <> '' AND type = 'client' \
         ORDER BY sys_id DESC"
    );
    let mut clients = HashMap::new();
    for row in rows(connection, &statement)? {
        let [
            sys_id,
            name,
            client_id,
            secret,
            active,
            public,
            redirect,
            user,
            access,
            access_pair,
            refresh,
            refresh_pair,
            restriction,
            class,
            user_field,
            skew,
            single_use,
            claim,
        ] = row;
        let assertions = match class.as_str() {
            "oauth_jwt" => Some(Assertions {
                clock_skew: Duration::from_secs(skew.parse().unwrap_or(300)),
                single_use_claim: (single_use == "true").then_some(claim),
                keys: keys(connection, &sys_id)?,
                users: users(connection, schema, &user_field)?,
                user_field,
            }),
            _ => None,
        };
        let client = OauthClient {
            active: active == "true",
            public: public == "true",
            redirect_urls: redirect
                .split(',')
                .map(|url| url.trim().to_owned())
                .filter(|url| !url.is_empty())
                .collect(),
            grants: match grants.get(&sys_id) {
                Some(named) => named
                    .iter()
                    .filter_map(|name| Grant::of_type(name))
                    .collect(),
                None => BTreeSet::from(Grant::ALL),
            },
            user: user_name(connection, &user)?,
            access_token_lifetime: lifetime(&access, &access_pair, ACCESS_SECS),
            refresh_token_lifetime: lifetime(&refresh, &refresh_pair, REFRESH_SECS),
            scopes: match scopes.get(&sys_id) {
                Some(scopes) => scopes.clone(),
                None => vec![USER_ACCOUNT.to_owned()],
            },
            restriction: match restriction.as_str() {
                "securely_scoped" => ScopeRestriction::SecurelyScoped,
                _ => ScopeRestriction::BroadlyScoped,
            },
            assertions,
            secret: Digest(secret),
            sys_id,
            name,
            client_id: client_id.clone(),
        };
        clients.insert(client_id, client);
    }
    Ok(Clients(clients))
}

/// What the record says, in the clock's length where the set-up gave one for it.
fn lifetime(secs: &str, pair: &str, usual: u64) -> ScaledDuration {
    let nominal = Duration::from_secs(secs.parse().unwrap_or(usual));
    match pair.parse::<ScaledDuration>() {
        Ok(pair) if pair.nominal.as_secs() == nominal.as_secs() => pair,
        _ => ScaledDuration::plain(nominal),
    }
}

fn user_name(connection: &Connection, sys_id: &str) -> Result<Option<String>, StoreError> {
    if sys_id.is_empty() {
        return Ok(None);
    }
    let mut statement =
        connection.prepare_cached("SELECT user_name FROM sys_user WHERE sys_id = ?")?;
    let mut found = statement.query([sys_id])?;
    Ok(match found.next()? {
        Some(row) => Some(row.get(0)?),
        None => None,
    })
}

fn keys(connection: &Connection, sys_id: &str) -> Result<BTreeMap<String, String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.kid, c.pem_certificate FROM jwt_verifier_map m \
         JOIN sys_certificate c ON c.sys_id = m.sys_certificate \
         WHERE m.oauth_jwt = ? AND c.active = 'true'",
    )?;
    let keys = statement.query_map([sys_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// A column that there is not names nobody.
pub(super) fn users(
    connection: &Connection,
    schema: &'static Schema,
    user_field: &str,
) -> Result<HashMap<String, String>, StoreError> {
    let Some(column) = schema.known("sys_user")?.column(user_field) else {
        return Ok(HashMap::new());
    };
    let name = column.name;
    let statement = format!(
        "SELECT \"{name}\", user_name FROM sys_user WHERE \"{name}\" <> '' ORDER BY sys_id DESC"
    );
    let users = rows(connection, &statement)?.into_iter();
    Ok(users
        .map(|[value, user_name]| (fold(&value), user_name))
        .collect())
}
