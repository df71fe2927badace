//! `snowproof init`: writes a manifest to begin with, or the one that the last `exec` suggests.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Ended, Failure, exit, printing};
use crate::subject::Subject;
use crate::yaml::SourceFile;

mod last;
mod suggestion;

/// Write a manifest to begin with
#[derive(Debug, Args)]
#[command(
    after_help = "With --from-last it is the manifest that the last `snowproof exec` in this folder suggests: its command,
the settings it was given as parameters, the words and records that were seen. Without, it is one to fill in, with
comments. `snowproof doctor --subject FILE` then says what is wrong with it.

Examples:
  snowproof init mysync.yaml --adapter airbyte
  snowproof exec SP-C01 -- ./mysync --url {base_url}; snowproof init mysync.yaml --from-last"
)]
pub(super) struct Arguments {
    /// The file to write
    #[arg(value_name = "FILE", default_value = "subject.yaml")]
    file: PathBuf,
    /// How the connector is driven
    #[arg(long, value_enum, default_value_t = Kind::Command)]
    adapter: Kind,
    /// Write what the last `exec` suggests
    #[arg(long, conflicts_with = "adapter")]
    from_last: bool,
    /// The folder that `exec` wrote to
    #[arg(long, value_name = "DIR", default_value = "snowproof-report")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A command per verb
    Command,
    /// JSON lines on stdin and stdout
    Native,
    /// A source of the Airbyte protocol
    Airbyte,
    /// A tap of the Singer specification
    Singer,
    /// A service that is told over HTTP what to do
    Http,
}

impl Kind {
    const fn template(self) -> &'static str {
        match self {
            Self::Command => include_str!("init/command.yaml"),
            Self::Native => include_str!("init/native.yaml"),
            Self::Airbyte => include_str!("init/airbyte.yaml"),
            Self::Singer => include_str!("init/singer.yaml"),
            Self::Http => include_str!("init/http.yaml"),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let text = if arguments.from_last {
        suggestion::manifest(&last::read(&arguments.out, &arguments.file)?)
    } else {
        arguments.adapter.template().to_owned()
    };
    let source = SourceFile {
        name: arguments.file.display().to_string(),
        text,
    };
    // What is written can be read, whatever the words of the command were.
    Subject::read(&source, PathBuf::from("/"))
        .map_err(|error| Failure::harness(error.rendered()))?;
    write(&arguments.file, &source.text, arguments.force)?;
    printing::data(&format!(
        "wrote {name}; now `snowproof doctor --subject {name}`",
        name = source.name
    ));
    Ok(exit::CONFORMS)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let name = path.display();
        Failure::usage(match error.kind() {
            ErrorKind::AlreadyExists => {
                format!(
                    "`{name}` is there already; choose another name, or write over it with --force"
                )
            }
            _ => format!("failed to write `{name}`: {error}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Capability;

    #[test]
    fn every_template_is_a_manifest_of_its_adapter() {
        for kind in Kind::value_variants() {
            let source = SourceFile {
                name: format!("{kind:?}"),
                text: kind.template().to_owned(),
            };
            let subject = Subject::read(&source, PathBuf::from("/"));
            let subject = subject.unwrap_or_else(|error| panic!("{}", error.rendered()));
            let name = subject.file.adapter.name();
            assert!(format!("{kind:?}").eq_ignore_ascii_case(name));
            assert!(subject.file.capabilities.contains(&Capability::Sync));
        }
    }

    #[test]
    fn a_file_that_is_there_is_kept_unless_it_is_to_be_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subject.yaml");
        write(&path, "mine", false).unwrap();
        let refused = write(&path, "theirs", false).unwrap_err();
        assert!(refused.message.contains("--force"), "{}", refused.message);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        write(&path, "new", true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }
}
