//! Chromium's debugging protocol over a pair of pipes: JSON, each message ended by a zero byte.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How long the browser may take over anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// The other end of the protocol.
pub(crate) struct Pipe {
    input: Mutex<ChildStdin>,
    heard: Arc<Heard>,
}

/// What the browser said.
#[derive(Default)]
struct Heard {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Default)]
struct Said {
    calls: u64,
    answers: HashMap<u64, Value>,
    events: Vec<Value>,
    is_over: bool,
}

impl Pipe {
    /// Talks to a child whose standard input and output are the two pipes.
    pub(crate) fn to(child: &mut Child) -> Self {
        let input = child.stdin.take().unwrap();
        let output = child.stdout.take().unwrap();
        let heard = Arc::<Heard>::default();
        let hearing = Arc::clone(&heard);
        std::thread::spawn(move || hear(output, &hearing));
        Self {
            input: Mutex::new(input),
            heard,
        }
    }

    /// Calls a method, of the browser or of one of its targets.
    pub(crate) fn call(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = {
            let mut said = self.heard.said.lock().unwrap();
            said.calls += 1;
            said.calls
        };
        let mut call = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let mut message = call.to_string().into_bytes();
        message.push(0);
        self.input.lock().unwrap().write_all(&message).unwrap();
        let answer = self.wait(|said| said.answers.remove(&id));
        let answer = answer.unwrap_or_else(|| panic!("no answer to {call}"));
        assert_eq!(answer.get("error"), None, "{call}");
        answer["result"].clone()
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> usize {
        self.heard.said.lock().unwrap().events.len()
    }

    /// The first of a target's events of this name, from the event of this number on.
    pub(crate) fn event(&self, from: usize, session: &str, method: &str) -> Value {
        let found = self.wait(|said| {
            let events = said.events[from..].iter();
            let mut wanted =
                events.filter(|it| it["sessionId"] == session && it["method"] == method);
            wanted.next().cloned()
        });
        found.unwrap_or_else(|| panic!("no {method}"))
    }

    /// Every event of a target of this name, so far.
    pub(crate) fn all(&self, session: &str, method: &str) -> Vec<Value> {
        let said = self.heard.said.lock().unwrap();
        let events = said.events.iter();
        let wanted = events.filter(|it| it["sessionId"] == session && it["method"] == method);
        wanted.map(|it| it["params"].clone()).collect()
    }

    fn wait<T>(&self, mut look: impl FnMut(&mut Said) -> Option<T>) -> Option<T> {
        let said = self.heard.said.lock().unwrap();
        let mut found = None;
        let waiting = |said: &mut Said| {
            found = look(said);
            found.is_none() && !said.is_over
        };
        let waited = self.heard.more.wait_timeout_while(said, PATIENCE, waiting);
        drop(waited.unwrap());
        found
    }
}

fn hear(output: impl Read, heard: &Heard) {
    let mut output = BufReader::new(output);
    let mut message = Vec::new();
    while output
        .read_until(0, &mut message)
        .is_ok_and(|read| read > 0)
    {
        message.pop();
        let value: Value = serde_json::from_slice(&message).unwrap_or_default();
        message.clear();
        let mut said = heard.said.lock().unwrap();
        match value["id"].as_u64() {
            Some(id) => {
                said.answers.insert(id, value);
            }
            None => said.events.push(value),
        }
        heard.more.notify_all();
    }
    heard.said.lock().unwrap().is_over = true;
    heard.more.notify_all();
}
