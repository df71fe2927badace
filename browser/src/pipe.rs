//! Chromium's debugging protocol over a pair of pipes: JSON, each message ended by a zero byte.
//!
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::error::BrowserError;

/// Events that are kept at most; the oldest ones go first.
const MOST_EVENTS: usize = 20_000;

/// Our end of the protocol.
#[derive(Debug)]
pub(crate) struct Pipe {
    messages: mpsc::Sender<Vec<u8>>,
    calls: AtomicU64,
    asked: Arc<Asked>,
    said: watch::Receiver<Said>,
    said_to: Arc<watch::Sender<Said>>,
    patience: Duration,
}

/// Calls that wait for their answers.
type Asked = Mutex<HashMap<u64, oneshot::Sender<Value>>>;

/// What the browser said without being asked.
#[derive(Debug, Default)]
struct Said {
    events: VecDeque<Event>,
    count: u64,
    is_over: bool,
}

/// An event of a target.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Its number among all events.
    pub(crate) at: u64,
    session: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl Pipe {
    /// Speaks through `input`, listens to `output`; whatever is waited for may take `patience`.
    pub(crate) fn new(
        input: impl Write + Send + 'static,
        output: impl Read + Send + 'static,
        patience: Duration,
    ) -> Self {
        let (messages, to_send) = mpsc::channel();
        let (said_to, said) = watch::channel(Said::default());
        let (said_to, asked) = (Arc::new(said_to), Arc::<Asked>::default());
        std::thread::spawn(move || speak(input, &to_send));
        let (hearing, answering) = (Arc::clone(&said_to), Arc::clone(&asked));
        std::thread::spawn(move || hear(output, &hearing, &answering));
        Self {
            messages,
            calls: AtomicU64::new(0),
            asked,
            said,
            said_to,
            patience,
        }
    }

    /// Calls a method of the browser or of one of its targets, and gives its result.
    pub(crate) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        let (answer, answered) = oneshot::channel();
        let id = self.calls.fetch_add(1, Ordering::Relaxed);
        locked(&self.asked).insert(id, answer);
        self.send(id, session, method, params);
        if self.said.borrow().is_over {
            locked(&self.asked).clear();
        }
        let answer = timeout(self.patience, answered).await;
        locked(&self.asked).remove(&id);
        let mut answer = answer
            .map_err(|_| self.late(method))?
            .map_err(|_| BrowserError::Gone)?;
        match answer.get("error") {
            Some(error) => Err(BrowserError::Refused {
                method: method.to_owned(),
                why: error["message"].as_str().unwrap_or_default().to_owned(),
            }),
            None => Ok(answer["result"].take()),
        }
    }

    /// Calls a method whose answer is of no account, or comes too late to be waited for.
    pub(crate) fn tell(&self, session: Option<&str>, method: &str, params: Value) {
        let id = self.calls.fetch_add(1, Ordering::Relaxed);
        self.send(id, session, method, params);
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, params: Value) {
        let mut call = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let mut message = call.to_string().into_bytes();
        message.push(0);
        // Where nobody writes any more the answer does not come.
        let _ = self.messages.send(message);
    }

    /// The number of the next event.
    pub(crate) fn next(&self) -> u64 {
        self.said.borrow().count
    }

    /// The first of a target's events with one of these names, from this number on.
    pub(crate) async fn event(
        &self,
        from: u64,
        session: &str,
        methods: &[&str],
    ) -> Result<Event, BrowserError> {
        let find = |said: &Said| {
            let mut events = said.events.iter();
            let found = events.find(|it| {
                it.at >= from && it.session == session && methods.contains(&it.method.as_str())
            });
            found.cloned()
        };
        let mut said = self.said.clone();
        let waited = timeout(
            self.patience,
            said.wait_for(|said| said.is_over || find(said).is_some()),
        );
        let waited = waited.await.map_err(|_| self.late(methods[0]))?;
        let said = waited.map_err(|_| BrowserError::Gone)?;
        find(&said).ok_or(BrowserError::Gone)
    }

    /// A target's events of this name, from this number on.
    pub(crate) fn events(&self, from: u64, session: &str, method: &str) -> Vec<Event> {
        let said = self.said.borrow();
        let events = said.events.iter();
        events
            .filter(|it| it.at >= from && it.session == session && it.method == method)
            .cloned()
            .collect()
    }

    /// Forgets a target's events.
    pub(crate) fn forget(&self, session: &str) {
        let others = |event: &Event| event.session != session;
        self.said_to.send_modify(|said| said.events.retain(others));
    }

    /// Waits until the browser has closed its end; whether it did.
    pub(crate) async fn is_over(&self, within: Duration) -> bool {
        let mut said = self.said.clone();
        let waited = timeout(within, said.wait_for(|said| said.is_over)).await;
        waited.is_ok()
    }

    fn late(&self, what: &str) -> BrowserError {
        BrowserError::Late {
            what: what.to_owned(),
            within: self.patience,
        }
    }
}

fn locked(asked: &Asked) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Value>>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

fn speak(mut input: impl Write, messages: &mpsc::Receiver<Vec<u8>>) {
    for message in messages {
        if input
            .write_all(&message)
            .and_then(|()| input.flush())
            .is_err()
        {
            return;
        }
    }
}

fn hear(output: impl Read, said: &watch::Sender<Said>, asked: &Asked) {
    let mut output = BufReader::new(output);
    let mut message = Vec::new();
    while output
        .read_until(0, &mut message)
        .is_ok_and(|read| read > 0)
    {
        message.pop();
        let mut value: Value = serde_json::from_slice(&message).unwrap_or_default();
        message.clear();
        if let Some(id) = value["id"].as_u64() {
            if let Some(answer) = locked(asked).remove(&id) {
                let _ = answer.send(value);
            }
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        said.send_modify(|said| {
            said.events.push_back(Event {
                at: said.count,
                session: text(&value["sessionId"]),
                method: text(&value["method"]),
                params: value["params"].take(),
            });
            said.count += 1;
            if said.events.len() > MOST_EVENTS {
                said.events.pop_front();
            }
        });
    }
    said.send_modify(|said| said.is_over = true);
    locked(asked).clear();
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A pipe, and the browser's end of it.
    fn pair(patience: Duration) -> (Pipe, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let pipe = Pipe::new(ours.try_clone().unwrap(), ours, patience);
        (pipe, theirs)
    }

    fn heard(theirs: &UnixStream) -> Value {
        let mut message = Vec::new();
        let mut reader = BufReader::new(theirs);
        reader.read_until(0, &mut message).unwrap();
        message.pop();
        serde_json::from_slice(&message).unwrap()
    }

    fn says(mut theirs: &UnixStream, message: Value) {
        theirs.write_all(format!("{message}\0").as_bytes()).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_finds_its_call_and_an_error_is_told() {
        let (pipe, theirs) = pair(PATIENCE);
        let browser = std::thread::spawn(move || {
            let call = heard(&theirs);
            assert_eq!(
                (&call["method"], &call["sessionId"]),
                (&json!("A.b"), &json!("s"))
            );
            says(&theirs, json!({ "id": 99, "result": {} }));
            says(&theirs, json!({ "id": call["id"], "result": { "x": 1 } }));
            let call = heard(&theirs);
            says(
                &theirs,
                json!({ "id": call["id"], "error": { "message": "no such thing" } }),
            );
        });
        let result = pipe.call(Some("s"), "A.b", json!({})).await;
        assert_eq!(result, Ok(json!({ "x": 1 })));
        let refused = pipe.call(None, "A.c", json!({})).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the browser refused A.c: no such thing"
        );
        browser.join().unwrap();
        assert_eq!(
            pipe.call(None, "A.d", json!({})).await,
            Err(BrowserError::Gone)
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn events_are_told_apart_by_target_name_and_number() {
        let (pipe, theirs) = pair(PATIENCE);
        for (session, method, n) in [
            ("s", "A.x", 1),
            ("t", "A.x", 2),
            ("s", "A.y", 3),
            ("s", "A.x", 4),
        ] {
            says(
                &theirs,
                json!({ "sessionId": session, "method": method, "params": { "n": n } }),
            );
        }
        let first = pipe.event(0, "s", &["A.x"]).await.unwrap();
        assert_eq!(first.params["n"], 1);
        let next = pipe
            .event(first.at + 1, "s", &["A.x", "A.y"])
            .await
            .unwrap();
        assert_eq!(next.params["n"], 3);
        pipe.event(next.at + 1, "s", &["A.x"]).await.unwrap();
        assert_eq!(pipe.events(0, "s", "A.x").len(), 2);
        pipe.forget("s");
        assert_eq!(pipe.events(0, "s", "A.x").len(), 0);
        assert_eq!(pipe.events(0, "t", "A.x").len(), 1);
        assert_eq!(pipe.next(), 4);
        drop(theirs);
        assert!(pipe.is_over(PATIENCE).await);
        let gone = pipe.event(pipe.next(), "s", &["A.x"]).await;
        assert!(matches!(gone, Err(BrowserError::Gone)));
    }

    #[tokio::test]
    async fn nothing_is_waited_for_longer_than_allowed() {
        let (pipe, _theirs) = pair(Duration::from_millis(10));
        let late = pipe.call(None, "A.b", json!({})).await.unwrap_err();
        assert!(matches!(late, BrowserError::Late { .. }), "{late}");
        let late = pipe.event(0, "s", &["A.x"]).await.unwrap_err();
        assert!(matches!(late, BrowserError::Late { .. }), "{late}");
    }
}
