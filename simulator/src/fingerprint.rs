//! By what a certificate is known again: SHA-256 of its DER form, in hexadecimal.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

/// Of a certificate in DER.
pub(crate) fn of_der(der: &[u8]) -> String {
    Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Of the first certificate in a PEM text; none where it holds none.
pub(crate) fn of_pem(pem: &str) -> Option<String> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    Some(of_der(&der))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_certificate_has_none() {
        assert_eq!(of_pem(""), None);
        assert_eq!(of_pem("-----BEGIN PRIVATE KEY-----\nAA==\n"), None);
        assert_eq!(of_der(b"").len(), 64);
    }
}
