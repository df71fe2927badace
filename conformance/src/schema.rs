//! The published formats as JSON Schemas, generated from the types that read and write them.

use std::path::Path;

use schemars::{JsonSchema, Schema, schema_for};

use crate::baseline::Baseline;
use crate::edition::Edition;
use crate::instance::InstanceFile;
use crate::report::Report;
use crate::scenario::ScenarioFile;
use crate::subject::SubjectFile;

/// Every published schema: file name and content, in the order of names.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("baseline.v1.json", of::<Baseline>()),
        ("edition.v1.json", of::<Edition>()),
        ("instance.v1.json", of::<InstanceFile>()),
        (
            "journal-entry.v1.json",
            of::<snowproof_simulator::journal::Entry>(),
        ),
        (
            "journal-header.v1.json",
            of::<snowproof_simulator::journal::Header>(),
        ),
        (
            "native-from-connector.v1.json",
            of::<snowproof_protocol::FromConnector>(),
        ),
        (
            "native-to-connector.v1.json",
            of::<snowproof_protocol::ToConnector>(),
        ),
        ("report.v1.json", of::<Report>()),
        ("scenario.v1.json", of::<ScenarioFile>()),
        ("subject.v1.json", of::<SubjectFile>()),
    ]
}

/// Writes every schema into a folder.
///
/// # Errors
///
/// The folder or a file cannot be written.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, schema) in all() {
        std::fs::write(folder.join(name), schema)?;
    }
    Ok(())
}

fn of<T: JsonSchema>() -> String {
    text(schema_for!(T))
}

fn text(schema: Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}
