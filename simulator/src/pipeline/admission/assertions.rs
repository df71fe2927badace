//! Assertions that are good for one use: what makes each one so is remembered until it expires.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::mint::Fingerprint;

/// Assertions that are remembered at most.
const MOST: usize = 8192;

/// The assertions that were used up.
#[derive(Debug, Default)]
pub struct UsedAssertions {
    /// UNIX time until which each would be accepted, by client and claim.
    until: Mutex<HashMap<Fingerprint, Duration>>,
}

impl UsedAssertions {
    /// Uses one up; false where that was done before. Times are UNIX times; whoever cannot be
    /// remembered because there are too many is refused.
    #[must_use]
    pub fn use_up(&self, client: &str, claim: &str, expires: Duration, now: Duration) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, expires| *expires > now);
        }
        let key = Fingerprint::of(&format!("{client}\n{claim}"));
        if until.len() >= MOST || until.contains_key(&key) {
            return false;
        }
        until.insert(key, expires);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_good_once_for_each_client() {
        let used = UsedAssertions::default();
        let at = Duration::from_secs;
        assert!(used.use_up("a", "1", at(10), at(0)));
        assert!(!used.use_up("a", "1", at(10), at(0)));
        assert!(used.use_up("b", "1", at(10), at(0)));
        for claim in 2..MOST {
            assert!(used.use_up("a", &claim.to_string(), at(10), at(0)));
        }
        assert!(!used.use_up("a", "one too many", at(10), at(9)));
        assert!(used.use_up("a", "the others are over", at(20), at(10)));
    }
}
