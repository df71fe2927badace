//! Tokens as their records say them (`oauth_credential`): what is to be written there, and what
//! follows where somebody else wrote.
//!
//! A record holds a digest of the token's value. Its `expires` and its being there decide: whoever
//! moves the one or deletes the other ends the token, and one that is moved ahead revives it. That
//! nothing else of a record is read is *assumed*.

use std::time::Duration;

use super::{Ended, Held, Kept, Origin, Record, Token, Tokens};
use crate::clock::Now;
use crate::pipeline::admission::mint::Fingerprint;

/// 9999-12-30 22:00:00, the last hour that can be written everywhere: no record names a later one.
const LATEST: u64 = 253_402_207_200;

/// A token, for its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The record's `sys_id`.
    pub sys_id: String,
    /// The token. Its number and its times are those of this life of the instance.
    pub token: Token,
    /// When it expires or ended: a whole second of UNIX time, none where there is none to tell.
    pub expires: Option<u64>,
    /// The digest of its value, in hexadecimal.
    pub digest: String,
}

/// What the records do not say yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unwritten {
    /// Numbers of tokens that are new, renewed or ended.
    pub numbers: Vec<u64>,
    /// Records of tokens that were forgotten.
    pub forgotten: Vec<String>,
}

impl Tokens {
    /// Takes what waits to be written down.
    #[must_use]
    pub fn take_unwritten(&self) -> Unwritten {
        let mut held = self.held();
        Unwritten {
            numbers: std::mem::take(&mut held.unwritten).into_iter().collect(),
            forgotten: std::mem::take(&mut held.forgotten),
        }
    }

    /// What the record of this token is to say by now; none where the token was forgotten, or its
    /// record deleted.
    #[must_use]
    pub fn record(&self, number: u64, now: Now) -> Option<Recorded> {
        let held = self.held();
        let kept = held.by_number.get(&number)?;
        let sys_id = match &kept.record {
            Record::Missing => self.mint.record(number),
            Record::Says(sys_id, _) => sys_id.clone(),
            Record::Deleted => return None,
        };
        let unix = origin(now).saturating_add(kept.token.expires);
        Some(Recorded {
            sys_id,
            token: kept.token.clone(),
            expires: Some(unix.as_secs().min(LATEST)),
            digest: kept.fingerprint.hex(),
        })
    }

    /// The record was written.
    pub fn written(&self, recorded: &Recorded) {
        let mut held = self.held();
        let number = recorded.token.number;
        held.say(number, &recorded.sys_id, recorded.expires);
    }

    /// The record of a token says this now. Gives the token where that changes when it ends, as it
    /// was before.
    pub fn record_says(&self, sys_id: &str, expires: Option<u64>, now: Now) -> Option<Token> {
        let mut held = self.held();
        let number = *held.by_record.get(sys_id)?;
        let kept = held.by_number.get_mut(&number)?;
        if matches!(kept.record, Record::Says(_, said) if said == expires) {
            return None;
        }
        let before = kept.token.clone();
        kept.record = Record::Says(sys_id.to_owned(), expires);
        kept.token.expires = elapsed_at(expires, now);
        kept.token.ended = None;
        Some(before)
    }

    /// The record of a token was deleted, which ends it. Gives it where it was alive.
    pub fn record_is_gone(&self, sys_id: &str, now: Now) -> Option<Token> {
        let mut held = self.held();
        let number = held.by_record.remove(sys_id)?;
        held.unwritten.remove(&number);
        let kept = held.by_number.get_mut(&number)?;
        kept.record = Record::Deleted;
        if kept.token.ended_by(now).is_some() {
            return None;
        }
        kept.token.ended = Some(Ended::Revoked);
        kept.token.expires = now.elapsed;
        Some(kept.token.clone())
    }

    /// Takes a token over from an earlier life of the instance; one without a readable digest is
    /// left out. No number up to `last` is given out again.
    pub fn restore(&self, recorded: Vec<Recorded>, last: u64, now: Now) {
        let mut held = self.held();
        held.last = held.last.max(last);
        for mut recorded in recorded {
            let Some(fingerprint) = Fingerprint::read(&recorded.digest) else {
                continue;
            };
            let number = recorded.token.number;
            let minted = self.mint.value("token", number);
            let origin = match Fingerprint::of(&minted) == fingerprint {
                true => Origin::Minted,
                false => Origin::Elsewhere,
            };
            recorded.token.expires = elapsed_at(recorded.expires, now);
            recorded.token.ended = None;
            held.place(recorded.token, fingerprint, origin, Record::Missing, now);
            held.say(number, &recorded.sys_id, recorded.expires);
        }
    }
}

impl Held {
    fn say(&mut self, number: u64, sys_id: &str, expires: Option<u64>) {
        match self.by_number.get_mut(&number) {
            Some(Kept { record, .. }) => {
                *record = Record::Says(sys_id.to_owned(), expires);
                self.by_record.insert(sys_id.to_owned(), number);
            }
            // It was forgotten while it was written.
            None => self.forgotten.push(sys_id.to_owned()),
        }
    }

    pub(super) fn forget_record(&mut self, record: Record) {
        if let Record::Says(sys_id, _) = record {
            self.by_record.remove(&sys_id);
            self.forgotten.push(sys_id);
        }
    }
}

/// UNIX time at which the clock of the journal began.
fn origin(now: Now) -> Duration {
    now.unix.saturating_sub(now.elapsed)
}

/// A second of UNIX time on the clock of the journal; what lies before its beginning is over.
fn elapsed_at(unix: Option<u64>, now: Now) -> Duration {
    let unix = Duration::from_secs(unix.unwrap_or_default());
    unix.saturating_sub(origin(now))
}

#[cfg(test)]
mod tests;
