//! Assertions and codes of authenticators that are good for one use: each is remembered until it
//! expires.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::mint::Fingerprint;

/// What is remembered at most.
const MOST: usize = 8192;

/// What was used up.
#[derive(Debug, Default)]
pub struct SingleUse {
    /// UNIX time until which each would be accepted, by what it belongs to and
    /// what tells it from others there.
    until: Mutex<HashMap<Fingerprint, Duration>>,
}

impl SingleUse {
    /// Uses one up; false where that was done before. Times are UNIX times; whoever cannot be
    /// remembered because there are too many is refused.
    #[must_use]
    pub fn use_up(&self, owner: &str, mark: &str, expires: Duration, now: Duration) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, expires| *expires > now);
        }
        let key = Fingerprint::of(&format!("{owner}\n{mark}"));
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
        let used = SingleUse::default();
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
