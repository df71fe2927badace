//! The values of tokens and codes: 86 characters each (wire-failures 2.2), derived from a key and a
//! number, so that none of them has to be kept. The key is the instance's own secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha512};

use crate::store::hex;

/// Makes values that nobody foresees who does not know the key.
#[derive(Clone, Copy, Default)]
pub struct Mint([u8; 32]);

impl Mint {
    /// The mint of this key, which is written nowhere.
    #[must_use]
    pub const fn keyed(key: [u8; 32]) -> Self {
        Self(key)
    }

    pub(super) fn value(self, purpose: &str, number: u64) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes(purpose, number))
    }

    /// The bytes for this purpose and number.
    #[must_use]
    pub fn bytes(self, purpose: &str, number: u64) -> [u8; 64] {
        let value = Sha512::new()
            .chain_update(self.0)
            .chain_update(number.to_be_bytes())
            .chain_update(purpose.as_bytes());
        value.finalize().into()
    }

    /// The `sys_id` of the record of a token.
    pub(super) fn record(self, number: u64) -> String {
        let id = Sha256::new()
            .chain_update(self.0)
            .chain_update(number.to_be_bytes())
            .chain_update(b"oauth_credential");
        hex(&id.finalize()[..16])
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

/// A value that is kept, and shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value(pub(super) String);

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<value>")
    }
}

/// What stands for a presented value: it can be looked up, and shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(value: &str) -> Self {
        Self::of_bytes(value.as_bytes())
    }

    pub(super) fn of_bytes(value: &[u8]) -> Self {
        Self(Sha256::digest(value).into())
    }

    pub(super) fn hex(self) -> String {
        hex(&self.0)
    }

    /// From what [`hex`](Self::hex) wrote.
    pub(super) fn read(written: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if written.len() != 2 * digest.len() || !written.is_ascii() {
            return None;
        }
        for (at, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&written[2 * at..2 * at + 2], 16).ok()?;
        }
        Some(Self(digest))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<digest>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_observed_length_and_differ() {
        let mint = Mint::keyed([7; 32]);
        let value = mint.value("token", 1);
        assert_eq!(value.len(), 86);
        assert_eq!(value, Mint::keyed([7; 32]).value("token", 1));
        for other in [
            mint.value("token", 2),
            mint.value("code", 1),
            Mint::keyed([8; 32]).value("token", 1),
        ] {
            assert_ne!(value, other);
        }
        assert_eq!(format!("{mint:?}"), "Mint");
    }

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest = Fingerprint::of("value");
        assert_eq!(Fingerprint::read(&digest.hex()), Some(digest));
        let long = "ä".repeat(32);
        for other in ["", "ab", "salt$digest", &"g".repeat(64), &long] {
            assert_eq!(Fingerprint::read(other), None, "{other}");
        }
    }
}
