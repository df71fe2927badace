//! The manifest that a command suggests by what it was seen to do.

use std::fmt::Write;

use serde_json::json;

use super::super::exec::variable;
use super::last::Last;
use crate::diagnosis;
use crate::preflight::{key_in, pointer_to_words};
use crate::subject::template::{self, Part};

/// How the `User-Agent` of a stack begins or what it holds, and its dialect.
const AGENTS: [(&str, &str); 11] = [
    ("aiohttp/", "aiohttp"),
    ("python-httpx/", "httpx"),
    ("python-requests/", "python-requests"),
    ("python-urllib", "python-requests"),
    ("axios/", "axios"),
    ("undici", "node-fetch"),
    ("node", "node-fetch"),
    ("java", "java-httpclient"),
    ("go-http-client", "go-http"),
    ("curl/", "curl"),
    ("reqwest", "reqwest"),
];

/// What a setting that is a secret is called, and the parameter that it is.
const SECRETS: [(&str, &str); 5] = [
    ("client-secret", "{client_secret}"),
    ("api-key", "{api_key}"),
    ("token", "{access_token}"),
    ("password", "{password}"),
    ("secret", "{client_secret}"),
];

/// Writes it.
pub(super) fn manifest(last: &Last) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    let flag = |name: &str| {
        let mut flags = last.flags.iter();
        flags
            .find(|(flag, _)| flag == name)
            .map(|(_, value)| value.as_str())
    };
    let program = last.command.first().map_or("connector", String::as_str);
    let name = name_of(last);
    line(&format!(
        "# What `snowproof exec {}` suggests. Lines that are commented out wait for you.",
        last.scenario
    ));
    line("schema: snowproof.subject/1");
    line(&format!("subject: {}", json!(name)));
    line("adapter: command");
    line(&format!("# version: [{}, \"--version\"]", json!(program)));
    line("# A command per verb: check tests the connection, sync reads a table whole.");
    line("run:");
    let command: Vec<String> = without_secrets(&last.command);
    line(&format!("  {}: {}", last.verb, list(&command)));
    let other = if last.verb == "sync" { "check" } else { "sync" };
    line(&format!("  # {other}: {}", list(&command)));
    if last.reads.is_empty() && last.variables.is_empty() {
        line("env: {}");
    } else {
        line("env:");
    }
    for (name, value) in &last.variables {
        let value = secret_of(name)
            .filter(|_| is_literal(value))
            .unwrap_or(value);
        line(&format!("  {name}: {}", json!(as_typed(value))));
    }
    for parameter in &last.reads {
        line(&format!(
            "  {}: \"{{{}}}\"",
            variable(*parameter),
            parameter.name()
        ));
    }
    let passed: Vec<String> = last
        .flags
        .iter()
        .filter(|(flag, _)| flag == "pass-env")
        .map(|(_, value)| value.clone())
        .collect();
    if !passed.is_empty() {
        line(&format!("pass_env: {}", list(&passed)));
    }
    if let Some(route) = flag("route") {
        line(&format!("route: {route}"));
    }
    let table = flag("table").unwrap_or("cmdb_ci_server");
    match flag("write-table") {
        Some(write) => line(&format!(
            "tables: {{ default: {}, write: {} }}",
            json!(table),
            json!(write)
        )),
        None => line(&format!("tables: {{ default: {} }}", json!(table))),
    }
    line(
        "# What it can do: check, sync, basic, oauth-refresh, api-key, mtls, resume, parallel, write, update, …",
    );
    line(&format!("capabilities: [{}, basic]", last.verb));
    line("# What it says of itself; `snowproof policy -- COMMAND` finds the rest.");
    line(&match last.page_size {
        Some(size) => format!("declares: {{ page_size: {size} }}"),
        None => {
            "# declares: { max_attempts: 5, max_wait: 60s, attempt_timeout: 30s, page_size: 100 }"
                .to_owned()
        }
    });
    line("# Where it tells its user what is wrong, and what its own words mean.");
    line("diagnosis:");
    line(&format!("  dialects: [{}]", dialect(last)));
    line(&format!("  read_from: [{}]", words_at(last)));
    line("  # map: [{ match: \"(?i)too many requests\", class: throttle.rate_limit }]");
    line(
        "# Where its records are, a JSON object a line: a file under {out_dir}, or `-` for stdout.",
    );
    line(&match key_in(&last.stdout) {
        Some(key) => format!("records: {{ jsonl: \"-\", key: {key} }}"),
        None => "# records: { jsonl: \"{out_dir}/records.jsonl\", key: /sys_id }".to_owned(),
    });
    text
}

/// What it is called: the script, or the program.
fn name_of(last: &Last) -> String {
    let script = last
        .command
        .iter()
        .find(|word| word.starts_with("{subject_dir}/"));
    let word = script.or(last.command.first());
    let word = word.map_or("connector", String::as_str);
    let name = word.rsplit('/').next().unwrap_or(word);
    name.split('.').next().unwrap_or(name).to_owned()
}

fn list(words: &[String]) -> String {
    let quoted = words.iter().map(|word| json!(as_typed(word)).to_string());
    let quoted: Vec<String> = quoted.collect();
    format!("[{}]", quoted.join(", "))
}

/// Between braces `exec` leaves what it does not know as it is; in a manifest it has to be said so.
fn as_typed(word: &str) -> String {
    let mut text = word.to_owned();
    for part in template::parts(word) {
        let Part::Name(name) = part else { continue };
        if template::parameter(name).is_none() && !["subject_dir", "self"].contains(&name) {
            text = text.replace(&format!("{{{name}}}"), &format!("{{{{{name}}}}}"));
        }
    }
    text
}

/// The parameter that a setting of this name is, where that is a secret.
fn secret_of(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    SECRETS
        .into_iter()
        .find(|(word, _)| name.contains(word))
        .map(|(_, parameter)| parameter)
}

/// Whether a value is one, and neither a parameter nor what a shell fills in.
fn is_literal(value: &str) -> bool {
    !value.is_empty() && !value.contains(['{', '$'])
}

/// A secret that was typed becomes the parameter that it is.
fn without_secrets(command: &[String]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut awaited = None;
    for word in command {
        if let Some(parameter) = Option::take(&mut awaited)
            && is_literal(word)
        {
            words.push(parameter);
            continue;
        }
        let flag = word.strip_prefix("--");
        words.push(match flag.and_then(|flag| flag.split_once('=')) {
            Some((name, value)) if is_literal(value) => match secret_of(name) {
                Some(parameter) => format!("--{name}={parameter}"),
                None => word.clone(),
            },
            _ => word.clone(),
        });
        let names_one = flag.filter(|flag| !flag.contains('=')).and_then(secret_of);
        awaited = names_one.map(str::to_owned);
    }
    words
}

fn dialect(last: &Last) -> &'static str {
    let agent = last.agent.to_ascii_lowercase();
    let by_agent = AGENTS.iter().find(|(part, _)| agent.contains(part));
    by_agent.map(|(_, dialect)| *dialect).unwrap_or_else(|| {
        let read = diagnosis::read_log(&last.stderr, &[], 1);
        let mentions = read
            .findings
            .first()
            .and_then(|found| found.mentions.last());
        let dialect = mentions.and_then(|mention| mention.dialects.first());
        dialect.copied().unwrap_or_default()
    })
}

fn words_at(last: &Last) -> String {
    for (stream, text) in [("stderr", &last.stderr), ("stdout", &last.stdout)] {
        if let Some(pointer) = pointer_to_words(text) {
            return format!("{{ {stream}_json: {pointer} }}, stderr_last_line");
        }
    }
    "stderr_last_line, stdout_last_line".to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use snowproof_protocol::Parameter;

    use super::*;
    use crate::subject::Subject;
    use crate::subject::template::Values;
    use crate::yaml::SourceFile;

    /// What the command was given.
    fn word_of_exec(word: &str) -> String {
        Values::default().fill(word)
    }

    fn last(command: &[&str]) -> Last {
        Last {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            scenario: "SP-C01".to_owned(),
            verb: "check".to_owned(),
            agent: "python-requests/2.34.0".to_owned(),
            ..Last::default()
        }
    }

    fn read(text: &str) -> Subject {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: text.to_owned(),
        };
        Subject::read(&source, PathBuf::from("/"))
            .unwrap_or_else(|error| panic!("{}\n{text}", error.rendered()))
    }

    #[test]
    fn looks_as_agreed() {
        let suggested = Last {
            variables: vec![("SYNC_PASSWORD".to_owned(), "hunter2".to_owned())],
            reads: vec![Parameter::BaseUrl],
            flags: vec![("pass-env".to_owned(), "VIRTUAL_ENV".to_owned())],
            page_size: Some(500),
            stdout: "{\"sys_id\": \"a\"}\n".to_owned(),
            ..last(&["python3", "{subject_dir}/sync.py", "--url", "{base_url}"])
        };
        let text = manifest(&suggested);
        read(&text);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_secret_that_was_typed_is_written_down() {
        let text = manifest(&last(&[
            "mysync",
            "--password",
            "hunter2",
            "--client-secret=hunter3",
            "--token",
            "{access_token}",
            "--user",
            "me",
            "-c",
            "$SNOWPROOF_PASSWORD",
        ]));
        assert!(!text.contains("hunter"), "{text}");
        let command = &read(&text).file.run[0];
        assert_eq!(command[2], "{password}");
        assert_eq!(command[3], "--client-secret={client_secret}");
        assert_eq!(command[5], "{access_token}");
        assert_eq!(command[9], "$SNOWPROOF_PASSWORD");
    }

    #[test]
    fn any_command_makes_a_manifest_that_can_be_read() {
        for word in [
            "a: b",
            "- x",
            "\"",
            "#",
            "{file}",
            "{\"a\": 1}",
            "é\n",
            "{out_dir}/x",
        ] {
            let text = manifest(&last(&["program", word]));
            let told = &read(&text).file.run[0][1];
            assert_eq!(Values::default().fill(told), word_of_exec(word), "{text}");
        }
    }
}
