//! Access and refresh tokens: issued, found by what is presented, revoked, expired.
//!
//! Values are kept as digests; a value that must be shown again is made again by the [`Mint`]. The
//! password grant gives the token that is alive once more, and a refresh token does not rotate
//! (wire-failures 2.2). That an instance forgets the oldest when there are too many is *assumed*.
//!
//! Every token has a record; what changes here waits until somebody writes it down there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::mint::{Fingerprint, Mint, Value};
use crate::clock::Now;

mod recorded;

pub use recorded::{Recorded, Unwritten};

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
    /// Tokens whose records do not say yet what became of them.
    unwritten: BTreeSet<u64>,
    /// Tokens by their records.
    by_record: HashMap<String, u64>,
    /// Records of tokens that were forgotten.
    forgotten: Vec<String>,
    /// The last whose value was taken by whoever must know it.
    told: u64,
}

#[derive(Debug)]
struct Kept {
    token: Token,
    fingerprint: Fingerprint,
    origin: Origin,
    record: Record,
}

/// Where a token's value is from.
#[derive(Debug)]
enum Origin {
    /// The mint makes it again.
    Minted,
    /// It was given before the run.
    Given(Value),
    /// It was made in another life of the instance, and nobody here knows it.
    Elsewhere,
}

/// What is known of a token's record.
#[derive(Debug)]
enum Record {
    /// Nobody has written it yet.
    Missing,
    /// The one of this `sys_id` says that the token expires at this second of UNIX time, if at any.
    Says(String, Option<u64>),
    /// Somebody deleted it.
    Deleted,
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
        let held = &mut *held;
        let alive = held.by_number.values_mut().rev().find_map(|kept| {
            let is_it = kept.token.kind == kind
                && kept.token.grantee == to
                && kept.token.ended_by(now).is_none();
            let value = is_it.then(|| self.value(kept)).flatten()?;
            Some((kept, value))
        });
        let Some((kept, value)) = alive else {
            return self.issue_in(held, kind, to, lifetime, now);
        };
        if renewed {
            kept.token.expires = now.elapsed.saturating_add(lifetime);
            held.unwritten.insert(kept.token.number);
        }
        shown(kept, value, now)
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
        let token = Token {
            number: held.last + 1,
            kind,
            grantee: to,
            expires: now.elapsed.saturating_add(lifetime),
            ended: None,
        };
        let number = token.number;
        let given = Origin::Given(Value(value.to_owned()));
        held.keep(token, Fingerprint::of(value), given, now);
        number
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

    /// The token of this value, handed out once more as it is.
    #[must_use]
    pub fn again(&self, value: &str, now: Now) -> Option<Issued> {
        let held = self.held();
        let number = held.by_value.get(&Fingerprint::of(value))?;
        let kept = held.by_number.get(number)?;
        Some(shown(kept, value.to_owned(), now))
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
        let held = &mut *held;
        let mut ended = Vec::new();
        for number in numbers {
            let Some(kept) = held.by_number.get_mut(number) else {
                continue;
            };
            if kept.token.ended_by(now).is_none() {
                kept.token.ended = Some(how);
                kept.token.expires = now.elapsed;
                held.unwritten.insert(*number);
                ended.push(kept.token.clone());
            }
        }
        ended
    }

    /// Every value that was handed out or put in this life of the instance, with its number; for
    /// whoever must find them in what was written down.
    #[must_use]
    pub fn values(&self) -> Vec<(u64, String)> {
        let held = self.held();
        let kept = held.by_number.values();
        kept.filter_map(|kept| Some((kept.token.number, self.value(kept)?)))
            .collect()
    }

    /// The same of those that were made since this was asked last.
    #[must_use]
    pub fn take_new(&self) -> Vec<(u64, String)> {
        let mut held = self.held();
        let told = held.told;
        held.told = held.last;
        let new = held.by_number.range(told + 1..);
        new.filter_map(|(number, kept)| Some((*number, self.value(kept)?)))
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
        let number = held.last + 1;
        let value = self.mint.value("token", number);
        let expires = now.elapsed.saturating_add(lifetime);
        let token = Token {
            number,
            kind,
            grantee: to,
            expires,
            ended: None,
        };
        held.keep(token, Fingerprint::of(&value), Origin::Minted, now);
        Issued {
            number,
            value,
            expires,
            expires_in_secs: left(expires, now),
            again: false,
        }
    }

    fn value(&self, kept: &Kept) -> Option<String> {
        match &kept.origin {
            Origin::Given(Value(value)) => Some(value.clone()),
            Origin::Minted => Some(self.mint.value("token", kept.token.number)),
            Origin::Elsewhere => None,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn keep(&mut self, token: Token, fingerprint: Fingerprint, origin: Origin, now: Now) {
        let number = token.number;
        self.place(token, fingerprint, origin, Record::Missing, now);
        self.unwritten.insert(number);
    }

    fn place(
        &mut self,
        token: Token,
        fingerprint: Fingerprint,
        origin: Origin,
        record: Record,
        now: Now,
    ) {
        if self.by_number.len() >= MOST {
            self.forget_one(now);
        }
        let number = token.number;
        self.last = self.last.max(number);
        self.by_value.insert(fingerprint, number);
        let kept = Kept {
            token,
            fingerprint,
            origin,
            record,
        };
        self.by_number.insert(number, kept);
    }

    /// The oldest that has ended makes room, or else the oldest.
    fn forget_one(&mut self, now: Now) {
        let mut all = self.by_number.values();
        let ended = all.find(|kept| kept.token.ended_by(now).is_some());
        let oldest = ended.or_else(|| self.by_number.values().next());
        let Some(number) = oldest.map(|kept| kept.token.number) else {
            return;
        };
        self.unwritten.remove(&number);
        if let Some(kept) = self.by_number.remove(&number) {
            if self.by_value.get(&kept.fingerprint) == Some(&number) {
                self.by_value.remove(&kept.fingerprint);
            }
            self.forget_record(kept.record);
        }
    }
}

/// A token that was handed out before.
fn shown(kept: &Kept, value: String, now: Now) -> Issued {
    Issued {
        number: kept.token.number,
        value,
        expires: kept.token.expires,
        expires_in_secs: left(kept.token.expires, now),
        again: true,
    }
}

/// Whole seconds until a moment, as if one nanosecond had passed since.
fn left(expires: Duration, now: Now) -> u64 {
    let left = expires.saturating_sub(now.elapsed);
    left.saturating_sub(Duration::from_nanos(1)).as_secs()
}

#[cfg(test)]
mod tests;
