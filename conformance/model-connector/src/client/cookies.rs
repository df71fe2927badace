//! The cookies of one instance, sent back with later requests where the user wants that (RFC 6265).
//!
//! The jar belongs to one host and one run, so neither domains nor paths nor dates matter: a cookie
//! is there until it is replaced or taken away.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{HeaderMap, SET_COOKIE};

/// Most cookies that are kept; an instance sets half a dozen.
const MOST: usize = 50;

/// The cookies so far, by name.
#[derive(Debug, Default)]
pub(super) struct Jar {
    held: Mutex<BTreeMap<String, String>>,
}

impl Jar {
    /// Keeps what an answer sets, and drops what it takes away.
    pub(super) fn keep(&self, headers: &HeaderMap) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for line in headers.get_all(SET_COOKIE) {
            let Ok(line) = line.to_str() else { continue };
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let is_over = parts.any(|part| part.eq_ignore_ascii_case("Max-Age=0"));
            if is_over {
                held.remove(name);
            } else if held.len() < MOST || held.contains_key(name) {
                held.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Drops every one of them.
    pub(super) fn forget(&self) {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The header that sends them back; nothing where there are none.
    pub(super) fn header(&self) -> Option<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = held
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn answer(lines: &[&'static str]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|line| (SET_COOKIE, HeaderValue::from_static(line)));
        lines.collect()
    }

    #[test]
    fn a_cookie_is_kept_until_it_is_replaced_or_taken_away() {
        let jar = Jar::default();
        assert_eq!(jar.header(), None);
        jar.keep(&answer(&[
            "JSESSIONID=A1; Path=/; HttpOnly",
            "glide_user=; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/",
            "glide_session_store=B2; Max-Age=1800; Path=/",
            "nonsense",
        ]));
        assert_eq!(
            jar.header().unwrap(),
            "JSESSIONID=A1; glide_session_store=B2"
        );
        jar.keep(&answer(&[
            "JSESSIONID=A2; Path=/",
            "glide_session_store=; max-age=0",
        ]));
        assert_eq!(jar.header().unwrap(), "JSESSIONID=A2");
        jar.forget();
        assert_eq!(jar.header(), None);
    }
}
