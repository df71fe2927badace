//! Nothing arrived: what it ended of, and what it may have needed.

use std::sync::LazyLock;

use regex::Regex;

use super::{Fault, Finding, Manifest, Trial};
use crate::evidence::{ActEvidence, ProcessEnding, ProcessProblem};
use crate::subject::Route;

/// A variable, as programs are wont to name them.
static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|'[A-Z][A-Z0-9]{2,}'").ok());

/// A line that speaks of settings that are missing.
const SPEAKS_OF_SETTINGS: [&str; 9] = [
    "env",
    "keyerror",
    "not set",
    "unset",
    "missing",
    "required",
    "must be set",
    "undefined",
    "not found",
];

/// How a shell, and what is like one, says that a program cannot be run (POSIX, 2.8.2).
const CANNOT_BE_RUN: i32 = 126;
const NOT_FOUND: i32 = 127;

/// What the connector may be told its address by.
const ADDRESS: [&str; 5] = [
    "base_url",
    "instance_name",
    "host",
    "token_url",
    "proxy_url",
];

pub(super) fn examine(manifest: &Manifest<'_>, trial: Trial<'_>) -> Option<Finding> {
    let act = trial.act()?;
    let command = manifest.command(act);
    if act.ending == ProcessEnding::NotStarted {
        let why = act.problems.iter().find_map(|problem| match problem {
            ProcessProblem::NotStarted { why } => Some(why.clone()),
            _ => None,
        });
        let change = "write the path of a program that is there, or install it".to_owned();
        let seen = why.unwrap_or_default();
        return Some(manifest.finding(Fault::CannotStart, &command, seen, change));
    }
    if act.first_contact_ns.is_some() {
        return None;
    }
    let ended = matches!(act.ending, ProcessEnding::Exited | ProcessEnding::Answered);
    if ended && let Some((entry, change)) = missing(act, &trial.tail()) {
        let seen = format!(
            "it {} before it connected: {}",
            how(act),
            trial.last_words()
        );
        return Some(manifest.finding(Fault::ExitedBeforeConnecting, &entry, seen, change));
    }
    let place = ADDRESS.iter().find_map(|name| manifest.placed(name));
    if place.is_none() {
        let seen = format!(
            "nothing arrived, and the manifest places no address: {}",
            trial.last_words()
        );
        let change = "hand it {base_url}, or {instance_name} and a `route`, in `env`, `files` or the command";
        return Some(manifest.finding(Fault::NothingArrived, &command, seen, change.to_owned()));
    }
    if manifest.file.route == Route::Proxy {
        let seen = format!(
            "it {} and never asked the proxy: {}",
            how(act),
            trial.last_words()
        );
        let change = "it does not read HTTPS_PROXY: place {proxy_url} in its own setting, or take another \
                      route, `hosts`, `nss_wrapper` or `java_hosts`";
        return Some(manifest.finding(Fault::ProxyIgnored, &["route"], seen, change.to_owned()));
    }
    let (fault, change) = if ended {
        let change = "run the command by hand in an empty environment (`env -i PATH=\"$PATH\"`): what it lacks \
                      then goes into `env`, `pass_env` or `files`; `home: keep` gives it your own HOME";
        (Fault::ExitedBeforeConnecting, change)
    } else {
        let change = "see that it takes its address from here and from no file or default of its own; one that \
                      insists on an instance's name needs a `route`";
        (Fault::NothingArrived, change)
    };
    let texts = (
        format!(
            "it {} and made no contact: {}",
            how(act),
            trial.last_words()
        ),
        change.to_owned(),
    );
    Some(match fault {
        Fault::NothingArrived => manifest.about_placed(fault, &ADDRESS, &command, texts),
        fault => manifest.finding(fault, &command, texts.0, texts.1),
    })
}

/// How it ended.
pub(super) fn how(act: &ActEvidence) -> String {
    match (act.ending, act.exit_code, act.signal) {
        (ProcessEnding::Exited, Some(code), _) => format!("exited with {code}"),
        (ProcessEnding::Exited, None, Some(signal)) => format!("was ended by signal {signal}"),
        (ProcessEnding::Answered, ..) => "said its result".to_owned(),
        _ => "still ran when its time was over".to_owned(),
    }
}

/// What its words say is missing: the entry that gives it, and what to write.
fn missing(act: &ActEvidence, words: &str) -> Option<(Vec<&'static str>, String)> {
    if let Some(code @ (CANNOT_BE_RUN | NOT_FOUND)) = act.exit_code {
        let change = format!(
            "{code} is what a shell says of a program that is not there or cannot be run: install it, or write its \
             path; `pass_env` names variables by which it is found"
        );
        return Some((vec!["run"], change));
    }
    for line in words.lines().rev() {
        if let Some(module) = between(line, "No module named '", "'")
            .or_else(|| between(line, "Cannot find module '", "'"))
        {
            let change = format!(
                "the interpreter does not find `{module}`: name the one of its own environment \
                 (such as `{{subject_dir}}/venv/bin/python`), or list PYTHONPATH, NODE_PATH or VIRTUAL_ENV in `pass_env`"
            );
            return Some((vec!["run"], change));
        }
        let small = line.to_ascii_lowercase();
        let of_settings = SPEAKS_OF_SETTINGS.iter().any(|word| small.contains(word));
        let variable = VARIABLE.as_ref().filter(|_| of_settings).and_then(|names| {
            let mut found = names
                .find_iter(line)
                .map(|it| it.as_str().trim_matches('\''));
            found.find(|name| !act.environment.iter().any(|given| given == name))
        });
        if let Some(name) = variable {
            let change = format!(
                "it speaks of `{name}`, which it was not given: write `{name}: …` under `env`, or list it in \
                 `pass_env` to take yours"
            );
            return Some((vec!["env"], change));
        }
        let no_file = small.contains("no such file") || small.contains("does not exist");
        if no_file
            && ["home/.", "~/", ".config/", ".netrc"]
                .iter()
                .any(|it| line.contains(it))
        {
            let change = "it looks for a file in its HOME, which is a new, empty folder: write the file under \
                          `files` and name it in the command, or `home: keep`";
            return Some((vec!["home"], change.to_owned()));
        }
        if no_file {
            let change = "it runs in a folder of its own: write {subject_dir}/ before files that lie beside the \
                          manifest, and {out_dir}/ before those that it writes";
            return Some((vec!["run"], change.to_owned()));
        }
    }
    None
}

fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &line[line.find(before)? + before.len()..];
    Some(&rest[..rest.find(after)?])
}
