//! The messages of an Airbyte source, a JSON object a line of stdout: a state machine over lines,
//! without IO. Source: the Airbyte protocol's own description.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use snowproof_protocol::Verb;
use snowproof_simulator::redaction::Redactor;

use super::harvest::Harvest;
use crate::subject::StreamChoice;

/// Streams whose states are kept.
const MAX_STATES: usize = 1000;
/// Characters that are kept of what it says.
const MAX_TEXT_CHARS: usize = 4096;

/// What a source has said so far.
pub(super) struct Airbyte {
    pub(super) harvest: Harvest,
    catalog: Option<Value>,
    /// Whether the check succeeded, and its message.
    status: Option<(bool, String)>,
    /// The first error: the platform shows it as the cause of those that follow.
    error: Option<String>,
    /// A stream that ended before its end.
    incomplete: Option<String>,
    /// The last state of each stream, by its descriptor.
    states: BTreeMap<String, Value>,
}

impl Airbyte {
    /// A source whose records have their key at this JSON pointer, and the states it was given.
    pub(super) fn new(key: &str, given: Option<&Value>) -> Self {
        let mut source = Self {
            harvest: Harvest::new(key),
            catalog: None,
            status: None,
            error: None,
            incomplete: None,
            states: BTreeMap::new(),
        };
        for state in given.and_then(Value::as_array).into_iter().flatten() {
            source.keep(state);
        }
        source
    }

    /// Takes one line, without its end. A line that is no object is a log, as for the platform.
    pub(super) fn line(&mut self, line: &[u8], redactor: &Redactor) {
        self.harvest.count(line);
        if !line.trim_ascii_start().starts_with(b"{") {
            return;
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(mut message) => self.message(&mut message, redactor),
            Err(error) => {
                // Serde may quote the line, and with it a secret.
                let why = redactor.redact(&error.to_string()).into_owned();
                self.harvest.bad(why);
            }
        }
    }

    fn message(&mut self, message: &mut Value, redactor: &Redactor) {
        let text = |value: &Value| -> String {
            let text = value.as_str().unwrap_or_default();
            redactor.redact(text).chars().take(MAX_TEXT_CHARS).collect()
        };
        let Some(kind) = message["type"].as_str() else {
            self.harvest.bad("the message has no `type`".to_owned());
            return;
        };
        match kind {
            "RECORD" => self.harvest.record(&message["record"]["data"]),
            "STATE" => {
                self.harvest.checkpoint();
                self.keep(&message["state"]);
            }
            "CATALOG" => self.catalog = Some(message["catalog"].take()),
            "CONNECTION_STATUS" => {
                let status = &message["connectionStatus"];
                let succeeded = status["status"] == "SUCCEEDED";
                self.status = Some((succeeded, text(&status["message"])));
            }
            "LOG" => {
                let log = &message["log"];
                if matches!(log["level"].as_str(), Some("WARN" | "ERROR" | "FATAL")) {
                    let warning = log["message"].as_str().unwrap_or_default();
                    self.harvest.warn(warning, redactor);
                }
            }
            "TRACE" => self.trace(&message["trace"], text),
            // What a later version of the protocol adds is none of our business.
            _ => {}
        }
    }

    fn trace(&mut self, trace: &Value, text: impl Fn(&Value) -> String) {
        match trace["type"].as_str() {
            Some("ERROR") if self.error.is_none() => {
                let error = &trace["error"];
                let words = text(&error["message"]);
                self.error = Some(match error["failure_type"].as_str() {
                    Some(_) => format!("{words} ({})", text(&error["failure_type"])),
                    None => words,
                });
            }
            Some("STREAM_STATUS") if trace["stream_status"]["status"] == "INCOMPLETE" => {
                let stream = &trace["stream_status"]["stream_descriptor"]["name"];
                self.incomplete = Some(text(stream));
            }
            _ => {}
        }
    }

    fn keep(&mut self, state: &Value) {
        let stream = state["stream"]["stream_descriptor"].to_string();
        if self.states.len() < MAX_STATES || self.states.contains_key(&stream) {
            self.states.insert(stream, state.clone());
        }
    }

    /// Whether it says that it failed; none where it says nothing about this verb.
    pub(super) fn failed(&self, verb: Verb) -> Option<bool> {
        let troubled = self.error.is_some() || self.incomplete.is_some();
        match &self.status {
            Some((succeeded, _)) => Some(!succeeded || troubled),
            None if troubled => Some(true),
            None if verb == Verb::Check => None,
            None => Some(false),
        }
    }

    /// What it says of its failure: the message of a check, or else the first error.
    pub(super) fn words(&self) -> String {
        let status = self.status.as_ref();
        let words = status.filter(|(succeeded, text)| !succeeded && !text.is_empty());
        match (words, &self.error, &self.incomplete) {
            (Some((_, text)), ..) => text.clone(),
            (None, Some(error), _) => error.clone(),
            (None, None, Some(stream)) => format!("the stream {stream} is incomplete"),
            (None, None, None) => String::new(),
        }
    }

    /// What `--state` takes: the last state of each stream; none where there was none.
    pub(super) fn state(&self) -> Option<Value> {
        (!self.states.is_empty()).then(|| self.states.values().cloned().collect())
    }

    /// What `--catalog` takes: one of the streams that were discovered.
    pub(super) fn configured(&self, stream: &str, choice: &StreamChoice) -> Option<Value> {
        let streams = self.catalog.as_ref()?["streams"].as_array()?;
        let found = streams.iter().find(|it| it["name"] == stream)?;
        let or_none = |value: &Value| match value {
            Value::Null => json!([]),
            other => other.clone(),
        };
        Some(json!({ "streams": [{
            "stream": found,
            "sync_mode": choice.sync_mode.name(),
            "destination_sync_mode": "append",
            "cursor_field": or_none(&found["default_cursor_field"]),
            "primary_key": or_none(&found["source_defined_primary_key"]),
        }] }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::ProcessProblem;

    fn heard(lines: &[&str]) -> Airbyte {
        let mut source = Airbyte::new("/sys_id", None);
        for line in lines {
            source.line(line.as_bytes(), &Redactor::default());
        }
        source
    }

    #[test]
    fn a_check_says_whether_it_succeeded() {
        let said = |status: &str| {
            format!(
                r#"{{"type":"CONNECTION_STATUS","connectionStatus":{{"status":"{status}","message":"401 it is"}}}}"#
            )
        };
        let source = heard(&[&said("FAILED")]);
        assert_eq!(source.failed(Verb::Check), Some(true));
        assert_eq!(source.words(), "401 it is");
        let source = heard(&[&said("SUCCEEDED")]);
        assert_eq!(source.failed(Verb::Check), Some(false));
        assert_eq!(source.words(), "");
        assert_eq!(heard(&[]).failed(Verb::Check), None);
        assert_eq!(heard(&[]).failed(Verb::Sync), Some(false));
    }

    #[test]
    fn the_first_error_is_the_cause_and_carries_its_type() {
        let error = |text: &str| {
            format!(
                r#"{{"type":"TRACE","trace":{{"type":"ERROR","error":{{"message":"{text}","failure_type":"config_error"}}}}}}"#
            )
        };
        let status = |status: &str| {
            format!(
                r#"{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","stream_status":{{"stream_descriptor":{{"name":"t"}},"status":"{status}"}}}}}}"#
            )
        };
        let ended = status("INCOMPLETE");
        let source = heard(&[&error("no"), &ended, &error("the streams failed")]);
        assert_eq!(source.failed(Verb::Sync), Some(true));
        assert_eq!(source.words(), "no (config_error)");
        assert_eq!(heard(&[&ended]).words(), "the stream t is incomplete");
        assert_eq!(
            heard(&[&status("COMPLETE")]).failed(Verb::Sync),
            Some(false)
        );
    }

    #[test]
    fn the_last_state_of_each_stream_is_kept_with_what_was_given() {
        let state = |stream: &str, at: u32| json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"at": at}}});
        let given = json!([state("a", 1), state("b", 1)]);
        let mut source = Airbyte::new("/sys_id", Some(&given));
        let line = json!({"type": "STATE", "state": state("b", 2)}).to_string();
        source.line(line.as_bytes(), &Redactor::default());
        assert_eq!(source.state(), Some(json!([state("a", 1), state("b", 2)])));
        assert_eq!(source.harvest.checkpoints, 1);
        assert_eq!(heard(&[]).state(), None);
    }

    #[test]
    fn a_stream_is_configured_as_it_was_discovered() {
        let line = r#"{"type":"CATALOG","catalog":{"streams":[{"name":"a"},{"name":"b","default_cursor_field":["u"],"json_schema":{}}]}}"#;
        let source = heard(&[line]);
        let choice = StreamChoice::default();
        assert_eq!(source.configured("c", &choice), None);
        let configured = source.configured("b", &choice).unwrap();
        assert_eq!(
            configured["streams"],
            json!([{
                "stream": {"name": "b", "default_cursor_field": ["u"], "json_schema": {}},
                "sync_mode": "full_refresh", "destination_sync_mode": "append",
                "cursor_field": ["u"], "primary_key": [],
            }])
        );
    }

    #[test]
    fn broken_json_is_named_and_a_log_is_none() {
        let source = heard(&["starting", "", "{\"type\":", "{}", r#"{"type":"NEW"}"#]);
        let lines: Vec<u64> = source
            .harvest
            .problems
            .iter()
            .filter_map(|problem| match problem {
                ProcessProblem::BadLine { line, .. } => Some(*line),
                _ => None,
            })
            .collect();
        assert_eq!(lines, [3, 4]);
        let record = r#"{"type":"RECORD","record":{"stream":"t","data":{"sys_id":"a","x":""}}}"#;
        assert_eq!(heard(&[record]).harvest.delivered.len(), 1);
    }

    #[test]
    fn secrets_are_in_no_words() {
        let mut source = Airbyte::new("/sys_id", None);
        let redactor = Redactor::new([("password", "correct-horse-battery")]);
        let line = r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"with correct-horse-battery"}}"#;
        source.line(line.as_bytes(), &redactor);
        assert_eq!(source.words(), "with <secret:password>");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn garbage_is_no_success(garbage in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut source = Airbyte::new("/sys_id", None);
            for line in [&garbage[..], &[b"{", &garbage[..]].concat()] {
                source.line(line, &Redactor::default());
            }
            prop_assert_eq!(source.failed(Verb::Check), None);
            prop_assert!(source.harvest.problems.len() <= 2);
            prop_assert!(source.harvest.delivered.is_empty() && source.state().is_none());
        }

        #[test]
        fn messages_of_any_shape_are_taken(kind in "RECORD|STATE|CATALOG|CONNECTION_STATUS|LOG|TRACE", at in "record|state|catalog|trace|log", value in prop_oneof![Just(json!(null)), Just(json!([1])), Just(json!("x")), Just(json!({"type": "ERROR"}))]) {
            let mut source = Airbyte::new("", None);
            let line = json!({"type": kind, at: value}).to_string();
            source.line(line.as_bytes(), &Redactor::default());
            let _ = (source.words(), source.configured("t", &StreamChoice::default()));
        }
    }
}
