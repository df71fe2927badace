//! Keeps secrets out of whatever is written down.
//!
//! Whoever makes a secret tells it, so every form in which one can surface is known: as it is, in
//! base64 at any alignment (which covers the Basic pair `user:password`), in hexadecimal, and each
//! of these with any of its characters escaped for a URL, for JSON or for HTML. It is replaced by
//! `<secret:NAME>`, and counted. It refuses to guess: what it was not told to be a secret passes
//! unchanged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use serde::{Deserialize, Serialize};

mod escapes;
mod forms;
mod patterns;

use patterns::Patterns;

/// In which form a secret surfaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// As it is.
    Raw,
    /// In base64, alone or inside something longer such as the Basic pair.
    Base64,
    /// Percent-encoded, as in a URL or a form.
    UrlEncoded,
    /// Escaped as in a JSON string.
    JsonEscaped,
    /// Escaped as in HTML.
    HtmlEscaped,
    /// In hexadecimal digits.
    Hex,
}

impl Form {
    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Base64 => "base64",
            Self::UrlEncoded => "url-encoded",
            Self::JsonEscaped => "json-escaped",
            Self::HtmlEscaped => "html-escaped",
            Self::Hex => "hex",
        }
    }
}

/// How often each secret was found in each form: (name of the secret, form) to count.
pub type Hits = BTreeMap<(String, Form), u64>;

/// Knows the secrets of a run and replaces them; clones share them.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Known,
}

#[derive(Clone, Default)]
struct Known(Arc<RwLock<Patterns>>);

impl Known {
    fn patterns(&self) -> RwLockReadGuard<'_, Patterns> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("secrets", &self.known.patterns().names())
            .finish()
    }
}

impl Redactor {
    /// A redactor of these secrets, as (name, value). Empty values are left out: they are in
    /// every text.
    #[must_use]
    pub fn new<N, V>(secrets: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut patterns = Patterns::default();
        for (name, value) in secrets {
            let value: String = value.into();
            if !value.is_empty() {
                patterns.add(&name.into(), &value);
            }
        }
        Self {
            known: Known(Arc::new(RwLock::new(patterns))),
        }
    }

    /// Replaces these from here on too, in streams that were begun before as well: secrets that
    /// were made during the run. Of very many the first are forgotten.
    pub fn learn(&self, secrets: &[(String, String)]) {
        if secrets.is_empty() {
            return;
        }
        let mut patterns = self.known.0.write().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in secrets.iter().filter(|(_, value)| !value.is_empty()) {
            patterns.learn(name, value);
        }
    }

    /// More bytes than any form of a secret has.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.known.patterns().longest()
    }

    /// The text with every secret replaced.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes = text.as_bytes();
        let is_clean = {
            let patterns = self.known.patterns();
            (0..bytes.len()).all(|at| patterns.at(&bytes[at..]).is_none())
        };
        if is_clean {
            return Cow::Borrowed(text);
        }
        let mut stream = self.stream();
        let mut clean = stream.push(bytes);
        clean.extend(stream.finish());
        Cow::Owned(String::from_utf8_lossy(&clean).into_owned())
    }

    /// Where secrets are in this text, without changing it.
    #[must_use]
    pub fn find(&self, text: &str) -> Hits {
        let mut stream = self.stream();
        stream.push(text.as_bytes());
        stream.finish();
        stream.hits
    }

    /// A redactor for bytes that arrive in pieces.
    #[must_use]
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor {
            known: self.known.clone(),
            pending: Vec::new(),
            hits: Hits::new(),
        }
    }
}

/// Replaces secrets in bytes that arrive in pieces; a secret cut by a seam is found too.
///
/// However the bytes are cut, the result is that of the whole.
pub struct StreamRedactor {
    known: Known,
    pending: Vec<u8>,
    hits: Hits,
}

impl fmt::Debug for StreamRedactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamRedactor")
            .field("pending_bytes", &self.pending.len())
            .field("hits", &self.hits)
            .finish()
    }
}

impl StreamRedactor {
    /// Takes a piece, and gives what is certain to be clean so far.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(piece);
        self.drain(false)
    }

    /// Gives the rest. Pieces may follow; no secret spans from before to after this call.
    pub fn finish(&mut self) -> Vec<u8> {
        self.drain(true)
    }

    /// What was found so far.
    #[must_use]
    pub const fn hits(&self) -> &Hits {
        &self.hits
    }

    fn drain(&mut self, to_the_end: bool) -> Vec<u8> {
        let patterns = self.known.patterns();
        // A place is decided only when the longest form would fit after it, so that the decision
        // does not depend on where pieces end.
        let mut clean = Vec::with_capacity(self.pending.len());
        let mut at = 0;
        while at < self.pending.len()
            && (to_the_end || self.pending.len() - at >= patterns.longest())
        {
            match patterns.at(&self.pending[at..]) {
                Some(found) => {
                    let name = &found.pattern.secret;
                    clean.extend_from_slice(format!("<secret:{name}>").as_bytes());
                    *self.hits.entry((name.to_string(), found.form)).or_default() += 1;
                    at += found.bytes;
                }
                None => {
                    clean.push(self.pending[at]);
                    at += 1;
                }
            }
        }
        self.pending.drain(..at);
        clean
    }
}

#[cfg(test)]
mod tests;
