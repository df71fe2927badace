//! A list whose query ran longer than the execution quota allows: status 200, the rows that were
//! written by then, and the error at the end of the body (wire-failures 5.3, wire-core 2.3).

use bytes::Bytes;

use crate::setup::CancelledQuery;

/// The body: `rows` is `{"result":[…]}` of the rows before the error, `error` the whole envelope.
pub(super) fn body(form: CancelledQuery, rows: &[u8], error: &Bytes) -> Bytes {
    let begun = match form {
        CancelledQuery::ErrorOnly => return error.clone(),
        CancelledQuery::BothKeys => before(rows, b"}").to_vec(),
        CancelledQuery::TrailingComma => [before(rows, b"]}"), b",]"].concat(),
        CancelledQuery::CutRow => [cut(before(rows, b"]}")), b"}]"].concat(),
    };
    let tail = error.strip_prefix(b"{").unwrap_or(error);
    [begun.as_slice(), b",", tail].concat().into()
}

fn before<'a>(text: &'a [u8], end: &[u8]) -> &'a [u8] {
    text.strip_suffix(end).unwrap_or(text)
}

/// Up to the last comma between two fields, the comma included; rows of one field end before
/// their last brace.
fn cut(rows: &[u8]) -> &[u8] {
    let between = rows.windows(2).rposition(|pair| pair == b",\"");
    match between {
        Some(at) => &rows[..=at],
        None => before(rows, b"}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const ROWS: &[u8] = br#"{"result":[{"a":"1","b":"2"},{"a":"3","b":"4"}]}"#;

    fn written(form: CancelledQuery) -> String {
        let error = Bytes::from_static(br#"{"error":{"message":"m"},"status":"failure"}"#);
        String::from_utf8(body(form, ROWS, &error).to_vec()).unwrap()
    }

    #[test]
    fn the_four_forms_are_those_that_were_seen() {
        let tail = r#","error":{"message":"m"},"status":"failure"}"#;
        for (form, begun) in [
            (
                CancelledQuery::TrailingComma,
                r#"{"result":[{"a":"1","b":"2"},{"a":"3","b":"4"},]"#,
            ),
            (
                CancelledQuery::CutRow,
                r#"{"result":[{"a":"1","b":"2"},{"a":"3",}]"#,
            ),
            (
                CancelledQuery::BothKeys,
                r#"{"result":[{"a":"1","b":"2"},{"a":"3","b":"4"}]"#,
            ),
        ] {
            assert_eq!(written(form), format!("{begun}{tail}"));
        }
        assert_eq!(
            written(CancelledQuery::ErrorOnly),
            format!("{{{}", &tail[1..])
        );
    }

    #[test]
    fn two_forms_are_sound_json_and_two_are_not() {
        let sound = |form| serde_json::from_str::<Value>(&written(form)).is_ok();
        assert!(sound(CancelledQuery::BothKeys) && sound(CancelledQuery::ErrorOnly));
        assert!(!sound(CancelledQuery::TrailingComma) && !sound(CancelledQuery::CutRow));
    }
}
