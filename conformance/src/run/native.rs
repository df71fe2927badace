//! The runner's side of the native protocol: a state machine over lines, without IO.

use serde_json::json;
use snowproof_protocol::{FromConnector, Hello, LogLevel, RunResult, VERSION};
use snowproof_simulator::redaction::Redactor;

use super::blank::BlankFields;
use super::words;
use crate::diagnosis::Class;
use crate::evidence::{Delivered, ProcessProblem};

/// Longest line of the protocol, bytes.
pub(super) const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;
/// What a connector says of itself that takes a further run after its result.
const MULTI_RUN: &str = "multi-run";
/// Most records that are kept of one act.
pub(super) const MAX_RECORDS: usize = 500_000;
/// Most problems that are listed of one act.
const MAX_PROBLEMS: usize = 20;

/// What a connector has said so far.
pub(super) struct Conversation {
    run_id: String,
    /// The ids of the runs that its process has done before.
    earlier: Vec<String>,
    lines: u64,
    pub(super) hello: Option<Hello>,
    pub(super) result: Option<RunResult>,
    pub(super) delivered: Vec<Delivered>,
    /// What it said is gone.
    pub(super) deleted: Vec<Delivered>,
    pub(super) checkpoints: u32,
    /// The last state, with whatever secrets the connector put in it.
    pub(super) state: Option<serde_json::Value>,
    pub(super) problems: Vec<ProcessProblem>,
    /// Which fields of them were empty.
    pub(super) blank: BlankFields,
    /// Records that were not kept.
    pub(super) dropped: u64,
    /// What it warned of on the way, secrets replaced.
    pub(super) warnings: Vec<String>,
}

/// What the runner does after a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It goes on reading.
    Listen,
    /// It sends the run: the connector said hello.
    SendRun,
    /// The run is over: it closes stdin, or gives the process another run.
    Finish,
    /// It has a person open this page.
    Open(String),
}

impl Conversation {
    pub(super) fn new(run_id: String) -> Self {
        Self {
            run_id,
            earlier: Vec::new(),
            lines: 0,
            hello: None,
            result: None,
            delivered: Vec::new(),
            deleted: Vec::new(),
            checkpoints: 0,
            state: None,
            problems: Vec::new(),
            blank: BlankFields::default(),
            dropped: 0,
            warnings: Vec::new(),
        }
    }

    /// Goes on in a process that said who it is, and has done these runs.
    pub(super) fn follows(&mut self, hello: Option<Hello>, earlier: &[String]) {
        self.hello = hello;
        self.earlier = earlier.to_vec();
    }

    /// Whether the connector says that it takes a further run after its result.
    pub(super) fn takes_many_runs(&self) -> bool {
        let hello = self.hello.as_ref();
        hello.is_some_and(|hello| hello.capabilities.iter().any(|it| it == MULTI_RUN))
    }

    /// Who the connector says it is: its version, after its name where that is not how `subject`
    /// begins. Nothing where it says nothing.
    pub(super) fn introduction(&self, subject: &str) -> Option<String> {
        const MAX_CHARS: usize = 200;
        let Hello { name, version, .. } = self.hello.as_ref()?;
        let text = if subject.starts_with(name.as_str()) {
            version.clone()
        } else {
            format!("{name} {version}")
        };
        let line = text.trim().lines().next()?;
        Some(line.chars().take(MAX_CHARS).collect())
    }

    /// Takes one line, without its end.
    pub(super) fn line(&mut self, line: &[u8], redactor: &Redactor) -> Then {
        self.lines += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Then::Listen;
        }
        match serde_json::from_slice::<FromConnector>(line) {
            Ok(message) => self.message(message, redactor),
            Err(error) => {
                // Serde may quote the line, and with it a secret.
                let why = redactor.redact(&error.to_string()).into_owned();
                self.bad(why)
            }
        }
    }

    /// Stdout ended within a line of so many bytes.
    pub(super) fn half_line(&mut self, bytes: usize) {
        self.problem(ProcessProblem::HalfLine {
            bytes: bytes as u64,
        });
    }

    /// A line is longer than any that is read.
    pub(super) fn long_line(&mut self) {
        self.lines += 1;
        self.bad(format!("the line is longer than {MAX_LINE_BYTES} bytes"));
    }

    fn message(&mut self, message: FromConnector, redactor: &Redactor) -> Then {
        let hello = match message {
            FromConnector::Hello(hello) => hello,
            other if self.hello.is_none() => {
                return self.bad(format!("`{}` came before `hello`", kind(&other)));
            }
            other => return self.answer(other, redactor),
        };
        if self.hello.is_some() {
            return self.bad("`hello` came twice".into());
        }
        if hello.protocol != VERSION {
            return self.bad(format!(
                "the protocol `{}` is not spoken; {VERSION} is",
                redactor.redact(&hello.protocol)
            ));
        }
        self.hello = Some(hello);
        Then::SendRun
    }

    fn answer(&mut self, message: FromConnector, redactor: &Redactor) -> Then {
        let run_id = match &message {
            FromConnector::Hello(_) => return Then::Listen,
            FromConnector::Record(record) => &record.run_id,
            FromConnector::State(state) => &state.run_id,
            FromConnector::Log(log) => &log.run_id,
            FromConnector::Result(result) => &result.run_id,
            FromConnector::Authorize(authorize) => &authorize.run_id,
            FromConnector::Deleted(deleted) => &deleted.run_id,
        };
        if *run_id != self.run_id {
            let is_earlier = self.earlier.contains(run_id);
            let run_id = redactor.redact(run_id).into_owned();
            if is_earlier {
                return self.bad(format!(
                    "the run id `{run_id}` is that of an earlier run in this process"
                ));
            }
            return self.bad(format!("the run id `{run_id}` is not the one of this run"));
        }
        if self.result.is_some() {
            return self.bad(format!("`{}` came after `result`", kind(&message)));
        }
        match message {
            FromConnector::Hello(_) => {}
            FromConnector::Authorize(authorize) => return Then::Open(authorize.url),
            FromConnector::Log(log) => {
                if log.level > LogLevel::Info && self.warnings.len() < words::MAX_WARNINGS {
                    self.warnings.push(words::warning(&log.text, redactor));
                }
            }
            FromConnector::State(state) => {
                self.checkpoints = self.checkpoints.saturating_add(1);
                self.state = Some(state.state);
            }
            FromConnector::Deleted(deleted) => {
                let named = json!({ "sys_id": deleted.sys_id });
                match delivered(&named, "/sys_id") {
                    Some(_) if self.deleted.len() == MAX_RECORDS => self.dropped += 1,
                    Some(record) => self.deleted.push(record),
                    None => return self.bad("the record that is gone has no `sys_id`".into()),
                }
            }
            FromConnector::Record(record) => {
                self.blank
                    .count(&record.table, &record.record, &record.unreadable);
                match delivered(&serde_json::Value::Object(record.record), "/sys_id") {
                    Some(_) if self.delivered.len() == MAX_RECORDS => self.dropped += 1,
                    Some(record) => self.delivered.push(record),
                    None => return self.bad("the record has no text `sys_id`".into()),
                }
            }
            FromConnector::Result(result) => {
                let unknown = result.diagnosis.as_ref().and_then(unknown_class);
                if let Some(unknown) = unknown {
                    self.bad(redactor.redact(&unknown).into_owned());
                }
                self.result = Some(result);
                return Then::Finish;
            }
        }
        Then::Listen
    }

    fn bad(&mut self, why: String) -> Then {
        self.problem(ProcessProblem::BadLine {
            line: self.lines,
            why,
        });
        Then::Listen
    }

    /// Adds a problem, unless there are too many already.
    fn problem(&mut self, problem: ProcessProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Which of a diagnosis' classes is not of the vocabulary.
fn unknown_class(diagnosis: &snowproof_protocol::Diagnosis) -> Option<String> {
    std::iter::once(&diagnosis.class)
        .chain(&diagnosis.candidates)
        .find_map(|class| class.parse::<Class>().err())
        .map(|error| error.to_string())
}

/// A record as far as judging needs it; none where it has no key.
pub(super) fn delivered(record: &serde_json::Value, key: &str) -> Option<Delivered> {
    /// Longest key that is kept, bytes; a `sys_id` has 32.
    const MAX_KEY_BYTES: usize = 256;
    let sys_id = match record.pointer(key)? {
        serde_json::Value::String(text) => text.clone(),
        // With `sysparm_display_value=all` a field is an object of value and display value.
        serde_json::Value::Object(field) => field.get("value")?.as_str()?.to_owned(),
        _ => return None,
    };
    let mod_count = match record.get("sys_mod_count") {
        Some(serde_json::Value::String(text)) => text.parse().ok(),
        Some(serde_json::Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    (!sys_id.is_empty() && sys_id.len() <= MAX_KEY_BYTES).then_some(Delivered { sys_id, mod_count })
}

const fn kind(message: &FromConnector) -> &'static str {
    match message {
        FromConnector::Hello(_) => "hello",
        FromConnector::Record(_) => "record",
        FromConnector::State(_) => "state",
        FromConnector::Log(_) => "log",
        FromConnector::Result(_) => "result",
        FromConnector::Authorize(_) => "authorize",
        FromConnector::Deleted(_) => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HELLO: &str = r#"{"type":"hello","protocol":"snowproof.native/1","name":"x","version":"1","capabilities":[]}"#;

    fn said(lines: &[&str]) -> (Conversation, Vec<Then>) {
        let mut conversation = Conversation::new("r1".into());
        let redactor = Redactor::default();
        let then = lines
            .iter()
            .map(|line| conversation.line(line.as_bytes(), &redactor))
            .collect();
        (conversation, then)
    }

    #[test]
    fn warnings_on_the_way_are_kept_and_bounded() {
        let log = |level: &str| {
            format!(r#"{{"type":"log","run_id":"r1","level":"{level}","text":"unverified"}}"#)
        };
        let (info, warning) = (log("info"), log("warning"));
        let mut lines = vec![HELLO, info.as_str()];
        lines.extend(std::iter::repeat_n(warning.as_str(), 40));
        let (conversation, _) = said(&lines);
        assert_eq!(
            conversation.warnings,
            vec!["unverified"; words::MAX_WARNINGS]
        );
    }

    fn why(conversation: &Conversation) -> String {
        match conversation.problems.as_slice() {
            [ProcessProblem::BadLine { line, why }] => format!("{line}: {why}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_whole_conversation() {
        let (conversation, then) = said(&[
            HELLO,
            r#"{"type":"record","run_id":"r1","table":"t","record":{"sys_id":"a","sys_mod_count":"3"}}"#,
            r#"{"type":"state","run_id":"r1","state":{"after":"a"}}"#,
            "",
            r#"{"type":"result","run_id":"r1","outcome":"success"}"#,
        ]);
        assert_eq!(
            then,
            [
                Then::SendRun,
                Then::Listen,
                Then::Listen,
                Then::Listen,
                Then::Finish
            ]
        );
        assert!(conversation.problems.is_empty());
        assert_eq!(conversation.checkpoints, 1);
        assert_eq!(
            conversation.delivered,
            [Delivered {
                sys_id: "a".into(),
                mod_count: Some(3)
            }]
        );
    }

    #[test]
    fn a_page_is_opened_while_the_run_goes_on() {
        let authorize = r#"{"type":"authorize","run_id":"r1","url":"https://i/oauth_auth.do?x=y"}"#;
        let (conversation, then) = said(&[HELLO, authorize]);
        assert_eq!(then[1], Then::Open("https://i/oauth_auth.do?x=y".into()));
        assert!(conversation.problems.is_empty() && conversation.result.is_none());
    }

    #[test]
    fn an_introduction_does_not_repeat_the_name() {
        let (conversation, _) = said(&[HELLO]);
        assert_eq!(conversation.introduction("x --sin y").as_deref(), Some("1"));
        assert_eq!(conversation.introduction("sync").as_deref(), Some("x 1"));
        assert_eq!(said(&[""]).0.introduction("x"), None);
    }

    #[test]
    fn what_does_not_belong_is_named_by_its_line() {
        let result = r#"{"type":"result","run_id":"r1","outcome":"success"}"#;
        let foreign = r#"{"type":"result","run_id":"r2","outcome":"success"}"#;
        for (lines, expected) in [
            (vec![result], "1: `result` came before `hello`"),
            (vec![HELLO, HELLO], "2: `hello` came twice"),
            (
                vec![HELLO, foreign],
                "2: the run id `r2` is not the one of this run",
            ),
            (
                vec![HELLO, result, result],
                "3: `result` came after `result`",
            ),
            (
                vec![
                    HELLO,
                    r#"{"type":"record","run_id":"r1","table":"t","record":{}}"#,
                ],
                "2: the record has no text `sys_id`",
            ),
            (
                vec![&HELLO.replace("/1", "/9")],
                "1: the protocol `snowproof.native/9` is not spoken; snowproof.native/1 is",
            ),
        ] {
            assert_eq!(why(&said(&lines).0), expected);
        }
        assert!(why(&said(&["\u{1}garbage"]).0).starts_with("1: "));
    }

    #[test]
    fn a_further_run_needs_no_hello_and_knows_the_ids_of_those_before() {
        let many = HELLO.replace("[]", "[\"multi-run\"]");
        let (first, _) = said(&[&many]);
        assert!(first.takes_many_runs() && !said(&[HELLO]).0.takes_many_runs());
        let mut second = Conversation::new("r2".into());
        second.follows(first.hello, &["r1".to_owned()]);
        let redactor = Redactor::default();
        let of = |id: &str| format!(r#"{{"type":"result","run_id":"{id}","outcome":"success"}}"#);
        assert_eq!(second.line(of("r1").as_bytes(), &redactor), Then::Listen);
        assert_eq!(second.line(of("r2").as_bytes(), &redactor), Then::Finish);
        assert_eq!(
            why(&second),
            "1: the run id `r1` is that of an earlier run in this process"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn garbage_is_a_problem_and_never_a_result(garbage in prop::collection::vec(any::<u8>(), 1..80)) {
            let mut conversation = Conversation::new("r1".into());
            conversation.line(HELLO.as_bytes(), &Redactor::default());
            conversation.line(&garbage, &Redactor::default());
            prop_assert!(conversation.result.is_none());
            let blank = garbage.iter().all(u8::is_ascii_whitespace);
            prop_assert_eq!(conversation.problems.len(), usize::from(!blank));
        }
    }
}
