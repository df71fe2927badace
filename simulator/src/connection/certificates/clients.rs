//! Client certificates: the authority that the edge trusts for them, the leaves that callers are
//! given, and what the edge makes of one that is shown.
//!
//! The handshake takes any certificate whose key its owner has, since the edge answers a bad one
//! with a page (wire-failures 3). That it names no authorities, so that callers show whatever they
//! have, is *assumed*.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};

use super::{CertificateError, DAY, authority_params, today};
use crate::fingerprint;
use crate::pipeline::stage::ClientCertificate;
use crate::setup::GivenCertificate;

/// Days for which a certificate holds.
const DAYS: u32 = 90;

/// The authority of client certificates, as its own certificate names it.
const NAME: &str = "Snowproof client authority";

/// Who issues client certificates, and who vouches for them.
pub(super) struct Clients {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    verifier: Arc<dyn ClientCertVerifier>,
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}

/// A certificate and its key, as a caller is given them.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientLeaf {
    /// The certificate, in PEM.
    pub certificate_pem: String,
    /// Its private key (PKCS #8), in PEM. A secret.
    pub key_pem: String,
}

impl fmt::Debug for ClientLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLeaf")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

impl Clients {
    pub(super) fn generate() -> Result<Self, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = authority_params(NAME);
        let certificate = params.self_signed(&key)?;
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone())?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            verifier,
        })
    }

    pub(super) fn ca_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A certificate of this kind whose subject is this name, and its key.
    pub(super) fn leaf(
        &self,
        kind: GivenCertificate,
        name: &str,
    ) -> Result<ClientLeaf, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.is_ca = IsCa::ExplicitNoCa;
        (params.not_before, params.not_after) = match kind {
            GivenCertificate::Expired => (today() - DAY * 32, today() - DAY * 2),
            _ => (today() - DAY, today() + DAY * DAYS),
        };
        let certificate = match kind {
            GivenCertificate::Valid | GivenCertificate::Expired => {
                params.signed_by(&key, &self.issuer)?
            }
            GivenCertificate::UnknownAuthority => {
                let stranger = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
                let stranger = Issuer::new(authority_params("Unknown client authority"), stranger);
                params.signed_by(&key, &stranger)?
            }
            GivenCertificate::SelfSigned => params.self_signed(&key)?,
        };
        Ok(ClientLeaf {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        })
    }

    /// What the edge makes of the chain that a caller shows, own certificate first.
    pub(super) fn verdict(&self, chain: &[CertificateDer<'_>]) -> ClientCertificate {
        let Some((own, others)) = chain.split_first() else {
            return ClientCertificate::None;
        };
        match self
            .verifier
            .verify_client_cert(own, others, UnixTime::now())
        {
            Ok(_) => ClientCertificate::Accepted {
                fingerprint: fingerprint::of_der(own),
            },
            Err(error) => ClientCertificate::Refused {
                why: error.to_string(),
            },
        }
    }
}

/// Asks for a certificate and takes any, or none.
#[derive(Debug)]
pub(super) struct TakesAny(WebPkiSupportedAlgorithms);

impl TakesAny {
    pub(super) fn new() -> Self {
        Self(aws_lc_rs::default_provider().signature_verification_algorithms)
    }
}

impl ClientCertVerifier for TakesAny {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn the_edge_vouches_for_its_own_alone() {
        let clients = Clients::generate().unwrap();
        let verdict = |kind| {
            let leaf = clients.leaf(kind, "sync.user").unwrap();
            let der = CertificateDer::from_pem_slice(leaf.certificate_pem.as_bytes()).unwrap();
            (clients.verdict(&[der]), leaf)
        };
        let (valid, leaf) = verdict(GivenCertificate::Valid);
        let fingerprint = fingerprint::of_pem(&leaf.certificate_pem).unwrap();
        assert_eq!(valid, ClientCertificate::Accepted { fingerprint });
        for (kind, words) in [
            (GivenCertificate::Expired, "expired"),
            (GivenCertificate::UnknownAuthority, "UnknownIssuer"),
            (GivenCertificate::SelfSigned, "UnknownIssuer"),
        ] {
            let (ClientCertificate::Refused { why }, _) = verdict(kind) else {
                panic!("{kind:?} was accepted");
            };
            assert!(why.contains(words), "{kind:?}: {why}");
        }
        assert_eq!(clients.verdict(&[]), ClientCertificate::None);
    }

    #[test]
    fn debug_output_hides_keys() {
        let clients = Clients::generate().unwrap();
        let leaf = clients.leaf(GivenCertificate::Valid, "sync.user").unwrap();
        let secret = leaf.key_pem.lines().nth(1).unwrap();
        assert!(!format!("{leaf:?}{clients:?}").contains(secret));
    }
}
