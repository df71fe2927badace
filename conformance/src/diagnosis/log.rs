//! What a whole log says: the causes its lines name, the likely final word first.
//!
//! A log holds more than its last error: attempts that recovered, settings that only mention a
//! timeout, a cause and the errors that wrap it. So every line is read for itself, lines of one
//! class are one finding, and the class that a true error named last goes before the others.

use serde::Serialize;

use super::dialects::{self, Reading};
use super::masking::masked;
use super::{Class, DIALECTS};

/// Of a line so many bytes are read; nobody words an error longer.
const LINE_AT_MOST: usize = 8 * 1024;
/// Of a line so many characters are shown.
const SHOWN_AT_MOST: usize = 200;
/// Of the lines that name one class so many are shown, the last ones.
const MENTIONS_AT_MOST: usize = 3;
/// The level of a line stands within so many of its first characters.
const LEVEL_WITHIN: usize = 120;

/// The error that wraps a cause follows it within so many lines, a stack of calls between them.
const WRAPS_WITHIN: u64 = 40;

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LogReading {
    /// Lines that were read.
    pub lines: u64,
    /// What was recognised, the likely final word first.
    pub findings: Vec<LogFinding>,
}

/// One class that a log names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFinding {
    /// What is wrong.
    pub class: Class,
    /// What the same words may mean as well.
    pub candidates: Vec<Class>,
    /// Whether this is what the log ends with.
    pub likely_final: bool,
    /// How many lines name it.
    pub count: u64,
    /// The last of them, in their order.
    pub mentions: Vec<Mention>,
    #[serde(skip)]
    rank: Rank,
}

/// A line that names a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// Its number, from 1.
    pub line: u64,
    /// The dialects whose words it has; several where stacks share them.
    pub dialects: Vec<&'static str>,
    /// The line around its words, without what looks like a secret.
    pub text: String,
}

/// An error goes before what a line says in passing, then later before earlier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_error: bool,
    /// Its line; words that only wrap a cause give way to a cause named a little before.
    line: u64,
}

/// Reads a log in the named dialects, or in all; the platform's own phrases are always read.
/// `first_line` is the number of its first line.
#[must_use]
pub fn read_log(text: &str, named: &[String], first_line: u64) -> LogReading {
    let all: Vec<String> = DIALECTS.iter().map(|name| (*name).to_owned()).collect();
    let named = if named.is_empty() { &all } else { named };
    let mut reading = LogReading::default();
    for (line, number) in text.lines().zip(first_line..) {
        reading.lines += 1;
        let line = plain(cut(line, LINE_AT_MOST));
        let Some((read, dialects)) = dialects::read_closest(named, &line) else {
            continue;
        };
        // Words that blame everything blame nothing.
        if let Some(class) = read.class {
            let mention = Mention {
                line: number,
                dialects,
                text: shown(&line, read.at),
            };
            reading.note(class, &read, mention, in_passing(&line));
        }
    }
    reading
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.rank));
    if let Some(first) = reading.findings.first_mut() {
        first.likely_final = true;
    }
    reading
}

impl LogReading {
    fn note(&mut self, class: Class, read: &Reading, mention: Mention, in_passing: bool) {
        let known = self
            .findings
            .iter()
            .position(|finding| finding.class == class);
        let at = known.unwrap_or_else(|| {
            self.findings.push(LogFinding {
                class,
                candidates: Vec::new(),
                likely_final: false,
                count: 0,
                mentions: Vec::new(),
                rank: Rank::default(),
            });
            self.findings.len() - 1
        });
        let finding = &mut self.findings[at];
        finding.count += 1;
        for candidate in &read.candidates {
            if !finding.candidates.contains(candidate) {
                finding.candidates.push(*candidate);
            }
        }
        let rank = Rank {
            is_error: !in_passing,
            line: if read.names_a_cause {
                mention.line
            } else {
                mention.line.saturating_sub(WRAPS_WITHIN)
            },
        };
        finding.rank = finding.rank.max(rank);
        if finding.mentions.len() == MENTIONS_AT_MOST {
            finding.mentions.remove(0);
        }
        finding.mentions.push(mention);
    }
}

/// Whether a line is marked as less than a warning.
fn in_passing(line: &str) -> bool {
    let start: String = line.chars().take(LEVEL_WITHIN).collect();
    start
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .find_map(|word| match word.to_ascii_lowercase().as_str() {
            "trace" | "debug" | "info" => Some(true),
            "warn" | "warning" | "error" | "fatal" | "critical" | "severe" => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

/// The masked line, and of a long one the part around the words at `at` of the line. Masking goes
/// first, so that no cut hides what a secret begins with.
fn shown(line: &str, at: usize) -> String {
    let text = masked(line.trim());
    let length = text.chars().count();
    if length <= SHOWN_AT_MOST {
        return text;
    }
    // Masking moves places, so the words are looked for again.
    let words: String = line[at..].chars().take(16).collect();
    let byte = text.find(&words).unwrap_or_default();
    let place = text[..byte].chars().count();
    let from = place
        .saturating_sub(SHOWN_AT_MOST / 4)
        .min(length - SHOWN_AT_MOST);
    let part: String = text.chars().skip(from).take(SHOWN_AT_MOST).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if from + SHOWN_AT_MOST < length {
        "…"
    } else {
        ""
    };
    format!("{before}{part}{after}")
}

/// Without colours and other control characters, which would act on the terminal that shows them.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            if letters.next_if_eq(&'[').is_some() {
                // Parameters, to the letter that ends the sequence.
                while letters
                    .next_if(|each| !('@'..='~').contains(each))
                    .is_some()
                {}
                letters.next();
            }
        } else if letter.is_control() {
            text.push(' ');
        } else {
            text.push(letter);
        }
    }
    text
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
    use proptest::prelude::*;

    use super::*;

    fn classes(reading: &LogReading) -> Vec<Class> {
        reading
            .findings
            .iter()
            .map(|finding| finding.class)
            .collect()
    }

    #[test]
    fn the_last_error_goes_first_and_is_marked() {
        let log = "10:00 ERROR requests.exceptions.HTTPError: 429 Client Error: Too Many Requests\n\
                   10:01 retrying\n\
                   10:02 ERROR requests.exceptions.HTTPError: 429 Client Error: Too Many Requests\n\
                   10:03 ERROR ReadTimeout: Read timed out. (read timeout=3.0)\n";
        let reading = read_log(log, &[], 1);
        assert_eq!(
            classes(&reading),
            [Class::NetReadTimeout, Class::ThrottleRateLimit]
        );
        assert_eq!(reading.lines, 4);
        let [last, earlier] = &reading.findings[..] else {
            panic!("{reading:?}")
        };
        assert!(last.likely_final && !earlier.likely_final);
        assert_eq!((last.count, earlier.count), (1, 2));
        assert_eq!(last.mentions[0].line, 4);
        // Words that stacks share are not given to one of them.
        assert_eq!(last.mentions[0].dialects, ["python-requests", "httpx"]);
        assert_eq!(earlier.mentions[0].dialects, ["python-requests"]);
        assert!(last.candidates.contains(&Class::TlsHandshake));
        let lines: Vec<u64> = earlier.mentions.iter().map(|each| each.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn what_is_said_in_passing_is_not_the_final_word() {
        let log =
            "ERROR User Not Authenticated\nINFO closing, request timeout was 30 s, timed out: 0\n";
        let reading = read_log(log, &[], 1);
        assert_eq!(
            classes(&reading),
            [Class::AuthInvalidCredentials, Class::NetReadTimeout]
        );
        let json = r#"{"level":"info","msg":"timed out once"}"#;
        assert!(in_passing(json));
        assert!(!in_passing("ERROR: could not inform the user, debug it"));
        assert!(!in_passing("Traceback (most recent call last):"));
    }

    #[test]
    fn words_that_wrap_a_cause_do_not_hide_it() {
        let log = "java.nio.channels.UnresolvedAddressException\njava.net.ConnectException\n";
        let reading = read_log(log, &["java-httpclient".to_owned()], 1);
        assert_eq!(classes(&reading), [Class::NetDns, Class::NetRefused]);
        let log = format!(
            "read ECONNRESET\n{}ERROR: HTTP 401\n",
            "a record\n".repeat(100)
        );
        assert_eq!(
            classes(&read_log(&log, &[], 1)),
            [Class::AuthInvalidCredentials, Class::NetReset]
        );
    }

    #[test]
    fn a_dialect_can_be_singled_out() {
        let log = "fetch failed <- Error[ECONNREFUSED]: connect ECONNREFUSED 127.0.0.1:4";
        assert_eq!(classes(&read_log(log, &["curl".to_owned()], 1)), []);
        assert_eq!(
            classes(&read_log(log, &["node-fetch".to_owned()], 1)),
            [Class::NetRefused]
        );
    }

    #[test]
    fn a_line_that_blames_everything_is_left_out() {
        let log = "User Not Authenticated, or the instance is hibernating, or rate limit exceeded, or Invalid table x";
        assert_eq!(classes(&read_log(log, &[], 1)), []);
    }

    #[test]
    fn what_is_shown_is_masked_short_and_plain() {
        let log = format!(
            "\u{1b}[31mERROR\u{1b}[0m {} password=S3cr3t \u{7}curl: (6) Could not resolve host: x {}",
            "a word ".repeat(100),
            "a word ".repeat(100)
        );
        let reading = read_log(&log, &[], 41);
        let mention = &reading.findings[0].mentions[0];
        assert_eq!(mention.line, 41);
        assert!(
            mention.text.contains("Could not resolve host"),
            "{mention:?}"
        );
        assert!(!mention.text.contains("S3cr3t"), "{mention:?}");
        assert!(!mention.text.contains(char::is_control), "{mention:?}");
        assert!(mention.text.chars().count() <= SHOWN_AT_MOST + 2);
        assert!(mention.text.starts_with('…') && mention.text.ends_with('…'));
    }

    #[test]
    fn only_the_last_lines_of_many_are_kept() {
        let log = "HTTP 429 from x\n".repeat(100);
        let finding = &read_log(&log, &[], 1).findings[0];
        assert_eq!(finding.count, 100);
        let lines: Vec<u64> = finding.mentions.iter().map(|each| each.line).collect();
        assert_eq!(lines, [98, 99, 100]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn never_panics_and_exactly_one_word_is_final(log in "(?s)(timed out|HTTP 401|é|.{0,30}|\n){0,20}") {
            let reading = read_log(&log, &[], 1);
            let finals = reading.findings.iter().filter(|each| each.likely_final).count();
            prop_assert_eq!(finals, usize::from(!reading.findings.is_empty()));
            prop_assert_eq!(&reading, &read_log(&log, &[], 1));
        }
    }
}
