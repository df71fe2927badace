//! Authorization codes: each for one client, one redirect URL, one user and one use.
//!
//! That a code lives for a minute, and that an attempt which is refused uses it up, is *assumed*;
//! that one is good for one use only follows from RFC 6749, 4.1.2.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::mint::{Fingerprint, Mint};
use super::tokens::Grantee;
use crate::clock::Now;
use crate::secret;

/// How long a code lives.
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// Codes that are kept at most, used ones included.
const MOST: usize = 1024;

/// The authorization codes of one instance.
#[derive(Debug, Default)]
pub struct Codes {
    mint: Mint,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    by_value: HashMap<Fingerprint, Kept>,
    last: u64,
    /// The last whose value was taken by whoever must know it.
    told: u64,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    consent: Consent,
    issued: Duration,
    used: bool,
    /// Made old before its time.
    over: bool,
}

/// What a person agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Client, user and scopes.
    pub grantee: Grantee,
    /// The redirect URL that the authorization request named; empty where it named none, and then the
    /// client need not either (RFC 6749, 4.1.3).
    pub redirect_url: String,
    /// The PKCE challenge that it showed, if any.
    pub challenge: Option<Challenge>,
}

/// A PKCE challenge (RFC 7636).
#[derive(Clone, PartialEq, Eq)]
pub enum Challenge {
    /// The digest of the verifier.
    S256(String),
    /// The verifier itself.
    Plain(String),
}

/// Why a code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeRefusal {
    /// No code of this instance.
    Unknown,
    /// It was redeemed, or an attempt to was refused.
    Used,
    /// More than a minute old.
    Expired,
    /// Issued to another client.
    OtherClient,
    /// The redirect URL is not the one of the authorization request.
    RedirectUrl,
    /// The verifier does not answer the challenge, or one of both is missing.
    Verifier,
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S256(_) => "S256",
            Self::Plain(_) => "Plain",
        })
    }
}

impl Challenge {
    /// The challenge of an authorization request; the method is `S256`, or `plain` where it is not
    /// named (RFC 7636, 4.3). None for any other.
    #[must_use]
    pub fn of(method: Option<&str>, challenge: &str) -> Option<Self> {
        match method {
            Some("S256") => Some(Self::S256(challenge.to_owned())),
            None | Some("plain") => Some(Self::Plain(challenge.to_owned())),
            Some(_) => None,
        }
    }

    fn is_met(&self, verifier: &str) -> bool {
        match self {
            Self::S256(expected) => {
                let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
                secret::same(digest, expected)
            }
            Self::Plain(expected) => secret::same(verifier, expected),
        }
    }
}

impl Codes {
    /// No code yet; values come from this mint.
    #[must_use]
    pub fn minted_by(mint: Mint) -> Self {
        Self {
            mint,
            held: Mutex::default(),
        }
    }

    /// A code for what a person agreed to.
    #[must_use]
    pub fn issue(&self, consent: Consent, now: Now) -> String {
        let mut held = self.held();
        if held.by_value.len() >= MOST {
            let oldest = held.by_value.iter().min_by_key(|(_, kept)| kept.number);
            if let Some(oldest) = oldest.map(|(value, _)| *value) {
                held.by_value.remove(&oldest);
            }
        }
        held.last += 1;
        let number = held.last;
        let code = self.mint.value("code", number);
        let kept = Kept {
            number,
            consent,
            issued: now.elapsed,
            used: false,
            over: false,
        };
        held.by_value.insert(Fingerprint::of(&code), kept);
        code
    }

    /// Redeems a code, at most once. `client` is the `sys_id` of who shows it.
    ///
    /// # Errors
    /// When it was not issued for this, or is over.
    pub fn redeem(
        &self,
        code: &str,
        client: &str,
        redirect_url: &str,
        verifier: Option<&str>,
        now: Now,
    ) -> Result<Consent, CodeRefusal> {
        let mut held = self.held();
        let kept = held.by_value.get_mut(&Fingerprint::of(code));
        let kept = kept.ok_or(CodeRefusal::Unknown)?;
        if std::mem::replace(&mut kept.used, true) {
            return Err(CodeRefusal::Used);
        }
        if kept.is_over(now) {
            return Err(CodeRefusal::Expired);
        }
        let consent = &kept.consent;
        if consent.grantee.client != client {
            return Err(CodeRefusal::OtherClient);
        }
        if !consent.redirect_url.is_empty() && consent.redirect_url != redirect_url {
            return Err(CodeRefusal::RedirectUrl);
        }
        let met = match (&consent.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => challenge.is_met(verifier),
            _ => false,
        };
        if !met {
            return Err(CodeRefusal::Verifier);
        }
        Ok(consent.clone())
    }

    /// The number of a code, whatever became of it.
    #[must_use]
    pub fn number(&self, code: &str) -> Option<u64> {
        let held = self.held();
        let kept = held.by_value.get(&Fingerprint::of(code));
        kept.map(|kept| kept.number)
    }

    /// The numbers of the codes that could still be redeemed, in their order.
    #[must_use]
    pub fn alive(&self, now: Now) -> Vec<u64> {
        let held = self.held();
        let alive = held
            .by_value
            .values()
            .filter(|kept| !kept.used && !kept.is_over(now));
        let mut numbers: Vec<u64> = alive.map(|kept| kept.number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Makes codes as old as a code can be.
    pub fn expire(&self, numbers: &[u64]) {
        let mut held = self.held();
        for kept in held.by_value.values_mut() {
            kept.over |= numbers.contains(&kept.number);
        }
    }

    /// Every value that was handed out, with its number; for whoever must find them in what was
    /// written down.
    #[must_use]
    pub fn values(&self) -> Vec<(u64, String)> {
        let last = self.held().last;
        let value = |number| (number, self.mint.value("code", number));
        (1..=last).map(value).collect()
    }

    /// The same of those that were made since this was asked last.
    #[must_use]
    pub fn take_new(&self) -> Vec<(u64, String)> {
        let mut held = self.held();
        let told = held.told;
        held.told = held.last;
        let value = |number| (number, self.mint.value("code", number));
        (told + 1..=held.last).map(value).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_over(&self, now: Now) -> bool {
        self.over || now.elapsed.saturating_sub(self.issued) >= CODE_LIFETIME
    }
}

#[cfg(test)]
mod tests;
