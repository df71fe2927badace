//! The command line: what a person types, and the exit status that answers.
//!
//! Data goes to stdout, talk to stderr. Each verb is a file; this one knows only their names.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub mod exit;

mod acceptance;
mod baseline;
mod connector;
mod console;
mod debugging;
mod defaults;
mod diagnose;
mod dictionary;
mod doctor;
mod driving;
mod exec;
mod explain;
mod gate;
mod init;
mod judge;
mod list;
mod policy;
mod printing;
mod report;
mod scenarios;
mod schema;
mod serve;
mod service;
mod signals;
mod test;

/// Drives a real ServiceNow connector through real failures and judges it.
#[derive(Debug, Parser)]
#[command(
    name = "snowproof",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit status:
  0    it conforms
  1    it does not
  2    inconclusive: a failure was not met, or a check could not be decided
  3    the command line, a scenario or a manifest is wrong
  4    nothing was selected
  5    the harness itself failed
  130  interrupted; the report is written

Examples:
  snowproof test                         judge the bundled connector, to see what a run looks like
  snowproof test --subject my.yaml       judge yours"
)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Test(test::Arguments),
    Exec(exec::Arguments),
    Policy(policy::Arguments),
    Serve(serve::Arguments),
    Dictionary(dictionary::Arguments),
    List(list::Arguments),
    Explain(explain::Arguments),
    Judge(judge::Arguments),
    Baseline(baseline::Arguments),
    Doctor(doctor::Arguments),
    Schema(schema::Arguments),
    Connector(connector::Arguments),
    Diagnose(diagnose::Arguments),
    Init(init::Arguments),
    Report(report::Arguments),
    #[command(hide = true)]
    Service(service::Arguments),
}

/// Why a verb ended without its result.
#[derive(Debug)]
pub struct Failure {
    /// What is told on stderr.
    pub message: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    fn new(status: u8, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            status,
        }
    }

    fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(exit::USAGE, format!("error: {message}"))
    }

    fn harness(message: impl std::fmt::Display) -> Self {
        Self::new(exit::HARNESS_ERROR, format!("error: {message}"))
    }
}

/// What a verb ends with: its exit status, or why it has none of its own.
type Ended = Result<u8, Failure>;

/// Reads the command line and does what it says.
pub async fn main() -> ExitCode {
    if let Some(argument) = std::env::args_os().find(|argument| argument.to_str().is_none()) {
        printing::talk(&format!(
            "error: the argument `{}` is not UTF-8; rename what it names",
            argument.display()
        ));
        return ExitCode::from(exit::USAGE);
    }
    let mut command = CommandLine::command();
    command.build();
    let words = match defaults::with_defaults(&command, std::env::args().collect()) {
        Ok(words) => words,
        Err(failure) => {
            printing::talk(&failure.message);
            return ExitCode::from(failure.status);
        }
    };
    let line = match CommandLine::try_parse_from(words) {
        Ok(line) => line,
        Err(error) => {
            let wants_help = !error.use_stderr();
            // Nothing is left to tell where even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(if wants_help {
                exit::CONFORMS
            } else {
                exit::USAGE
            });
        }
    };
    let ended = match line.verb {
        Verb::Test(arguments) => test::run(arguments).await,
        Verb::Exec(arguments) => exec::run(arguments).await,
        Verb::Policy(arguments) => policy::run(arguments).await,
        Verb::Serve(arguments) => serve::run(arguments).await,
        Verb::Dictionary(arguments) => dictionary::run(&arguments),
        Verb::List(arguments) => list::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Judge(arguments) => judge::run(&arguments),
        Verb::Baseline(arguments) => baseline::run(&arguments),
        Verb::Doctor(arguments) => doctor::run(arguments).await,
        Verb::Schema(arguments) => schema::run(&arguments),
        Verb::Connector(arguments) => return connector::run(arguments).await,
        Verb::Diagnose(arguments) => diagnose::run(&arguments),
        Verb::Init(arguments) => init::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Service(arguments) => service::run(&arguments).await,
    };
    ExitCode::from(match ended {
        Ok(status) => status,
        Err(failure) => {
            printing::talk(&failure.message);
            failure.status
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_verb_shows_two_examples() {
        CommandLine::command().debug_assert();
        for verb in CommandLine::command().get_subcommands() {
            let help = verb
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let examples = help
                .lines()
                .filter(|line| line.trim_start().starts_with("snowproof "))
                .count();
            assert!(examples >= 2, "{} shows {examples}", verb.get_name());
        }
    }
}
