//! Reads a manifest and checks it: commands, templates, expressions, pointers.

use std::path::{Path, PathBuf};

use snowproof_protocol::Parameter;

use super::template::{self, Part};
use super::{
    Adapter, AuthorizeSource, LISTEN_PORT, Route, RunKey, SCHEMA, SubjectFile, WordsSource,
};
use crate::checks::{self, Checks};
use crate::yaml::{self, FileError, Positions, SourceFile};

mod lifetime;

/// A manifest that is sound, and where it lies.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The manifest.
    pub file: SubjectFile,
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// The parameters that the manifest can set.
    pub settable: Vec<Parameter>,
}

/// Why a subject cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// The manifest is broken.
    #[error("{0}")]
    File(#[from] Box<FileError>),
    /// The manifest cannot be read.
    #[error("failed to read the manifest `{path}`: {why}")]
    Unreadable {
        /// The manifest.
        path: String,
        /// The system's words.
        why: String,
    },
}

impl SubjectError {
    /// What the reader of a terminal sees.
    #[must_use]
    pub fn rendered(&self) -> String {
        match self {
            Self::File(error) => error.rendered(),
            other @ Self::Unreadable { .. } => format!("error: {other}"),
        }
    }
}

impl Subject {
    /// Reads a manifest from a file.
    ///
    /// # Errors
    ///
    /// It cannot be read or is broken.
    pub fn open(path: &Path) -> Result<Self, SubjectError> {
        let unreadable = |error: std::io::Error| SubjectError::Unreadable {
            path: path.display().to_string(),
            why: error.to_string(),
        };
        let text = yaml::text_of(path).map_err(unreadable)?;
        let folder = path
            .canonicalize()
            .map_err(unreadable)?
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        let source = SourceFile {
            name: path.display().to_string(),
            text,
        };
        Ok(Self::read(&source, folder)?)
    }

    /// Reads a manifest from its text.
    ///
    /// # Errors
    ///
    /// It is broken.
    pub fn read(source: &SourceFile, folder: PathBuf) -> Result<Self, Box<FileError>> {
        let file: SubjectFile = yaml::read(source)?;
        let positions = Positions::read(source)?;
        let settable = Exam {
            source,
            positions: &positions,
            file: &file,
        }
        .run()?;
        Ok(Self {
            file,
            folder,
            settable,
        })
    }
}

struct Exam<'a> {
    source: &'a SourceFile,
    positions: &'a Positions,
    file: &'a SubjectFile,
}

type Checked<T = ()> = Result<T, Box<FileError>>;

impl Exam<'_> {
    fn run(&self) -> Checked<Vec<Parameter>> {
        if self.file.schema != SCHEMA {
            return Err(self
                .error(
                    &["schema"],
                    format!("unknown schema `{}`", self.file.schema),
                )
                .legal(&self.file.schema, [SCHEMA])
                .into());
        }
        self.commands()?;
        self.words()?;
        self.records()?;
        self.authorize()?;
        for (capability, reason) in &self.file.not_supported {
            if reason.trim().is_empty() {
                return Err(self
                    .error(
                        &["not_supported"],
                        format!("`{capability:?}` is not supported without a reason"),
                    )
                    .hint("say why, such as \"planned, issue 12\"")
                    .into());
            }
        }
        self.scope()?;
        let mut used = self.templates()?;
        self.lifetime()?;
        if self.file.route == Route::Proxy {
            // The route itself tells the subject.
            used.extend([
                Parameter::ProxyUrl,
                Parameter::ProxyUser,
                Parameter::ProxyPassword,
            ]);
        }
        Ok(match self.file.adapter {
            Adapter::Native => Parameter::ALL.to_vec(),
            Adapter::Command | Adapter::Airbyte | Adapter::Singer | Adapter::Http => used,
        })
    }

    /// What is not its task: a check of those that may be, or what looks like a scenario's name, which
    /// is looked up where the scenarios are known.
    fn scope(&self) -> Checked {
        for (key, why) in &self.file.out_of_scope {
            let path = ["out_of_scope", key];
            if why.trim().is_empty() {
                let error = self.error(&path, format!("`{key}` is out of scope without a reason"));
                return Err(error.hint("say whose task it is instead").into());
            }
            let about = checks::about(key);
            if about.is_some_and(|about| !about.may_be_out_of_scope()) {
                let error = self.error(&path, format!("`{key}` is every subject's task"));
                return Err(error.into());
            }
            let is_code = key.starts_with(|c: char| c.is_ascii_uppercase());
            if about.is_none() && !is_code {
                let legal = Checks::ALL.iter().map(|about| about.id);
                let error = self.error(&path, format!("`{key}` is no check and no scenario"));
                return Err(error.legal(key, legal).into());
            }
        }
        Ok(())
    }

    fn commands(&self) -> Checked {
        let adapter = self.file.adapter;
        let legal: &[&str] = match adapter {
            Adapter::Native => &["native"],
            Adapter::Command => &[
                "check",
                "sync",
                "write",
                "connect",
                "update",
                "attach",
                "email",
                "provision",
            ],
            Adapter::Airbyte => &["airbyte"],
            Adapter::Singer => &["singer", "check"],
            Adapter::Http => &["http"],
        };
        if self.file.run.is_empty() {
            return Err(self.error(&["run"], "no command is given".into()).into());
        }
        for (key, command) in &self.file.run {
            let name = key.name();
            if !legal.contains(&name) {
                return Err(self
                    .error(
                        &["run", name],
                        format!("`{name}` is no command of this adapter"),
                    )
                    .legal(name, legal.iter().copied())
                    .into());
            }
            if command.first().is_none_or(|program| program.is_empty()) {
                return Err(self
                    .error(&["run", name], format!("the command `{name}` is empty"))
                    .into());
            }
        }
        self.framework()
    }

    /// What a framework's source needs: its one command, and its configuration.
    fn framework(&self) -> Checked {
        let key = match self.file.adapter {
            Adapter::Native | Adapter::Command => return Ok(()),
            Adapter::Http => return self.service(),
            Adapter::Airbyte => RunKey::Airbyte,
            Adapter::Singer => RunKey::Singer,
        };
        let missing = |part: &str, what: &str, hint: &str| {
            let error = self.error(&[part], format!("{what} is missing"));
            Err(error.hint(hint.to_owned()).into())
        };
        if !self.file.run.contains_key(&key) {
            let what = format!("the command `{}`", key.name());
            return missing("run", &what, "it is the program, without a verb");
        }
        if !self.file.files.contains_key("config") {
            let hint = "it is what the program gets as `--config`";
            return missing("files", "the file `config`", hint);
        }
        Ok(())
    }

    /// What a service needs: something that it can be asked, and pointers that are some.
    fn service(&self) -> Checked {
        let Some(service) = &self.file.service else {
            let error = self.error(&["adapter"], "the entry `service` is missing".to_owned());
            let hint =
                "it says what the service is asked: `snowproof init --adapter http` shows one";
            return Err(error.hint(hint).into());
        };
        if service.ask.is_empty() {
            let error = self.error(&["service", "ask"], "nothing is asked".to_owned());
            return Err(error.into());
        }
        let Some(status) = &service.status else {
            return Ok(());
        };
        self.pointer(&status.state, &["service", "status", "state"])?;
        let job = status.job.as_deref().unwrap_or_default();
        self.pointer(job, &["service", "status", "job"])
    }

    /// Checks every template and lists the parameters they use.
    fn templates(&self) -> Checked<Vec<Parameter>> {
        if let Some(name) = self.file.files.keys().find(|name| !is_file_name(name)) {
            return Err(self
                .error(&["files", name], format!("`{name}` is no name for a file"))
                .hint("write letters, digits, `-`, `_` and `.`")
                .into());
        }
        let mut used = Vec::new();
        for (key, command) in &self.file.run {
            for (at, argument) in command.iter().enumerate() {
                self.template(argument, &["run", key.name(), &at.to_string()], &mut used)?;
            }
        }
        for (name, value) in &self.file.env {
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err(self
                    .error(
                        &["env", name],
                        format!("`{name}` is no name for a variable"),
                    )
                    .into());
            }
            self.template(value, &["env", name], &mut used)?;
        }
        for (name, file) in &self.file.files {
            for text in texts(&file.template) {
                self.template(text, &["files", name, "template"], &mut used)?;
            }
        }
        if let Some(records) = &self.file.records {
            self.template(&records.jsonl, &["records", "jsonl"], &mut Vec::new())?;
        }
        if let Some(stream) = &self.file.stream {
            self.template(&stream.name, &["stream", "name"], &mut used)?;
        }
        for (verb, ask) in self.file.service.iter().flat_map(|it| &it.ask) {
            let path = ["service", "ask", RunKey::from(*verb).name()];
            self.template(&ask.path, &path, &mut used)?;
            for text in ask.body.iter().flat_map(texts) {
                self.template(text, &path, &mut used)?;
            }
        }
        for argument in self.file.version.iter().flatten() {
            self.template(argument, &["version"], &mut Vec::new())?;
        }
        Ok(used)
    }

    fn template(&self, text: &str, path: &[&str], used: &mut Vec<Parameter>) -> Checked {
        for part in template::parts(text) {
            let Part::Name(name) = part else { continue };
            if let Some(parameter) = template::parameter(name) {
                if !used.contains(&parameter) {
                    used.push(parameter);
                }
                continue;
            }
            if let Some(file) = name.strip_prefix("file:") {
                if self.file.files.contains_key(file) {
                    continue;
                }
                return Err(self
                    .error(path, format!("no file is called `{file}`"))
                    .legal(file, self.file.files.keys().map(String::as_str))
                    .into());
            }
            if name == "subject_dir" || name == "self" {
                continue;
            }
            // The service's own process is told these.
            if name == LISTEN_PORT && self.file.adapter == Adapter::Http && path[0] == "run" {
                continue;
            }
            let legal = Parameter::ALL
                .iter()
                .map(|parameter| parameter.name())
                .chain(["file:NAME", "subject_dir", "self"]);
            return Err(self
                .error(path, format!("`{{{name}}}` is no parameter"))
                .legal(name, legal)
                .into());
        }
        Ok(())
    }

    fn words(&self) -> Checked {
        let words = &self.file.diagnosis;
        for (at, entry) in words.map.iter().enumerate() {
            self.expression(
                &entry.pattern,
                &["diagnosis", "map", &at.to_string(), "match"],
            )?;
        }
        for (at, source) in words.read_from.iter().enumerate() {
            let index = at.to_string();
            let path = |kind| ["diagnosis", "read_from", &index, kind];
            match source {
                WordsSource::StdoutJson(pointer) => self.pointer(pointer, &path("stdout_json"))?,
                WordsSource::StderrJson(pointer) => self.pointer(pointer, &path("stderr_json"))?,
                WordsSource::StdoutMatch(pattern) => {
                    self.expression(pattern, &path("stdout_match"))?;
                }
                WordsSource::StderrMatch(pattern) => {
                    self.expression(pattern, &path("stderr_match"))?;
                }
                WordsSource::StderrLastLine
                | WordsSource::StdoutLastLine
                | WordsSource::ExitCode(_) => {}
            }
        }
        Ok(())
    }

    fn records(&self) -> Checked {
        match &self.file.records {
            Some(records) => self.pointer(&records.key, &["records", "key"]),
            None => Ok(()),
        }
    }

    fn authorize(&self) -> Checked {
        let path = |kind| ["authorize", kind];
        match &self.file.authorize {
            Some(AuthorizeSource::StdoutRegex(pattern)) => {
                self.expression(pattern, &path("stdout_regex"))
            }
            Some(AuthorizeSource::StderrRegex(pattern)) => {
                self.expression(pattern, &path("stderr_regex"))
            }
            Some(AuthorizeSource::StdoutJson(pointer)) => {
                self.pointer(pointer, &path("stdout_json"))
            }
            None => Ok(()),
        }
    }

    fn expression(&self, pattern: &str, path: &[&str]) -> Checked {
        let compiled = regex::RegexBuilder::new(pattern)
            .size_limit(1024 * 1024)
            .build();
        compiled.map(|_| ()).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default();
            self.error(path, format!("`{pattern}` is no regular expression: {why}"))
                .into()
        })
    }

    fn pointer(&self, pointer: &str, path: &[&str]) -> Checked {
        if pointer.is_empty() || pointer.starts_with('/') {
            return Ok(());
        }
        Err(self
            .error(path, format!("`{pointer}` is no JSON pointer"))
            .hint("a JSON pointer starts with a slash, such as `/error/message` (RFC 6901)")
            .into())
    }

    fn error(&self, path: &[&str], message: String) -> FileError {
        FileError::at(self.source, self.positions.of(path), message)
    }
}

fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn texts(template: &serde_json::Value) -> Vec<&str> {
    use serde_json::Value;
    match template {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
