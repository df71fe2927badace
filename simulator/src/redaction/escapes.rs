//! One character as texts may hold it: as it is, or escaped for a URL, for JSON, for HTML, once or
//! twice over.

use super::Form;

/// What a character was found as: how many bytes stand for it, and in which form.
pub(super) type Taken = (usize, Form);

/// How many bytes at the beginning of `text` stand for this character.
pub(super) fn takes(text: &[u8], expected: char) -> Option<Taken> {
    let found = match text.first()? {
        b'%' => (0..3).find_map(|times| percent(text, times).filter(|(it, _)| *it == expected)),
        b'&' => html(text).filter(|(it, _)| *it == expected),
        b'\\' => json(text).filter(|(it, _)| *it == expected),
        b'+' if expected == ' ' => Some((' ', (1, Form::UrlEncoded))),
        _ => None,
    };
    found.map(|(_, taken)| taken).or_else(|| {
        let mut bytes = [0; 4];
        let literal = expected.encode_utf8(&mut bytes).as_bytes();
        text.starts_with(literal)
            .then_some((literal.len(), Form::Raw))
    })
}

/// The character at the beginning of `text`, whatever it stands there as, and its length. Bytes
/// that are no character stand for themselves.
pub(super) fn first(text: &[u8]) -> Option<(char, usize)> {
    let byte = *text.first()?;
    let found = match byte {
        b'%' => (0..3).rev().find_map(|times| percent(text, times)),
        b'&' => html(text),
        b'\\' => json(text),
        _ => None,
    };
    Some(match found {
        Some((found, (length, _))) => (found, length),
        None => whole(text).unwrap_or((char::from(byte), 1)),
    })
}

/// The character of several bytes at the beginning of `text`.
fn whole(text: &[u8]) -> Option<(char, usize)> {
    (2..=4).find_map(|length| {
        let found = str::from_utf8(text.get(..length)?).ok()?.chars().next()?;
        (found.len_utf8() == length).then_some((found, length))
    })
}

/// Bytes of a break between two lines of base64 and of the indentation behind it; 0 for none.
pub(super) fn line_break(text: &[u8]) -> usize {
    /// Spaces behind a break that belong to it.
    const INDENTED: usize = 16;
    let mut at = 0;
    while let Some(('\n' | '\r', length)) = first(&text[at..]) {
        at += length;
    }
    if at == 0 {
        return 0;
    }
    let spaces = text[at..].iter().take(INDENTED);
    at + spaces.take_while(|byte| **byte == b' ').count()
}

/// `%2D`; with its percent sign escaped so many times again: `%252D`.
fn percent(text: &[u8], times: usize) -> Option<(char, Taken)> {
    let byte = |at: usize| -> Option<(u8, usize)> {
        let mut rest = text.get(at..)?.strip_prefix(b"%")?;
        for _ in 0..times {
            rest = rest.strip_prefix(b"25")?;
        }
        let digits = (*rest.first()?, *rest.get(1)?);
        let value = 16 * hex(digits.0)? + hex(digits.1)?;
        Some((u8::try_from(value).ok()?, at + 3 + 2 * times))
    };
    let (lead, mut at) = byte(0)?;
    let more = match lead {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => 0,
    };
    let mut bytes = vec![lead];
    for _ in 0..more {
        let (next, end) = byte(at)?;
        bytes.push(next);
        at = end;
    }
    let found = str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((found, (at, Form::UrlEncoded)))
}

/// `&#45;`, `&#x2d;`, `&amp;` and the like; their ampersand may be escaped again.
fn html(text: &[u8]) -> Option<(char, Taken)> {
    /// Digits of a character's number at most.
    const DIGITS: usize = 7;
    const NAMES: [(&[u8], char); 6] = [
        (b"lt;", '<'),
        (b"gt;", '>'),
        (b"quot;", '"'),
        (b"apos;", '\''),
        (b"nbsp;", '\u{a0}'),
        (b"amp;", '&'),
    ];
    let entity = |rest: &[u8]| -> Option<(char, usize)> {
        if let Some((name, found)) = NAMES.iter().find(|(name, _)| rest.starts_with(name)) {
            return Some((*found, name.len()));
        }
        let number = rest.strip_prefix(b"#")?;
        let (digits, radix) = match number.first()? {
            b'x' | b'X' => (&number[1..], 16),
            _ => (number, 10),
        };
        let length = digits.iter().take(DIGITS + 1);
        let length = length.take_while(|byte| **byte != b';').count();
        (digits.get(length) == Some(&b';')).then_some(())?;
        let number = str::from_utf8(&digits[..length]).ok()?;
        let found = char::from_u32(u32::from_str_radix(number, radix).ok()?)?;
        let before = if radix == 16 { 2 } else { 1 };
        Some((found, before + length + 1))
    };
    let rest = text.strip_prefix(b"&")?;
    let again = rest.strip_prefix(b"amp;").and_then(entity);
    let (found, length) = match again {
        Some((found, length)) => (found, 1 + 4 + length),
        None => entity(rest).map(|(found, length)| (found, 1 + length))?,
    };
    Some((found, (length, Form::HtmlEscaped)))
}

/// `\u002d`, `\x2d`, `\"`, `\n` and the like; their backslash may be escaped again.
fn json(text: &[u8]) -> Option<(char, Taken)> {
    /// Backslashes that may stand before: as many as JSON within JSON has.
    const DEPTH: usize = 4;
    let slashes = |text: &[u8]| text.iter().take_while(|byte| **byte == b'\\').count();
    let before = slashes(text);
    let escape = |rest: &[u8]| -> Option<(char, usize)> {
        match rest.first()? {
            b'n' => Some(('\n', 1)),
            b'r' => Some(('\r', 1)),
            b't' => Some(('\t', 1)),
            b'u' => number(rest, 4).and_then(|unit| {
                let whole = char::from_u32(unit).map(|found| (found, 5));
                whole.or_else(|| {
                    let gap = slashes(&rest[5..]);
                    let low = number(rest.get(5 + gap..)?, 4)?;
                    let pair = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
                    let found = char::decode_utf16(pair).next()?.ok()?;
                    (gap > 0).then_some((found, 10 + gap))
                })
            }),
            b'x' => number(rest, 2).and_then(|found| Some((char::from_u32(found)?, 3))),
            mark if mark.is_ascii_punctuation() => Some((char::from(*mark), 1)),
            _ => None,
        }
    };
    let form = |found: char, length: usize| (found, (length, Form::JsonEscaped));
    match escape(&text[before..]) {
        Some((found, length)) if (1..=DEPTH).contains(&before) => {
            Some(form(found, before + length))
        }
        _ => (before > 1).then(|| form('\\', 2)),
    }
}

/// The number behind the letter of an escape.
fn number(text: &[u8], digits: usize) -> Option<u32> {
    let digits = text.get(1..=digits)?.iter();
    digits
        .copied()
        .try_fold(0, |sum, digit| Some(16 * sum + hex(digit)?))
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_known_in_every_escape() {
        for (text, expected, form) in [
            ("-", '-', Form::Raw),
            ("é", 'é', Form::Raw),
            ("%2d", '-', Form::UrlEncoded),
            ("%252D", '-', Form::UrlEncoded),
            ("%25252D", '-', Form::UrlEncoded),
            ("%C3%a9", 'é', Form::UrlEncoded),
            ("%25", '%', Form::UrlEncoded),
            ("%2525", '%', Form::UrlEncoded),
            ("+", ' ', Form::UrlEncoded),
            ("&#45;", '-', Form::HtmlEscaped),
            ("&#x2D;", '-', Form::HtmlEscaped),
            ("&amp;#x2D;", '-', Form::HtmlEscaped),
            ("&amp;", '&', Form::HtmlEscaped),
            ("&amp;lt;", '<', Form::HtmlEscaped),
            ("\\u002d", '-', Form::JsonEscaped),
            ("\\\\u002D", '-', Form::JsonEscaped),
            ("\\x2d", '-', Form::JsonEscaped),
            ("\\/", '/', Form::JsonEscaped),
            ("\\\\\\\"", '"', Form::JsonEscaped),
            ("\\ud83d\\ude00", '😀', Form::JsonEscaped),
            ("\\\\", '\\', Form::JsonEscaped),
            ("\\n", '\n', Form::JsonEscaped),
        ] {
            // "%2525" is "%" escaped twice, and "%25" followed by "25".
            let taken = takes(text.as_bytes(), expected).map(|(_, form)| form);
            assert_eq!(taken, Some(form), "{text}");
            assert_eq!(first(text.as_bytes()).map(|it| it.1 > 0), Some(true));
        }
        for other in [
            "",
            "%",
            "%2",
            "%zz",
            "&#;",
            "&#xg;",
            "\\u00",
            "\\ud83d\\",
            "a",
        ] {
            assert_eq!(takes(other.as_bytes(), '-'), None, "{other}");
        }
    }

    #[test]
    fn a_line_may_break_in_many_ways() {
        for (text, length) in [
            ("\n", 1),
            ("\r\n  x", 4),
            ("\\r\\n", 4),
            ("\\\\n", 3),
            ("%0D%0A", 6),
            (" x", 0),
        ] {
            assert_eq!(line_break(text.as_bytes()), length, "{text}");
        }
    }
}
