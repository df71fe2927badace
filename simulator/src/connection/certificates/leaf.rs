//! What a port sends in the handshake: the leaf, and what it sends along with it.

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use super::{DAY, authority_params, today};
use crate::setup::Certificate;

/// Days for which a leaf holds.
const LEAF_DAYS: u32 = 90;

/// The only name that a `wrong_host` leaf covers; `.test` is reserved (RFC 6761).
const WRONG_HOST: &str = "another-instance.test";

/// The certificates that are sent, leaf first.
pub(super) fn chain(
    kind: Certificate,
    names: &[String],
    key: &KeyPair,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Vec<CertificateDer<'static>>, rcgen::Error> {
    let mut params = params(kind, names)?;
    match kind {
        Certificate::SelfSigned => {
            params.is_ca = IsCa::ExplicitNoCa;
            Ok(vec![params.self_signed(key)?.der().clone()])
        }
        Certificate::Valid
        | Certificate::Expired
        | Certificate::WrongHost
        | Certificate::NotYetValid => Ok(vec![signed(params, key, issuer)?]),
        Certificate::MissingIntermediate => {
            let intermediate = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            // Whether the authority vouches for it is of no account: nobody is shown it.
            let unsent = Issuer::new(
                authority_params("Snowproof test intermediate"),
                intermediate,
            );
            Ok(vec![signed(params, key, &unsent)?])
        }
        Certificate::UnknownAuthority => {
            let (stranger, _) = stranger("Unknown test authority")?;
            Ok(vec![signed(params, key, &stranger)?])
        }
        Certificate::Inspected => {
            let (stranger, root) = stranger("Corporate test proxy")?;
            Ok(vec![signed(params, key, &stranger)?, root])
        }
    }
}

fn params(kind: Certificate, names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let names = match kind {
        Certificate::WrongHost => vec![WRONG_HOST.to_owned()],
        _ => names.to_vec(),
    };
    let common_name = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = period(kind, today());
    Ok(params)
}

/// First and last moment of the leaf.
fn period(kind: Certificate, today: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    let ahead = |days: u32| today + DAY * days;
    let ago = |days: u32| today - DAY * days;
    match kind {
        Certificate::Expired => (ago(32), ago(2)),
        Certificate::NotYetValid => (ahead(2), ahead(2 + LEAF_DAYS)),
        _ => (ago(1), ahead(LEAF_DAYS)),
    }
}

fn signed(
    mut params: CertificateParams,
    key: &KeyPair,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<CertificateDer<'static>, rcgen::Error> {
    params.use_authority_key_identifier_extension = true;
    Ok(params.signed_by(key, issuer)?.der().clone())
}

/// An authority of this name that nobody trusts, and its certificate.
fn stranger(
    common_name: &str,
) -> Result<(Issuer<'static, KeyPair>, CertificateDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let params = authority_params(common_name);
    let root = params.self_signed(&key)?.der().clone();
    Ok((Issuer::new(params, key), root))
}
