//! The words in which one secret can surface.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A text that gives a secret away.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) spelling: Spelling,
}

/// How a word is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As the secret is.
    AsIs,
    /// In base64, of either alphabet and in lines of any length.
    Base64,
    /// In hexadecimal digits, large or small.
    Hex,
}

impl Spelling {
    /// The other character that means the same in this spelling.
    pub(super) const fn other(self, expected: char) -> Option<char> {
        match (self, expected) {
            (Self::Base64, '+') => Some('-'),
            (Self::Base64, '/') => Some('_'),
            (Self::Hex, 'a'..='f') => Some(expected.to_ascii_uppercase()),
            _ => None,
        }
    }
}

/// Every distinct word of a secret, none of them empty.
pub(super) fn of(secret: &str) -> Vec<Word> {
    let mut words = Vec::with_capacity(6);
    let mut add = |text: String, spelling| {
        let word = Word { text, spelling };
        if !word.text.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    };
    add(secret.to_owned(), Spelling::AsIs);
    for offset in 0..3 {
        add(inside_base64(secret, offset), Spelling::Base64);
    }
    // Few bytes in hexadecimal are in many numbers.
    if secret.len() >= 4 {
        add(crate::store::hex(secret.as_bytes()), Spelling::Hex);
    }
    add(pem_body(secret), Spelling::Base64);
    words
}

/// The digits that the secret alone determines when `offset` bytes (modulo 3) come before it in
/// what is encoded. Too few of them would match by chance; then there is no such word.
fn inside_base64(secret: &str, offset: usize) -> String {
    const FEWEST_DIGITS: usize = 6;
    let mut padded = vec![0_u8; offset];
    padded.extend_from_slice(secret.as_bytes());
    let text = STANDARD_NO_PAD.encode(&padded);
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    match text.get(first..last) {
        Some(digits) if digits.len() >= FEWEST_DIGITS => digits.to_owned(),
        _ => String::new(),
    }
}

/// The base64 of a key in PEM, without its lines; empty for whatever is no PEM.
fn pem_body(secret: &str) -> String {
    let mut parts = secret.split("-----");
    let has_label = parts.nth(1).is_some_and(|it| it.starts_with("BEGIN "));
    let body = parts.next().filter(|_| has_label).unwrap_or_default();
    let body = body.split_whitespace().collect::<String>();
    body.trim_end_matches('=').to_owned()
}
