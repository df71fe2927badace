//! Sessions: what the cookie `JSESSIONID` stands for (wire-core 4.11).
//!
//! An authenticated answer binds its session to the user, and whoever sends the cookie later is that
//! user. A session lasts from its last use for as long as `glide_session_store` says; that an
//! instance forgets the one which was used longest ago when there are too many is *assumed*, and
//! so is that credentials sent along with a session bind it to their user.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Holder;
use super::mint::{Fingerprint, Value};
use crate::clock::Now;
use crate::secret;
use http::HeaderMap;
use http::header::COOKIE;

/// Sessions that are kept at most.
const MOST: usize = 4096;

/// The sessions of one instance.
#[derive(Debug, Default)]
pub struct Sessions {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    by_id: HashMap<Fingerprint, Known>,
    /// Sessions by their last use: the one that makes room is the first.
    by_use: BTreeMap<u64, Fingerprint>,
    /// Counts uses, so that the longest unused one can be told.
    uses: u64,
    /// Counts the sessions that were begun.
    begun: u64,
    /// Those whose values were not taken yet by whoever must know them.
    new: Vec<Fingerprint>,
}

#[derive(Debug)]
struct Known {
    number: u64,
    id: Value,
    session: Session,
    last_use: Duration,
    use_number: u64,
}

/// A session that has not ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, once somebody was authenticated in it.
    pub holder: Option<Holder>,
    /// What calls by cookie must show as `X-UserToken`, `g_ck` in pages.
    pub user_token: String,
}

impl Session {
    /// Whether this is the session's token. The time that it takes tells nothing of it.
    #[must_use]
    pub fn token_matches(&self, shown: &[u8]) -> bool {
        secret::same(&self.user_token, shown)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

/// The value of the request's `JSESSIONID`, if it sends one.
#[must_use]
pub fn session_id(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == "JSESSIONID").then_some(value))
}

impl Sessions {
    /// The session of this id, unless it was not used for this long. Looking at it uses it.
    #[must_use]
    pub fn find(&self, id: &str, lifetime: Duration, now: Now) -> Option<Session> {
        let mut guard = self.held();
        let held = &mut *guard;
        let print = Fingerprint::of(id);
        let known = held.by_id.get_mut(&print)?;
        held.by_use.remove(&known.use_number);
        if now.elapsed.saturating_sub(known.last_use) >= lifetime {
            held.by_id.remove(&print);
            return None;
        }
        held.uses += 1;
        held.by_use.insert(held.uses, print);
        known.use_number = held.uses;
        known.last_use = now.elapsed;
        Some(known.session.clone())
    }

    /// Begins a session; the one that was used longest ago makes room.
    pub fn begin(&self, id: String, session: Session, now: Now) {
        let mut held = self.held();
        if held.by_id.len() >= MOST
            && let Some((_, oldest)) = held.by_use.pop_first()
        {
            held.by_id.remove(&oldest);
        }
        held.uses += 1;
        held.begun += 1;
        let print = Fingerprint::of(&id);
        let known = Known {
            number: held.begun,
            id: Value(id),
            session,
            last_use: now.elapsed,
            use_number: held.uses,
        };
        if held.new.len() < MOST {
            held.new.push(print);
        }
        held.by_use.insert(known.use_number, print);
        if let Some(replaced) = held.by_id.insert(print, known) {
            held.by_use.remove(&replaced.use_number);
        }
    }

    /// The session of this id is this holder's from here on.
    pub fn bind(&self, id: &str, holder: &Holder) {
        if let Some(known) = self.held().by_id.get_mut(&Fingerprint::of(id)) {
            known.session.holder = Some(holder.clone());
        }
    }

    /// Ends the session of this id, if there is one.
    pub fn end(&self, id: &str) {
        let mut held = self.held();
        if let Some(ended) = held.by_id.remove(&Fingerprint::of(id)) {
            held.by_use.remove(&ended.use_number);
        }
    }

    /// Ends every session.
    pub fn end_all(&self) {
        let mut held = self.held();
        held.by_id.clear();
        held.by_use.clear();
    }

    /// Id and token of every session that lasts, with its number; for whoever must find them in what
    /// was written down.
    #[must_use]
    pub fn values(&self) -> Vec<(u64, [String; 2])> {
        self.held().by_id.values().map(Known::values).collect()
    }

    /// The same of those that were begun since this was asked last.
    #[must_use]
    pub fn take_new(&self) -> Vec<(u64, [String; 2])> {
        let mut held = self.held();
        let new = std::mem::take(&mut held.new);
        let known = new.iter().filter_map(|print| held.by_id.get(print));
        known.map(Known::values).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn values(&self) -> (u64, [String; 2]) {
        let token = self.session.user_token.clone();
        (self.number, [self.id.0.clone(), token])
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::super::Proof;
    use super::*;
    use crate::setup::AuthScheme;

    const LIFETIME: Duration = Duration::from_secs(1800);

    fn at(secs: u64) -> Now {
        Now {
            elapsed: Duration::from_secs(secs),
            unix: Duration::from_secs(1_782_907_200 + secs),
        }
    }

    fn holder(user: &str, proof: Proof) -> Holder {
        Holder {
            user_name: user.to_owned(),
            proof,
        }
    }

    fn session(user: &str) -> Session {
        Session {
            holder: Some(holder(user, Proof::Login)),
            user_token: "t0ken".to_owned(),
        }
    }

    #[test]
    fn a_session_lasts_from_its_last_use() {
        let sessions = Sessions::default();
        sessions.begin("a".to_owned(), session("u"), at(0));
        assert!(sessions.find("a", LIFETIME, at(1799)).is_some());
        assert!(sessions.find("a", LIFETIME, at(3598)).is_some());
        assert_eq!(sessions.find("a", LIFETIME, at(5398)), None);
        assert_eq!(sessions.find("a", LIFETIME, at(5398)), None, "for good");
    }

    #[test]
    fn the_longest_unused_makes_room() {
        let sessions = Sessions::default();
        for number in 0..MOST {
            sessions.begin(number.to_string(), session("u"), at(0));
        }
        assert!(sessions.find("0", LIFETIME, at(1)).is_some());
        sessions.begin("new".to_owned(), session("u"), at(2));
        assert!(sessions.find("0", LIFETIME, at(3)).is_some());
        assert_eq!(sessions.find("1", LIFETIME, at(3)), None);
        assert_eq!(sessions.held().by_id.len(), MOST);
    }

    #[test]
    fn binding_changes_whose_it_is_and_shows_no_token() {
        let sessions = Sessions::default();
        sessions.begin("a".to_owned(), session("u"), at(0));
        let basic = Proof::Credentials {
            scheme: AuthScheme::Basic,
            parameter: None,
        };
        let other = holder("v", basic);
        sessions.bind("a", &other);
        sessions.bind("unknown", &other);
        let found = sessions.find("a", LIFETIME, at(1)).unwrap();
        assert_eq!(found.holder, Some(other));
        assert!(!format!("{found:?}").contains("t0ken"));
        assert_eq!(sessions.find("unknown", LIFETIME, at(1)), None);
        sessions.end("a");
        sessions.end("unknown");
        assert_eq!(sessions.find("a", LIFETIME, at(1)), None);
        assert!(sessions.held().by_use.is_empty(), "nothing is left of it");
        assert!(session("u").token_matches(b"t0ken"));
        assert!(!session("u").token_matches(b"t0ke") && !session("u").token_matches(b""));
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("glide_user_route=glide.x; a"),
        );
        assert_eq!(session_id(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("x=1; JSESSIONID=AB; y=2"));
        assert_eq!(session_id(&headers), Some("AB"));
    }
}
