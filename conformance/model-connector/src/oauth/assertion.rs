//! What an application signs where it shows no password (RFC 7523): a JWT with its key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use crate::diagnosis::{BAD_SETTING, Failure};
use crate::settings::{Application, Secret};

/// Seconds that an assertion is good for: long enough for two clocks that differ a little.
const LIVES_S: i64 = 300;

/// A new assertion that `user` is who asks.
///
/// # Errors
///
/// When there is no key, or none that signs.
pub(crate) async fn signed_assertion(
    application: &Application,
    user: &str,
) -> Result<Secret, Failure> {
    let refused = |why: &str| Failure::permanent(BAD_SETTING, format!("the signing key: {why}"));
    let path = application
        .signing_key
        .as_ref()
        .ok_or_else(|| refused("none is configured"))?;
    let pem = tokio::fs::read(path)
        .await
        .map_err(|error| refused(&error.to_string()))?;
    let now = Timestamp::now().as_second();
    signed(&application.client_id, user, &pem, now).map_err(refused)
}

fn signed(client_id: &str, user: &str, pem: &[u8], now: i64) -> Result<Secret, &'static str> {
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "it is not a PEM file")?;
    let key = any_supported_type(&key).map_err(|_| "its kind is not known")?;
    let signer = key
        .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
        .ok_or("it does not sign by RS256")?;
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let claims = json!({
        "iss": client_id,
        "aud": client_id,
        "sub": user,
        "iat": now,
        "exp": now + LIVES_S,
        "jti": format!("{:032x}", rand::random::<u128>()),
    });
    let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = signer
        .sign(signed.as_bytes())
        .map_err(|_| "it does not sign")?;
    Ok(Secret::of(&format!(
        "{signed}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    )))
}
