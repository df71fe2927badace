//! Secrets, and texts without them.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A string that no debug output shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The text without a secret in any of its forms: as it is, in an `Authorization` header beside
/// the name it goes with, or escaped in a URL.
pub(super) fn without(text: &str, name: &str, secret: &Secret) -> String {
    let secret = secret.reveal();
    if secret.is_empty() {
        return text.to_owned();
    }
    let pair = BASE64_STANDARD.encode(format!("{name}:{secret}"));
    let escaped = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    [secret, &pair, &escaped]
        .into_iter()
        .fold(text.to_owned(), |text, form| {
            text.replace(form, "<password>")
        })
}
