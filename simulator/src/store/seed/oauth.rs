//! OAuth applications of a set-up, as records.

use crate::duration::ScaledDuration;
use crate::setup::{Given, Grant, Issued, OauthClientSetup, ScopeRestriction};
use crate::store::StoreError;
use crate::store::records::{Records, row};

use super::{boolean, known_column};

/// Seconds that an access token lives where nobody says otherwise (wire-failures 2.2).
pub(crate) const ACCESS_SECS: u64 = 1_800;
/// Seconds that a refresh token lives where nobody says otherwise (wire-failures 2.2).
pub(crate) const REFRESH_SECS: u64 = 8_640_000;
/// The scope that stands for everything the user may do.
pub(crate) const USER_ACCOUNT: &str = "useraccount";

/// Inserts one application with its profiles, scopes and keys.
pub(super) fn add(
    records: &mut Records<'_>,
    name: &str,
    setup: &OauthClientSetup,
    given: &Given,
) -> Result<(), StoreError> {
    let user = match &setup.user {
        Some(user) => user_id(records, user)?,
        None => String::new(),
    };
    let user_field = setup.assertion_user_field.as_deref().unwrap_or("user_name");
    known_column(records.schema(), "sys_user", user_field)?;
    let client_id = known(records, setup.client_id, &given.client_id);
    let secret = match setup.public_client {
        Some(true) => String::new(),
        _ => known(records, setup.secret, &given.client_secret),
    };
    let redirect = redirect_url(setup.redirect_url.as_deref(), &given.redirect_url);
    let access = lifespan(setup.access_token_lifetime, ACCESS_SECS);
    let refresh = lifespan(setup.refresh_token_lifetime, REFRESH_SECS);
    let restriction = match setup.scope_restriction.unwrap_or_default() {
        ScopeRestriction::BroadlyScoped => "broadly_scoped",
        ScopeRestriction::SecurelyScoped => "securely_scoped",
    };
    let grants = setup.grants.as_deref().unwrap_or(&Grant::ALL);
    let verifies = grants.contains(&Grant::JwtBearer);
    let table = if verifies {
        "oauth_jwt"
    } else {
        "oauth_entity"
    };
    let entity = records.insert(
        table,
        &row([
            ("name", name),
            ("type", "client"),
            ("active", boolean(setup.active.unwrap_or(true))),
            ("client_id", client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("redirect_url", redirect.as_str()),
            ("public_client", boolean(setup.public_client == Some(true))),
            ("user", user.as_str()),
            ("access_token_lifespan", access.0.as_str()),
            ("u_access_token_lifespan", access.1.as_str()),
            ("refresh_token_lifespan", refresh.0.as_str()),
            ("u_refresh_token_lifespan", refresh.1.as_str()),
            ("scope_restriction", restriction),
            ("user_field", user_field),
        ]),
    )?;
    for grant in grants {
        let profile = row([
            ("name", name),
            ("oauth_entity", entity.as_str()),
            ("grant_type", grant.type_name()),
        ]);
        records.insert("oauth_entity_profile", &profile)?;
    }
    let usual = [USER_ACCOUNT.to_owned()];
    for scope in setup.scopes.as_deref().unwrap_or(&usual) {
        let scope = row([
            ("name", scope.as_str()),
            ("oauth_entity", entity.as_str()),
            ("oauth_entity_scope", scope.as_str()),
        ]);
        records.insert("oauth_entity_scope", &scope)?;
    }
    if verifies {
        add_key(records, name, &entity, setup, given)?;
    }
    Ok(())
}

/// The key by which assertions are verified. Another key than the caller's is the same certificate
/// under a key id that no assertion names.
fn add_key(
    records: &mut Records<'_>,
    name: &str,
    entity: &str,
    setup: &OauthClientSetup,
    given: &Given,
) -> Result<(), StoreError> {
    if given.assertion_key.is_empty() {
        return Ok(());
    }
    let key_id = known(records, setup.assertion_key, &given.assertion_key_id);
    let certificate = row([
        ("name", name),
        ("pem_certificate", given.assertion_key.as_str()),
    ]);
    let certificate = records.insert("sys_certificate", &certificate)?;
    let map = row([
        ("name", name),
        ("oauth_jwt", entity),
        ("sys_certificate", certificate.as_str()),
        ("kid", key_id.as_str()),
    ]);
    records.insert("jwt_verifier_map", &map).map(drop)
}

/// The value that the instance knows; where nothing was given, it has made one by itself.
fn known(records: &mut Records<'_>, issued: Option<Issued>, given: &str) -> String {
    match issued.unwrap_or_default() {
        Issued::Given if !given.is_empty() => given.to_owned(),
        Issued::Given | Issued::Another => records.random_secret(),
    }
}

/// What is registered where the caller listens on `given`: the match is byte for byte, so that any
/// slip in it counts (wire-failures 2.1).
fn redirect_url(set: Option<&str>, given: &str) -> String {
    match set.unwrap_or("given") {
        "given" => given.to_owned(),
        "given_with_slash" => format!("{given}/"),
        "given_with_query" => format!("{given}?source=servicenow"),
        "given_with_https" => given.replacen("http://", "https://", 1),
        url => url.to_owned(),
    }
}

/// The documented lifespan in seconds, and the pair where the clock uses another.
fn lifespan(set: Option<ScaledDuration>, usual: u64) -> (String, String) {
    match set {
        None => (usual.to_string(), String::new()),
        Some(set) => (set.nominal.as_secs().to_string(), set.to_string()),
    }
}

fn user_id(records: &Records<'_>, user: &str) -> Result<String, StoreError> {
    let found = records.find("sys_user", "user_name", user)?;
    found.ok_or_else(|| StoreError::unknown("user", user, []))
}

#[cfg(test)]
mod tests {
    use super::redirect_url;

    #[test]
    fn a_slip_in_the_redirect_url_is_the_only_difference() {
        let given = "http://127.0.0.1:4000/cb";
        for (set, registered) in [
            (None, given),
            (Some("given"), given),
            (Some("given_with_slash"), "http://127.0.0.1:4000/cb/"),
            (
                Some("given_with_query"),
                "http://127.0.0.1:4000/cb?source=servicenow",
            ),
            (Some("given_with_https"), "https://127.0.0.1:4000/cb"),
            (Some("https://a.test/cb"), "https://a.test/cb"),
        ] {
            assert_eq!(redirect_url(set, given), registered, "{set:?}");
        }
    }
}
