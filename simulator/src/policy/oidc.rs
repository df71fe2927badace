//! OpenID Connect providers, compiled, and what they make of an ID token (Configure an OAuth OIDC
//! provider for accepting third-party token).
//!
//! Signature, audience, clock skew (300 s) and the mapping of a claim to a column of `sys_user` are
//! documented. That the provider is found by the claim `iss`, that RS256 and ES256 are taken and no
//! other algorithm, and that the user has to be the only thing the claim names, is *assumed*.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::compile::rows;
use super::compile_oauth::users;
use super::{Policy, User};
use crate::store::StoreError;
use crate::store::schema::Schema;
use crate::store::text::fold;

/// Bytes of a token that are looked at; a longer one is nobody's.
const LONGEST: usize = 16 * 1024;

/// An active provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its name.
    pub name: String,
    issuer: String,
    audience: String,
    user_claim: String,
    clock_skew: Duration,
    /// Public key in PEM.
    key: String,
    /// User names by the folded value of the column that the claim is compared with.
    users: HashMap<String, String>,
}

pub(super) fn compile(
    connection: &Connection,
    schema: &'static Schema,
) -> Result<Vec<OidcProvider>, StoreError> {
    let statement = "SELECT oidc_provider, issuer_uri, u_client_id, user_claim, user_field, \
                     clock_skew, u_public_key FROM oidc_provider_configuration \
                     WHERE active = 'true' AND issuer_uri <> '' ORDER BY sys_id";
    let mut providers = Vec::new();
    for [name, issuer, audience, user_claim, user_field, skew, key] in rows(connection, statement)?
    {
        providers.push(OidcProvider {
            users: users(connection, schema, &user_field)?,
            clock_skew: Duration::from_secs(skew.parse().unwrap_or(300)),
            name,
            issuer,
            audience,
            user_claim,
            key,
        });
    }
    Ok(providers)
}

impl Policy {
    /// The provider that claims to have issued this token, if it is one of a provider's.
    #[must_use]
    pub fn oidc_provider_of(&self, token: &str) -> Option<&OidcProvider> {
        if self.oidc_providers.is_empty() || token.len() > LONGEST {
            return None;
        }
        let mut parts = token.split('.');
        let (Some(_), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
        let issuer = claims.get("iss")?.as_str()?;
        self.oidc_providers.iter().find(|it| it.issuer == issuer)
    }

    /// The user whom a token of this provider names.
    ///
    /// # Errors
    /// Why it names none, in our words.
    pub(crate) fn user_of_id_token(
        &self,
        provider: &OidcProvider,
        token: &str,
        unix: Duration,
    ) -> Result<&User, String> {
        let claims = provider.claims(token)?;
        let skew = provider.clock_skew.as_secs();
        let now = unix.as_secs();
        match claims.get("exp").and_then(Value::as_u64) {
            Some(expires) if now < expires.saturating_add(skew) => {}
            Some(_) => return Err("it has expired".to_owned()),
            None => return Err("it has no `exp`".to_owned()),
        }
        let begins = claims.get("nbf").and_then(Value::as_u64).unwrap_or(0);
        if begins > now.saturating_add(skew) {
            return Err("it is not yet in force".to_owned());
        }
        let claim = &provider.user_claim;
        let Some(value) = claims.get(claim).and_then(Value::as_str) else {
            return Err(format!("it has no `{claim}`"));
        };
        let named = provider.users.get(&fold(value));
        named
            .and_then(|user_name| self.user(user_name))
            .ok_or_else(|| format!("its `{claim}` names no user"))
    }
}

impl OidcProvider {
    /// The claims, if it signed them for this audience.
    fn claims(&self, token: &str) -> Result<Map<String, Value>, String> {
        let words = |error: jsonwebtoken::errors::Error| format!("{error}");
        let algorithm = decode_header(token).map_err(words)?.alg;
        let key = match algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_pem(self.key.as_bytes()),
            Algorithm::ES256 => DecodingKey::from_ec_pem(self.key.as_bytes()),
            other => return Err(format!("it is signed with {other:?}")),
        };
        let mut validation = Validation::new(algorithm);
        // Times are compared by the instance's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.required_spec_claims = HashSet::from(["aud".to_owned(), "iss".to_owned()]);
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        let read = decode::<Map<String, Value>>(token, &key.map_err(words)?, &validation);
        read.map(|read| read.claims).map_err(words)
    }
}
