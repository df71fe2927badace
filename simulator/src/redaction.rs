//! Keeps secrets out of whatever is written down.
//!
//! The runner makes every secret, so every form in which one can surface is known beforehand: raw,
//! base64 at any alignment (which covers the Basic pair `user:password`), percent-encoded and
//! JSON-escaped. Each is replaced by `<secret:NAME>`, and counted. It refuses to guess: what it was
//! not told to be a secret passes unchanged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod forms;

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
        }
    }
}

/// How often each secret was found in each form: (name of the secret, form) to count.
pub type Hits = BTreeMap<(String, Form), u64>;

/// Knows the secrets of a run and replaces them; clones share them.
#[derive(Clone, Default)]
pub struct Redactor {
    patterns: Arc<Patterns>,
}

struct Patterns {
    /// Longest first, so that the longest form wins at any place.
    all: Vec<Pattern>,
    /// Indexes into `all` by first byte, 256 lists; none where there are no secrets.
    by_first: Vec<Vec<usize>>,
    /// The bytes that forms begin with.
    starts: [bool; 256],
    longest: usize,
    values: Vec<(String, String)>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            by_first: Vec::new(),
            starts: [false; 256],
            longest: 0,
            values: Vec::new(),
        }
    }
}

struct Pattern {
    bytes: Vec<u8>,
    secret: String,
    form: Form,
    replacement: Vec<u8>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.patterns.values.iter().map(|(name, _)| name).collect();
        f.debug_struct("Redactor").field("secrets", &names).finish()
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
        let values: Vec<(String, String)> = secrets
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let mut all: Vec<Pattern> = Vec::new();
        for (name, value) in &values {
            for (bytes, form) in forms::of(value) {
                if all.iter().any(|known| known.bytes == bytes) {
                    continue;
                }
                all.push(Pattern {
                    bytes,
                    secret: name.clone(),
                    form,
                    replacement: format!("<secret:{name}>").into_bytes(),
                });
            }
        }
        all.sort_by_key(|pattern| std::cmp::Reverse(pattern.bytes.len()));
        let mut by_first = vec![Vec::new(); 256];
        let mut starts = [false; 256];
        for (index, pattern) in all.iter().enumerate() {
            by_first[usize::from(pattern.bytes[0])].push(index);
            starts[usize::from(pattern.bytes[0])] = true;
        }
        let longest = all.first().map_or(0, |pattern| pattern.bytes.len());
        Self {
            patterns: Arc::new(Patterns {
                all,
                by_first,
                starts,
                longest,
                values,
            }),
        }
    }

    /// The text with every secret replaced.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes = text.as_bytes();
        let begins = |(at, byte): (usize, &u8)| {
            self.patterns.begins(*byte) && self.patterns.at(&bytes[at..]).is_some()
        };
        if !bytes.iter().enumerate().any(begins) {
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

    /// The name of the secret that this text is, whole, if it is one.
    #[must_use]
    pub fn name_of(&self, text: &str) -> Option<&str> {
        self.patterns
            .values
            .iter()
            .find(|(_, value)| value == text)
            .map(|(name, _)| name.as_str())
    }

    /// A redactor for bytes that arrive in pieces.
    #[must_use]
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor {
            patterns: Arc::clone(&self.patterns),
            pending: Vec::new(),
            hits: Hits::new(),
        }
    }
}

impl Patterns {
    /// Whether a form of a secret begins with this byte.
    fn begins(&self, byte: u8) -> bool {
        self.starts[usize::from(byte)]
    }

    fn at(&self, bytes: &[u8]) -> Option<&Pattern> {
        self.by_first
            .get(usize::from(*bytes.first()?))?
            .iter()
            .map(|index| &self.all[*index])
            .find(|pattern| bytes.starts_with(&pattern.bytes))
    }
}

/// Replaces secrets in bytes that arrive in pieces; a secret cut by a seam is found too.
///
/// However the bytes are cut, the result is that of the whole.
pub struct StreamRedactor {
    patterns: Arc<Patterns>,
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
        // A place is decided only when the longest form would fit after it, so that the decision
        // does not depend on where pieces end.
        let mut clean = Vec::with_capacity(self.pending.len());
        let mut at = 0;
        while at < self.pending.len()
            && (to_the_end || self.pending.len() - at >= self.patterns.longest)
        {
            match self.patterns.at(&self.pending[at..]) {
                Some(pattern) => {
                    clean.extend_from_slice(&pattern.replacement);
                    *self
                        .hits
                        .entry((pattern.secret.clone(), pattern.form))
                        .or_default() += 1;
                    at += pattern.bytes.len();
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
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn redactor() -> Redactor {
        Redactor::new([
            ("password", "s3cret/\"pass word\"+é"),
            ("token", "0123456789abcdef"),
        ])
    }

    #[test]
    fn replaces_every_form() {
        let secret = "s3cret/\"pass word\"+é";
        let json = serde_json::to_string(secret).unwrap();
        let percent = "s3cret%2F%22pass%20word%22%2B%C3%A9";
        for (text, form) in [
            (secret.to_owned(), Form::Raw),
            (STANDARD.encode(secret), Form::Base64),
            (percent.to_owned(), Form::UrlEncoded),
            (percent.to_lowercase(), Form::UrlEncoded),
            (percent.replace("%20", "+"), Form::UrlEncoded),
            (
                json.trim_matches('"').replace("\\\"\"", ""),
                Form::JsonEscaped,
            ),
        ] {
            let clean = redactor().redact(&text).into_owned();
            assert!(clean.contains("<secret:password>"), "{form:?}: {clean}");
            let hits = redactor().find(&text);
            assert!(hits.contains_key(&("password".into(), form)), "{hits:?}");
        }
    }

    #[test]
    fn the_basic_pair_is_found_whatever_the_user_name_is() {
        for user in ["a", "ab", "abc", "sync.user", ""] {
            let pair = STANDARD.encode(format!("{user}:s3cret/\"pass word\"+é"));
            let text = format!("Authorization: Basic {pair}");
            assert_eq!(
                redactor()
                    .find(&text)
                    .get(&("password".into(), Form::Base64)),
                Some(&1),
                "{user}"
            );
        }
    }

    #[test]
    fn a_text_without_secrets_is_borrowed() {
        let text = "nothing to see, sécret";
        assert!(matches!(redactor().redact(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn debug_output_names_secrets_and_hides_values() {
        let shown = format!("{:?} {:?}", redactor(), redactor().stream());
        assert!(shown.contains("password"), "{shown}");
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn seams_change_nothing(
            parts in proptest::collection::vec(
                prop_oneof![
                    "[a-z0-9 ]{0,12}",
                    Just("0123456789abcdef".to_owned()),
                    Just("0123456789".to_owned()),
                    Just(STANDARD.encode("u:0123456789abcdef")),
                ],
                0..8,
            ),
            seams in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let redactor = redactor();
            let text = parts.concat();
            let mut cuts: Vec<usize> = seams.iter().map(|s| s.index(text.len() + 1)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut stream = redactor.stream();
            let mut clean = Vec::new();
            for pair in cuts.windows(2) {
                clean.extend(stream.push(&text.as_bytes()[pair[0]..pair[1]]));
            }
            clean.extend(stream.finish());
            let clean = String::from_utf8(clean).unwrap();
            prop_assert_eq!(&clean, &redactor.redact(&text).into_owned());
            prop_assert!(!clean.contains("0123456789abcdef"));
        }
    }
}
