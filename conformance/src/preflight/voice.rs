//! What it said: an exit status that tells nothing, words that are not found or not understood.

use serde_json::Value;
use snowproof_protocol::Outcome;

use super::contact::how;
use super::{Fault, Finding, Manifest, Trial};
use crate::diagnosis;
use crate::evidence::{ActEvidence, ProcessEnding, ReadBy};
use crate::subject::Adapter;

/// Statuses from which on an answer is no good one.
const REFUSAL: u16 = 400;

/// It failed where nothing is amiss.
pub(super) fn fails_where_all_is_well(
    manifest: &Manifest<'_>,
    trial: Trial<'_>,
) -> Option<Finding> {
    let act = trial.act()?;
    let command = manifest.command(act);
    if act.ending == ProcessEnding::OverBudget {
        let seen = format!(
            "it reached the instance and still ran when its time was over: {}",
            trial.last_words()
        );
        let change =
            "name the command that does it once and ends; for a service write one that asks it";
        return Some(manifest.finding(Fault::DoesNotEnd, &command, seen, change.to_owned()));
    }
    if act.said.outcome == Some(Outcome::Success) {
        return None;
    }
    let refused = trial
        .requests()
        .filter(|request| {
            request
                .decision
                .status
                .is_none_or(|status| status >= REFUSAL)
        })
        .last();
    if let Some(request) = refused {
        let status = request.decision.status.unwrap_or_default();
        let texts = (
            format!(
                "`{} {}` was answered {status}: {}",
                request.method, request.target, request.decision.reason
            ),
            "see that it is given {base_url} without a path of its own, {table} where it takes a table, and a \
             user that need not do more than read"
                .to_owned(),
        );
        let parameters = ["base_url", "instance_name", "host"];
        return Some(manifest.about_placed(
            Fault::FailsWhereAllIsWell,
            &parameters,
            &command,
            texts,
        ));
    }
    let code = act.exit_code.unwrap_or_default();
    let seen = format!(
        "every request was answered well, and it {}: {}",
        how(act),
        trial.last_words()
    );
    let change = if code == 0 {
        "its last message says that it failed: see what it makes of the answer".to_owned()
    } else {
        let known = &manifest.file.diagnosis.success_exit_codes;
        let codes: Vec<String> = known
            .iter()
            .chain([&code])
            .map(ToString::to_string)
            .collect();
        format!(
            "if this is how it says success write `success_exit_codes: [{}]`; else see why it fails after the answer",
            codes.join(", ")
        )
    };
    let entry = ["diagnosis", "success_exit_codes"];
    Some(manifest.finding(Fault::FailsWhereAllIsWell, &entry, seen, change))
}

/// What it said when its password was refused.
pub(super) fn on_refusal(manifest: &Manifest<'_>, trial: Trial<'_>) -> Option<Finding> {
    let act = trial.act()?;
    let refused = trial.requests().any(|request| {
        request
            .decision
            .status
            .is_some_and(|status| status >= REFUSAL)
    });
    let ended = matches!(act.ending, ProcessEnding::Exited | ProcessEnding::Answered);
    if !refused || !ended {
        return None;
    }
    let command = manifest.command(act);
    if act.said.outcome == Some(Outcome::Success) {
        let code = act.exit_code.unwrap_or_default();
        let seen = format!(
            "its password was refused with 401, and it {}: {}",
            how(act),
            trial.last_words()
        );
        let change = if act.ending == ProcessEnding::Answered {
            "say `failure` in the `outcome` of its `result`".to_owned()
        } else if code == 0 {
            "let the command exit with another status when it fails: `set -o pipefail` and no `|| true` in a \
             shell, `sys.exit(1)` or an exception that is not caught in Python, `process.exitCode = 1` in Node"
                .to_owned()
        } else {
            format!("take {code} out of `success_exit_codes`")
        };
        let listed = ["diagnosis", "success_exit_codes"];
        let entry = if code == 0 { command } else { listed };
        return Some(manifest.finding(Fault::AlwaysSucceeds, &entry, seen, change));
    }
    if act.said.text.trim().is_empty() {
        let seen = format!("it failed and no words were found; {}", written(act));
        return Some(manifest.finding(
            Fault::NoWordsSeen,
            &["diagnosis", "read_from"],
            seen,
            where_words_are(manifest, trial),
        ));
    }
    let known = act.said.class.is_some()
        || !act.said.candidates.is_empty()
        || matches!(act.said.read_by, Some(ReadBy::Map(_)));
    (!known).then(|| not_understood(manifest, act))
}

fn written(act: &ActEvidence) -> String {
    format!(
        "it wrote {} bytes to stdout and {} to stderr",
        act.output.stdout, act.output.stderr
    )
}

/// A place in which it did leave words.
fn where_words_are(manifest: &Manifest<'_>, trial: Trial<'_>) -> String {
    if manifest.file.adapter == Adapter::Native {
        return "send a `diagnosis` with a `message` in its `result`".to_owned();
    }
    for (stream, text) in [("stderr", trial.stderr), ("stdout", trial.stdout)] {
        if let Some(pointer) = pointer_to_words(text) {
            return format!("write `read_from: [{{ {stream}_json: {pointer} }}]`");
        }
        if !text.trim().is_empty() {
            return format!(
                "write `read_from: [{stream}_last_line]`, or `{stream}_match` with a regular expression"
            );
        }
    }
    "let it print why it failed, on stderr: what it tells nobody cannot be judged; where it writes a log, print \
     that in the command (`; cat log >&2`)"
        .to_owned()
}

/// The JSON pointer of what reads like an error, in a stream of one document or one a line.
pub(crate) fn pointer_to_words(text: &str) -> Option<String> {
    let whole = serde_json::from_str::<Value>(text).ok();
    let last = || {
        let lines = text.lines().rev();
        lines
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(Value::is_object)
    };
    let document = whole.filter(Value::is_object).or_else(last)?;
    [
        "/error/message",
        "/error/detail",
        "/error",
        "/message",
        "/msg",
        "/detail",
        "/reason",
    ]
    .into_iter()
    .find(|pointer| document.pointer(pointer).is_some_and(Value::is_string))
    .map(str::to_owned)
}

fn not_understood(manifest: &Manifest<'_>, act: &ActEvidence) -> Finding {
    const SHOWN: usize = 120;
    if manifest.file.adapter == Adapter::Native {
        let seen = "its result names no class of the vocabulary for a password that was refused"
            .to_owned();
        let change =
            "send `class: auth.invalid_credentials`; `snowproof explain CLASS` tells of each"
                .to_owned();
        return manifest.finding(Fault::WordsNotUnderstood, &["run", "native"], seen, change);
    }
    let text: String = act.said.text.chars().take(SHOWN).collect();
    let read = diagnosis::read_log(&act.said.text, &[], 1);
    let mut dialects = read.findings.iter().flat_map(|found| {
        let mentions = found.mentions.iter();
        mentions.flat_map(|mention| mention.dialects.iter().copied())
    });
    if let Some(dialect) = dialects.find(|name| *name != "servicenow") {
        let seen = format!("`{text}` is read by no dialect of the manifest");
        let change = format!("write `dialects: [{dialect}]`, which knows these words");
        return manifest.finding(
            Fault::WordsNotUnderstood,
            &["diagnosis", "dialects"],
            seen,
            change,
        );
    }
    let pattern = regex::escape(text.lines().next().unwrap_or_default());
    let entry = serde_json::json!(pattern);
    let seen = format!("`{text}` means nothing to the judge, for a password that was refused");
    let change = format!(
        "write `map: [{{ match: {entry}, class: auth.invalid_credentials }}]` and cut the expression to what is \
         always there; without `class` where the words name no cause"
    );
    manifest.finding(
        Fault::WordsNotUnderstood,
        &["diagnosis", "map"],
        seen,
        change,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_a_document_and_in_lines() {
        for (text, pointer) in [
            (
                "{\n \"error\": { \"message\": \"no\" }\n}",
                Some("/error/message"),
            ),
            (
                "{\"error\": \"first\"}\nplain\n{\"msg\": \"last\"}\n",
                Some("/msg"),
            ),
            ("{\"level\": 3}", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(pointer_to_words(text).as_deref(), pointer, "{text}");
        }
    }
}
