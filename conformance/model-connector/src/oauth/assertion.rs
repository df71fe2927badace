//! What an application signs where it shows no password (RFC 7523): a JWT with its key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

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
    let claims = json!({
        "iss": application.client_id,
        "aud": application.client_id,
        "sub": user,
        "iat": Timestamp::now().as_second(),
        "exp": Timestamp::now().as_second() + LIVES_S,
        "jti": format!("{:032x}", rand::random::<u128>()),
    });
    signed(&claims, application.signing_key_id.as_deref(), &pem).map_err(refused)
}

/// A JWT (RFC 7515) of these claims.
fn signed(claims: &Value, key_id: Option<&str>, pem: &[u8]) -> Result<Secret, &'static str> {
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "it is not a PEM file")?;
    let key = any_supported_type(&key).map_err(|_| "its kind is not known")?;
    let signer = key
        .choose_scheme(&[
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::ECDSA_NISTP256_SHA256,
        ])
        .ok_or("it signs neither by RS256 nor by ES256")?;
    let by_curve = signer.scheme() == SignatureScheme::ECDSA_NISTP256_SHA256;
    let algorithm = if by_curve { "ES256" } else { "RS256" };
    let mut header = json!({ "alg": algorithm, "typ": "JWT" });
    if let Some(key_id) = key_id {
        header["kid"] = key_id.into();
    }
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    let signature = signer
        .sign(text.as_bytes())
        .map_err(|_| "it does not sign")?;
    let signature = match by_curve {
        true => fixed(&signature).ok_or("its signature cannot be read")?,
        false => signature,
    };
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    Ok(Secret::of(&format!("{text}.{signature}")))
}

/// A signature of two numbers as JWTs have it, 32 bytes each (RFC 7518, 3.4), from the sequence that
/// TLS has (RFC 3279, 2.2.3).
fn fixed(der: &[u8]) -> Option<Vec<u8>> {
    let [0x30, length, numbers @ ..] = der else {
        return None;
    };
    let (r, rest) = number(numbers)?;
    let (s, rest) = number(rest)?;
    (usize::from(*length) == numbers.len() && rest.is_empty()).then(|| [r, s].concat())
}

/// One number of 32 bytes, and what follows it.
fn number(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [0x02, length, rest @ ..] = der else {
        return None;
    };
    let (bytes, rest) = rest.split_at_checked(usize::from(*length))?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let mut number = [0; 32];
    let from = number.len().checked_sub(bytes.len())?;
    number[from..].copy_from_slice(bytes);
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_are_read_whatever_their_length() {
        let mut der = vec![0x30, 39, 0x02, 33, 0];
        der.extend([0xff; 32]);
        der.extend([0x02, 2, 0, 7]);
        let fixed = super::fixed(&der).unwrap();
        assert_eq!(fixed.len(), 64);
        assert_eq!((&fixed[..32], fixed[63]), (&[0xff; 32][..], 7));
        assert_eq!(super::fixed(&der[..20]), None);
        assert_eq!(super::fixed(&[]), None);
    }

    #[test]
    fn an_assertion_names_its_key_and_is_no_other_text() {
        let key = rcgen::KeyPair::generate().unwrap();
        let claims = json!({ "sub": "sync.user" });
        let assertion = signed(&claims, Some("k1"), key.serialize_pem().as_bytes()).unwrap();
        let parts: Vec<&str> = assertion.reveal().split('.').collect();
        let read = |part: &str| -> Value {
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(read(parts[0])["kid"], "k1");
        assert_eq!(read(parts[0])["alg"], "ES256");
        assert_eq!(read(parts[1]), claims);
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 64);
        assert!(signed(&claims, None, b"nonsense").is_err());
    }
}
