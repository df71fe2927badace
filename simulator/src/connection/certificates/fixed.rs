//! Leaves that cannot be made here, since the libraries refuse to sign so weakly: made once, and
//! joined to the run's authority at start by an intermediate that it signs. See `fixed/README.md`.

use rcgen::{Issuer, KeyPair, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::leaf::Sent;
use super::{CertificateError, authority_params};

/// Signed over SHA-1.
pub(super) const SHA1_SIGNATURE: Fixed = Fixed {
    name: "Snowproof sha1-signature",
    leaf: include_str!("fixed/sha1-signature.pem"),
    authority: include_bytes!("fixed/sha1-signature-authority.der"),
};

/// Signed with an RSA key of 1024 bits.
pub(super) const WEAK_AUTHORITY: Fixed = Fixed {
    name: "Snowproof weak-authority",
    leaf: include_str!("fixed/weak-authority.pem"),
    authority: include_bytes!("fixed/weak-authority-authority.der"),
};

const KEY: &str = include_str!("fixed/leaf-key.pem");

/// A leaf that was made before, and who signed it.
#[derive(Debug)]
pub(super) struct Fixed {
    /// The authority, as the leaf names it.
    name: &'static str,
    leaf: &'static str,
    /// The authority's public key (PKCS #1).
    authority: &'static [u8],
}

impl Fixed {
    /// The leaf, with an intermediate of this issuer for the key that signed it.
    pub(super) fn sent(&self, issuer: &Issuer<'_, KeyPair>) -> Result<Sent, CertificateError> {
        let leaf = CertificateDer::from_pem_slice(self.leaf.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes());
        let (leaf, key) = (leaf.map_err(unreadable)?, key.map_err(unreadable)?);
        let mut params = authority_params(self.name);
        params.use_authority_key_identifier_extension = true;
        let intermediate = params.signed_by(&RsaKey(self.authority), issuer)?;
        Ok(Sent {
            chain: vec![leaf, intermediate.der().clone()],
            key,
        })
    }
}

fn unreadable(error: rustls::pki_types::pem::Error) -> CertificateError {
    rustls::Error::General(error.to_string()).into()
}

/// An RSA public key of any size.
struct RsaKey(&'static [u8]);

impl PublicKeyData for RsaKey {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two moments of a certificate's validity, as DER writes them.
    fn validity(leaf: &[u8]) -> Vec<String> {
        leaf.windows(17)
            .filter(|part| matches!(part, [0x17, 13, ..] | [0x18, 15, ..]))
            .filter_map(|part| {
                let text = part[2..2 + usize::from(part[1])].to_vec();
                String::from_utf8(text)
                    .ok()
                    .filter(|text| text.ends_with('Z'))
            })
            .collect()
    }

    #[test]
    fn they_hold_until_the_end_of_the_century() {
        for fixed in [SHA1_SIGNATURE, WEAK_AUTHORITY] {
            let leaf = CertificateDer::from_pem_slice(fixed.leaf.as_bytes()).unwrap();
            let from_2020_to_2101 = ["200101000000Z", "21010101000000Z"];
            assert_eq!(validity(&leaf), from_2020_to_2101, "{}", fixed.name);
        }
    }
}
