//! Passwords as they are stored: a salted digest, never the text.
//!
//! One round of SHA-256 is enough: these passwords are made for one run and guard nothing.

use sha2::{Digest, Sha256};

use crate::secret;
use crate::store::sys_id::hex;

/// `salt$digest`, both in hexadecimal.
pub(crate) fn digest(salt: &[u8], password: &str) -> String {
    let salt = hex(salt);
    let digest = salted(&salt, password);
    format!("{salt}${digest}")
}

/// Whether a password is the one that was digested; takes the same time for every wrong one.
pub(crate) fn matches(stored: &str, password: &str) -> bool {
    let (salt, expected) = stored.split_once('$').unwrap_or(("", ""));
    secret::same(salted(salt, password), expected)
}

fn salted(salt: &str, password: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(salt.as_bytes());
    digest.update(password.as_bytes());
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_digested_password_matches() {
        let stored = digest(&[7; 16], "hunter2");
        assert!(!stored.contains("hunter2"));
        assert!(matches(&stored, "hunter2"));
        assert!(!matches(&stored, "hunter3"));
        assert!(!matches("", ""));
    }
}
