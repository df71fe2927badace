//! What an act is asked to do to the instance: the record to create or to change, the file to
//! upload, the message to send.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};
use snowproof_protocol::{Parameter, Verb};

use crate::scenario::{Act, SubjectSettings};

/// Where the instance is to call back; it never does.
const WEBHOOK_URL: &str = "https://hooks.example.com/servicenow/changes";

/// What the acts of a scenario are asked for: something new each, save that an act which resumes
/// another, with none in between that starts afresh, is asked for the same again.
#[derive(Debug, Default)]
pub(super) struct Asking {
    key: Option<String>,
    /// The record that is there, for whoever changes one: the same in every act.
    record: Option<String>,
    /// Whether a change adds a work note as well.
    work_note: bool,
    /// How many records are to be created at once, where it is not one.
    records: Option<u32>,
}

/// What one act was asked for, and how it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Errand {
    /// What is new every time, and occurs in what is to be done.
    pub(super) key: String,
    /// The table in which the deed is seen.
    pub(super) table: String,
    /// The record that is to be changed, or that the file is for.
    pub(super) sys_id: Option<String>,
    /// The encoded queries, each of which finds something once all is done; at least one.
    pub(super) queries: Vec<String>,
}

impl Asking {
    /// Of a scenario with these settings.
    pub(super) fn of(settings: &SubjectSettings) -> Self {
        Self {
            work_note: settings.work_note.unwrap_or_default(),
            records: settings.records,
            ..Self::default()
        }
    }

    /// Whether an act needs a record that is there already, and none is chosen yet.
    pub(super) const fn needs_record(&self, act: &Act) -> bool {
        self.record.is_none() && matches!(act.verb, Verb::Update | Verb::Attach)
    }

    /// Chooses the record that is to be changed.
    pub(super) fn choose(&mut self, sys_id: String) {
        self.record = Some(sys_id);
    }

    /// Completes what an act is told that changes something, and says what that is. What other acts
    /// are told stays as it is. A file to upload is written into `folder`.
    ///
    /// # Errors
    /// When there is no record to change, or the file cannot be written.
    pub(super) fn tell(
        &mut self,
        act: &Act,
        table: &str,
        folder: &Path,
        parameters: &mut BTreeMap<Parameter, String>,
    ) -> Result<Option<Errand>, String> {
        if !act.resume {
            self.key = None;
        }
        if act.verb == Verb::Provision {
            parameters.insert(Parameter::Table, table.to_owned());
            parameters.insert(Parameter::WebhookUrl, WEBHOOK_URL.to_owned());
        }
        if matches!(
            act.verb,
            Verb::Check | Verb::Sync | Verb::Connect | Verb::Provision
        ) {
            return Ok(None);
        }
        let key = self
            .key
            .get_or_insert_with(|| format!("{:032x}", rand::random::<u128>()))
            .clone();
        let none = || format!("`{table}` has no record that could be changed");
        let record = self.record.clone().ok_or_else(none);
        let errand = match act.verb {
            Verb::Check | Verb::Sync | Verb::Connect | Verb::Provision => return Ok(None),
            Verb::Write => {
                let keys = match self.records {
                    None => vec![key.clone()],
                    Some(count) => (0..count).map(|number| one_of(&key, number)).collect(),
                };
                let record = |key: &String| {
                    json!({
                        "correlation_id": key,
                        "short_description": "Disk almost full on a server",
                    })
                };
                let (parameter, value) = match self.records {
                    None => (Parameter::Record, record(&key)),
                    Some(_) => (Parameter::Records, keys.iter().map(record).collect()),
                };
                parameters.insert(parameter, value.to_string());
                let found = |key: &String| format!("correlation_id={key}");
                Errand {
                    queries: keys.iter().map(found).collect(),
                    key,
                    table: table.to_owned(),
                    sys_id: None,
                }
            }
            Verb::Update => {
                let record = record?;
                let mut fields = json!({
                    "correlation_id": key,
                    "short_description": "Disk full on a server, it was almost so before",
                });
                if self.work_note {
                    fields["work_notes"] = json!("Somebody is on the way.");
                }
                parameters.insert(Parameter::Record, fields.to_string());
                parameters.insert(Parameter::SysId, record.clone());
                Errand {
                    queries: vec![format!("sys_id={record}^correlation_id={key}")],
                    key,
                    table: table.to_owned(),
                    sys_id: Some(record),
                }
            }
            Verb::Attach => {
                let record = record?;
                let text = format!("report {key}\n/dev/sda1 97% used\n");
                let file = folder.join(format!("report-{key}.txt"));
                std::fs::write(&file, &text)
                    .map_err(|error| format!("write the file to upload: {error}"))?;
                parameters.insert(Parameter::Attachment, file.display().to_string());
                parameters.insert(Parameter::SysId, record.clone());
                Errand {
                    queries: vec![format!("table_sys_id={record}^hash={}", digest(&text))],
                    key,
                    table: "sys_attachment".to_owned(),
                    sys_id: Some(record),
                }
            }
            Verb::Email => {
                let message = json!({
                    "to": ["on.call@example.com"],
                    "subject": format!("Disk almost full ({key})"),
                    "text": "The disk of a server is 97% full.",
                });
                parameters.insert(Parameter::Message, message.to_string());
                Errand {
                    queries: vec![format!("subjectLIKE{key}")],
                    key,
                    table: "sys_email".to_owned(),
                    sys_id: None,
                }
            }
        };
        parameters.insert(Parameter::Table, table.to_owned());
        Ok(Some(errand))
    }
}

/// The key of one of several records, as long as that of one.
fn one_of(key: &str, number: u32) -> String {
    let kept = key.get(..28).unwrap_or(key);
    format!("{kept}{number:04x}")
}

/// SHA-256 in lower-case hexadecimal digits, as an instance keeps that of a file.
fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text.as_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(verb: Verb, resume: bool) -> Act {
        Act {
            verb,
            resume,
            killed_at: None,
            instance: None,
            credentials: None,
            person: None,
            any_of: None,
            outcome: None,
            changes: false,
        }
    }

    #[test]
    fn only_an_act_that_resumes_is_asked_for_the_same_record() {
        let folder = tempfile::tempdir().unwrap();
        let mut asking = Asking::default();
        let mut told = BTreeMap::from([(Parameter::Table, "t".to_owned())]);
        let mut tell = |verb, resume, told: &mut _| {
            let errand = asking.tell(&act(verb, resume), "w", folder.path(), told);
            errand.unwrap()
        };
        assert_eq!(tell(Verb::Sync, false, &mut told), None);
        assert_eq!(told[&Parameter::Table], "t");
        let mut keys = Vec::new();
        for resume in [false, true, false] {
            keys.push(tell(Verb::Write, resume, &mut told).unwrap().key);
        }
        assert_eq!(keys[0], keys[1]);
        assert_ne!(keys[1], keys[2]);
        assert_eq!(told[&Parameter::Table], "w");
        let record: serde_json::Value = serde_json::from_str(&told[&Parameter::Record]).unwrap();
        assert_eq!(record["correlation_id"].as_str(), Some(keys[2].as_str()));
    }

    #[test]
    fn several_records_have_each_a_key_that_a_resumed_act_keeps() {
        let folder = tempfile::tempdir().unwrap();
        let settings = SubjectSettings {
            records: Some(3),
            ..SubjectSettings::default()
        };
        let mut asking = Asking::of(&settings);
        let mut told = BTreeMap::new();
        let mut queries = Vec::new();
        for resume in [false, true] {
            let errand = asking.tell(&act(Verb::Write, resume), "w", folder.path(), &mut told);
            queries.push(errand.unwrap().unwrap().queries);
        }
        assert_eq!(queries[0], queries[1]);
        assert!(!told.contains_key(&Parameter::Record));
        let records: serde_json::Value = serde_json::from_str(&told[&Parameter::Records]).unwrap();
        let found: Vec<String> = (0..3)
            .map(|at| {
                format!(
                    "correlation_id={}",
                    records[at]["correlation_id"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(found, queries[0]);
        assert!(found[0] != found[1] && records.as_array().unwrap().len() == 3);
    }

    #[test]
    fn what_is_changed_is_a_record_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut asking = Asking::default();
        for verb in [Verb::Update, Verb::Attach] {
            let mut told = BTreeMap::new();
            assert!(asking.needs_record(&act(verb, false)));
            let refused = asking.tell(&act(verb, false), "w", folder.path(), &mut told);
            assert!(refused.unwrap_err().contains("`w` has no record"));
        }
        asking.choose("5f0c".to_owned());
        for verb in [Verb::Update, Verb::Attach] {
            let mut told = BTreeMap::new();
            let errand = asking.tell(&act(verb, false), "w", folder.path(), &mut told);
            assert_eq!(errand.unwrap().unwrap().sys_id.as_deref(), Some("5f0c"));
            assert_eq!(told[&Parameter::SysId], "5f0c");
        }
        assert!(!asking.needs_record(&act(Verb::Attach, false)));
    }

    #[test]
    fn a_file_is_there_and_a_message_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut asking = Asking::default();
        asking.choose("5f0c".to_owned());
        let mut told = BTreeMap::new();
        let file = asking.tell(&act(Verb::Attach, false), "w", folder.path(), &mut told);
        let text = std::fs::read_to_string(&told[&Parameter::Attachment]).unwrap();
        let file = file.unwrap().unwrap();
        assert!(text.contains(&file.key) && file.queries[0].ends_with(&digest(&text)));
        let sent = asking.tell(&act(Verb::Email, false), "w", folder.path(), &mut told);
        let message: serde_json::Value = serde_json::from_str(&told[&Parameter::Message]).unwrap();
        assert_eq!(message["to"][0], "on.call@example.com");
        let key = sent.unwrap().unwrap().key;
        assert!(message["subject"].as_str().unwrap().contains(&key));
    }
}
