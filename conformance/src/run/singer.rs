//! The messages of a Singer tap, a JSON object a line of stdout, its catalog and the last line of
//! its log: a state machine over lines, without IO. Source: the Singer specification.

use serde_json::{Value, json};
use snowproof_simulator::redaction::Redactor;

use super::harvest::Harvest;
use super::native::MAX_LINE_BYTES;

/// What a tap has written so far.
pub(super) struct Singer {
    pub(super) harvest: Harvest,
    /// The last state it was given or wrote.
    state: Option<Value>,
    /// What it writes while it discovers: one document over many lines.
    document: Option<Vec<u8>>,
}

impl Singer {
    /// A tap whose records have their key at this JSON pointer, and the state it was given.
    pub(super) fn new(key: &str, given: Option<&Value>) -> Self {
        Self {
            harvest: Harvest::new(key),
            state: given.cloned(),
            document: None,
        }
    }

    /// A tap that is to write its catalog.
    pub(super) fn discovers() -> Self {
        Self {
            document: Some(Vec::new()),
            ..Self::new("", None)
        }
    }

    /// Takes one line, without its end.
    pub(super) fn line(&mut self, line: &[u8], redactor: &Redactor) {
        if let Some(document) = &mut self.document {
            if document.len() + line.len() < MAX_LINE_BYTES {
                document.extend_from_slice(line);
                document.push(b'\n');
            }
            return;
        }
        self.harvest.count(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let message: Value = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(error) => {
                // Serde may quote the line, and with it a secret.
                let why = redactor.redact(&error.to_string()).into_owned();
                self.harvest.bad(why);
                return;
            }
        };
        match message["type"].as_str() {
            Some("RECORD") => self.harvest.record(&message["record"]),
            Some("STATE") => {
                self.harvest.checkpoint();
                self.state = Some(message["value"].clone());
            }
            // Schemas, versions and batches tell nothing about what was delivered.
            Some(_) => {}
            None => self.harvest.bad("the message has no `type`".to_owned()),
        }
    }

    /// What `--state` takes.
    pub(super) const fn state(&self) -> Option<&Value> {
        self.state.as_ref()
    }

    /// What `--catalog` takes: one of the streams that were discovered, selected.
    pub(super) fn selected(&self, stream: &str) -> Option<Value> {
        let catalog: Value = serde_json::from_slice(self.document.as_deref()?).ok()?;
        let is_it = |it: &&Value| it["tap_stream_id"] == stream || it["stream"] == stream;
        let mut found = catalog["streams"].as_array()?.iter().find(is_it)?.clone();
        let entries = found.as_object_mut()?.entry("metadata");
        let entries = entries.or_insert_with(|| json!([])).as_array_mut()?;
        let is_whole = |it: &&mut Value| it["breadcrumb"].as_array().is_some_and(Vec::is_empty);
        let whole = entries.iter_mut().find(is_whole);
        match whole.and_then(|it| it.get_mut("metadata")?.as_object_mut()) {
            Some(metadata) => {
                metadata.insert("selected".to_owned(), json!(true));
            }
            None => entries.push(json!({"breadcrumb": [], "metadata": {"selected": true}})),
        }
        Some(json!({ "streams": [found] }))
    }
}

/// The last line of a tap's log that speaks of an error, or else its last line.
pub(super) fn last_error(stderr: &str) -> &str {
    const SIGNS: [&str; 4] = ["error", "critical", "exception", "fatal"];
    let lines = || stderr.lines().rev().map(str::trim);
    let speaks = |line: &&str| {
        let line = line.to_ascii_lowercase();
        SIGNS.iter().any(|sign| line.contains(sign))
    };
    let last = lines().find(speaks);
    last.or_else(|| lines().find(|line| !line.is_empty()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(lines: &[&str]) -> Singer {
        let mut tap = Singer::new("/sys_id", None);
        for line in lines {
            tap.line(line.as_bytes(), &Redactor::default());
        }
        tap
    }

    #[test]
    fn records_are_kept_and_the_last_state() {
        let tap = heard(&[
            r#"{"type":"SCHEMA","stream":"t","schema":{},"key_properties":["sys_id"]}"#,
            r#"{"type":"RECORD","stream":"t","record":{"sys_id":"a","sys_mod_count":3}}"#,
            r#"{"type":"STATE","value":{"bookmarks":{"t":1}}}"#,
            "",
            r#"{"type":"STATE","value":{"bookmarks":{"t":2}}}"#,
        ]);
        assert_eq!(tap.harvest.delivered.len(), 1);
        assert_eq!(tap.harvest.delivered[0].mod_count, Some(3));
        assert_eq!(tap.state(), Some(&json!({"bookmarks": {"t": 2}})));
        assert_eq!(tap.harvest.checkpoints, 2);
        assert!(tap.harvest.problems.is_empty());
    }

    #[test]
    fn what_a_target_could_not_read_is_named() {
        let tap = heard(&["starting", "[]", r#"{"type":"RECORD","record":{}}"#]);
        assert_eq!(tap.harvest.problems.len(), 3);
    }

    #[test]
    fn one_stream_of_a_catalog_is_selected() {
        let mut tap = Singer::discovers();
        for line in [
            "{ \"streams\": [",
            r#"{"tap_stream_id": "a"},"#,
            r#"{"tap_stream_id": "b", "metadata": [{"breadcrumb": [], "metadata": {"x": 1}}]}"#,
            "] }",
        ] {
            tap.line(line.as_bytes(), &Redactor::default());
        }
        let whole = |metadata: Value| json!([{"breadcrumb": [], "metadata": metadata}]);
        for (name, expected) in [
            ("a", whole(json!({"selected": true}))),
            ("b", whole(json!({"x": 1, "selected": true}))),
        ] {
            let selected = tap.selected(name).unwrap();
            assert_eq!(selected["streams"][0]["metadata"], expected);
            assert_eq!(selected["streams"].as_array().unwrap().len(), 1);
        }
        assert_eq!(tap.selected("c"), None);
        assert_eq!(heard(&[]).selected("a"), None);
    }

    #[test]
    fn the_last_error_of_a_log_is_found_below_and_above_other_lines() {
        let log = "INFO begins\nValueError: first\nrequests.HTTPError: 401\nINFO bye\n\n";
        assert_eq!(last_error(log), "requests.HTTPError: 401");
        assert_eq!(last_error("one\ntwo\n \n"), "two");
        assert_eq!(last_error(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn garbage_is_named_and_harvests_nothing(garbage in prop::collection::vec(any::<u8>(), 1..80)) {
            let mut tap = Singer::new("/sys_id", None);
            tap.line(&garbage, &Redactor::default());
            let blank = garbage.iter().all(u8::is_ascii_whitespace);
            prop_assert_eq!(tap.harvest.problems.len(), usize::from(!blank));
            prop_assert!(tap.harvest.delivered.is_empty() && tap.state().is_none());
            let mut tap = Singer::discovers();
            tap.line(&garbage, &Redactor::default());
            prop_assert_eq!(tap.selected("t"), None);
        }

        #[test]
        fn messages_of_any_shape_are_taken(kind in "RECORD|STATE|SCHEMA", at in "record|value|stream", value in prop_oneof![Just(json!(null)), Just(json!([1])), Just(json!("x")), Just(json!({"sys_id": {}}))]) {
            let line = json!({"type": kind, at: value}).to_string();
            let _ = heard(&[&line]);
        }
    }
}
