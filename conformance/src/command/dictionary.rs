//! `snowproof dictionary`: from exports of an instance's tables to a file for `serve --instance`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Ended, Failure, exit, printing};
use crate::dictionary::{Exports, take, written};

/// Of an export so many bytes are read.
const EXPORT_AT_MOST: u64 = 256 * 1024 * 1024;

/// Make an instance file of an instance's own tables, from exports of its dictionary
#[derive(Debug, Args)]
#[command(
    after_help = "The exports are what the Table API answers, as JSON. Taken are tables and columns that begin with u_ or x_,
the tables that --table names, and what these extend. What cannot be taken as it is stands in comments.

Examples:
  curl -u USER 'https://YOURS/api/now/table/sys_db_object?sysparm_limit=100000' > objects.json
  curl -u USER 'https://YOURS/api/now/table/sys_dictionary?sysparm_limit=1000000' > dictionary.json
  snowproof dictionary --objects objects.json --dictionary dictionary.json > mine.yaml
  snowproof serve --instance mine.yaml"
)]
pub(super) struct Arguments {
    /// The export of sys_db_object
    #[arg(long, value_name = "FILE")]
    objects: PathBuf,
    /// The export of sys_dictionary
    #[arg(long, value_name = "FILE")]
    dictionary: PathBuf,
    /// The export of sys_choice
    #[arg(long, value_name = "FILE")]
    choices: Option<PathBuf>,
    /// Take this table too; may be given several times
    #[arg(long, value_name = "NAME")]
    table: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let objects = bytes(&arguments.objects)?;
    let dictionary = bytes(&arguments.dictionary)?;
    let choices = arguments.choices.as_deref().map(bytes).transpose()?;
    let exports = Exports::read(
        (&objects.0, &objects.1),
        (&dictionary.0, &dictionary.1),
        choices.as_ref().map(|(name, bytes)| (&**name, &**bytes)),
    )
    .map_err(Failure::usage)?;
    let taken = take(&exports, &arguments.table).map_err(Failure::usage)?;
    for warning in &taken.warnings {
        printing::talk(&format!("warning: {warning}"));
    }
    printing::data(written(&taken).trim_end());
    Ok(exit::CONFORMS)
}

/// A file's name for errors, and what it holds.
fn bytes(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let name = file.display().to_string();
    let failed = |error| Failure::usage(format!("failed to read `{name}`: {error}"));
    let mut bytes = Vec::new();
    File::open(file)
        .map_err(failed)?
        .take(EXPORT_AT_MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > EXPORT_AT_MOST {
        let most = EXPORT_AT_MOST / 1024 / 1024;
        return Err(Failure::usage(format!(
            "`{name}` is larger than {most} MiB; leave out what does not begin with u_ or x_"
        )));
    }
    Ok((name, bytes))
}
