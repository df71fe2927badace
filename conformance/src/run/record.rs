//! The record that an act is asked to create.

use std::collections::BTreeMap;

use serde_json::json;
use snowproof_protocol::{Parameter, Verb};

use crate::scenario::Act;

/// The record of the acts that write: a new one each, save that an act which resumes another, with
/// none in between that starts afresh, is asked for the same one.
#[derive(Debug, Default)]
pub(super) struct AskedRecord {
    key: Option<String>,
}

impl AskedRecord {
    /// Completes what a writing act is told, and gives the `correlation_id` of its record. What
    /// other acts are told stays as it is.
    pub(super) fn tell(
        &mut self,
        act: &Act,
        table: &str,
        parameters: &mut BTreeMap<Parameter, String>,
    ) -> Option<String> {
        if !act.resume {
            self.key = None;
        }
        if act.verb != Verb::Write {
            return None;
        }
        let key = self
            .key
            .get_or_insert_with(|| format!("{:032x}", rand::random::<u128>()));
        let record = json!({
            "correlation_id": key,
            "short_description": "Disk almost full on a server",
        });
        parameters.insert(Parameter::Table, table.to_owned());
        parameters.insert(Parameter::Record, record.to_string());
        Some(key.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(verb: Verb, resume: bool) -> Act {
        Act {
            verb,
            resume,
            killed_at: None,
            credentials: None,
            person: None,
            instance: None,
            outcome: None,
        }
    }

    #[test]
    fn only_an_act_that_resumes_is_asked_for_the_same_record() {
        let mut asked = AskedRecord::default();
        let mut told = BTreeMap::from([(Parameter::Table, "t".to_owned())]);
        assert_eq!(asked.tell(&act(Verb::Sync, false), "w", &mut told), None);
        assert_eq!(told[&Parameter::Table], "t");
        let mut keys = Vec::new();
        for resume in [false, true, false] {
            keys.push(asked.tell(&act(Verb::Write, resume), "w", &mut told));
        }
        assert_eq!(keys[0], keys[1]);
        assert_ne!(keys[1], keys[2]);
        assert_eq!(told[&Parameter::Table], "w");
        let record: serde_json::Value = serde_json::from_str(&told[&Parameter::Record]).unwrap();
        assert_eq!(record["correlation_id"].as_str(), keys[2].as_deref());
        // Whoever starts afresh in between leaves nothing to go on with.
        assert_eq!(asked.tell(&act(Verb::Check, false), "w", &mut told), None);
        assert_ne!(asked.tell(&act(Verb::Write, true), "w", &mut told), keys[2]);
    }
}
