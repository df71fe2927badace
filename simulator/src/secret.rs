//! The one comparison of secrets: passwords, tokens, codes and keys.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Whether two secrets are the same. Digests of them are compared, every byte of them, so that the
/// time it takes tells neither where they differ nor how long they are.
pub(crate) fn same(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> bool {
    let (left, right) = (Sha256::digest(left), Sha256::digest(right));
    left.as_slice().ct_eq(right.as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_secrets_are_the_same() {
        assert!(same("", b"") && same("s3cret", b"s3cret"));
        for other in ["", "s3cre", "s3crets", "S3cret", "t3cret", "s3creT"] {
            assert!(!same("s3cret", other), "{other}");
        }
    }
}
