//! What a service that lives longer than an act is told as it is started, its files included.

use super::super::{Checked, Exam, texts};
use super::Term;
use crate::subject::template::{self, Part};
use crate::subject::{Lifetime, RunKey, SINK_URL, SubjectFile};

impl SubjectFile {
    /// The files that a service is told of as it is started, by name.
    #[must_use]
    pub fn files_at_the_start(&self) -> Vec<&str> {
        let command = self.run.get(&RunKey::Http).into_iter().flatten();
        let mut open: Vec<&str> = command
            .chain(self.env.values())
            .map(String::as_str)
            .collect();
        let mut files: Vec<&str> = Vec::new();
        while let Some(text) = open.pop() {
            for part in template::parts(text) {
                let Part::Name(name) = part else { continue };
                let Some(file) = name.strip_prefix("file:") else {
                    continue;
                };
                if !files.contains(&file) {
                    files.push(file);
                    let told = self.files.get(file);
                    open.extend(told.into_iter().flat_map(|file| texts(&file.template)));
                }
            }
        }
        files
    }
}

impl Exam<'_> {
    /// That all a service is told as it is started holds as long as it lives.
    pub(super) fn service_outlives(&self) -> Checked {
        let command = self.file.run.get(&RunKey::Http).into_iter().flatten();
        for (at, argument) in command.enumerate() {
            self.lasts(argument, &["run", "http", &at.to_string()], &mut Vec::new())?;
        }
        for (name, value) in &self.file.env {
            self.lasts(value, &["env", name], &mut Vec::new())?;
        }
        Ok(())
    }

    /// That all a service is told here as it is started holds as long as it lives; files that it is
    /// told of included.
    fn lasts<'a>(&'a self, text: &'a str, path: &[&str], files: &mut Vec<&'a str>) -> Checked {
        for part in template::parts(text) {
            let Part::Name(name) = part else { continue };
            if let Some(file) = name.strip_prefix("file:") {
                if files.contains(&file) {
                    continue;
                }
                files.push(file);
                let template = self.file.files.get(file).map(|file| &file.template);
                for text in template.into_iter().flat_map(texts) {
                    self.lasts(text, &["files", file, "template"], files)?;
                }
                continue;
            }
            let term = match template::parameter(name) {
                Some(parameter) => Term::of(parameter),
                None if name == SINK_URL => Term::Act,
                None => continue,
            };
            let (differs, started, longest) = match (term, self.file.lifetime) {
                (Term::Act, Lifetime::Scenario) => ("act to act", "for a scenario", Lifetime::Act),
                (Term::Act, Lifetime::Run) => ("act to act", "for the run", Lifetime::Act),
                (Term::Scenario, Lifetime::Run) => {
                    ("scenario to scenario", "for the run", Lifetime::Scenario)
                }
                _ => continue,
            };
            let what = format!(
                "`{{{name}}}` differs from {differs}, and the service is started once {started}"
            );
            let hint = format!(
                "tell it in what it is asked: move `{{{name}}}` into the body of `service.ask.*`; or write \
                 `lifetime: {}`",
                longest.name()
            );
            return Err(self.error(path, what).hint(hint).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::subject::Subject;
    use crate::yaml::SourceFile;

    fn read(body: &str) -> Result<Subject, String> {
        let text = format!(
            "schema: snowproof.subject/1\nsubject: x\ncapabilities: [check, sync]\nadapter: http\n{body}\n"
        );
        let name = "subject.yaml".to_owned();
        let subject = Subject::read(&SourceFile { name, text }, PathBuf::from("/"));
        subject.map_err(|error| {
            error
                .rendered()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
    }

    const ASK: &str =
        "service: { ask: { check: { path: /check, body: { url: \"{base_url}\" } } } }";

    #[test]
    fn what_changes_while_a_service_lives_is_refused_where_it_is_started() {
        let port = "run: { http: [s, \"{listen_port}\"] }";
        for (body, told, step) in [
            (
                format!("run: {{ http: [s, \"--url={{base_url}}\"] }}\nlifetime: run\n{ASK}"),
                "`{base_url}` differs from scenario to scenario",
                "or write `lifetime: scenario`",
            ),
            (
                format!("{port}\nenv: {{ A: \"{{password}}\" }}\nlifetime: run\n{ASK}"),
                "`{password}` differs from scenario",
                "service.ask.*",
            ),
            (
                format!(
                    "run: {{ http: [s, \"{{file:a}}\"] }}\nlifetime: run\n{ASK}\nfiles: {{ a: {{ template: \
                     \"{{file:b}}\" }}, b: {{ template: \"{{file:a}} {{user}}\" }} }}"
                ),
                "`{user}` differs from scenario",
                "move `{user}` into the body",
            ),
            (
                format!("{port}\nenv: {{ A: \"{{run_id}}\" }}\nlifetime: scenario\n{ASK}"),
                "`{run_id}` differs from act to act, and the service is started once for a scenario",
                "or write `lifetime: act`",
            ),
            (
                format!("{port}\nroute: proxy\nlifetime: run\n{ASK}"),
                "the route `proxy` leads each scenario its own way",
                "`lifetime: scenario`",
            ),
        ] {
            let refused = read(&body).unwrap_err();
            assert!(refused.contains(told), "{told}: {refused}");
            assert!(refused.contains(step), "{step}: {refused}");
        }
        for body in [
            format!(
                "run: {{ http: [s, \"{{ca_file}}\", \"{{subject_dir}}\", \"{{listen_port}}\"] }}\nlifetime: run\n{ASK}"
            ),
            format!(
                "{port}\nenv: {{ A: \"{{base_url}} {{password}}\" }}\nlifetime: scenario\nroute: proxy\n{ASK}"
            ),
            format!("{port}\nenv: {{ A: \"{{run_id}}\" }}\n{ASK}"),
            // A file that the service is told of in what it is asked is written for each act.
            format!("{port}\nlifetime: run\nfiles: {{ a: {{ template: \"{{user}}\" }} }}\n{ASK}"),
        ] {
            read(&body).unwrap();
        }
    }

    #[test]
    fn records_are_in_one_place_and_a_sink_is_told() {
        let port = "run: { http: [s, \"{listen_port}\"] }";
        let posts = "service: { ask: { sync: { path: /sync, body: { to: \"{sink_url}\" } } } }";
        for (body, told) in [
            (
                format!("{port}\n{ASK}\nrecords: {{ key: /id }}"),
                "it is not said where the records are",
            ),
            (
                format!("{port}\n{posts}\nrecords: {{ sink: true, jsonl: \"-\" }}"),
                "two are named",
            ),
            (
                format!("{port}\n{ASK}\nrecords: {{ sink: true }}"),
                "not told where the sink is",
            ),
            (format!("{port}\n{posts}"), "`{sink_url}` leads nowhere"),
            (
                format!(
                    "run: {{ http: [s, \"{{sink_url}}\"] }}\n{ASK}\nlifetime: run\nrecords: {{ sink: true }}"
                ),
                "`{sink_url}` differs from act to act",
            ),
            (
                format!(
                    "{port}\nservice: {{ scenarios_at_once: 65, ask: {{ check: {{ path: / }} }} }}\nlifetime: run"
                ),
                "65 scenarios at once are not served",
            ),
            (
                format!(
                    "{port}\nservice: {{ scenarios_at_once: 2, ask: {{ check: {{ path: / }} }} }}"
                ),
                "a service of `lifetime: act` serves one scenario",
            ),
            (
                format!(
                    "{port}\nservice: {{ reset: {{ path: \"/{{tabel}}\" }}, ask: {{ check: {{ path: / }} }} }}"
                ),
                "`{tabel}` is no parameter",
            ),
        ] {
            let refused = read(&body).unwrap_err();
            assert!(refused.contains(told), "{told}: {refused}");
        }
        read(&format!(
            "{port}\n{posts}\nlifetime: run\nrecords: {{ sink: true }}"
        ))
        .unwrap();
        read(&format!(
            "run: {{ http: [s, \"{{sink_url}}\"] }}\n{ASK}\nrecords: {{ sink: true }}"
        ))
        .unwrap();
    }
}
