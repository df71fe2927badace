//! How a service is started that lives longer than an act: all that it is told, as one value, so that
//! it can be told whether a later act would start it otherwise.

use std::collections::BTreeMap;

use snowproof_protocol::Parameter;

use crate::run::process::Launch;
use crate::run::way::Way;
use crate::run::workplace::{self, ActFolders, Trust};
use crate::subject::{RunKey, Subject};

/// All that a service is told as it is started: one that would be told the same need not be.
#[derive(PartialEq)]
pub(in crate::run) struct Recipe {
    /// Its command, environment and working folder. The port is filled in as it is started.
    pub(super) launch: Launch,
    /// What the files hold that it is told of, by name.
    files: BTreeMap<String, String>,
    /// The instance that its route leads to.
    instance: Option<String>,
}

impl Recipe {
    /// Of an act with these parameters. The error is the system's.
    pub(in crate::run) fn of(
        subject: &Subject,
        parameters: &BTreeMap<Parameter, String>,
        folders: &ActFolders,
        trust: &Trust,
        way: &Way,
    ) -> std::io::Result<Self> {
        let values = workplace::values(subject, parameters.clone(), folders)?;
        let mut files = BTreeMap::new();
        for name in subject.file.files_at_the_start() {
            if let Some(file) = subject.file.files.get(name) {
                files.insert(name.to_owned(), workplace::content(file, &values)?);
            }
        }
        let command = subject.file.run.get(&RunKey::Http).into_iter().flatten();
        let mut launch = Launch {
            command: command.map(|argument| values.fill(argument)).collect(),
            environment: workplace::environment(subject, &values, folders, trust),
            folder: folders.home.clone(),
            talks: false,
        };
        way.lead(&mut launch, &workplace::goal(&values.parameters, folders))?;
        // A hosts file that it is led by holds the names of one instance.
        let by_name = subject.file.route.takes_names();
        let instance = values.parameters.get(&Parameter::InstanceName);
        Ok(Self {
            launch,
            files,
            instance: instance.filter(|_| by_name).cloned(),
        })
    }

    /// Writes the files. The error is the system's.
    pub(super) fn write(&self, folders: &ActFolders) -> std::io::Result<()> {
        self.files.iter().try_for_each(|(name, content)| {
            workplace::write_private(&folders.files.join(name), content.as_bytes())
        })
    }
}
