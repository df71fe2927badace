//! A merged scenario becomes what is run: `$table` and `$write_table` are tables, and every default
//! is filled in.

use std::time::Duration;

use serde_json::{Map, Value};
use snowproof_simulator::duration::ScaledDuration;

use super::load::Merged;
use super::{ExpectedDiagnosis, Scenario, ScenarioFile, SubjectSettings, Witness};
use crate::catalogue;
use crate::subject::Declares;

/// The user that a subject authenticates as unless the scenario says otherwise.
pub const DEFAULT_USER: &str = "sync.user";

/// Rows a page at most, so that a scenario of three pages stays small.
const MAX_PAGE_SIZE: u32 = 100;

/// The longest an act may take after its first contact.
pub const BUDGET_CEILING: Duration = Duration::from_secs(120);

/// The longest a declared attempt may take.
const ATTEMPT_CEILING: Duration = Duration::from_secs(120);

/// What a subject contributes to a scenario.
#[derive(Debug, Clone, Copy)]
pub struct For<'a> {
    /// What `$table` stands for.
    pub table: &'a str,
    /// What `$write_table` stands for.
    pub write_table: &'a str,
    /// What it says of itself.
    pub declares: &'a Declares,
}

impl Merged {
    /// What a connector may say of its failure: what is written, completed from the catalogue.
    #[must_use]
    pub fn expected_diagnosis(&self) -> ExpectedDiagnosis {
        expected_diagnosis(&self.file)
    }

    /// The scenario as it is run for a subject.
    ///
    /// # Errors
    ///
    /// With the subject's tables in place it does not fit its type, in the words of serde.
    pub fn resolve(&self, subject: For<'_>) -> Result<Scenario, serde_json::Error> {
        let own = self.file.subject.as_ref();
        let table = own.and_then(|settings| settings.table.as_deref());
        let table = table.unwrap_or(subject.table);
        let mut whole = serde_json::to_value(&self.file)?;
        replace(&mut whole, "$table", table);
        replace(&mut whole, "$write_table", subject.write_table);
        let file: ScenarioFile = serde_json::from_value(whole)?;
        let diagnosis = expected_diagnosis(&file);
        let witness = Witness::of(&file);
        let settings = settings(file.subject.unwrap_or_default(), subject.declares);
        Ok(Scenario {
            code: file.code,
            variant: self.variant.clone(),
            id: file.id,
            title: file.title,
            covers: file.covers,
            profile: file.profile,
            level: file.level,
            why: file.why,
            source: file.source,
            acts: file.acts,
            parameters: file.parameters,
            table: table.to_owned(),
            write_table: subject.write_table.to_owned(),
            subject: settings,
            instances: match file.instances {
                Some(instances) => instances,
                None => [("main".to_owned(), Default::default())].into(),
            },
            steps: file.steps.unwrap_or_default(),
            outcome: file.expect.outcome.unwrap_or_default(),
            met: file.expect.met.unwrap_or_default(),
            witness,
            diagnosis,
            checks: file.expect.checks.unwrap_or_default(),
        })
    }
}

/// Replaces a placeholder in every key and text.
fn replace(value: &mut Value, placeholder: &str, table: &str) {
    match value {
        Value::String(text) if text.contains(placeholder) => {
            *text = text.replace(placeholder, table);
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace(item, placeholder, table)),
        Value::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(key, mut value)| {
                    replace(&mut value, placeholder, table);
                    (key.replace(placeholder, table), value)
                })
                .collect::<Map<_, _>>();
        }
        _ => {}
    }
}

/// What is written, completed from the first covered row. A class that is written as right or as
/// free is no false lead, whatever the row says. Where no failure is covered and no diagnosis is
/// written, there is nothing to say.
fn expected_diagnosis(file: &ScenarioFile) -> ExpectedDiagnosis {
    let row = file
        .covers
        .first()
        .and_then(|row| catalogue::row(row))
        .map(catalogue::Row::expected)
        .unwrap_or_default();
    let written = file.expect.diagnosis.clone().unwrap_or_default();
    let any_of = written.any_of.or(row.any_of).unwrap_or_default();
    let candidates = written.candidates.or(row.candidates).unwrap_or_default();
    let never = written.never.unwrap_or_else(|| {
        let mut never = row.never.unwrap_or_default();
        never.retain(|class| !any_of.contains(class) && !candidates.contains(class));
        never
    });
    let nothing_to_say = file.covers.is_empty() && any_of.is_empty();
    let quiet_is_right = written
        .quiet_is_right
        .or(row.quiet_is_right)
        .unwrap_or(nothing_to_say);
    ExpectedDiagnosis {
        any_of: Some(any_of),
        candidates: Some(candidates),
        never: Some(never),
        quiet_is_right: Some(quiet_is_right),
    }
}

fn settings(written: SubjectSettings, declares: &Declares) -> SubjectSettings {
    let timeout = written.timeout.unwrap_or_else(|| {
        ScaledDuration::plain(declares.attempt_timeout.effective.min(ATTEMPT_CEILING))
    });
    SubjectSettings {
        user: Some(written.user.unwrap_or_else(|| DEFAULT_USER.to_owned())),
        table: written.table,
        parallelism: Some(written.parallelism.unwrap_or(declares.parallelism.min(32))),
        page_size: Some(
            written
                .page_size
                .unwrap_or_else(|| declares.page_size.clamp(1, MAX_PAGE_SIZE)),
        ),
        timeout: Some(timeout),
        budget: Some(
            written
                .budget
                .unwrap_or_else(|| ScaledDuration::plain(longest_act(timeout.effective, declares))),
        ),
        verify: Some(written.verify.unwrap_or_default()),
        address: Some(written.address.unwrap_or_default()),
        auth_method: Some(written.auth_method.unwrap_or_default()),
        token_path: written.token_path,
        fields: written.fields,
        since: written.since,
        keeps_cookies: written.keeps_cookies,
        query: written.query,
        work_note: written.work_note,
        records: written.records,
    }
}

/// Every attempt takes as long as it may and is followed by the longest wait, and a little more;
/// at most [`BUDGET_CEILING`].
fn longest_act(timeout: Duration, declares: &Declares) -> Duration {
    let attempts = declares.max_attempts.clamp(1, 10);
    timeout
        .saturating_mul(attempts)
        .saturating_add(declares.max_wait.effective.saturating_mul(attempts - 1))
        .saturating_add(Duration::from_secs(10))
        .min(BUDGET_CEILING)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_is_put_into_keys_and_texts() {
        let mut value = json!({"$table": {"x": ["GET /api/now/table/$table", 1]}});
        replace(&mut value, "$table", "incident");
        assert_eq!(
            value,
            json!({"incident": {"x": ["GET /api/now/table/incident", 1]}})
        );
        let mut value = json!(["$write_table", "$table"]);
        replace(&mut value, "$table", "t");
        replace(&mut value, "$write_table", "w");
        assert_eq!(value, json!(["w", "t"]));
    }

    #[test]
    fn a_budget_follows_what_is_declared_up_to_its_ceiling() {
        let quick = Declares {
            max_attempts: 2,
            max_wait: "1s".parse().unwrap(),
            ..Declares::default()
        };
        let seconds = Duration::from_secs;
        assert_eq!(longest_act(seconds(2), &quick), seconds(15));
        assert_eq!(
            longest_act(seconds(30), &Declares::default()),
            BUDGET_CEILING
        );
    }
}
