//! What stays of an error's words from run to run.
//!
//! Hosts, ports, numbers, times and identifiers differ although the words are the same; statuses and
//! the names of errors tell causes apart and stay.

use std::sync::LazyLock;

use regex::Regex;

use super::masking::masked;

/// Stands for what differs.
const ELSE: &str = "…";
/// Settled words are cut after so many characters.
const SETTLED_AT_MOST: usize = 600;
/// A pattern is made of so many characters of the words.
const PATTERN_AT_MOST: usize = 120;

/// What differs from run to run; the earlier alternative wins.
const DIFFERS: &str = concat!(
    // What was masked.
    r"<secret:(?:\*{3}|[^>\n]{0,40}>)|\*{3,}",
    // Scheme and host of a URL; its query.
    r#"|[a-z][a-z0-9+]*://[^\s/?#"'<>)\]]+|\?[\w.%-]+=[^\s"'<>)]*"#,
    // Hosts and addresses.
    r"|\b[A-Za-z0-9][A-Za-z0-9.-]*\.(?:test|com|mil|invalid|example)\b(?::\d+)?",
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[::1?\](?::\d+)?|\blocalhost\b(?::\d+)?",
    // Dates and times of day.
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z\b|[+-]\d\d:?\d\d)?)?",
    r"|\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?",
    // Identifiers, places in memory and scratch files.
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|\b[0-9a-f]{16,}\b",
    r#"|/(?:tmp|var/folders)/[^\s"',:;)]*"#,
    // How long it took, and numbers longer than a status.
    r"|\b\d+(?:\.\d+)? ?(?:ms|s|seconds?|milliseconds?)\b|\b\d+\.\d{3,}\b|\b\d{4,}\b",
);

static COMPILED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(DIFFERS).ok());

/// A piece of words: what stays, or the place of what differs.
enum Piece<'t> {
    Stays(&'t str),
    Differs,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for found in COMPILED.iter().flat_map(|regex| regex.find_iter(text)) {
        pieces.push(Piece::Stays(&text[from..found.start()]));
        pieces.push(Piece::Differs);
        from = found.end();
    }
    pieces.push(Piece::Stays(&text[from..]));
    pieces
}

/// The words without what differs from run to run, in one line of at most 600 characters, without
/// what looks like a secret. Two errors that a person cannot tell apart settle alike.
#[must_use]
pub fn settled(text: &str) -> String {
    let text = masked(text);
    let mut settled = String::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Stays(words) => settled.push_str(words),
            Piece::Differs => settled.push_str(ELSE),
        }
    }
    let mut line = String::new();
    let words = settled.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line.chars().take(SETTLED_AT_MOST).collect()
}

/// A regular expression that finds these words again, whatever differs from run to run; made of
/// their first line, without what looks like a secret. None of no words.
#[must_use]
pub fn pattern(text: &str) -> Option<String> {
    let text = masked(text.trim().lines().next()?);
    let mut pattern = "^".to_owned();
    let mut left = PATTERN_AT_MOST;
    for piece in pieces(text.trim_end()) {
        match piece {
            Piece::Stays(words) => {
                let kept: String = words.chars().take(left).collect();
                left -= kept.chars().count();
                pattern.push_str(&regex::escape(&kept));
            }
            Piece::Differs if !pattern.ends_with(".*") => pattern.push_str(".*"),
            Piece::Differs => {}
        }
        if left == 0 {
            break;
        }
    }
    while pattern.ends_with(".*") {
        pattern.truncate(pattern.len() - 2);
    }
    (pattern.len() > 1).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_alternative_compiles() {
        Regex::new(DIFFERS).unwrap();
    }

    #[test]
    fn what_differs_between_two_runs_goes() {
        for (one, other) in [
            (
                "GET https://dev12345.instance.test:40123/api/now/table/t?sysparm_limit=10 failed",
                "GET https://dev54321.instance.test:50123/api/now/table/t?sysparm_limit=20 failed",
            ),
            (
                "connect ECONNREFUSED 127.0.0.1:45901",
                "connect ECONNREFUSED 127.0.0.1:1",
            ),
            (
                "curl: (28) Operation timed out after 1003 milliseconds with 0 bytes received",
                "curl: (28) Operation timed out after 998 milliseconds with 0 bytes received",
            ),
            (
                "<HTTPSConnection object at 0x7f1c2a>: nothing after 1.5 s",
                "<HTTPSConnection object at 0x7f9abc>:  nothing after 2 s",
            ),
            (
                "2026-11-22T10:00:00.123Z ERROR in /var/folders/a/b: no",
                "2026-11-23T11:00:00Z ERROR in /var/folders/c: no",
            ),
            ("it said <secret:password>", "it said ***"),
        ] {
            assert_eq!(settled(one), settled(other));
        }
    }

    #[test]
    fn what_tells_causes_apart_stays() {
        for (one, other) in [
            ("status code 401", "status code 403"),
            (
                "GET https://a.test/api/x: 404",
                "GET https://a.test/nav: 404",
            ),
            ("socket.gaierror: no", "socket.timeout: no"),
            ("java.net.ConnectException", "java.net.SocketException"),
            ("TLS 1.2 refused", "TLS 1.3 refused"),
            ("curl: (6) x", "curl: (7) x"),
        ] {
            assert_ne!(settled(one), settled(other));
        }
    }

    #[test]
    fn no_secret_is_settled_or_made_a_pattern() {
        let text = "refused: password=S3cr3t-Zt9 for https://u:S3cr3t-Zt9@dev1.service-now.com";
        assert!(!settled(text).contains("S3cr3t"), "{}", settled(text));
        let pattern = pattern(text).unwrap();
        assert!(!pattern.contains("S3cr3t"), "{pattern}");
        assert_eq!(pattern, "^refused: password=.* for ");
    }

    #[test]
    fn a_pattern_is_short_and_of_something() {
        assert_eq!(pattern(" \n"), None);
        assert_eq!(pattern("127.0.0.1:80"), None);
        let long = pattern(&"word ".repeat(100)).unwrap();
        assert_eq!(long.chars().count(), 1 + PATTERN_AT_MOST);
    }

    proptest! {
        #[test]
        fn a_pattern_finds_its_words(text in "[ -~]{1,60}([0-9]{4,6}| 10\\.0\\.0\\.1:80 |password=abcdef)?[ -~]{0,60}") {
            if let Some(pattern) = pattern(&text) {
                let regex = Regex::new(&pattern).unwrap();
                prop_assert!(regex.is_match(text.trim()), "{pattern} of {text}");
            }
        }

        #[test]
        fn settling_holds_its_bound(text in "\\PC{0,900}") {
            prop_assert!(settled(&text).chars().count() <= SETTLED_AT_MOST);
        }
    }
}
