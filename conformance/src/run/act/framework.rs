//! How a source of a framework is called: what follows its program, and the catalog that a sync
//! takes, which comes from a process of its own.

use std::path::Path;

use serde_json::Value;
use snowproof_protocol::Verb;

use super::super::workplace::ActFolders;
use super::ActOrder;
use super::listener::Listener;
use crate::subject::template::Values;
use crate::subject::{Adapter, RunKey, StreamChoice, SubjectFile};

/// The name that a catalog has among the files of an act.
const CATALOG: &str = "catalog";
/// The state that a process is given.
const STATE: &str = "state.given";

/// What a process of an act is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It finds out what there is to read.
    Discover,
    /// It does what the act is for.
    Act,
}

impl Step {
    /// What an act begins with.
    pub(super) fn first(subject: &SubjectFile, verb: Verb) -> Self {
        let wants = match subject.adapter {
            Adapter::Native | Adapter::Command | Adapter::Http => false,
            Adapter::Airbyte => verb == Verb::Sync,
            Adapter::Singer => subject.stream.is_some() && !has_check(subject, verb),
        };
        if wants && !subject.files.contains_key(CATALOG) {
            Self::Discover
        } else {
            Self::Act
        }
    }
}

/// Whether a tap has a command of its own for this verb.
fn has_check(subject: &SubjectFile, verb: Verb) -> bool {
    verb == Verb::Check && subject.run.contains_key(&RunKey::Check)
}

/// The command of the manifest that is started.
pub(super) fn key(subject: &SubjectFile, verb: Verb) -> RunKey {
    match subject.adapter {
        Adapter::Native => RunKey::Native,
        Adapter::Command => RunKey::from(verb),
        Adapter::Airbyte => RunKey::Airbyte,
        Adapter::Singer if has_check(subject, verb) => RunKey::Check,
        Adapter::Singer => RunKey::Singer,
        Adapter::Http => RunKey::Http,
    }
}

/// What follows the command. The error is the system's: the state could not be written.
pub(super) fn arguments(
    order: &ActOrder<'_>,
    folders: &ActFolders,
    step: Step,
) -> std::io::Result<Vec<String>> {
    let (subject, verb) = (&order.subject.file, order.act.verb);
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |name: &str, file: &str| {
        let path = folders.files.join(file);
        arguments.extend([name.to_owned(), path.display().to_string()]);
    };
    let verb_of_airbyte = match (step, verb) {
        (Step::Discover, _) => "discover",
        (Step::Act, Verb::Check) => "check",
        (Step::Act, _) => "read",
    };
    match subject.adapter {
        Adapter::Native | Adapter::Command => return Ok(arguments),
        Adapter::Http => return Ok(vec![verb.to_string()]),
        Adapter::Singer if has_check(subject, verb) => return Ok(arguments),
        Adapter::Airbyte | Adapter::Singer => add("--config", "config"),
    }
    let is_airbyte = subject.adapter == Adapter::Airbyte;
    let reads = step == Step::Act && !(is_airbyte && verb == Verb::Check);
    if reads && folders.files.join(CATALOG).is_file() {
        add("--catalog", CATALOG);
    }
    if reads && let Some(state) = &order.state {
        std::fs::write(folders.files.join(STATE), state.to_string())?;
        add("--state", STATE);
    }
    if is_airbyte {
        arguments.insert(0, verb_of_airbyte.to_owned());
    } else if step == Step::Discover {
        arguments.push("--discover".to_owned());
    }
    Ok(arguments)
}

/// Writes the catalog of the stream that is to be read; whether one was discovered.
pub(super) fn write_catalog(
    order: &ActOrder<'_>,
    listener: &Listener,
    values: &Values,
    folder: &Path,
) -> std::io::Result<bool> {
    let choice = order.subject.file.stream.clone().unwrap_or_default();
    let Some(catalog) = catalog(listener, &values.fill(&choice.name), &choice) else {
        return Ok(false);
    };
    std::fs::write(folder.join(CATALOG), catalog.to_string())?;
    Ok(true)
}

fn catalog(listener: &Listener, stream: &str, choice: &StreamChoice) -> Option<Value> {
    match listener {
        Listener::Airbyte(source) => source.configured(stream, choice),
        Listener::Singer(tap) => tap.selected(stream),
        Listener::Native(_) | Listener::Records(_) | Listener::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Subject;
    use crate::yaml::SourceFile;

    fn manifest(body: &str) -> SubjectFile {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: format!(
                "schema: snowproof.subject/1\nsubject: x\ncapabilities: [check]\n{body}\n"
            ),
        };
        let subject = Subject::read(&source, "/".into());
        subject
            .unwrap_or_else(|error| panic!("{}", error.rendered()))
            .file
    }

    #[test]
    fn a_catalog_is_discovered_for_a_sync_that_is_given_none() {
        let config = "config: { template: x }";
        let airbyte = format!("adapter: airbyte\nrun: {{ airbyte: [a] }}\nfiles: {{ {config}");
        let singer = format!("adapter: singer\nrun: {{ singer: [a] }}\nfiles: {{ {config} }}");
        let source = manifest(&format!("{airbyte} }}"));
        assert_eq!(Step::first(&source, Verb::Sync), Step::Discover);
        assert_eq!(Step::first(&source, Verb::Check), Step::Act);
        let given = manifest(&format!("{airbyte}, catalog: {{ template: x }} }}"));
        assert_eq!(Step::first(&given, Verb::Sync), Step::Act);
        let tap = manifest(&singer);
        assert_eq!(Step::first(&tap, Verb::Sync), Step::Act);
        let chosen = manifest(&format!("{singer}\nstream: {{}}"));
        assert_eq!(Step::first(&chosen, Verb::Sync), Step::Discover);
        assert_eq!(key(&chosen, Verb::Check), RunKey::Singer);
    }

    #[test]
    fn a_tap_with_a_test_is_checked_by_it() {
        let tap = manifest(
            "adapter: singer\nrun: { singer: [a], check: [b] }\nfiles: { config: { template: x } }\nstream: {}",
        );
        assert_eq!(key(&tap, Verb::Check), RunKey::Check);
        assert_eq!(Step::first(&tap, Verb::Check), Step::Act);
        assert_eq!(key(&tap, Verb::Sync), RunKey::Singer);
        assert_eq!(Step::first(&tap, Verb::Sync), Step::Discover);
    }
}
