//! The run's certificate authority and the leaves it issues.
//!
//! Keys are made at start and never leave the process, except where a folder is named to keep the
//! authority in. Leaves are ECDSA P-256; they cover the instance's host name, the names of real
//! instances (`*.service-now.com`, wire-failures 8) and loopback.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::pipeline::stage::ClientCertificate;
use crate::setup::{Certificate, GivenCertificate, MutualTls};

mod clients;
mod fixed;
mod leaf;
mod system_roots;
mod truststore;

pub use clients::ClientLeaf;
use clients::{Clients, TakesAny};
use leaf::Sent;

/// Names every leaf covers beside its host's own.
const USUAL_NAMES: [&str; 5] = [
    "*.service-now.com",
    "*.servicenowservices.com",
    "localhost",
    "127.0.0.1",
    "::1",
];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const AUTHORITY_DAYS: u32 = 3650;

/// The run's authority, as its certificate names it.
const NAME: &str = "Snowproof test authority";

const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca-key.pem";

/// The certificate authority of one run.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    clients: Clients,
    /// The key of every leaf that holds, so that a browser which trusts keys can be told of it
    /// before there is a leaf.
    leaf_key: KeyPair,
}

/// Why there is no authority or no leaf.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A key or certificate could not be made or read.
    #[error("make a certificate: {0}")]
    Mint(#[from] rcgen::Error),
    /// TLS does not accept the leaf.
    #[error("use a certificate: {0}")]
    Use(#[from] rustls::Error),
    /// The folder cannot be read or written.
    #[error("keep the certificate authority in `{folder}`: {error}")]
    Folder {
        /// The folder.
        folder: String,
        /// What went wrong.
        error: io::Error,
    },
}

impl Authority {
    /// A new authority, in memory only.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn generate() -> Result<Self, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = authority_params(NAME);
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate_pem,
            clients: Clients::generate()?,
            leaf_key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
        })
    }

    /// The authority kept in this folder, or a new one that is kept there. The private key's file
    /// can be read by its owner alone.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or holds something else.
    pub fn load_or_create(folder: &Path) -> Result<Self, CertificateError> {
        let failed = |error| CertificateError::Folder {
            folder: folder.display().to_string(),
            error,
        };
        let (certificate_file, key_file) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        if certificate_file.exists() && key_file.exists() {
            let certificate_pem = fs::read_to_string(certificate_file).map_err(failed)?;
            let key = KeyPair::from_pem(&fs::read_to_string(key_file).map_err(failed)?)?;
            return Ok(Self {
                issuer: Issuer::new(authority_params(NAME), key),
                certificate_pem,
                clients: Clients::generate()?,
                leaf_key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
            });
        }
        let authority = Self::generate()?;
        fs::create_dir_all(folder).map_err(failed)?;
        write_private(&key_file, &authority.issuer.key().serialize_pem()).map_err(failed)?;
        fs::write(certificate_file, &authority.certificate_pem).map_err(failed)?;
        Ok(authority)
    }

    /// The authority's certificate: what a connector must trust.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The SHA-256 digest, in base64, of the public key (SubjectPublicKeyInfo) of every leaf of this
    /// authority that holds: what Chromium takes as `--ignore-certificate-errors-spki-list`.
    #[must_use]
    pub fn leaf_pin(&self) -> String {
        STANDARD.encode(Sha256::digest(self.leaf_key.subject_public_key_info()))
    }

    /// The system's roots, where found, and the authority's certificate: for variables that
    /// replace the trust store rather than add to it.
    #[must_use]
    pub fn bundle_pem(&self) -> String {
        let mut bundle = system_roots::pem().unwrap_or_default();
        if !bundle.is_empty() && !bundle.ends_with('\n') {
            bundle.push('\n');
        }
        bundle.push_str(&self.certificate_pem);
        bundle
    }

    /// A PKCS #12 file that trusts the authority, without a password: what Java takes as
    /// `javax.net.ssl.trustStore`.
    ///
    /// # Errors
    /// When the authority's certificate is no PEM.
    pub fn truststore(&self) -> io::Result<Vec<u8>> {
        let der = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes());
        let der = der.map_err(io::Error::other)?;
        Ok(truststore::holding(&der, "snowproof"))
    }

    /// The certificate of the authority that the edge trusts for client certificates.
    #[must_use]
    pub fn client_ca_pem(&self) -> &str {
        self.clients.ca_pem()
    }

    /// A client certificate of this kind whose subject is this name, and its key.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn client_leaf(
        &self,
        kind: GivenCertificate,
        name: &str,
    ) -> Result<ClientLeaf, CertificateError> {
        self.clients.leaf(kind, name)
    }

    /// What the edge makes of the chain that a caller shows.
    pub(crate) fn verdict(&self, chain: &[CertificateDer<'_>]) -> ClientCertificate {
        self.clients.verdict(chain)
    }

    /// Every name that an instance's leaf covers, its host's own first.
    pub(crate) fn usual_names(host: &str, extra_names: &[String]) -> Vec<String> {
        std::iter::once(host)
            .chain(USUAL_NAMES)
            .chain(extra_names.iter().map(String::as_str))
            .map(str::to_owned)
            .collect()
    }

    /// What a listener presents: a new leaf of this kind for these names, the first of which is its
    /// subject's; and whether it asks for a client certificate.
    pub(crate) fn present(
        &self,
        kind: Certificate,
        names: &[String],
        mutual_tls: MutualTls,
    ) -> Result<Arc<ServerConfig>, CertificateError> {
        let Sent { chain, key } = Sent::of(kind, names, &self.leaf_key, &self.issuer)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?;
        let config = match mutual_tls {
            MutualTls::Off => config.with_no_client_auth(),
            MutualTls::Asks | MutualTls::Requires => {
                config.with_client_cert_verifier(Arc::new(TakesAny::new()))
            }
        };
        let mut config = config.with_single_cert(chain, key)?;
        // Instances pick HTTP/1.1 even where HTTP/2 is offered (wire-failures 0.1).
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The same for every authority of a name, so that one read from a folder issues as the one that wrote it.
fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, "Snowproof");
    name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = today() - DAY;
    params.not_after = today() + DAY * AUTHORITY_DAYS;
    params
}

fn today() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Clock::start().now().unix
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_authority_is_the_same_and_its_key_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let made = Authority::load_or_create(folder.path()).unwrap();
        let read = Authority::load_or_create(folder.path()).unwrap();
        assert_eq!(made.ca_pem(), read.ca_pem());
        assert_eq!(
            made.issuer.key().serialize_der(),
            read.issuer.key().serialize_der()
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(KEY_FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn debug_output_hides_the_key() {
        let authority = Authority::generate().unwrap();
        let shown = format!("{authority:?}");
        let pem = authority.issuer.key().serialize_pem();
        let secret: String = pem.lines().nth(1).unwrap().to_owned();
        assert!(!shown.contains(&secret));
        assert!(!shown.contains("PRIVATE KEY"));
    }

    #[test]
    fn the_bundle_ends_with_our_certificate() {
        let authority = Authority::generate().unwrap();
        assert!(authority.bundle_pem().ends_with(authority.ca_pem()));
    }

    #[test]
    fn every_kind_can_be_presented() {
        let authority = Authority::generate().unwrap();
        let names = Authority::usual_names("dev10001.instance.test", &["my.host".to_owned()]);
        for kind in Certificate::ALL {
            let config = authority.present(kind, &names, MutualTls::Asks).unwrap();
            assert_eq!(config.alpn_protocols, [b"http/1.1".to_vec()]);
        }
    }
}
