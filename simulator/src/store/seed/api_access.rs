//! What an instance ships with for API keys and access policies, and what a set-up adds.
//!
//! The two auth parameters, the profile for Basic, those for ID and OAuth tokens and the inactive
//! policy are those of the documentation and of published set-up scripts; the profiles for
//! certificates and keys are *assumed*, since administrators make them.

use super::accounts::user_named;
use super::{boolean, known_column};
use crate::fingerprint;
use crate::setup::{
    ApiAccessPolicySetup, ApiKeySetup, AuthScheme, ClientCertificateSetup, Given, InstanceSetup,
    Issued, OidcProviderSetup,
};
use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// Name of the header and of the query parameter that carry a key (wire-failures 3).
const PARAMETER: &str = "x-sn-apikey";

/// Ids that a published guide shows.
const IN_HEADER: &str = "2af926dca3303110f96f5f87f31e6155";
const TABLE_GET: &str = "010e53d3671210101e2becccb585efb4";

/// The methods that a policy can name.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Inserts what every instance ships with.
pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    let in_query = in_query();
    for (sys_id, name, kind) in [
        (IN_HEADER, "x-sn-apikey: Auth Header", "auth_header"),
        (&in_query, "x-sn-apikey: Query Parameter", "query_parameter"),
    ] {
        let values = row([
            ("sys_id", sys_id),
            ("name", name),
            ("parameter_name", PARAMETER),
            ("type", kind),
        ]);
        records.insert("sys_token_auth_parameter", &values)?;
    }
    for scheme in AuthScheme::ALL {
        for (sys_id, name, table, column, value) in profiles(scheme) {
            let values = row([
                ("sys_id", sys_id.as_str()),
                ("name", name),
                (column, value.as_str()),
            ]);
            records.insert(table, &values)?;
        }
    }
    let values = row([
        ("sys_id", TABLE_GET),
        ("name", "Table GET API Access Policy"),
        ("active", "false"),
        ("api", "Table API"),
        ("api_path", "now/table"),
        ("http_method", "GET"),
        ("apply_all_resources", "true"),
        ("apply_all_versions", "true"),
    ]);
    records.insert("sys_api_access_policy", &values).map(drop)
}

fn in_query() -> String {
    named_id("sys_token_auth_parameter:query")
}

/// Id, name and table of the profiles of a scheme, and the column that says what it asks for.
fn profiles(scheme: AuthScheme) -> Vec<(String, &'static str, &'static str, &'static str, String)> {
    let standard = |name: &'static str, kind: &str| {
        let sys_id = named_id(&format!("std_http_auth:{kind}"));
        vec![(sys_id, name, "std_http_auth", "type", kind.to_owned())]
    };
    let key = |name: &'static str, parameter: String| {
        let sys_id = named_id(&format!("http_key_auth:{parameter}"));
        (sys_id, name, "http_key_auth", "auth_parameter", parameter)
    };
    match scheme {
        AuthScheme::Basic => standard("BasicAuth for none public processors", "basic_auth"),
        AuthScheme::Oauth => standard("OAuth Token", "oauth"),
        AuthScheme::IdToken => standard("ID Token", "id_token"),
        AuthScheme::MutualTls => standard("Certificate based Auth", "certificate_auth"),
        AuthScheme::ApiKey => vec![
            key("API Key in the header", IN_HEADER.to_owned()),
            key("API Key in the query", in_query()),
        ],
    }
}

/// Adds the keys and policies of a set-up, whose users are there already.
pub(super) fn add(
    records: &mut Records<'_>,
    setup: &InstanceSetup,
    given: &Given,
) -> Result<(), StoreError> {
    for (name, key) in setup.api_keys.iter().flatten() {
        add_key(records, name, key, given)?;
    }
    for (name, policy) in setup.api_access_policies.iter().flatten() {
        put_policy(records, name, policy)?;
    }
    for (name, provider) in setup.oidc_providers.iter().flatten() {
        add_provider(records, name, provider)?;
    }
    for (name, certificate) in setup.client_certificates.iter().flatten() {
        add_certificate(records, name, certificate, given)?;
    }
    Ok(())
}

fn add_key(
    records: &mut Records<'_>,
    name: &str,
    key: &ApiKeySetup,
    given: &Given,
) -> Result<(), StoreError> {
    let user = user_named(records, "API key", name, key.user.as_deref())?;
    let another = records.random_secret();
    let token = match key.key.unwrap_or_default() {
        Issued::Given => given.api_key.as_str(),
        Issued::Another => another.as_str(),
    };
    let expires = match key.expired {
        Some(true) => "2020-01-01 00:00:00",
        _ => "",
    };
    let values = row([
        ("name", name),
        ("user", user.as_str()),
        ("active", boolean(key.active.unwrap_or(true))),
        ("token", token),
        ("expires", expires),
    ]);
    records.insert("api_key", &values).map(drop)
}

fn add_certificate(
    records: &mut Records<'_>,
    name: &str,
    certificate: &ClientCertificateSetup,
    given: &Given,
) -> Result<(), StoreError> {
    let user = certificate.user.as_deref();
    let user = user_named(records, "client certificate", name, user)?;
    let fingerprint = match certificate.certificate.unwrap_or_default() {
        Issued::Given => fingerprint::of_pem(&given.client_certificate).unwrap_or_default(),
        Issued::Another => fingerprint::of_der(records.random_secret().as_bytes()),
    };
    let values = row([
        ("name", name),
        ("user", user.as_str()),
        ("active", boolean(certificate.active.unwrap_or(true))),
        ("u_fingerprint", fingerprint.as_str()),
    ]);
    records.insert("sys_user_certificate", &values).map(drop)
}

fn add_provider(
    records: &mut Records<'_>,
    name: &str,
    provider: &OidcProviderSetup,
) -> Result<(), StoreError> {
    let needed = |what: &str, value: &Option<String>| {
        value
            .clone()
            .ok_or_else(|| StoreError::Invalid(format!("OIDC provider `{name}` has no `{what}`")))
    };
    let issuer = needed("issuer", &provider.issuer)?;
    let client_id = needed("client_id", &provider.client_id)?;
    let key = needed("public_key", &provider.public_key)?;
    let field = provider.user_field.as_deref().unwrap_or("email");
    known_column(records.schema(), "sys_user", field)?;
    let skew = provider
        .clock_skew
        .map_or(300, |skew| skew.effective.as_secs());
    let skew = skew.to_string();
    let values = row([
        ("oidc_provider", name),
        ("active", boolean(provider.active.unwrap_or(true))),
        ("issuer_uri", issuer.as_str()),
        (
            "user_claim",
            provider.user_claim.as_deref().unwrap_or("email"),
        ),
        ("user_field", field),
        ("clock_skew", skew.as_str()),
        ("u_client_id", client_id.as_str()),
        ("u_public_key", key.as_str()),
    ]);
    records
        .insert("oidc_provider_configuration", &values)
        .map(drop)
}

/// Creates or replaces the access policy of this name.
pub(crate) fn put_policy(
    records: &mut Records<'_>,
    name: &str,
    policy: &ApiAccessPolicySetup,
) -> Result<(), StoreError> {
    check(name, policy)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let tables = tables(records, policy)?;
    let all = |is_absent: bool| boolean(is_absent).to_owned();
    let (api, version) = (text(&policy.api), text(&policy.version));
    let (method, resource) = (text(&policy.method), text(&policy.resource));
    let values = [
        ("name", name.to_owned()),
        ("active", all(policy.active.unwrap_or(true))),
        ("apply_global", all(policy.api.is_none())),
        ("apply_all_methods", all(method.is_empty())),
        ("apply_all_resources", all(resource.is_empty())),
        ("apply_all_versions", all(version.is_empty())),
        ("apply_all_tables", all(tables.is_empty())),
        (
            "all_authn_scheme_authenticate_header",
            all(policy.advertises_all.unwrap_or(false)),
        ),
        ("api", api),
        ("http_method", method),
        ("version", version),
        ("api_resource", resource),
        ("api_tablename", tables),
    ];
    let values = values
        .into_iter()
        .map(|(column, value)| (column.to_owned(), value))
        .collect();
    let sys_id = match records.find("sys_api_access_policy", "name", name)? {
        Some(sys_id) => {
            records.update("sys_api_access_policy", &sys_id, &values)?;
            let table = "sys_auth_profile_mapping";
            while let Some(mapping) = records.find(table, "api_access_policy", &sys_id)? {
                records.delete(table, &mapping)?;
            }
            sys_id
        }
        None => records.insert("sys_api_access_policy", &values)?,
    };
    let schemes = policy.schemes.iter().flatten();
    let profiles = schemes.flat_map(|scheme| profiles(*scheme));
    for (place, (profile, ..)) in profiles.enumerate() {
        let place = (place + 1).to_string();
        let mapping = row([
            ("api_access_policy", sys_id.as_str()),
            ("inbound_auth_profile", profile.as_str()),
            ("u_place", place.as_str()),
        ]);
        records.insert("sys_auth_profile_mapping", &mapping)?;
    }
    Ok(())
}

fn check(name: &str, policy: &ApiAccessPolicySetup) -> Result<(), StoreError> {
    let invalid = |problem: &str| {
        Err(StoreError::Invalid(format!(
            "API access policy `{name}` {problem}"
        )))
    };
    let titles = crate::api::titles();
    if let Some(api) = &policy.api
        && !titles.contains(&api.as_str())
    {
        return Err(StoreError::unknown("API", api, titles));
    }
    if let Some(method) = &policy.method
        && !METHODS.contains(&method.as_str())
    {
        return Err(StoreError::unknown("method", method, METHODS));
    }
    let schemes = policy.schemes.as_deref().unwrap_or_default();
    if schemes.is_empty() {
        return invalid("names no `schemes`");
    }
    let narrows = policy.version.is_some() || policy.resource.is_some() || policy.tables.is_some();
    if policy.api.is_none() && narrows {
        return invalid("is global; it takes no `version`, `resource` or `tables`");
    }
    if policy.api.is_none() && schemes.contains(&AuthScheme::ApiKey) {
        return invalid("is global; it lets no API keys in");
    }
    if policy.tables.is_some() && policy.api.as_deref() != Some("Table API") {
        return invalid("names `tables`, which only those of the `Table API` do");
    }
    Ok(())
}

/// Ids of the tables, as a list column holds them.
fn tables(records: &Records<'_>, policy: &ApiAccessPolicySetup) -> Result<String, StoreError> {
    let mut ids = Vec::new();
    for table in policy.tables.iter().flatten() {
        records.schema().known(table)?;
        ids.extend(records.find("sys_db_object", "name", table)?);
    }
    Ok(ids.join(","))
}
