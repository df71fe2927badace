//! Rows as JSON, written byte by byte: an answer can have hundreds of thousands of values.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::names::Names;
use super::{Display, Shape};
use crate::api::reading::{Row, Shown};
use crate::store::schema::Kind;

/// What a value is escaped but for in a link (RFC 3986, 2.3): `glide.maint` stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Shape<'_> {
    /// Adds one row as an object.
    pub(super) fn write_row(&self, names: &Names, shown: &[Shown], row: &Row, body: &mut Vec<u8>) {
        let mut before = b'{';
        for (shown, value) in shown.iter().zip(row.values.iter()) {
            body.push(before);
            before = b',';
            body.extend_from_slice(shown.key_as_json.as_bytes());
            self.write_value(names, shown, row, value, body);
        }
        if before == b'{' {
            body.push(before);
        }
        body.push(b'}');
    }

    /// Text alone, or `display_value`, `link` and `value`, in the order observed.
    fn write_value(
        &self,
        names: &Names,
        shown: &Shown,
        row: &Row,
        value: &str,
        body: &mut Vec<u8>,
    ) {
        // Of a journal nothing is stored, and the value is the record whose log it is; a password
        // is displayed and never told.
        let stored = match shown.column.kind {
            Kind::Journal | Kind::Password => "",
            _ => value,
        };
        let link = match shown.column.kind.refers_to() {
            Some(link) if !self.exclude_link && !value.is_empty() => Some(link),
            _ => None,
        };
        match (self.display, link) {
            (Display::Values | Display::References, None) => return write_text(stored, body),
            (Display::Displays, None) => return self.write_display(names, shown, row, value, body),
            _ => {}
        }
        let mut before = "{";
        if self.display != Display::Values {
            body.extend_from_slice(b"{\"display_value\":");
            self.write_display(names, shown, row, value, body);
            before = ",";
        }
        if let Some((table, key)) = link {
            for part in [before, "\"link\":\"", &self.tables_url, "/", table] {
                body.extend_from_slice(part.as_bytes());
            }
            write_key(key, value, body);
            body.push(b'"');
            before = ",";
        }
        if self.display != Display::Displays {
            body.extend_from_slice(before.as_bytes());
            body.extend_from_slice(b"\"value\":");
            write_text(stored, body);
        }
        body.push(b'}');
    }

    fn write_display(
        &self,
        names: &Names,
        shown: &Shown,
        row: &Row,
        value: &str,
        body: &mut Vec<u8>,
    ) {
        let is_choice = matches!(shown.column.kind, Kind::Choice(_));
        if self.null_choices && is_choice && value.is_empty() {
            body.extend_from_slice(b"null");
        } else {
            write_text(&self.displayed(names, shown, row, value), body);
        }
    }
}

/// How a link goes on behind the table: to the record of this id, or to those of this key.
fn write_key(key: &str, value: &str, body: &mut Vec<u8>) {
    if key == "sys_id" {
        body.push(b'/');
    } else {
        for part in ["?", key, "="] {
            body.extend_from_slice(part.as_bytes());
        }
    }
    let escaped: Cow<'_, str> = percent_encoding::utf8_percent_encode(value, RESERVED).into();
    body.extend_from_slice(escaped.as_bytes());
}

/// Adds a text in quotes.
fn write_text(text: &str, body: &mut Vec<u8>) {
    if is_plain(text) {
        body.push(b'"');
        body.extend_from_slice(text.as_bytes());
        body.push(b'"');
    } else {
        body.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// A text as it stands between the quotes of a JSON string.
pub(super) fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether JSON has the text as it is (RFC 8259, 7). Every byte is looked at, so that many are
/// looked at at once.
fn is_plain(text: &str) -> bool {
    let special = |byte: &u8| (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\');
    !text.bytes().fold(false, |any, byte| any | special(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_escaped_as_json_has_them(text in "(?s).{0,40}") {
            let mut written = Vec::new();
            write_text(&text, &mut written);
            let expected = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), expected.as_str());
            prop_assert_eq!(format!("\"{}\"", escaped(&text)), expected);
        }
    }

    #[test]
    fn what_json_escapes_is_not_plain() {
        for byte in 0..=127_u8 {
            let text = char::from(byte).to_string();
            let expected = serde_json::to_string(&text).unwrap().len() == 3;
            assert_eq!(is_plain(&text), expected, "{byte}");
        }
        assert!(is_plain("Büro 東京 \u{1f5a5}"));
    }

    #[test]
    fn links_escape_what_is_reserved() {
        let link = |key: &str, value: &str| {
            let mut written = Vec::new();
            write_key(key, value, &mut written);
            String::from_utf8(written).unwrap()
        };
        assert_eq!(link("sys_id", "glide.maint"), "/glide.maint");
        assert_eq!(link("name", "a b\"é"), "?name=a%20b%22%C3%A9");
    }
}
