//! `snowproof.yaml` in the working folder: what flags are where the command line does not say.
//!
//! ```yaml
//! schema: snowproof.config/1
//! test:
//!   subject: mysync.yaml
//!   baseline: snowproof-baseline.yaml
//!   filter: ["profile:core", "!SP-T03"]
//! ```
//!
//! Flags are called as on the command line, and what the command line says goes first: a flag of the
//! file that it gives, or that conflicts with one that it gives, is left out.

use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Command};
use indexmap::IndexMap;
use serde_json::Value;

use super::{Failure, exit};
use crate::yaml::{self, FileError, Positions, SourceFile};

/// The file.
const FILE: &str = "snowproof.yaml";

/// Format and version of the file.
const SCHEMA: &str = "snowproof.config/1";

/// The words of the command line, with those that the working folder's file adds to its verb.
pub(super) fn with_defaults(command: &Command, words: Vec<String>) -> Result<Vec<String>, Failure> {
    let path = Path::new(FILE);
    if !path.is_file() {
        return Ok(words);
    }
    let text = yaml::text_of(path)
        .map_err(|error| Failure::usage(format!("failed to read `{FILE}`: {error}")))?;
    let name = FILE.to_owned();
    added(command, words, &SourceFile { name, text })
        .map_err(|error| Failure::new(exit::USAGE, error.rendered()))
}

type Read<T> = Result<T, Box<FileError>>;

fn added(command: &Command, mut words: Vec<String>, source: &SourceFile) -> Read<Vec<String>> {
    let file = File::read(command, source)?;
    let given = command
        .clone()
        .ignore_errors(true)
        .try_get_matches_from(&words);
    let Ok(given) = given else { return Ok(words) };
    let Some((verb, given)) = given.subcommand() else {
        return Ok(words);
    };
    let (Some(flags), Some(command)) = (file.verbs.get(verb), command.find_subcommand(verb)) else {
        return Ok(words);
    };
    let typed: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| {
            let id = arg.get_id().as_str();
            let known = given.try_contains_id(id).unwrap_or(false);
            known && given.value_source(id) == Some(ValueSource::CommandLine)
        })
        .collect();
    let mut added = Vec::new();
    for (key, value) in flags {
        let Some(arg) = argument(command, key) else {
            continue;
        };
        let goes_first = |typed: &&Arg| {
            let conflicts = |one: &Arg, other: &Arg| {
                let conflicting = command.get_arg_conflicts_with(one);
                conflicting.iter().any(|it| it.get_id() == other.get_id())
            };
            typed.get_id() == arg.get_id() || conflicts(typed, arg) || conflicts(arg, typed)
        };
        if !typed.iter().any(goes_first) {
            let path = [verb, key.as_str()];
            added.extend(spelled(arg, value).map_err(|why| file.error(&path, why))?);
        }
    }
    if let Some(at) = words.iter().position(|word| word == verb) {
        words.splice(at + 1..at + 1, added);
    }
    Ok(words)
}

/// The file, every verb and flag of it known.
struct File<'a> {
    source: &'a SourceFile,
    positions: Positions,
    verbs: IndexMap<String, IndexMap<String, Value>>,
}

impl<'a> File<'a> {
    fn read(command: &Command, source: &'a SourceFile) -> Read<Self> {
        let mut raw: IndexMap<String, Value> = yaml::read(source)?;
        let positions = Positions::read(source)?;
        let schema = raw.shift_remove("schema");
        let mut file = Self {
            source,
            positions,
            verbs: IndexMap::new(),
        };
        if schema != Some(SCHEMA.into()) {
            let error = file.error(&["schema"], "the file does not name its schema".to_owned());
            return Err(error
                .hint(format!("begin it with `schema: {SCHEMA}`"))
                .into());
        }
        let takes_flags = |command: &&Command| !command.has_subcommands();
        for (verb, flags) in raw {
            let Some(command) = command.find_subcommand(&verb).filter(takes_flags) else {
                let verbs = command.get_subcommands().filter(takes_flags);
                let error = file.error(&[&verb], format!("`{verb}` is no verb that takes flags"));
                return Err(error.legal(&verb, verbs.map(Command::get_name)).into());
            };
            let Value::Object(flags) = flags else {
                let error = file.error(&[&verb], format!("`{verb}` holds no flags"));
                return Err(error.hint("write `flag: value`, a line each").into());
            };
            for key in flags.keys() {
                if argument(command, key).is_none() {
                    let legal: Vec<String> = command.get_arguments().filter_map(called).collect();
                    let error = file.error(&[&verb, key], format!("`{verb}` has no flag `{key}`"));
                    return Err(error.legal(key, legal.iter().map(String::as_str)).into());
                }
            }
            file.verbs.insert(verb, flags.into_iter().collect());
        }
        Ok(file)
    }

    fn error(&self, path: &[&str], message: String) -> FileError {
        FileError::at(self.source, self.positions.of(path), message)
    }
}

/// As the file calls an argument: by its flag, or a list of words by what one is called.
fn called(arg: &Arg) -> Option<String> {
    match arg.get_long() {
        Some("help" | "version") => None,
        Some(long) => Some(long.to_owned()),
        None if arg.is_required_set() || arg.is_last_set() => None,
        None => arg
            .get_value_names()
            .and_then(|names| names.first())
            .map(|name| name.to_lowercase()),
    }
}

fn argument<'c>(command: &'c Command, key: &str) -> Option<&'c Arg> {
    command
        .get_arguments()
        .find(|arg| called(arg).as_deref() == Some(key))
}

/// The words of an argument with a value.
fn spelled(arg: &Arg, value: &Value) -> Result<Vec<String>, String> {
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(format!("`{other}` is no value of a flag")),
    };
    match (value, arg.get_long()) {
        (Value::Bool(on), Some(long)) if is_switch => Ok(if *on {
            vec![format!("--{long}")]
        } else {
            Vec::new()
        }),
        (_, Some(long)) if is_switch => Err(format!("`{long}` is true or false")),
        (Value::Array(items), Some(long)) if !many(arg) => Err(format!(
            "`{long}` takes one value, and here are {}",
            items.len()
        )),
        (Value::Array(items), long) => items
            .iter()
            .map(|item| Ok(worded(long, &text(item)?)))
            .collect(),
        (value, long) => Ok(vec![worded(long, &text(value)?)]),
    }
}

fn worded(long: Option<&str>, value: &str) -> String {
    long.map_or_else(|| value.to_owned(), |long| format!("--{long}={value}"))
}

fn many(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        use clap::CommandFactory;
        let mut command = crate::command::CommandLine::command();
        command.build();
        command
    }

    fn with(file: &str, words: &[&str]) -> Result<Vec<String>, String> {
        let source = SourceFile {
            name: FILE.to_owned(),
            text: format!("schema: {SCHEMA}\n{file}"),
        };
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        added(&command(), words, &source).map_err(|error| error.rendered())
    }

    const TEST: &str = "test: { subject: my.yaml, jobs: 8, strict: true, fail-fast: false, \
                        filter: [core, '!SP-T03'], scenarios: [a, b] }\n";

    #[test]
    fn flags_of_the_verb_are_added_behind_it() {
        assert_eq!(
            with(TEST, &["snowproof", "test", "--seed", "7"]).unwrap(),
            [
                "snowproof",
                "test",
                "--subject=my.yaml",
                "--jobs=8",
                "--strict",
                "core",
                "!SP-T03",
                "--scenarios=a",
                "--scenarios=b",
                "--seed",
                "7"
            ]
        );
        assert_eq!(
            with(TEST, &["snowproof", "list"]).unwrap(),
            ["snowproof", "list"]
        );
    }

    #[test]
    fn the_command_line_goes_first() {
        let words = with(
            TEST,
            &[
                "snowproof",
                "test",
                "--sin",
                "hot-loop",
                "SP-T01",
                "--jobs",
                "2",
            ],
        );
        assert_eq!(
            words.unwrap(),
            [
                "snowproof",
                "test",
                "--strict",
                "--scenarios=a",
                "--scenarios=b",
                "--sin",
                "hot-loop",
                "SP-T01",
                "--jobs",
                "2"
            ]
        );
        let words = with(TEST, &["snowproof", "test", "--debug", "SP-T01"]).unwrap();
        assert!(!words.contains(&"core".to_owned()), "{words:?}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (file, told) in [
            ("tset: {}", "did you mean `test`?"),
            ("test: { subjct: x }", "did you mean `subject`?"),
            ("test: { strict: 1 }", "`strict` is true or false"),
            ("test: { jobs: [1, 2] }", "takes one value"),
            ("test: { jobs: { a: 1 } }", "is no value of a flag"),
            ("test: 7", "holds no flags"),
            ("baseline: {}", "is no verb that takes flags"),
        ] {
            let error = with(file, &["snowproof", "test"]).unwrap_err();
            assert!(error.contains(told), "{error}");
            assert!(error.contains("snowproof.yaml:2"), "{error}");
        }
        let source = SourceFile {
            name: FILE.to_owned(),
            text: "test: {}".to_owned(),
        };
        let error = added(&command(), vec!["snowproof".into()], &source).unwrap_err();
        assert!(error.rendered().contains(SCHEMA));
    }
}
