//! The JWT bearer grant: the client shows a signed assertion.
//!
//! The algorithms, the claims that must be there and the key id are documented (Create an OAuth JWT
//! API endpoint for external clients); that an assertion without `jti` is let through, that `iss`
//! must be the client id, and that there is no refresh token is *assumed*.

use std::time::Duration;

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, Given};
use super::errors::Refused;
use crate::journal::Condition;
use crate::policy::{Assertions, OauthClient};
use crate::setup::Grant;
use crate::store::text::fold;

/// Characters of an assertion that are read.
const LONGEST: usize = 16 * 1024;

/// Claims of an assertion.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

pub(super) fn give(mut call: Call<'_>) -> Result<Given, Refused> {
    call.allowed(Grant::JwtBearer)?;
    let in_header = || {
        // `PySNC` sends it so.
        let header = call.exchange.headers.get("authentication")?.to_str().ok()?;
        header.strip_prefix("Bearer ")
    };
    let Some(assertion) = call.asked.value("assertion").or_else(in_header) else {
        return Err(Refused::invalid_request("no `assertion`"));
    };
    let refused = |reason: String| Refused::access_denied(Condition::AssertionRefused, reason);
    let Some(rules) = &call.client.assertions else {
        return Err(refused("the application verifies no assertions".to_owned()));
    };
    let claims = verified(assertion, rules).map_err(refused)?;
    check(&claims, call.client, rules, call.now().unix).map_err(refused)?;
    let subject = claims.sub.as_deref().unwrap_or_default();
    let Some(user_name) = rules.users.get(&fold(subject)).cloned() else {
        return Err(refused(format!(
            "no user's `{}` is `sub`",
            rules.user_field
        )));
    };
    if let Some(claim) = &rules.single_use_claim
        && let Some(value) = claims.others.get(claim)
    {
        let until = Duration::from_secs_f64(claims.exp.unwrap_or(0.0));
        let until = until.saturating_add(rules.clock_skew);
        let used = &call.view.admission.single_use;
        if !used.use_up(
            &call.client.sys_id,
            &value.to_string(),
            until,
            call.now().unix,
        ) {
            return Err(refused(format!("its `{claim}` was used before")));
        }
    }
    let user = call.open_account(&user_name)?;
    let scope = call.scope();
    let to = call.grantee(&user.user_name, &scope);
    Ok(Given {
        access: call.new_access(to),
        refresh: None,
        scope,
    })
}

/// The claims of an assertion that a known key has signed.
fn verified(assertion: &str, rules: &Assertions) -> Result<Claims, String> {
    if assertion.len() > LONGEST {
        return Err("the assertion is too long".to_owned());
    }
    let header = decode_header(assertion).map_err(|_| "it is no JWT".to_owned())?;
    let family = match header.alg {
        Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 => AlgorithmFamily::Rsa,
        Algorithm::ES256 | Algorithm::ES384 => AlgorithmFamily::Ec,
        _ => return Err("its algorithm is none of the supported ones".to_owned()),
    };
    let key_id = header.kid.unwrap_or_default();
    let Some(pem) = rules.keys.get(&key_id) else {
        return Err("no key has the key id that it names".to_owned());
    };
    let key = key(pem, family).ok_or("the key of this key id cannot be read")?;
    let mut validation = Validation::new(header.alg);
    // Times and audience are checked by the instance's clock, below.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let decoded = decode::<Claims>(assertion, &key, &validation);
    Ok(decoded
        .map_err(|_| "its signature does not verify, or its claims cannot be read".to_owned())?
        .claims)
}

/// The public key in a PEM: of a certificate, or the key itself.
fn key(pem: &str, family: AlgorithmFamily) -> Option<DecodingKey> {
    match family {
        AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem.as_bytes()).ok(),
        AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem.as_bytes()).ok(),
        _ => None,
    }
}

fn check(
    claims: &Claims,
    client: &OauthClient,
    rules: &Assertions,
    now: Duration,
) -> Result<(), String> {
    let is_client = |name: &String| *name == client.client_id;
    let for_client = match &claims.aud {
        Some(Audience::One(audience)) => is_client(audience),
        Some(Audience::Several(all)) => all.iter().any(is_client),
        None => false,
    };
    if !for_client {
        return Err("its `aud` is not the client id".to_owned());
    }
    if !claims.iss.as_ref().is_some_and(is_client) {
        return Err("its `iss` is not the client id".to_owned());
    }
    let (now, skew) = (now.as_secs_f64(), rules.clock_skew.as_secs_f64());
    // A time beyond this is none.
    let sane = |time: &f64| (0.0..1e11).contains(time);
    match claims.exp.filter(sane) {
        Some(exp) if now < exp + skew => {}
        Some(_) => return Err("it has expired".to_owned()),
        None => return Err("it has no `exp`".to_owned()),
    }
    for (claim, time) in [("nbf", claims.nbf), ("iat", claims.iat)] {
        if time.is_some_and(|time| !sane(&time) || time > now + skew) {
            return Err(format!("its `{claim}` lies ahead"));
        }
    }
    Ok(())
}
