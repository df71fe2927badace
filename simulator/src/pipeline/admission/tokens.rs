//! Access and refresh tokens: issued, found by what is presented, revoked, expired.
//!
//! Values are kept as digests; a value that must be shown again is made again by the [`Mint`]. The
//! password grant gives the token that is alive once more, and a refresh token does not rotate
//! (wire-failures 2.2). That an instance forgets the oldest when there are too many is *assumed*.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::mint::{Fingerprint, Mint, Value};
use crate::clock::Now;

/// Tokens that are kept at most, dead ones included.
const MOST: usize = 8192;

/// The tokens of one instance.
#[derive(Debug, Default)]
pub struct Tokens {
    mint: Mint,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    by_value: HashMap<Fingerprint, u64>,
    by_number: BTreeMap<u64, Kept>,
    last: u64,
    /// The last whose value was taken by whoever must know it.
    told: u64,
}

#[derive(Debug)]
struct Kept {
    token: Token,
    fingerprint: Fingerprint,
    /// The value of one that was issued before the run.
    given: Option<Value>,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// It opens the APIs.
    Access,
    /// It is changed for an access token.
    Refresh,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grantee {
    /// The application: `oauth_entity.sys_id`.
    pub client: String,
    /// The user's name.
    pub user: String,
    /// Scopes, separated by spaces.
    pub scope: String,
}

/// A token, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Counts the tokens of the instance from 1.
    pub number: u64,
    /// What it is for.
    pub kind: TokenKind,
    /// What it stands for.
    pub grantee: Grantee,
    /// When it expires, on the clock that stamps the journal.
    pub expires: Duration,
    /// How it ended before that, if it did.
    pub ended: Option<Ended>,
}

/// How a token ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// Its time was over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

/// What a presented value turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A token that is alive.
    Alive(Token),
    /// A token that has ended.
    Ended(Token, Ended),
    /// No token of this instance.
    Unknown,
}

/// A token as it is handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its number.
    pub number: u64,
    /// Its value.
    pub value: String,
    /// When it expires, on the clock that stamps the journal.
    pub expires: Duration,
    /// Whole seconds that are left of it: an issue takes a moment, so that 1800 s show as 1799.
    pub expires_in_secs: u64,
    /// Whether it was handed out before.
    pub again: bool,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("number", &self.number)
            .field("expires", &self.expires)
            .field("again", &self.again)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// How it has ended by now, if it has.
    #[must_use]
    pub fn ended_by(&self, now: Now) -> Option<Ended> {
        let over = (now.elapsed >= self.expires).then_some(Ended::Expired);
        self.ended.or(over)
    }
}

impl Tokens {
    /// No token yet; values come from this mint.
    #[must_use]
    pub fn minted_by(mint: Mint) -> Self {
        Self {
            mint,
            held: Mutex::default(),
        }
    }

    /// A new token.
    #[must_use]
    pub fn issue(&self, kind: TokenKind, to: Grantee, lifetime: Duration, now: Now) -> Issued {
        let mut held = self.held();
        self.issue_in(&mut held, kind, to, lifetime, now)
    }

    /// The newest token of this kind that is alive and stands for the same, or else a new one. One
    /// that is `renewed` lives as long from here on as a new one would.
    #[must_use]
    pub fn issue_unless_alive(
        &self,
        kind: TokenKind,
        to: Grantee,
        lifetime: Duration,
        renewed: bool,
        now: Now,
    ) -> Issued {
        let mut held = self.held();
        let alive = held.by_number.values_mut().rev().find(|kept| {
            kept.token.kind == kind
                && kept.token.grantee == to
                && kept.token.ended_by(now).is_none()
        });
        let Some(kept) = alive else {
            return self.issue_in(&mut held, kind, to, lifetime, now);
        };
        if renewed {
            kept.token.expires = now.elapsed.saturating_add(lifetime);
        }
        self.shown(kept, now)
    }

    /// A token that was issued before the run, with a value that the caller was given.
    pub fn put(
        &self,
        kind: TokenKind,
        to: Grantee,
        value: &str,
        lifetime: Duration,
        now: Now,
    ) -> u64 {
        let mut held = self.held();
        let given = Some(Value(value.to_owned()));
        let fingerprint = Fingerprint::of(value);
        held.keep(
            kind,
            to,
            now.elapsed.saturating_add(lifetime),
            fingerprint,
            given,
            now,
        )
    }

    /// What a presented value is.
    #[must_use]
    pub fn find(&self, value: &str, now: Now) -> Found {
        let fingerprint = Fingerprint::of(value);
        let held = self.held();
        let number = held.by_value.get(&fingerprint);
        let Some(kept) = number.and_then(|number| held.by_number.get(number)) else {
            return Found::Unknown;
        };
        let token = kept.token.clone();
        match token.ended_by(now) {
            None => Found::Alive(token),
            Some(ended) => Found::Ended(token, ended),
        }
    }

    /// How the token of this number has ended by now, if it has. One that was forgotten has expired.
    #[must_use]
    pub fn ended(&self, number: u64, now: Now) -> Option<Ended> {
        match self.held().by_number.get(&number) {
            Some(kept) => kept.token.ended_by(now),
            None => Some(Ended::Expired),
        }
    }

    /// The token that is handed out once more, as it is.
    #[must_use]
    pub fn again(&self, number: u64, now: Now) -> Option<Issued> {
        let held = self.held();
        Some(self.shown(held.by_number.get(&number)?, now))
    }

    /// The numbers of the tokens of this kind that are alive, of one user or of all.
    #[must_use]
    pub fn alive(&self, kind: TokenKind, user: Option<&str>, now: Now) -> Vec<u64> {
        let folded = user.map(str::to_lowercase);
        let held = self.held();
        let alive = held
            .by_number
            .values()
            .map(|kept| &kept.token)
            .filter(|token| {
                token.kind == kind
                    && token.ended_by(now).is_none()
                    && folded
                        .as_ref()
                        .is_none_or(|user| *user == token.grantee.user.to_lowercase())
            });
        alive.map(|token| token.number).collect()
    }

    /// Ends tokens that are alive; gives those that were.
    pub fn end(&self, numbers: &[u64], how: Ended, now: Now) -> Vec<Token> {
        let mut held = self.held();
        let mut ended = Vec::new();
        for number in numbers {
            let Some(kept) = held.by_number.get_mut(number) else {
                continue;
            };
            if kept.token.ended_by(now).is_none() {
                kept.token.ended = Some(how);
                ended.push(kept.token.clone());
            }
        }
        ended
    }

    /// Every value that was handed out or put, with its number; for whoever must find them in what
    /// was written down.
    #[must_use]
    pub fn values(&self) -> Vec<(u64, String)> {
        let held = self.held();
        let kept = held.by_number.values();
        kept.map(|kept| (kept.token.number, self.value(kept)))
            .collect()
    }

    /// The same of those that were made since this was asked last.
    #[must_use]
    pub fn take_new(&self) -> Vec<(u64, String)> {
        let mut held = self.held();
        let told = held.told;
        held.told = held.last;
        let new = held.by_number.range(told + 1..);
        new.map(|(number, kept)| (*number, self.value(kept)))
            .collect()
    }

    fn issue_in(
        &self,
        held: &mut Held,
        kind: TokenKind,
        to: Grantee,
        lifetime: Duration,
        now: Now,
    ) -> Issued {
        let value = self.mint.value("token", held.last + 1);
        let expires = now.elapsed.saturating_add(lifetime);
        let number = held.keep(kind, to, expires, Fingerprint::of(&value), None, now);
        Issued {
            number,
            value,
            expires,
            expires_in_secs: left(expires, now),
            again: false,
        }
    }

    fn shown(&self, kept: &Kept, now: Now) -> Issued {
        Issued {
            number: kept.token.number,
            value: self.value(kept),
            expires: kept.token.expires,
            expires_in_secs: left(kept.token.expires, now),
            again: true,
        }
    }

    fn value(&self, kept: &Kept) -> String {
        match &kept.given {
            Some(Value(value)) => value.clone(),
            None => self.mint.value("token", kept.token.number),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn keep(
        &mut self,
        kind: TokenKind,
        grantee: Grantee,
        expires: Duration,
        fingerprint: Fingerprint,
        given: Option<Value>,
        now: Now,
    ) -> u64 {
        if self.by_number.len() >= MOST {
            self.forget_one(now);
        }
        self.last += 1;
        let number = self.last;
        let token = Token {
            number,
            kind,
            grantee,
            expires,
            ended: None,
        };
        self.by_value.insert(fingerprint, number);
        let kept = Kept {
            token,
            fingerprint,
            given,
        };
        self.by_number.insert(number, kept);
        number
    }

    /// The oldest that has ended makes room, or else the oldest.
    fn forget_one(&mut self, now: Now) {
        let mut all = self.by_number.values();
        let ended = all.find(|kept| kept.token.ended_by(now).is_some());
        let oldest = ended.or_else(|| self.by_number.values().next());
        let Some(number) = oldest.map(|kept| kept.token.number) else {
            return;
        };
        if let Some(kept) = self.by_number.remove(&number)
            && self.by_value.get(&kept.fingerprint) == Some(&number)
        {
            self.by_value.remove(&kept.fingerprint);
        }
    }
}

/// Whole seconds until a moment, as if one nanosecond had passed since.
fn left(expires: Duration, now: Now) -> u64 {
    let left = expires.saturating_sub(now.elapsed);
    left.saturating_sub(Duration::from_nanos(1)).as_secs()
}

#[cfg(test)]
mod tests;
