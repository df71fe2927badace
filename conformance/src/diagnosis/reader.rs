//! From a connector's output to what it said in the end.
//!
//! The manifest says where the final diagnosis stands and what the connector's own words mean;
//! only where it is silent do the dialects read. Output is untrusted: every size is bounded.

use regex::RegexBuilder;
use serde_json::Value;
use snowproof_protocol::Outcome;

use super::Class;
use super::dialects::{self, Reading};
use crate::evidence::{ReadBy, Said};
use crate::subject::{DiagnosisSource, WordsSource};

/// The end of a stream that is looked at, in bytes.
const LOOKED_AT: usize = 256 * 1024;
/// A diagnosis is cut after so many bytes.
const TEXT_AT_MOST: usize = 8 * 1024;
/// Of the lines that match a `…_match` source, the last so many count.
const LINES_AT_MOST: usize = 20;
/// A manifest's regular expression compiles to at most so many bytes.
const PATTERN_AT_MOST: usize = 1 << 20;

/// Reads what a connector that is driven by command said in the end.
///
/// Sources are tried in order, and the first that yields text decides; without any, the last
/// line of stderr, then of stdout. The manifest's map goes first, then its dialects, then the
/// platform's own phrases. A text whose words match several unrelated classes has no primary
/// class: what it matched are candidates.
#[must_use]
pub fn read_words(
    source: &DiagnosisSource,
    stdout: &str,
    stderr: &str,
    exit_code: Option<i32>,
) -> Said {
    let (stdout, stderr) = (end_of(stdout), end_of(stderr));
    let standard = [WordsSource::StderrLastLine, WordsSource::StdoutLastLine];
    let places = if source.read_from.is_empty() {
        &standard[..]
    } else {
        &source.read_from[..]
    };
    let mut by_exit_code: Option<Class> = None;
    let mut text = String::new();
    for place in places {
        if let WordsSource::ExitCode(classes) = place {
            by_exit_code = by_exit_code.or_else(|| classes.get(&exit_code?).copied());
            continue;
        }
        text = words_at(place, stdout, stderr).unwrap_or_default();
        if !text.trim().is_empty() {
            break;
        }
    }
    let text = cut(text.trim(), TEXT_AT_MOST).to_owned();
    let mut said = Said {
        outcome: exit_code.map(|code| outcome(source, code)),
        text,
        ..Said::default()
    };
    if let Some(class) = by_exit_code {
        said.class = Some(class);
        said.read_by = Some(ReadBy::ExitCode);
    } else if !said.text.is_empty() {
        classify(source, &mut said);
    }
    said
}

fn outcome(source: &DiagnosisSource, code: i32) -> Outcome {
    let success = if source.success_exit_codes.is_empty() {
        code == 0
    } else {
        source.success_exit_codes.contains(&code)
    };
    if success {
        Outcome::Success
    } else {
        Outcome::Failure
    }
}

fn classify(source: &DiagnosisSource, said: &mut Said) {
    for (index, entry) in source.map.iter().enumerate() {
        if matches(&entry.pattern, &said.text) {
            said.class = entry.class;
            said.candidates.clone_from(&entry.candidates);
            said.read_by = Some(ReadBy::Map(u32::try_from(index + 1).unwrap_or(u32::MAX)));
            return;
        }
    }
    if let Some(Reading {
        class,
        candidates,
        dialect,
        ..
    }) = dialects::read(&source.dialects, &said.text)
    {
        said.class = class;
        said.candidates = candidates;
        said.read_by = Some(ReadBy::Dialect(dialect.to_owned()));
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_AT_MOST)
        .build()
        .is_ok_and(|regex| regex.is_match(text))
}

fn words_at(place: &WordsSource, stdout: &str, stderr: &str) -> Option<String> {
    match place {
        WordsSource::StdoutJson(pointer) => at_pointer(pointer, stdout),
        WordsSource::StderrJson(pointer) => at_pointer(pointer, stderr),
        WordsSource::StdoutMatch(pattern) => matching_lines(pattern, stdout),
        WordsSource::StderrMatch(pattern) => matching_lines(pattern, stderr),
        WordsSource::StderrLastLine => last_line(stderr),
        WordsSource::StdoutLastLine => last_line(stdout),
        WordsSource::ExitCode(_) => None,
    }
}

fn last_line(stream: &str) -> Option<String> {
    stream
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty() && !is_markup(line))
        .map(str::to_owned)
}

/// Whether a line is the end of a page or of an object that was printed as it came: nobody's words.
fn is_markup(line: &str) -> bool {
    (line.starts_with('<') && line.ends_with('>')) || line.chars().all(|c| "{}[](),;".contains(c))
}

fn matching_lines(pattern: &str, stream: &str) -> Option<String> {
    let regex = RegexBuilder::new(pattern)
        .size_limit(PATTERN_AT_MOST)
        .build()
        .ok()?;
    let mut lines: Vec<&str> = stream
        .lines()
        .rev()
        .filter_map(|line| {
            let captures = regex.captures(line)?;
            Some(captures.get(1).or_else(|| captures.get(0))?.as_str())
        })
        .take(LINES_AT_MOST)
        .collect();
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// One JSON document, or one a line: the last that holds something at the pointer counts.
fn at_pointer(pointer: &str, stream: &str) -> Option<String> {
    let within = |document: &str| {
        let value: Value = serde_json::from_str(document).ok()?;
        match value.pointer(pointer)? {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    };
    within(stream).or_else(|| stream.lines().rev().find_map(within))
}

/// The end of a stream, cut at a character, then at a line where one begins in it.
fn end_of(stream: &str) -> &str {
    let Some(mut from) = stream.len().checked_sub(LOOKED_AT) else {
        return stream;
    };
    while !stream.is_char_boundary(from) {
        from += 1;
    }
    let tail = &stream[from..];
    tail.find('\n').map_or(tail, |line| &tail[line + 1..])
}

fn cut(text: &str, at_most: usize) -> &str {
    let mut to = at_most.min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[..to]
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;
    use crate::subject::MapEntry;

    fn from(read_from: Vec<WordsSource>) -> DiagnosisSource {
        DiagnosisSource {
            read_from,
            ..DiagnosisSource::default()
        }
    }

    #[test]
    fn the_first_place_that_yields_text_decides() {
        let source = from(vec![
            WordsSource::StdoutJson("/error/message".into()),
            WordsSource::StderrLastLine,
        ]);
        let json = r#"{"error":{"message":"Invalid table x"}}"#;
        assert_eq!(
            read_words(&source, json, "last", Some(1)).text,
            "Invalid table x"
        );
        assert_eq!(
            read_words(&source, "no json", "first\nlast\n\n", Some(1)).text,
            "last"
        );
    }

    #[test]
    fn the_end_of_a_page_or_of_an_object_is_nobodys_last_line() {
        let source = from(vec![WordsSource::StderrLastLine]);
        for quoted in ["<html>\n</body>\n</html>", "  }\n}", "])"] {
            let said = read_words(&source, "", &format!("403 for url\n{quoted}\n"), Some(1));
            assert_eq!(said.text, "403 for url", "{quoted}");
        }
    }

    #[test]
    fn of_json_lines_the_last_match_counts() {
        let source = from(vec![WordsSource::StdoutJson("/m".into())]);
        let lines = "{\"m\":\"one\"}\nnoise\n{\"m\":\"two\"}\n{\"m\":null}\n{\"n\":1}";
        assert_eq!(read_words(&source, lines, "", None).text, "two");
    }

    #[test]
    fn matching_lines_give_their_group() {
        let source = from(vec![WordsSource::StderrMatch("^ERROR: (.*)$".into())]);
        let said = read_words(&source, "", "ERROR: one\ninfo\nERROR: two", Some(2));
        assert_eq!(said.text, "one\ntwo");
        assert_eq!(said.outcome, Some(Outcome::Failure));
    }

    #[test]
    fn an_exit_code_may_mean_a_class_and_the_text_is_kept() {
        let source = from(vec![
            WordsSource::ExitCode(IndexMap::from([(6, Class::NetDns)])),
            WordsSource::StderrLastLine,
        ]);
        let said = read_words(&source, "", "curl: (6) Could not resolve host: x", Some(6));
        assert_eq!(said.class, Some(Class::NetDns));
        assert_eq!(said.read_by, Some(ReadBy::ExitCode));
        assert!(said.text.contains("resolve"));
    }

    #[test]
    fn the_map_goes_before_every_dialect() {
        let mut source = from(vec![WordsSource::StderrLastLine]);
        source.dialects = vec!["curl".into()];
        source.map = vec![
            MapEntry {
                pattern: "never".into(),
                class: Some(Class::NetDns),
                candidates: vec![],
            },
            MapEntry {
                pattern: "(?i)has expired".into(),
                class: Some(Class::TlsChain),
                candidates: vec![Class::TlsExpired],
            },
        ];
        let said = read_words(&source, "", "certificate has expired", Some(60));
        assert_eq!(said.class, Some(Class::TlsChain));
        assert_eq!(said.read_by, Some(ReadBy::Map(2)));
        source.map[1].class = None;
        source.map[1].candidates.clear();
        let said = read_words(&source, "", "certificate has expired", Some(60));
        assert_eq!((said.class, said.read_by), (None, Some(ReadBy::Map(2))));
        source.map.clear();
        let said = read_words(&source, "", "certificate has expired", Some(60));
        assert_eq!(said.class, Some(Class::TlsExpired));
        assert_eq!(said.read_by, Some(ReadBy::Dialect("curl".into())));
    }

    #[test]
    fn success_codes_default_to_zero_alone() {
        let source = DiagnosisSource::default();
        assert_eq!(
            read_words(&source, "", "", Some(0)).outcome,
            Some(Outcome::Success)
        );
        assert_eq!(
            read_words(&source, "", "", Some(1)).outcome,
            Some(Outcome::Failure)
        );
        assert_eq!(read_words(&source, "", "", None).outcome, None);
        let lenient = DiagnosisSource {
            success_exit_codes: vec![0, 3],
            ..source
        };
        assert_eq!(
            read_words(&lenient, "", "", Some(3)).outcome,
            Some(Outcome::Success)
        );
    }

    #[test]
    fn a_flood_is_read_from_its_end() {
        let flood = "é".repeat(400_000) + "\nUser Not Authenticated\n";
        let said = read_words(&DiagnosisSource::default(), "", &flood, Some(1));
        assert_eq!(said.class, Some(Class::AuthInvalidCredentials));
        let line = "x".repeat(1_000_000);
        let said = read_words(&DiagnosisSource::default(), &line, "", Some(1));
        assert_eq!(said.text.len(), TEXT_AT_MOST);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn never_panics_and_never_grows(
            stdout in ".{0,400}",
            stderr in "(?s).{0,400}",
            pattern in ".{0,20}",
            pointer in "(/[a-z~0-9]{0,3}){0,4}",
            code in any::<Option<i32>>(),
        ) {
            let source = DiagnosisSource {
                dialects: dialects::DIALECTS.iter().map(|name| (*name).to_owned()).collect(),
                read_from: vec![
                    WordsSource::StdoutJson(pointer),
                    WordsSource::StderrMatch(pattern.clone()),
                    WordsSource::StdoutLastLine,
                ],
                map: vec![MapEntry { pattern, class: Some(Class::NetDns), candidates: vec![] }],
                success_exit_codes: vec![0],
            };
            let said = read_words(&source, &stdout, &stderr, code);
            prop_assert!(said.text.len() <= TEXT_AT_MOST);
            prop_assert_eq!(said.at_ns, None);
            prop_assert_eq!(&said, &read_words(&source, &stdout, &stderr, code));
        }
    }
}
