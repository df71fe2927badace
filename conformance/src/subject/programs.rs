//! Whether the programs that a manifest starts are there, before anything is run.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::RunKey;
use super::load::Subject;
use super::template::{self, Part, Values};

/// A program that cannot be started.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the program `{program}` of `{command}` {why}")]
pub struct ProgramError {
    /// The program.
    pub program: String,
    /// The command that names it.
    pub command: String,
    /// What is wrong, and what to do.
    pub why: &'static str,
}

impl Subject {
    /// Finds the program of every command.
    ///
    /// # Errors
    ///
    /// One is missing or cannot be executed.
    pub fn find_programs(&self) -> Result<(), ProgramError> {
        let values = Values {
            subject_dir: self.folder.clone(),
            program: std::env::current_exe().unwrap_or_default(),
            ..Values::default()
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        for (key, command) in &self.file.run {
            let Some(first) = command.first() else {
                continue;
            };
            // What only a scenario can fill in is not known yet.
            let known = |part: &Part<'_>| match part {
                Part::Text(_) => true,
                Part::Name(name) => ["subject_dir", "self"].contains(name),
            };
            if !template::parts(first).iter().all(known) {
                continue;
            }
            let program = values.fill(first);
            find(&program, &folders).map_err(|why| ProgramError {
                program,
                command: RunKey::name(*key).to_owned(),
                why,
            })?;
        }
        Ok(())
    }
}

fn find(program: &str, folders: &[PathBuf]) -> Result<(), &'static str> {
    const NOT_ON_PATH: &str = "is not on the PATH; install it, or write its path";
    const RELATIVE: &str = "is looked for in the process's own folder, which is empty; write \
                            {subject_dir}/ before it";
    const MISSING: &str = "does not exist";
    const NOT_EXECUTABLE: &str = "is not an executable file; set its x bit, or name the \
                                  interpreter before it";
    if !program.contains('/') {
        let found = folders
            .iter()
            .any(|folder| is_executable(&folder.join(program)));
        return if found { Ok(()) } else { Err(NOT_ON_PATH) };
    }
    let path = Path::new(program);
    if !path.is_absolute() {
        Err(RELATIVE)
    } else if !path.exists() {
        Err(MISSING)
    } else if !is_executable(path) {
        Err(NOT_EXECUTABLE)
    } else {
        Ok(())
    }
}

fn is_executable(path: &Path) -> bool {
    const ANYBODY: u32 = 0o111;
    std::fs::metadata(path)
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & ANYBODY != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::SourceFile;

    fn finds(program: &str, folder: &Path) -> Result<(), String> {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: format!(
                "schema: snowproof.subject/1\nsubject: x\nadapter: command\nrun: {{ check: [\"{program}\"] }}\ncapabilities: [check, basic]\n"
            ),
        };
        let subject = Subject::read(&source, folder.to_owned()).unwrap();
        subject.find_programs().map_err(|error| error.to_string())
    }

    #[test]
    fn a_program_that_cannot_be_started_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plain"), "").unwrap();
        for (program, expected) in [
            (
                "no-such-program",
                "`no-such-program` of `check` is not on the PATH",
            ),
            ("./plain", "write {subject_dir}/ before it"),
            (
                "{subject_dir}/missing",
                "missing` of `check` does not exist",
            ),
            ("{subject_dir}/plain", "set its x bit"),
            ("{subject_dir}", "is not an executable file"),
        ] {
            let told = finds(program, folder.path()).unwrap_err();
            assert!(told.contains(expected), "{program}: {told}");
        }
        for program in ["sh", "/bin/sh", "{self}", "{out_dir}/later"] {
            assert_eq!(finds(program, folder.path()), Ok(()), "{program}");
        }
    }
}
