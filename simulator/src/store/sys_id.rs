//! Ids of records: 32 lower-case hexadecimal digits (wire-core 5).

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Generates `sys_id`s that a run with the same seed generates again. As on a real instance, a
/// later record's id is not greater than an earlier one's.
#[derive(Debug)]
pub(crate) struct SysIds(StdRng);

impl SysIds {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(crate) fn generate(&mut self) -> String {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        hex(&bytes)
    }

    /// Random bytes for a salt or a password nobody knows.
    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// The id of a record that every instance ships with, the same everywhere.
pub(crate) fn named_id(name: &str) -> String {
    hex(&Sha256::digest(name.as_bytes())[..16])
}

/// Whether a text has the form of a `sys_id`.
pub(crate) fn is_sys_id(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}
