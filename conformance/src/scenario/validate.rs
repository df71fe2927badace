//! What a scenario file must hold beyond its types: names that exist, and sentences that are whole.

use snowproof_protocol::Verb;
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Action, Step, Trigger};

use super::load::Merged;
use super::{Act, MAIN, SCHEMA, ScenarioFile};
use crate::catalogue;
use crate::yaml::{FileError, Positions, SourceFile};

/// The keys of a trigger that say what is counted.
pub(super) const TRIGGER_KINDS: [&str; 6] =
    ["read", "request", "connection", "event", "after", "act"];

/// Longest list of acts, bounded so that a run ends.
const MAX_ACTS: usize = 8;

/// Most records that are created at once: a batch of them is journalled whole.
const MAX_RECORDS: u32 = 50;

type Checked = Result<(), Box<FileError>>;

/// One file under examination: where its nodes stand and what errors quote.
pub(super) struct Exam<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) positions: &'a Positions,
}

impl Exam<'_> {
    /// Checks what concerns the file as a whole.
    pub(super) fn file(&self, file: &ScenarioFile, expected_id: &str) -> Checked {
        if file.schema != SCHEMA {
            return Err(self
                .error(&["schema"], format!("unknown schema `{}`", file.schema))
                .legal(&file.schema, [SCHEMA])
                .into());
        }
        if !is_code(&file.code) {
            return Err(self
                .error(&["code"], format!("`{}` is not a code", file.code))
                .hint("write capitals, a hyphen, letters and a number, such as SP-A07")
                .into());
        }
        if file.id != expected_id {
            return Err(self
                .error(
                    &["id"],
                    format!(
                        "the id `{}` does not match the file, which is named `{expected_id}`",
                        file.id
                    ),
                )
                .into());
        }
        if file.instance.is_some() && file.instances.is_some() {
            return Err(self
                .error(
                    &["instance"],
                    "`instance` and `instances` are both given".to_owned(),
                )
                .hint("`instance` is short for `instances: { main: … }`; keep one of them")
                .into());
        }
        for (name, variant) in file.variants.iter().flatten() {
            let at = ["variants", name.as_str()];
            if !is_kebab(name) {
                return Err(self
                    .error(&at, format!("`{name}` is not a name for a variant"))
                    .hint("write lower-case letters, digits and hyphens")
                    .into());
            }
            if variant.instance.is_some() && variant.instances.is_some() {
                return Err(self
                    .error(
                        &["variants", name, "instance"],
                        "`instance` and `instances` are both given".to_owned(),
                    )
                    .into());
            }
        }
        Ok(())
    }

    /// Checks one scenario of the file: the file itself, or a variant merged into it.
    pub(super) fn merged(&self, merged: &Merged) -> Checked {
        let file = &merged.file;
        self.acts(merged, file)?;
        self.records(merged, file)?;
        self.rows(merged, file)?;
        if !file
            .instances
            .as_ref()
            .is_none_or(|instances| instances.contains_key("main"))
        {
            return Err(self
                .within(merged, &["instances"], "no instance is called `main`")
                .into());
        }
        self.dictionaries(merged, file)?;
        for (name, step) in file.steps.iter().flatten() {
            self.step(merged, file, name, step)?;
        }
        self.met(merged, file)
    }

    fn acts(&self, merged: &Merged, file: &ScenarioFile) -> Checked {
        if file.acts.is_empty() || file.acts.len() > MAX_ACTS {
            return Err(self
                .within(
                    merged,
                    &["acts"],
                    format!("`{}` acts; write 1 to {MAX_ACTS}", file.acts.len()),
                )
                .into());
        }
        for (at, act) in file.acts.iter().enumerate() {
            let index = at.to_string();
            if act.resume && at == 0 {
                return Err(self
                    .within(
                        merged,
                        &["acts", &index, "resume"],
                        "the first act has nothing to resume",
                    )
                    .into());
            }
            if act.changes && !(act.resume && act.verb == Verb::Sync) {
                return Err(self
                    .within(
                        merged,
                        &["acts", &index, "changes"],
                        "only a `sync` with `resume` can deliver what changed since",
                    )
                    .into());
            }
            self.pointed_at(merged, file, act, &index)?;
            if let Some(step) = &act.killed_at
                && !steps(file).any(|name| name == step)
            {
                return Err(self
                    .within(
                        merged,
                        &["acts", &index, "killed_at"],
                        format!("no step is called `{step}`"),
                    )
                    .legal(step, steps(file))
                    .into());
            }
        }
        Ok(())
    }

    /// Checks how many records are to be created at once.
    fn records(&self, merged: &Merged, file: &ScenarioFile) -> Checked {
        let records = file.subject.as_ref().and_then(|subject| subject.records);
        match records {
            Some(count) if !(2..=MAX_RECORDS).contains(&count) => {
                let message = format!("`{count}` records at once; write 2 to {MAX_RECORDS}");
                Err(self.within(merged, &["subject", "records"], message).into())
            }
            _ => Ok(()),
        }
    }

    /// Checks the instance that an act names. What is read or written is held against `main`.
    fn pointed_at(&self, merged: &Merged, file: &ScenarioFile, act: &Act, index: &str) -> Checked {
        let Some(instance) = &act.instance else {
            return Ok(());
        };
        let path = ["acts", index, "instance"];
        if !instances(file).any(|known| known == instance) {
            let message = format!("no instance is called `{instance}`");
            let error = self.within(merged, &path, message);
            return Err(error.legal(instance, instances(file)).into());
        }
        if instance != MAIN && act.verb != Verb::Check {
            let message = format!("`{}` is not asked of `{instance}`", act.verb);
            let hint = "an act that names another instance than `main` can only be a check";
            return Err(self.within(merged, &path, message).hint(hint).into());
        }
        Ok(())
    }

    /// Checks the tables and columns that instances have of their own.
    fn dictionaries(&self, merged: &Merged, file: &ScenarioFile) -> Checked {
        for (name, instance) in file.instances.iter().flatten() {
            let Err(error) = instance.check_dictionary() else {
                continue;
            };
            // The main instance may be written without its name.
            let short = name == "main" && file_has(self.positions, "instance");
            let mut path = if short {
                vec!["instance"]
            } else {
                vec!["instances", name]
            };
            path.extend(error.path.iter().map(String::as_str));
            let message = format!("{}{}", error.message, error.hint);
            return Err(self.within(merged, &path, message).into());
        }
        Ok(())
    }

    fn rows(&self, merged: &Merged, file: &ScenarioFile) -> Checked {
        for (at, row) in file.covers.iter().enumerate() {
            if catalogue::row(row).is_none() {
                let rows: Vec<&str> = catalogue::rows()
                    .iter()
                    .map(|row| row.id.as_str())
                    .collect();
                let error = self.within(
                    merged,
                    &["covers", &at.to_string()],
                    format!("the catalogue has no row `{row}`"),
                );
                let error = match crate::yaml::nearest(row, rows) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error.hint("the rows are listed in scenarios/catalogue.tsv"),
                };
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn step(&self, merged: &Merged, file: &ScenarioFile, name: &str, step: &Step) -> Checked {
        let path = |field| ["steps", name, field];
        let Some(when) = &step.when else {
            return Err(self
                .within(
                    merged,
                    &["steps", name],
                    format!("the step `{name}` has no `when`"),
                )
                .hint("say what is counted: `when: { read: $table, page: 3 }`")
                .into());
        };
        let kinds = kinds(when);
        if kinds.len() != 1 {
            return Err(self
                .within(
                    merged,
                    &path("when"),
                    format!(
                        "`{}` of {} say what the step `{name}` counts; write exactly one",
                        kinds.len(),
                        TRIGGER_KINDS.join(", ")
                    ),
                )
                .into());
        }
        if when.page.is_some() && when.read.is_none() {
            return Err(self
                .within(merged, &path("when"), "`page` goes with `read`")
                .into());
        }
        if when.to.is_some() && when.from.is_none() {
            return Err(self
                .within(merged, &path("when"), "`to` goes with `from`")
                .into());
        }
        if let Some(event) = &when.event
            && !steps(file).any(|other| other == event)
        {
            return Err(self
                .within(
                    merged,
                    &["steps", name, "when", "event"],
                    format!("no step is called `{event}`"),
                )
                .legal(event, steps(file))
                .into());
        }
        if let Some(instance) = &step.instance
            && !instances(file).any(|known| known == instance)
        {
            return Err(self
                .within(
                    merged,
                    &path("instance"),
                    format!("no instance is called `{instance}`"),
                )
                .legal(instance, instances(file))
                .into());
        }
        if let Some(Action::Respond(response)) = step
            .actions
            .iter()
            .flatten()
            .find(|action| matches!(action, Action::Respond(_)))
            && !(100..=999).contains(&response.status)
        {
            return Err(self
                .within(
                    merged,
                    &path("do"),
                    format!("`{}` is not a status; write 100 to 999", response.status),
                )
                .into());
        }
        Ok(())
    }

    fn met(&self, merged: &Merged, file: &ScenarioFile) -> Checked {
        for name in file.expect.met.iter().flatten().map(|(name, _)| name) {
            let conditions = Condition::ALL.iter().map(|condition| condition.name());
            if !steps(file)
                .chain(conditions.clone())
                .any(|known| known == name)
            {
                return Err(self
                    .within(
                        merged,
                        &["expect", "met", name],
                        format!("`{name}` is neither a step of this scenario nor a condition"),
                    )
                    .legal(name, steps(file).chain(conditions))
                    .into());
            }
        }
        Ok(())
    }

    fn error(&self, path: &[&str], message: String) -> FileError {
        FileError::at(self.source, self.positions.of(path), message)
    }

    /// An error at a path of a merged scenario: in the variant, where the variant writes it.
    fn within(&self, merged: &Merged, path: &[&str], message: impl Into<String>) -> FileError {
        let message = message.into();
        let Some(variant) = &merged.variant else {
            return self.error(path, message);
        };
        let mut inside = vec!["variants", variant];
        inside.extend(path);
        let in_variant = self.positions.of(&inside);
        let message = format!("{message} (in the variant `{variant}`)");
        if in_variant == self.positions.of(&["variants", variant]) {
            FileError::at(self.source, self.positions.of(path), message)
        } else {
            FileError::at(self.source, in_variant, message)
        }
    }
}

fn file_has(positions: &Positions, key: &str) -> bool {
    positions.of(&[key]) != positions.of(&[])
}

fn steps(file: &ScenarioFile) -> impl Iterator<Item = &str> + Clone {
    file.steps.iter().flatten().map(|(name, _)| name.as_str())
}

fn instances(file: &ScenarioFile) -> impl Iterator<Item = &str> {
    file.instances
        .iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .chain(std::iter::once(MAIN))
}

fn kinds(when: &Trigger) -> Vec<&'static str> {
    let given = [
        when.read.is_some(),
        when.request.is_some(),
        when.connection.is_some(),
        when.event.is_some(),
        // With an event it says how long after it.
        when.after.is_some() && when.event.is_none(),
        when.act.is_some(),
    ];
    TRIGGER_KINDS
        .into_iter()
        .zip(given)
        .filter_map(|(kind, given)| given.then_some(kind))
        .collect()
}

/// `SP-A07`: a prefix of capitals and digits, a hyphen, letters, a number.
fn is_code(code: &str) -> bool {
    let Some((prefix, rest)) = code.split_once('-') else {
        return false;
    };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_uppercase());
    prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && prefix
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit())
        && code.len() <= 24
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 60
        && !name.starts_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use crate::scenario::ScenarioSet;
    use crate::yaml::SourceFile;

    fn error(act: &str) -> Option<String> {
        let text = format!(
            "schema: snowproof.scenario/1\ncode: SP-X01\nid: x/y\ntitle: t\ncovers: []\n\
             source: {{ document: d, says: s }}\nprofile: core\nlevel: diagnose\nwhy: w\n\
             acts:\n  - {{ verb: check }}\n  - {{ {act} }}\n\
             instances: {{ main: {{}}, production: {{}} }}\nexpect: {{}}\n"
        );
        let name = "x/y.yaml".into();
        let added = ScenarioSet::default().add(SourceFile { name, text }, "x/y");
        added.err().map(|error| error.rendered())
    }

    #[test]
    fn an_act_names_an_instance_that_exists_and_checks_it() {
        assert_eq!(error("verb: check, instance: production"), None);
        assert_eq!(error("verb: sync, instance: main"), None);
        let unknown = error("verb: check, instance: prodution").unwrap_or_default();
        assert!(
            unknown.contains("no instance is called `prodution`"),
            "{unknown}"
        );
        assert!(unknown.contains("did you mean `production`"), "{unknown}");
        let synced = error("verb: sync, instance: production").unwrap_or_default();
        assert!(synced.contains("can only be a check"), "{synced}");
    }
}
