//! What a port sends in the handshake: the leaf, and what it sends along with it.

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;

use super::{CertificateError, DAY, authority_params, fixed, today};
use crate::setup::Certificate;

/// Days for which a leaf holds.
const LEAF_DAYS: u32 = 90;

/// The only name that a `wrong_host` leaf covers; `.test` is reserved (RFC 6761).
const WRONG_HOST: &str = "another-instance.test";

/// The only names that a `wildcard_mismatch` leaf covers.
const WRONG_WILDCARD: &str = "*.another-instance.test";

/// The intermediate between the run's authority and a leaf, as its certificate names it.
const INTERMEDIATE: &str = "Snowproof test intermediate";

/// The certificates that are sent, leaf first, and the leaf's key.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Sent {
    /// Fresh ones of this kind; a leaf that holds has this key, and one that cannot be made here was
    /// made before.
    pub(super) fn of(
        kind: Certificate,
        names: &[String],
        leaf_key: &KeyPair,
        issuer: &Issuer<'_, KeyPair>,
    ) -> Result<Self, CertificateError> {
        match kind {
            Certificate::Sha1Signature => fixed::SHA1_SIGNATURE.sent(issuer),
            Certificate::WeakAuthority => fixed::WEAK_AUTHORITY.sent(issuer),
            Certificate::Valid | Certificate::CompleteChain => {
                Self::with(leaf_key, kind, names, issuer)
            }
            _ => {
                let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
                Self::with(&key, kind, names, issuer)
            }
        }
    }

    fn with(
        key: &KeyPair,
        kind: Certificate,
        names: &[String],
        issuer: &Issuer<'_, KeyPair>,
    ) -> Result<Self, CertificateError> {
        Ok(Self {
            chain: chain(kind, names, key, issuer)?,
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }
}

fn chain(
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
        Certificate::BadSignature => Ok(vec![spoilt(&signed(params, key, issuer)?)]),
        Certificate::MissingIntermediate => {
            let intermediate = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            // Whether the authority vouches for it is of no account: nobody is shown it.
            let unsent = Issuer::new(authority_params(INTERMEDIATE), intermediate);
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
        Certificate::CompleteChain
        | Certificate::ExpiredIntermediate
        | Certificate::NameConstraint => {
            let own = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let between = intermediate(kind);
            let sent = between.signed_by(&own, issuer)?.der().clone();
            Ok(vec![signed(params, key, &Issuer::new(between, own))?, sent])
        }
        // The last two are made elsewhere.
        Certificate::Valid
        | Certificate::Expired
        | Certificate::WrongHost
        | Certificate::NotYetValid
        | Certificate::WildcardMismatch
        | Certificate::CommonNameOnly
        | Certificate::WrongKeyUsage
        | Certificate::Sha1Signature
        | Certificate::WeakAuthority => Ok(vec![signed(params, key, issuer)?]),
    }
}

fn params(kind: Certificate, names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let names = match kind {
        Certificate::WrongHost => vec![WRONG_HOST.to_owned()],
        Certificate::WildcardMismatch => vec![WRONG_WILDCARD.to_owned()],
        _ => names.to_vec(),
    };
    let common_name = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(match kind {
        Certificate::CommonNameOnly => Vec::new(),
        _ => names,
    })?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![match kind {
        Certificate::WrongKeyUsage => ExtendedKeyUsagePurpose::ClientAuth,
        _ => ExtendedKeyUsagePurpose::ServerAuth,
    }];
    (params.not_before, params.not_after) = period(kind, today());
    Ok(params)
}

/// An intermediate of the run's authority, as this kind wants it.
fn intermediate(kind: Certificate) -> CertificateParams {
    let mut params = authority_params(INTERMEDIATE);
    match kind {
        Certificate::ExpiredIntermediate => {
            params.not_before = today() - DAY * 32;
            params.not_after = today() - DAY * 2;
        }
        Certificate::NameConstraint => {
            params.name_constraints = Some(NameConstraints {
                permitted_subtrees: vec![GeneralSubtree::DnsName(WRONG_HOST.to_owned())],
                excluded_subtrees: Vec::new(),
            });
        }
        _ => {}
    }
    params
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

/// The same certificate with a signature that does not fit it: the end of a certificate is the end
/// of its signature.
fn spoilt(certificate: &CertificateDer<'_>) -> CertificateDer<'static> {
    let mut bytes = certificate.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
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
