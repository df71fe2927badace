//! What a native connector whose process outlives an act may be told as it is started: it is told of
//! the next act by what speaks to it.

use super::super::{Checked, Exam, texts};
use super::Term;
use crate::subject::template::{self, Part};
use crate::subject::{Capability, Lifetime};

impl Exam<'_> {
    /// That it takes several runs, and is told nothing at its start that changes while it lives.
    pub(super) fn process_outlives(&self) -> Checked {
        if !self.file.capabilities.contains(&Capability::MultiRun) {
            let written = self.file.lifetime.name();
            let what = format!("`lifetime: {written}` needs the capability `multi-run`");
            let error = self.error(&["lifetime"], what);
            let hint = "add `multi-run` to `capabilities` where the connector takes a further `run` after its \
                        `result`; else leave `lifetime` out";
            return Err(error.hint(hint).into());
        }
        for (key, command) in &self.file.run {
            for (at, argument) in command.iter().enumerate() {
                self.outlives(argument, &["run", key.name(), &at.to_string()])?;
            }
        }
        for (name, value) in &self.file.env {
            self.outlives(value, &["env", name])?;
        }
        for (name, file) in &self.file.files {
            for text in texts(&file.template) {
                self.outlives(text, &["files", name, "template"])?;
            }
        }
        Ok(())
    }

    /// Whether what a process is started with holds for as long as it lives.
    fn outlives(&self, text: &str, path: &[&str]) -> Checked {
        let lifetime = self.file.lifetime;
        for part in template::parts(text) {
            let Part::Name(name) = part else { continue };
            let Some(parameter) = template::parameter(name) else {
                continue;
            };
            let term = Term::of(parameter);
            let by = match (lifetime, term) {
                (Lifetime::Scenario, Term::Act) => "act",
                (Lifetime::Run, Term::Act | Term::Scenario) => "scenario",
                _ => continue,
            };
            let what = format!(
                "`{{{name}}}` differs by {by}, and with `lifetime: {}` its process outlives it",
                lifetime.name()
            );
            let may_be_shorter = lifetime == Lifetime::Run && term == Term::Scenario;
            let or = if may_be_shorter {
                "scenario` or `act"
            } else {
                "act"
            };
            let hint = format!(
                "take it from `parameters.{name}` of the message `run`, or write `lifetime: {or}`"
            );
            return Err(self.error(path, what).hint(hint).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::subject::{Lifetime, Subject};
    use crate::yaml::SourceFile;

    fn read(body: &str) -> Result<Subject, String> {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: format!("schema: snowproof.subject/1\nsubject: x\n{body}\n"),
        };
        let subject = Subject::read(&source, PathBuf::from("/"));
        subject.map_err(|error| error.rendered())
    }

    const NATIVE: &str =
        "adapter: native\nrun: { native: [a] }\ncapabilities: [check, multi-run]\n";

    #[test]
    fn a_long_life_is_refused_where_it_cannot_be_had() {
        let with = |more: &str| format!("{NATIVE}{more}");
        for (body, expected) in [
            (
                "adapter: command\nrun: { check: [a] }\ncapabilities: [check]\nlifetime: run".to_owned(),
                &["`lifetime: run` does not go with the adapter `command`", "6:1"][..],
            ),
            (
                "adapter: native\nrun: { native: [a] }\ncapabilities: [check]\nlifetime: scenario".to_owned(),
                &["needs the capability `multi-run`", "add `multi-run`"],
            ),
            (
                with("lifetime: run\nroute: proxy"),
                &["the route `proxy`", "`lifetime: scenario`"],
            ),
            (
                with("lifetime: run\nenv: { URL: \"{base_url}\" }"),
                &["`{base_url}` differs by scenario", "`parameters.base_url`", "scenario` or `act`",],
            ),
            (
                with("lifetime: run\nfiles: { config: { format: json, template: { p: [\"{password}\"] } } }"),
                &["`{password}` differs by scenario"],
            ),
            (
                "adapter: native\nrun: { native: [a, \"--out={out_dir}\"] }\ncapabilities: [multi-run]\n\
                 lifetime: scenario"
                    .to_owned(),
                &["`{out_dir}` differs by act", "write `lifetime: act`"],
            ),
            (with("lifetime: forever"), &["forever"]),
        ] {
            let told = read(&body).map(|_| ()).unwrap_err();
            for part in expected {
                assert!(told.contains(part), "{body}: {part}: {told}");
            }
        }
    }

    #[test]
    fn what_holds_as_long_as_a_process_may_be_given_at_its_start() {
        for (body, lifetime) in [
            (
                "lifetime: run\nenv: { CA: \"{ca_file}\", CONFIG: \"{file:config}\" }\n\
                 files: { config: { template: \"{truststore} {subject_dir}\" } }",
                Lifetime::Run,
            ),
            (
                "lifetime: scenario\nenv: { URL: \"{base_url}\" }\nroute: proxy",
                Lifetime::Scenario,
            ),
            ("env: { ID: \"{run_id}\" }", Lifetime::Act),
        ] {
            let subject = read(&format!("{NATIVE}{body}")).unwrap();
            assert_eq!(subject.file.lifetime, lifetime, "{body}");
        }
    }
}
