//! What is looked for: each secret as text, in base64 and in hexadecimal, found by how it begins.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Form;
use super::escapes::{first, line_break, takes};
use super::forms::{Spelling, Word, of};

/// Secrets that were learned are forgotten beyond this many, the oldest first: what they opened was
/// forgotten before.
const MOST_LEARNED: usize = 16 * 1024;

/// Characters by which a word is looked up.
const BEGINNING: usize = 4;

/// How a text begins, with what escapes and alphabets differ in taken away.
type Beginning = [u8; BEGINNING];

/// A word of a secret.
#[derive(Debug)]
pub(super) struct Pattern {
    word: Word,
    /// The secret's name.
    pub(super) secret: Arc<str>,
    /// Which secret it is of.
    number: u64,
}

/// A place where a secret stands.
pub(super) struct Found<'p> {
    pub(super) pattern: &'p Pattern,
    pub(super) form: Form,
    pub(super) bytes: usize,
}

/// All that is looked for.
#[derive(Default)]
pub(super) struct Patterns {
    by_beginning: HashMap<Beginning, Vec<Pattern>>,
    /// Words too short to be looked up.
    short: Vec<Pattern>,
    /// The first two characters of every word: `pairs[a]` has bit `b`.
    pairs: Pairs,
    names: Vec<Arc<str>>,
    /// Secrets that were learned, with where their words are.
    learned: VecDeque<(u64, Vec<Beginning>)>,
    last: u64,
    longest: usize,
}

struct Pairs(Box<[[u64; 4]; 256]>);

impl Default for Pairs {
    fn default() -> Self {
        Self(Box::new([[0; 4]; 256]))
    }
}

impl Pairs {
    fn add(&mut self, first: u8, second: u8) {
        self.0[usize::from(first)][usize::from(second / 64)] |= 1 << (second % 64);
    }

    fn has(&self, first: u8, second: u8) -> bool {
        self.0[usize::from(first)][usize::from(second / 64)] & (1 << (second % 64)) != 0
    }
}

impl Patterns {
    /// Names of the secrets that were known from the beginning.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Bytes that the longest find can have.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Looks for a secret from here on.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.put(&name, value);
    }

    /// The same for one that was made during the run, until many others were.
    pub(super) fn learn(&mut self, name: &str, value: &str) {
        let places = self.put(&name.into(), value);
        self.learned.push_back((self.last, places));
        if self.learned.len() > MOST_LEARNED
            && let Some((number, places)) = self.learned.pop_front()
        {
            for place in places {
                if let Some(words) = self.by_beginning.get_mut(&place) {
                    words.retain(|pattern| pattern.number != number);
                }
            }
        }
    }

    fn put(&mut self, name: &Arc<str>, value: &str) -> Vec<Beginning> {
        self.last += 1;
        let mut places = Vec::new();
        for word in of(value) {
            self.longest = self.longest.max(word.longest());
            let beginning = beginning(word.text.as_bytes());
            let pattern = Pattern {
                word,
                secret: Arc::clone(name),
                number: self.last,
            };
            let Some(beginning) = beginning else {
                self.short.push(pattern);
                continue;
            };
            self.pairs.add(beginning[0], beginning[1]);
            let there = self.by_beginning.entry(beginning).or_default();
            // One value under two names has the first.
            if there.iter().all(|known| known.word != pattern.word) {
                there.push(pattern);
                places.push(beginning);
            }
        }
        places
    }

    /// The longest secret that this text begins with.
    pub(super) fn at(&self, text: &[u8]) -> Option<Found<'_>> {
        let short = self.short.iter();
        let there = self.may_begin(text).then(|| beginning(text)).flatten();
        let there = there.and_then(|beginning| self.by_beginning.get(&beginning));
        there
            .into_iter()
            .flatten()
            .chain(short)
            .filter_map(|pattern| {
                let (bytes, form) = pattern.word.stands_at(text)?;
                Some(Found {
                    pattern,
                    form,
                    bytes,
                })
            })
            .max_by_key(|found| found.bytes)
    }

    /// Whether a word may begin here, as far as two bytes tell.
    fn may_begin(&self, text: &[u8]) -> bool {
        match text {
            [first, second, ..] if !is_marked(*first) && !is_marked(*second) => {
                self.pairs.has(folded(*first), folded(*second))
            }
            _ => !self.by_beginning.is_empty(),
        }
    }
}

/// Whether a byte may begin an escape or a line's end.
const fn is_marked(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\' | b'\r' | b'\n') || !byte.is_ascii()
}

/// A character, the same for whatever may stand for the same: in base64 and in hexadecimal, and in
/// forms, where `+` is a space.
const fn folded(byte: u8) -> u8 {
    match byte {
        b'+' | b' ' => b'-',
        b'/' => b'_',
        other => other.to_ascii_lowercase(),
    }
}

/// How a text begins; none where it is too short.
fn beginning(text: &[u8]) -> Option<Beginning> {
    let mut found = [0; BEGINNING];
    let mut at = 0;
    for place in &mut found {
        if at > 0 {
            at += line_break(&text[at..]);
        }
        let (shown, length) = first(&text[at..])?;
        // Enough of it to tell it from most others.
        *place = folded(u8::try_from(u32::from(shown) & 0xff).unwrap_or_default());
        at += length;
    }
    Some(found)
}

impl Word {
    /// Bytes of the longest text that is taken for it.
    fn longest(&self) -> usize {
        8 * self.text.len() + 64
    }

    /// Whether the text begins with this word: how many bytes of it, and in which form.
    fn stands_at(&self, text: &[u8]) -> Option<(usize, Form)> {
        let form = match self.spelling {
            Spelling::AsIs => Form::Raw,
            Spelling::Base64 => Form::Base64,
            Spelling::Hex => Form::Hex,
        };
        if text.starts_with(self.text.as_bytes()) {
            return Some((self.text.len(), form));
        }
        let text = &text[..text.len().min(self.longest())];
        let (mut at, mut shown) = (0, form);
        for expected in self.text.chars() {
            if at > 0 && self.spelling == Spelling::Base64 {
                at += line_break(&text[at..]);
            }
            let rest = &text[at..];
            let taken =
                takes(rest, expected).or_else(|| takes(rest, self.spelling.other(expected)?));
            let (bytes, escaped) = taken?;
            if shown == Form::Raw {
                shown = escaped;
            }
            at += bytes;
        }
        Some((at, shown))
    }
}
