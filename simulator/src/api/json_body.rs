//! The body of a call, as an instance's parser reads it: JSON, and strings in single quotes as
//! well, as the documentation's own samples send them (wire-core 1.6).

use serde_json::{Map, Value};

use super::Owned;
use super::failures::Failed;
use super::negotiation::LARGEST_BODY;

/// Arrays and objects within each other, at most (*assumed*).
const DEEPEST: usize = 100;
/// Integers of so many digits may not fit; they are read as their digits.
const LONG: usize = 18;

/// The body of a call, whatever JSON it is; the 400 where it is none, or too large.
pub(super) fn read(call: &Owned) -> Result<Value, Failed> {
    if call.body.len() > LARGEST_BODY {
        let reply = call.failures.oversize_body(call.body.len(), LARGEST_BODY);
        return Err(reply.into());
    }
    parse(&call.body).map_err(|reason| call.failures.malformed_body(reason).into())
}

/// The object that a body holds, or the 400 of a body that holds none.
pub(super) fn object(call: &Owned) -> Result<Map<String, Value>, Failed> {
    match read(call)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(call.failures.malformed_body("it is no object").into()),
    }
}

/// A value as text: a string as it is, a number or a boolean as it is written. Nothing else is.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as the text that a column takes, which null empties; none of a list or an object.
pub(super) fn field(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        value => text(value),
    }
}

/// Reads a body.
///
/// # Errors
/// Why it cannot be read, in our words: it is no UTF-8, no JSON or too deep.
fn parse(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let strict = strict(text)?;
    serde_json::from_str(&strict).map_err(|error| error.to_string())
}

/// The same JSON with every string in double quotes, and long integers as strings.
fn strict(text: &str) -> Result<String, String> {
    let mut written = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => string_length(rest, first),
            '-' | '0'..='9' => number_length(rest),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        match first {
            '\'' => requote(token, &mut written),
            '-' | '0'..='9' if is_long(token) => {
                written.push('"');
                written.push_str(token);
                written.push('"');
            }
            _ => written.push_str(token),
        }
        match first {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!(
                "more than {DEEPEST} arrays and objects in each other"
            ));
        }
    }
    Ok(written)
}

/// The length of the string that `text` begins with, both quotes included; all that is left where
/// it does not end.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn number_length(text: &str) -> usize {
    let of_a_number = |letter: char| matches!(letter, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    text.find(|letter| !of_a_number(letter))
        .unwrap_or(text.len())
}

fn is_long(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() > LONG
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A string in single quotes, in double ones.
fn requote(token: &str, written: &mut String) {
    let inner = token.strip_prefix('\'').unwrap_or(token);
    let Some(inner) = inner.strip_suffix('\'') else {
        // It does not end, which the parser says.
        written.push_str(token);
        return;
    };
    written.push('"');
    let mut escaped = false;
    for letter in inner.chars() {
        match letter {
            '\'' if escaped => {
                written.pop();
                written.push('\'');
            }
            '"' if !escaped => written.push_str("\\\""),
            letter => written.push(letter),
        }
        escaped = letter == '\\' && !escaped;
    }
    written.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<Value> {
        parse(text.as_bytes()).ok()
    }

    #[test]
    fn strings_may_be_in_single_quotes() {
        let expected = json!({"a": "x", "b": "it's \"so\"", "c": ["y"]});
        let text = r#"{'a':"x",'b':'it\'s "so"','c':['y']}"#;
        assert_eq!(read(text), Some(expected));
        assert_eq!(read(r#"{"a":"it's"}"#), Some(json!({"a": "it's"})));
        assert_eq!(read(r"{'a':'\\'}"), Some(json!({"a": "\\"})));
        assert_eq!(read(r"{'a':'\\\''}"), Some(json!({"a": "\\'"})));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "{",
            "{a:1}",
            "{'a':NaN}",
            "{'a':'x}",
            "{\"a\":1}}",
            "'",
            "{'a':'\n'}",
            "{'a':-}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse(b"\xef\xbb\xbf{}").is_ok());
    }

    #[test]
    fn numbers_keep_their_digits() {
        let long = "123456789012345678901234567890";
        assert_eq!(read(&format!("[{long}]")), Some(json!([long])));
        assert_eq!(read("[-1,1.5]"), Some(json!([-1, 1.5])));
        assert_eq!(read("[0000000000000000000000]"), None);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&deep(DEEPEST)).is_some());
        assert_eq!(read(&deep(DEEPEST + 1)), None);
        assert_eq!(read(&deep(1_000_000)), None);
    }

    proptest! {
        #[test]
        fn strict_json_is_read_as_it_is(text in "\\PC{0,24}", number in any::<i64>()) {
            let value = json!({ text.clone(): [text, {"n": number}] });
            let read = read(&value.to_string()).unwrap();
            let digits = number.to_string();
            prop_assert_eq!(&read.as_object().unwrap().keys().next(), &value.as_object().unwrap().keys().next());
            let array = read.as_object().unwrap().values().next().unwrap();
            prop_assert_eq!(&array[0], &value.as_object().unwrap().values().next().unwrap()[0]);
            let same = array[1]["n"] == json!(number) || array[1]["n"] == json!(digits);
            prop_assert!(same);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[{}\\[\\]'\"\\\\:,0-9a-eA-E+.\\-é ]{0,40}") {
            let _ = parse(text.as_bytes());
        }
    }
}
