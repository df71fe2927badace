//! What the last `exec` left in its folder: the command, and what it was seen to do.

use std::collections::BTreeSet;
use std::path::Path;

use snowproof_protocol::Parameter;
use snowproof_simulator::journal::{Event, Request};

use super::super::Failure;
use super::super::exec::variable;
use crate::evidence::Evidence;
use crate::report::{self, RunReport};
use crate::subject::RunKey;

/// A command, and what it was seen to do.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// Program and arguments as they were typed, but for files, which are found from the manifest.
    pub(super) command: Vec<String>,
    /// Variables that `env` before the command set.
    pub(super) variables: Vec<(String, String)>,
    /// Parameters whose variables the command reads; all that are common where it is not known.
    pub(super) reads: Vec<Parameter>,
    /// The flags of `exec`, by name.
    pub(super) flags: Vec<(String, String)>,
    /// The scenario's name.
    pub(super) scenario: String,
    /// What was asked.
    pub(super) verb: String,
    /// `User-Agent` of its requests.
    pub(super) agent: String,
    /// Rows that it asked for at a time.
    pub(super) page_size: Option<u32>,
    /// What is kept of stdout and stderr.
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// What a connector is given where nobody knows which of it it reads.
const COMMON: [Parameter; 7] = [
    Parameter::BaseUrl,
    Parameter::User,
    Parameter::Password,
    Parameter::Table,
    Parameter::PageSize,
    Parameter::CaFile,
    Parameter::OutDir,
];

/// Reads the folder. The manifest will be `file`.
pub(super) fn read(out: &Path, file: &Path) -> Result<Last, Failure> {
    let path = out.join("report.json");
    let none = "run `snowproof exec SP-C01 -- COMMAND` first, or name its folder with --out DIR";
    let report =
        report::read_json(&path).map_err(|error| Failure::usage(format!("{error}\n{none}")))?;
    let words = &report.command;
    if words.get(1).map(String::as_str) != Some("exec") {
        let verb = words.get(1).map_or("another verb", String::as_str);
        return Err(Failure::usage(format!(
            "what ran last in `{}` was `{verb}` and not `exec`\n{none}",
            out.display()
        )));
    }
    let run = report.runs.first();
    let run = run.ok_or_else(|| Failure::usage(format!("nothing was run\n{none}")))?;
    let end = words.iter().position(|word| word == "--");
    let end = end.unwrap_or(words.len());
    let here = std::env::current_dir().map_err(Failure::harness)?;
    let beside = file
        .parent()
        .is_none_or(|parent| parent.as_os_str().is_empty());
    let mut last = Last {
        flags: flags(&words[..end]),
        ..Last::default()
    };
    last.take_command(words.get(end + 1..).unwrap_or_default(), &here, beside);
    last.take_evidence(out, run)?;
    Ok(last)
}

fn flags(words: &[String]) -> Vec<(String, String)> {
    let pairs = words.windows(2);
    pairs
        .filter_map(|pair| Some((pair[0].strip_prefix("--")?.to_owned(), pair[1].clone())))
        .collect()
}

impl Last {
    fn take_command(&mut self, words: &[String], here: &Path, beside: bool) {
        let mut words = words;
        if words.first().is_some_and(|program| program == "env") {
            words = &words[1..];
            while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
                self.variables.push((name.to_owned(), value.to_owned()));
                words = &words[1..];
            }
        }
        let mut mentioned = BTreeSet::new();
        for (at, word) in words.iter().enumerate() {
            note_variables(word, &mut mentioned);
            let path = here.join(word);
            let is_file =
                Path::new(word).is_relative() && path.is_file() && (at > 0 || word.contains('/'));
            if is_file {
                note_variables(
                    &std::fs::read_to_string(&path).unwrap_or_default(),
                    &mut mentioned,
                );
            }
            self.command.push(match (is_file, beside) {
                (false, _) => word.clone(),
                (true, true) => format!("{{subject_dir}}/{}", word.trim_start_matches("./")),
                (true, false) => path.display().to_string(),
            });
        }
        let given = words
            .iter()
            .chain(self.variables.iter().map(|(_, value)| value));
        let has_places = given.into_iter().any(|word| word.contains("{base_url}"));
        self.reads = match mentioned.is_empty() {
            true if has_places => Vec::new(),
            true => COMMON.to_vec(),
            false => mentioned.into_iter().collect(),
        };
    }

    fn take_evidence(&mut self, out: &Path, run: &RunReport) -> Result<(), Failure> {
        self.scenario = run.name();
        let Some(folder) = run.evidence.as_deref().map(|folder| out.join(folder)) else {
            return Err(Failure::usage(format!(
                "`{}` left no evidence: {}",
                run.name(),
                run.reason.as_deref().unwrap_or("it could not run")
            )));
        };
        let evidence = Evidence::read(&folder).map_err(Failure::usage)?;
        if let Some(act) = evidence.acts.first() {
            RunKey::from(act.verb).name().clone_into(&mut self.verb);
        }
        let requests = evidence
            .journal
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Request(request) => Some(request),
                _ => None,
            });
        for request in requests {
            if let Some(agent) = header(request, "user-agent") {
                agent.clone_into(&mut self.agent);
            }
            let limit = request.target.split(['?', '&']).find_map(|part| {
                let value = part.strip_prefix("sysparm_limit=")?;
                value.parse().ok()
            });
            // A test of the connection asks for one row.
            self.page_size = limit.filter(|limit| *limit > 1).or(self.page_size);
        }
        let words = |name: &str| {
            let bytes = std::fs::read(folder.join("act-1").join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        self.stdout = words("stdout");
        self.stderr = words("stderr");
        Ok(())
    }
}

fn header<'a>(request: &'a Request, wanted: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    let found = headers.find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.as_str())
}

/// Takes note of the parameters whose variables a text names.
fn note_variables(text: &str, found: &mut BTreeSet<Parameter>) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for word in text.split(|c: char| !is_name(c)) {
        let named = Parameter::ALL
            .into_iter()
            .find(|parameter| variable(*parameter) == word);
        found.extend(named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(words: &[&str], here: &Path, beside: bool) -> Last {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut last = Last::default();
        last.take_command(&words, here, beside);
        last
    }

    #[test]
    fn files_are_found_from_the_manifest_and_variables_in_scripts() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        std::fs::write(here.join("sync.py"), "os.environ['SNOWPROOF_USER']").unwrap();
        let beside = last(&["python3", "./sync.py", "-v"], here, true);
        assert_eq!(beside.command, ["python3", "{subject_dir}/sync.py", "-v"]);
        assert_eq!(beside.reads, [Parameter::User]);
        let elsewhere = last(&["python3", "sync.py"], here, false);
        assert_eq!(
            elsewhere.command[1],
            here.join("sync.py").display().to_string()
        );
    }

    #[test]
    fn variables_before_the_command_are_lifted_out_of_it() {
        let here = Path::new("/");
        let sync = last(
            &["env", "URL={base_url}", "P={password}", "mysync", "a=b"],
            here,
            true,
        );
        assert_eq!(sync.command, ["mysync", "a=b"]);
        assert_eq!(sync.variables[1], ("P".to_owned(), "{password}".to_owned()));
        assert!(sync.reads.is_empty());
        let unknown = last(&["mysync"], here, true);
        assert_eq!(unknown.reads, COMMON);
    }
}
