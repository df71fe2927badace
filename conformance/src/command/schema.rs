//! `snowproof schema`: writes the published formats.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, Failure, exit, printing};
use crate::schema;

/// Write the JSON Schemas of scenarios, manifests, reports, journals and the native protocol
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof schema --write schema/       write every schema into a folder
  snowproof schema subject.v1.json       print one; without a name, list them")]
pub(super) struct Arguments {
    /// Print this schema; without it their names are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Write every schema into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    write: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    if let Some(folder) = &arguments.write {
        schema::write(folder).map_err(|error| {
            Failure::harness(format!(
                "failed to write to `{}`: {error}",
                folder.display()
            ))
        })?;
        return Ok(exit::CONFORMS);
    }
    let all = schema::all();
    let Some(name) = arguments.name.as_deref() else {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        printing::data(&names.join("\n"));
        return Ok(exit::CONFORMS);
    };
    match all.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => {
            printing::data(text);
            Ok(exit::CONFORMS)
        }
        None => {
            let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
            Err(Failure::usage(format!(
                "`{name}` is no schema; there are {}",
                names.join(", ")
            )))
        }
    }
}
