//! `snowproof diagnose`: what a connector's log says, who must act, and which scenario shows it.

use std::io::{IsTerminal, Read};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::scenarios::Sources;
use super::{Ended, Failure, exit, printing};
use crate::diagnosis::{Class, DIALECTS, LogFinding, LogReading, about, read_log};
use crate::scenario::{AuthMethod, ScenarioSet};

/// The end of a log that is read, bytes.
const LOG_AT_MOST: usize = 16 * 1024 * 1024;
/// Of the scenarios that reproduce a class, so many are named in text.
const SCENARIOS_AT_MOST: usize = 4;

/// Read a connector's log on standard input and tell what it means
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing of the log is kept, and what looks like a secret is masked.

Exit status: 0 something was recognised, 2 nothing was, 3 the command line is wrong.

Examples:
  snowproof diagnose < connector.log
  snowproof diagnose --dialect java-httpclient --format json < connector.log"
)]
pub(super) struct Arguments {
    /// Read in the words of this HTTP stack only, and in the platform's own; may be given several
    /// times. Default: all
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(DIALECTS))]
    dialect: Vec<String>,
    #[command(flatten)]
    sources: Sources,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let set = arguments.sources.load()?;
    let input = std::io::stdin();
    if input.is_terminal() {
        printing::talk("reading the log from standard input; Ctrl-D ends it");
    }
    let log = end_of(input.lock(), LOG_AT_MOST)
        .map_err(|error| Failure::usage(format!("failed to read standard input: {error}")))?;
    if log.lines_left_out > 0 {
        printing::talk(&format!(
            "only the last {} MiB are read; {} lines before them are left out",
            LOG_AT_MOST / 1024 / 1024,
            log.lines_left_out
        ));
    }
    let text = String::from_utf8_lossy(&log.bytes);
    let reading = read_log(&text, &arguments.dialect, log.lines_left_out + 1);
    match arguments.format {
        Format::Json => printing::data(&format!("{:#}", object(&reading, &set))),
        Format::Text if !reading.findings.is_empty() => printing::data(&page(&reading, &set)),
        Format::Text => {}
    }
    if reading.findings.is_empty() {
        printing::talk(&nothing(&reading, &arguments.dialect));
        return Ok(exit::INCONCLUSIVE);
    }
    Ok(exit::CONFORMS)
}

/// The end of a log.
struct Log {
    bytes: Vec<u8>,
    lines_left_out: u64,
}

/// The last `at_most` bytes, from the beginning of a line where one begins in them.
fn end_of(mut input: impl Read, at_most: usize) -> std::io::Result<Log> {
    let mut log = Log {
        bytes: Vec::new(),
        lines_left_out: 0,
    };
    loop {
        let room = u64::try_from(at_most).unwrap_or(u64::MAX);
        let count = input.by_ref().take(room).read_to_end(&mut log.bytes)?;
        if let Some(over) = log
            .bytes
            .len()
            .checked_sub(at_most)
            .filter(|over| *over > 0)
        {
            // At least what is too much, and the rest of the line that would be cut.
            let line = log.bytes[over..].iter().position(|byte| *byte == b'\n');
            let to = line.map_or(over, |end| over + end + 1);
            let ends = log.bytes[..to]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            log.lines_left_out += u64::try_from(ends).unwrap_or(u64::MAX);
            log.bytes.drain(..to);
        }
        if count == 0 {
            return Ok(log);
        }
    }
}

/// The scenarios in which this class is right to say, with their titles: those that are about it
/// first, then those that a user name and a password are enough for, and those that are about it
/// alone before those in which other classes are right as well; variants last.
fn reproducing(class: Class, set: &ScenarioSet) -> Vec<(String, String)> {
    let mut found: Vec<_> = set
        .scenarios()
        .filter_map(|scenario| {
            let expected = scenario.expected_diagnosis().any_of.unwrap_or_default();
            let place = expected.iter().position(|&right| right == class)?;
            let settings = scenario.file.subject.as_ref();
            let method = settings.and_then(|settings| settings.auth_method);
            let asks_for_more = method.unwrap_or_default() != AuthMethod::Basic;
            let is_variant = scenario.variant.is_some();
            Some(((place, is_variant, asks_for_more, expected.len()), scenario))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found
        .into_iter()
        .map(|(_, scenario)| (scenario.name(), scenario.file.title.clone()))
        .collect()
}

fn command(name: &str) -> String {
    format!("snowproof exec {name} -- YOUR-CONNECTOR")
}

fn object(reading: &LogReading, set: &ScenarioSet) -> serde_json::Value {
    let findings: Vec<_> = reading
        .findings
        .iter()
        .map(|finding| {
            let about = about(finding.class);
            let scenarios: Vec<_> = reproducing(finding.class, set)
                .into_iter()
                .map(|(name, title)| json!({ "name": name, "title": title, "command": command(&name) }))
                .collect();
            json!({
                "class": finding.class,
                "meaning": about.meaning,
                "likely_final": finding.likely_final,
                "count": finding.count,
                "mentions": finding.mentions,
                "candidates": finding.candidates,
                "actor": about.actor,
                "retry": about.retry,
                "next_step": about.next_step,
                "scenarios": scenarios,
            })
        })
        .collect();
    json!({ "lines": reading.lines, "findings": findings })
}

fn page(reading: &LogReading, set: &ScenarioSet) -> String {
    let (finals, earlier): (Vec<_>, Vec<_>) = reading
        .findings
        .iter()
        .partition(|finding| finding.likely_final);
    let mut parts = vec!["likely the final word".to_owned()];
    parts.extend(finals.into_iter().map(|finding| paragraph(finding, set)));
    if !earlier.is_empty() {
        parts.push("also in the log, the latest first".to_owned());
        parts.extend(earlier.into_iter().map(|finding| paragraph(finding, set)));
    }
    parts.join("\n\n")
}

fn paragraph(finding: &LogFinding, set: &ScenarioSet) -> String {
    let about = about(finding.class);
    let mut lines = vec![format!("  {}  {}", finding.class, about.meaning)];
    let mut tell = |title: &str, text: &str| lines.push(format!("    {title:<12}{text}"));
    for mention in &finding.mentions {
        let words = format!("{}  [{}]", mention.text, mention.dialects.join(", "));
        tell(&format!("line {}", mention.line), &words);
    }
    let shown = u64::try_from(finding.mentions.len()).unwrap_or(u64::MAX);
    if finding.count > shown {
        tell("", &format!("and {} lines before", finding.count - shown));
    }
    if !finding.candidates.is_empty() {
        let names: Vec<&str> = finding
            .candidates
            .iter()
            .map(|class| class.name())
            .collect();
        tell("or", &names.join(", "));
    }
    tell("who acts", about.actor_in_words());
    tell("next step", about.next_step);
    tell("retry helps", about.retry_in_words());
    let scenarios = reproducing(finding.class, set);
    for (name, title) in scenarios.iter().take(SCENARIOS_AT_MOST) {
        tell("reproduce", &format!("{name}  {title}"));
    }
    match scenarios.first() {
        Some((name, _)) => tell("", &command(name)),
        None => tell("reproduce", "no scenario yet"),
    }
    lines.join("\n")
}

fn nothing(reading: &LogReading, dialects: &[String]) -> String {
    let lines = reading.lines;
    let read_in = if dialects.is_empty() {
        "every dialect".to_owned()
    } else {
        format!(
            "{}; leave --dialect out to try every dialect",
            dialects.join(", ")
        )
    };
    format!(
        "nothing was recognised in {lines} lines, read in {read_in}\n\
         let the connector log the error it caught with all of its causes, and give that here;\n\
         or meet the failures one by one: `snowproof list` shows them, `snowproof exec CODE -- COMMAND` is one"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_log_the_end_is_read_and_lines_keep_their_numbers() {
        let whole: String = (1..=1000).map(|line| format!("line {line}\n")).collect();
        for at_most in [10, 100, 1000, whole.len() - 1] {
            let log = end_of(whole.as_bytes(), at_most).unwrap();
            let text = String::from_utf8(log.bytes).unwrap();
            assert!(text.len() <= at_most, "{at_most}");
            assert!(whole.ends_with(&text));
            let first = text.lines().next().unwrap();
            assert_eq!(first, format!("line {}", log.lines_left_out + 1));
        }
        let log = end_of(whole.as_bytes(), whole.len()).unwrap();
        assert_eq!((log.bytes.len(), log.lines_left_out), (whole.len(), 0));
    }

    #[test]
    fn a_cause_is_reproduced_by_the_scenario_that_is_about_it() {
        let set = ScenarioSet::embedded().unwrap();
        for (class, first) in [
            (Class::NetConnectTimeout, "SP-N04"),
            (Class::NetDns, "SP-U03"),
            (Class::NetRefused, "SP-N03"),
            (Class::ThrottleExecutionQuota, "SP-T06"),
            (Class::ThrottleRateLimit, "SP-T01"),
            (Class::TlsExpired, "SP-S01"),
            (Class::InstanceHibernating, "SP-I01"),
        ] {
            let found = reproducing(class, &set);
            let name = found.first().map(|(name, _)| name.as_str());
            assert_eq!(name, Some(first), "{class}");
        }
    }

    #[test]
    fn one_endless_line_is_bounded_too() {
        let log = end_of(std::io::repeat(b'x').take(100_000), 1000).unwrap();
        assert_eq!((log.bytes.len(), log.lines_left_out), (1000, 0));
        assert!(end_of(std::io::empty(), 10).unwrap().bytes.is_empty());
    }
}
