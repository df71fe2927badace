//! The authenticator of a user: codes of RFC 6238 over a secret that it shares with the instance.
//!
//! HMAC-SHA-1, 30 seconds and six digits are what authenticators do unless they are told otherwise;
//! that an instance does the same, and takes the code before and after the current one too, is
//! *assumed* (RFC 6238, 5.2 recommends one at most).

use std::fmt;
use std::time::Duration;

use totp_rs::{Builder, Secret, Totp};

/// Digits of a code.
pub(super) const DIGITS: usize = 6;

/// How long a code is the current one.
pub(crate) const AUTHENTICATOR_STEP: Duration = Duration::from_secs(30);

/// Codes accepted on either side of the current one.
const SKEW: u16 = 1;

/// What tells a user's codes.
pub(super) struct Authenticator(Totp);

impl Authenticator {
    /// From a secret in base32 of 128 bits at least (RFC 4226, 4).
    pub(super) fn sharing(secret: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(secret).ok()?;
        let codes = Builder::new()
            .with_secret(secret)
            .with_step_duration(AUTHENTICATOR_STEP.as_secs())
            .with_skew(SKEW)
            .build();
        codes.ok().map(Self)
    }

    /// The step of time whose code this is, if it is accepted at this UNIX time.
    pub(super) fn step_of(&self, code: &str, unix: Duration) -> Option<u64> {
        let is_code = code.len() == DIGITS && code.bytes().all(|digit| digit.is_ascii_digit());
        is_code
            .then(|| self.0.check(code, unix.as_secs()))
            .flatten()
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

/// Whether a text is a secret whose codes can be told.
pub(crate) fn is_secret(text: &str) -> bool {
    Authenticator::sharing(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `12345678901234567890`, the secret of RFC 6238, appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn step_of(code: &str, secs: u64) -> Option<u64> {
        let authenticator = Authenticator::sharing(SECRET).unwrap();
        authenticator.step_of(code, Duration::from_secs(secs))
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // The last six of the eight digits there.
        for (secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(code, secs), Some(secs / 30), "{secs}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_one_on_either_side() {
        // It is the code from 1_111_111_110 to 1_111_111_139.
        let accepted = |secs| step_of("050471", secs);
        assert_eq!(accepted(1_111_111_079), None);
        assert_eq!(accepted(1_111_111_080), Some(37_037_037));
        assert_eq!(accepted(1_111_111_169), Some(37_037_037));
        assert_eq!(accepted(1_111_111_170), None);
        for other in ["50471", "0050471", "05O471", "", "+50471", " 50471"] {
            assert_eq!(step_of(other, 1_111_111_111), None, "{other}");
        }
        // What lies at the beginning of time has nothing before it.
        assert_eq!(step_of("000000", 0), None);
    }

    #[test]
    fn short_secrets_and_other_texts_are_none() {
        for other in ["", "JBSWY3DPEHPK3PXP", "salt$digest", "0189", "ä"] {
            assert!(!is_secret(other), "{other}");
        }
        assert!(is_secret(SECRET));
        assert_eq!(
            format!("{:?}", Authenticator::sharing(SECRET)),
            "Some(Authenticator)"
        );
    }
}
