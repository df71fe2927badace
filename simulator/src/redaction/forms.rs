//! The forms in which one secret can surface.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Form;

/// Every distinct form of a secret, none of them empty.
pub(super) fn of(secret: &str) -> Vec<(Vec<u8>, Form)> {
    let mut forms = vec![(secret.as_bytes().to_vec(), Form::Raw)];
    let mut add = |bytes: String, form| {
        let bytes = bytes.into_bytes();
        if !bytes.is_empty() && forms.iter().all(|(known, _)| *known != bytes) {
            forms.push((bytes, form));
        }
    };
    add(STANDARD_NO_PAD.encode(secret), Form::Base64);
    add(URL_SAFE_NO_PAD.encode(secret), Form::Base64);
    for offset in 0..3 {
        add(inside_base64(secret, offset, false), Form::Base64);
        add(inside_base64(secret, offset, true), Form::Base64);
    }
    for (keeps, space) in [
        ("-_.~", "%20"),
        ("-_.~", "+"),
        ("-_.*", "+"),
        ("-_.!~*'()", "%20"),
        ("", "%20"),
    ] {
        let upper = percent(secret, keeps, space);
        add(lower_escapes(&upper), Form::UrlEncoded);
        add(upper, Form::UrlEncoded);
    }
    add(json(secret, false, false), Form::JsonEscaped);
    add(json(secret, true, false), Form::JsonEscaped);
    add(json(secret, false, true), Form::JsonEscaped);
    forms
}

/// The digits that the secret alone determines when `offset` bytes (modulo 3) come before it in
/// what is encoded. Too few of them would match by chance; then there is no such form.
fn inside_base64(secret: &str, offset: usize, url_safe: bool) -> String {
    const FEWEST_DIGITS: usize = 6;
    let mut padded = vec![0_u8; offset];
    padded.extend_from_slice(secret.as_bytes());
    let text = if url_safe {
        URL_SAFE_NO_PAD.encode(&padded)
    } else {
        STANDARD_NO_PAD.encode(&padded)
    };
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    match text.get(first..last) {
        Some(digits) if digits.len() >= FEWEST_DIGITS => digits.to_owned(),
        _ => String::new(),
    }
}

fn percent(secret: &str, keeps: &str, space: &str) -> String {
    let mut text = String::new();
    for byte in secret.bytes() {
        let shown = char::from(byte);
        if byte == b' ' {
            text.push_str(space);
        } else if byte.is_ascii_alphanumeric() || (byte.is_ascii() && keeps.contains(shown)) {
            text.push(shown);
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn lower_escapes(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    let mut digits_left = 0;
    for shown in text.chars() {
        if shown == '%' {
            digits_left = 3;
        }
        if digits_left > 0 {
            digits_left -= 1;
            lower.push(shown.to_ascii_lowercase());
        } else {
            lower.push(shown);
        }
    }
    lower
}

fn json(secret: &str, ascii_only: bool, escapes_slash: bool) -> String {
    let mut text = String::new();
    for shown in secret.chars() {
        match shown {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '/' if escapes_slash => text.push_str("\\/"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => {
                let _infallible = write!(text, "\\u{:04x}", u32::from(control));
            }
            wide if ascii_only && !wide.is_ascii() => {
                for unit in wide.encode_utf16(&mut [0; 2]) {
                    let _infallible = write!(text, "\\u{unit:04x}");
                }
            }
            plain => text.push(plain),
        }
    }
    text
}
