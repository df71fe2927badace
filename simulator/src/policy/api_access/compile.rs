//! From the records of keys, certificates and access policies to [`ApiAccess`].

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::{AccessPolicy, ApiAccess, ApiKey, KeyParameter, Profile};
use crate::policy::compile::rows;
use crate::policy::{Account, Digest};
use crate::setup::AuthScheme;
use crate::store::StoreError;

impl ApiAccess {
    pub(in crate::policy) fn compile(
        connection: &Connection,
        users: &HashMap<String, Account>,
    ) -> Result<Self, StoreError> {
        let names = users
            .values()
            .map(|account| (account.user.sys_id.clone(), account.user.user_name.clone()))
            .collect();
        Ok(Self {
            policies: policies(connection)?,
            parameters: parameters(connection)?,
            keys: keys(connection, &names)?,
            certificates: certificates(connection, &names)?,
        })
    }
}

fn policies(connection: &Connection) -> Result<Vec<AccessPolicy>, StoreError> {
    let mut profiles = profiles(connection)?;
    let tables: HashMap<String, String> =
        rows(connection, "SELECT sys_id, name FROM sys_db_object")?
            .into_iter()
            .map(|[sys_id, name]| (sys_id, name))
            .collect();
    let statement = "SELECT sys_id, name, api, api_path, http_method, version, api_resource, \
                     api_tablename, apply_global, apply_all, apply_all_methods, \
                     apply_all_resources, apply_all_versions, apply_all_tables, \
                     all_authn_scheme_authenticate_header \
                     FROM sys_api_access_policy WHERE active = 'true' ORDER BY name, sys_id";
    let mut compiled = Vec::new();
    for row in rows(connection, statement)? {
        let [
            sys_id,
            name,
            api,
            path,
            method,
            version,
            resource,
            named,
            global,
            all,
            all_methods,
            all_resources,
            all_versions,
            all_tables,
            advertises_all,
        ] = row;
        let is = |flag: &str| flag == "true";
        let global = is(&global);
        let narrowed = |value: String, all_of_it: &str| {
            (!value.is_empty() && !is(&all) && !is(all_of_it)).then_some(value)
        };
        // One to which nothing is mapped restricts nothing; one whose profiles are all inactive lets
        // nobody in.
        let Some(mut lets_in) = profiles.remove(&sys_id) else {
            continue;
        };
        if global {
            lets_in.retain(|profile| profile.scheme != AuthScheme::ApiKey);
        }
        let named: BTreeSet<String> = match is(&all_tables) || is(&all) || global {
            true => BTreeSet::new(),
            false => named
                .split(',')
                .filter_map(|table| tables.get(table.trim()).cloned())
                .collect(),
        };
        compiled.push(AccessPolicy {
            fits_no_table: named.is_empty() && !is(&all_tables) && !is(&all) && !global,
            name,
            api: (!global).then_some((api, path)),
            method: narrowed(method, &all_methods),
            resource: narrowed(resource, &all_resources).filter(|_| !global),
            version: narrowed(version, &all_versions).filter(|_| !global),
            tables: named,
            profiles: lets_in,
            advertises_all: is(&advertises_all),
        });
    }
    compiled.sort_by_key(|policy| (policy.rank(), policy.tables.is_empty()));
    Ok(compiled)
}

/// The active profiles of each policy to which any is mapped, the most recently mapped first.
fn profiles(connection: &Connection) -> Result<HashMap<String, Vec<Profile>>, StoreError> {
    let standard: HashMap<String, String> = rows(
        connection,
        "SELECT sys_id, type FROM std_http_auth WHERE active = 'true'",
    )?
    .into_iter()
    .map(|[sys_id, kind]| (sys_id, kind))
    .collect();
    let by_key: HashMap<String, String> = rows(
        connection,
        "SELECT sys_id, auth_parameter FROM http_key_auth WHERE active = 'true'",
    )?
    .into_iter()
    .map(|[sys_id, parameter]| (sys_id, parameter))
    .collect();
    let statement = "SELECT api_access_policy, inbound_auth_profile FROM sys_auth_profile_mapping \
                     ORDER BY sys_created_on DESC, u_place DESC, sys_id";
    let mut profiles: HashMap<String, Vec<Profile>> = HashMap::new();
    for [policy, profile] in rows(connection, statement)? {
        let of_policy = profiles.entry(policy).or_default();
        let scheme = match standard.get(&profile).map(String::as_str) {
            Some("basic_auth") => AuthScheme::Basic,
            Some("oauth") => AuthScheme::Oauth,
            Some("id_token") => AuthScheme::IdToken,
            Some("certificate_auth") => AuthScheme::MutualTls,
            Some(_) => continue,
            None if by_key.contains_key(&profile) => AuthScheme::ApiKey,
            None => continue,
        };
        let parameter = by_key.get(&profile).cloned().unwrap_or_default();
        let profile = Profile { scheme, parameter };
        of_policy.push(profile);
    }
    Ok(profiles)
}

fn parameters(connection: &Connection) -> Result<Vec<KeyParameter>, StoreError> {
    let statement = "SELECT sys_id, parameter_name, type, prefix FROM sys_token_auth_parameter \
                     WHERE parameter_name <> '' ORDER BY type, sys_id";
    Ok(rows(connection, statement)?
        .into_iter()
        .map(|[sys_id, name, kind, prefix]| KeyParameter {
            sys_id,
            name,
            in_query: kind != "auth_header",
            prefix,
        })
        .collect())
}

fn keys(
    connection: &Connection,
    names: &HashMap<String, String>,
) -> Result<Vec<ApiKey>, StoreError> {
    let statement = "SELECT name, user, active, expires, token FROM api_key \
                     WHERE token <> '' ORDER BY sys_id";
    Ok(rows(connection, statement)?
        .into_iter()
        .map(|[name, user, active, expires, digest]| ApiKey {
            name,
            user_name: names.get(&user).cloned().unwrap_or_default(),
            active: active == "true",
            expires: moment(&expires),
            digest: Digest(digest),
        })
        .collect())
}

/// UNIX time of a stored date and time; 0 for one before it.
fn moment(text: &str) -> Option<Duration> {
    let moment: DateTime = text.parse().ok()?;
    let moment = moment.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Duration::from_secs(
        u64::try_from(moment.as_second()).unwrap_or(0),
    ))
}

fn certificates(
    connection: &Connection,
    names: &HashMap<String, String>,
) -> Result<HashMap<String, String>, StoreError> {
    let statement = "SELECT u_fingerprint, user FROM sys_user_certificate \
                     WHERE active = 'true' AND u_fingerprint <> '' ORDER BY sys_id DESC";
    Ok(rows(connection, statement)?
        .into_iter()
        .filter_map(|[fingerprint, user]| {
            let user_name = names.get(&user)?.clone();
            Some((fingerprint.to_lowercase(), user_name))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_before_1970_is_long_over() {
        assert_eq!(moment("1960-01-01 00:00:00"), Some(Duration::ZERO));
        assert_eq!(moment("1970-01-01 00:01:00"), Some(Duration::from_secs(60)));
        assert_eq!(moment(""), None, "it never expires");
    }
}
