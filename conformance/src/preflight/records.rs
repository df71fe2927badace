//! It read records and none were found.

use serde_json::Value;
use snowproof_protocol::Outcome;
use snowproof_simulator::journal::Event;

use super::{Fault, Finding, Manifest, Trial};
use crate::evidence::ProcessProblem;

pub(super) fn examine(manifest: &Manifest<'_>, trial: Trial<'_>) -> Option<Finding> {
    let act = trial.act()?;
    if !act.delivered.is_empty() || act.said.outcome != Some(Outcome::Success) {
        return None;
    }
    let read: usize = trial
        .events()
        .filter_map(|event| match event {
            Event::Outcome(outcome) => outcome.served.as_ref(),
            _ => None,
        })
        .map(|served| served.sys_ids.len())
        .sum();
    let fault = Fault::NoRecordsSeen;
    if read == 0 {
        let seen = "its sync succeeded and read no record of the instance".to_owned();
        let texts = (
            seen,
            "hand it {table}, or write the table that it reads as `tables: { default: … }`"
                .to_owned(),
        );
        return Some(manifest.about_placed(fault, &["table"], &["tables", "default"], texts));
    }
    let seen = format!("it read {read} records, and none were found");
    let Some(source) = &manifest.file.records else {
        if manifest.file.adapter.has_messages() {
            let change = "its messages carried none: see what its sync makes of them".to_owned();
            return Some(manifest.finding(fault, &manifest.command(act), seen, change));
        }
        let change = match key_in(trial.stdout) {
            Some(key) => format!("write `records: {{ jsonl: \"-\", key: {key} }}`: they are on stdout"),
            None => "let it write JSON lines and say where: `records: { jsonl: \"{out_dir}/records.jsonl\", key: \
                     /sys_id }`, or `jsonl: \"-\"` for stdout; without them no check of records applies"
                .to_owned(),
        };
        return Some(manifest.finding(fault, &["records"], seen, change));
    };
    let no_key = act
        .problems
        .iter()
        .any(|problem| matches!(problem, ProcessProblem::BadLine { .. }));
    let elsewhere = key_in(trial.stdout).filter(|_| source.on_stdout());
    if no_key || elsewhere.is_some() {
        let key = elsewhere.unwrap_or_else(|| "the JSON pointer of its sys_id".to_owned());
        let seen = format!(
            "{seen}: no line of `{}` is an object with {}",
            source.place(),
            source.key
        );
        let change = format!("write {key} as `key`; each line is one JSON object");
        return Some(manifest.finding(fault, &["records", "key"], seen, change));
    }
    if source.sink {
        let seen = format!("{seen} in what was posted to the sink");
        let change = "let the service post each record to {sink_url} before its status says that it is over; \
                      what the sink refused is told on stderr";
        return Some(manifest.finding(fault, &["records", "sink"], seen, change.to_owned()));
    }
    let change = if key_in(trial.stdout).is_some() {
        "write `jsonl: \"-\"`: they are on stdout".to_owned()
    } else {
        "write the path that the command writes to, with {out_dir}/ before it in both places; a file anywhere else \
         is not found"
            .to_owned()
    };
    let seen = format!("{seen} in `{}`", source.place());
    Some(manifest.finding(fault, &["records", "jsonl"], seen, change))
}

/// Where the `sys_id` of a record stands, in a stream of which a line is one.
pub(crate) fn key_in(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let record: Value = serde_json::from_str(line).ok()?;
        let is_id = |value: &Value| value.is_string() || value.pointer("/value").is_some();
        [
            "/sys_id",
            "/record/sys_id",
            "/data/sys_id",
            "/id",
            "/key",
            "/_id",
        ]
        .into_iter()
        .find(|pointer| record.pointer(pointer).is_some_and(is_id))
        .map(|pointer| match record.pointer(pointer) {
            Some(Value::Object(_)) => format!("{pointer}/value"),
            _ => pointer.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_record_is_found_where_connectors_put_it() {
        for (text, key) in [
            ("starting\n{\"sys_id\": \"a\"}\n", Some("/sys_id")),
            ("{\"record\": {\"sys_id\": \"a\"}}", Some("/record/sys_id")),
            ("{\"sys_id\": {\"value\": \"a\"}}", Some("/sys_id/value")),
            ("{\"name\": \"a\"}", None),
            ("plain", None),
        ] {
            assert_eq!(key_in(text).as_deref(), key, "{text}");
        }
    }
}
