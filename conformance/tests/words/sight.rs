//! What our side saw of a fault: the journal's entries of the connections that came meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use snowproof::diagnosis::Class;
use snowproof_simulator::journal::{Entry, Journal};

/// Entries that every call brings about, or that are said better by another.
const PLAIN: [&str; 4] = ["accepted", "closed", "request", "syn_gone"];
/// Those with which a connection, or the attempt at one, begins.
const BEGIN: [&str; 2] = ["accepted", "syn_seen"];
/// What is told of an entry, where it has it.
const TOLD: [&str; 8] = [
    "alert",
    "error",
    "version",
    "answer",
    "by_reset",
    "status",
    "end",
    "condition",
];

/// Where the journals end.
#[derive(Clone)]
pub(crate) struct Mark(Vec<u64>);

impl Mark {
    pub(crate) fn after(&self, journals: &[Journal]) -> Self {
        let lasts = journals.iter().zip(&self.0).map(|(journal, from)| {
            let last = journal.since(from + 1).last().map(|entry| entry.seq);
            last.unwrap_or(*from)
        });
        Self(lasts.collect())
    }

    pub(crate) fn start(journals: &[Journal]) -> Self {
        Self(vec![0; journals.len()])
    }
}

/// What was seen of one fault.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// The entries that tell, in the journal's words, each once and in order.
    pub(crate) told: Vec<String>,
    /// Whether a connection came about.
    pub(crate) connected: bool,
    /// Requests that arrived.
    pub(crate) requests: usize,
    /// Whether a handshake failed, or its connection was left without a request.
    pub(crate) refused: bool,
}

impl Sight {
    /// What came between two marks: connections, and requests also on connections that a client
    /// kept from before. Whole only when the simulators have stopped.
    pub(crate) fn between(journals: &[Journal], from: &Mark, to: &Mark) -> Self {
        let mut sight = Self::default();
        for (journal, (from, to)) in journals.iter().zip(from.0.iter().zip(&to.0)) {
            let (mut connections, mut requests) = (BTreeSet::new(), BTreeSet::new());
            for entry in journal.since(from + 1) {
                let (name, event) = parts(&entry);
                let number = |key: &str| event.get(key).and_then(Value::as_u64);
                let connection = number("connection").or_else(|| number("attempt"));
                let (Some(connection), now) = (connection, entry.seq <= *to) else {
                    continue;
                };
                if now && BEGIN.contains(&name.as_str()) {
                    connections.insert(connection);
                }
                if now && name == "request" {
                    requests.insert(number("request"));
                }
                let met = match number("request") {
                    Some(request) => requests.contains(&Some(request)),
                    None => connections.contains(&connection),
                };
                if met {
                    sight.add(&name, &event);
                }
            }
        }
        sight
    }

    fn add(&mut self, name: &str, event: &Value) {
        self.connected |= name == "accepted";
        self.requests += usize::from(name == "request");
        self.refused |= name == "tls_failed";
        let left = name == "closed" && event["requests"] == 0;
        let finished = self
            .told
            .last()
            .is_some_and(|last| last.starts_with("tls_finished"));
        if left && finished {
            self.refused = true;
            self.told.push("closed without a request".to_owned());
        }
        if PLAIN.contains(&name) {
            return;
        }
        let details: Vec<String> = TOLD
            .iter()
            // The alert says what the error only repeats.
            .filter(|key| **key != "error" || event.get("alert").is_none())
            .filter_map(|key| event.get(*key))
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        let told = match details.is_empty() {
            true => name.to_owned(),
            false => format!("{name}({})", details.join(", ")),
        };
        if !self.told.contains(&told) {
            self.told.push(told);
        }
    }

    /// As the atlas has it.
    pub(crate) fn in_words(&self) -> String {
        // A client may have kept the connection of another fault: a request says that it shook hands.
        let told = self.told.iter().map(String::as_str);
        let told: Vec<&str> = told
            .filter(|it| self.requests == 0 || !it.starts_with("tls_finished"))
            .collect();
        if !told.is_empty() {
            return told.join(", ");
        }
        let nothing = if self.connected {
            "a connection, nothing more"
        } else {
            "nothing"
        };
        nothing.to_owned()
    }

    /// How it belies what was read of what the stack said, where only these classes are right to
    /// read of the fault.
    pub(crate) fn belies(
        &self,
        watched: bool,
        right: &[Class],
        read: Option<Class>,
    ) -> Option<String> {
        let leaves_no_trace = right == [Class::NetDns] || right == [Class::NetRefused];
        let unseen = !self.connected && self.requests == 0 && self.told.is_empty();
        let family = read.map_or("", |class| class.name().split('.').next().unwrap_or(""));
        let complaint = if !watched || leaves_no_trace {
            (!unseen).then_some("nothing was to be seen of it")
        } else if unseen {
            Some("it was not met")
        } else if read.is_some_and(is_of_certificates) {
            let refused = self.refused && self.requests == 0;
            (!refused).then_some("a refused certificate ends the handshake, and no request comes")
        } else if family == "tls" {
            (self.requests > 0).then_some("no request comes without a handshake")
        } else if matches!(family, "" | "protocol" | "throttle" | "auth") {
            // A proxy may have answered in the instance's place.
            let proxied = self.told.iter().any(|told| told.starts_with("connect("));
            (self.requests == 0 && !proxied).then_some("a request comes")
        } else {
            None
        };
        complaint.map(|complaint| format!("{complaint}, and the journal has {}", self.in_words()))
    }
}

const fn is_of_certificates(class: Class) -> bool {
    matches!(
        class,
        Class::TlsExpired
            | Class::TlsNotYetValid
            | Class::TlsUntrusted
            | Class::TlsHostname
            | Class::TlsChain
    )
}

/// The name of an event, and what it holds.
fn parts(entry: &Arc<Entry>) -> (String, Value) {
    match serde_json::to_value(&entry.event).unwrap() {
        Value::Object(event) => event.into_iter().next().unwrap(),
        other => panic!("an event is an object: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(events: &[(&str, Value)]) -> Sight {
        let mut sight = Sight::default();
        for (name, event) in events {
            sight.add(name, event);
        }
        sight
    }

    fn accepted() -> (&'static str, Value) {
        ("accepted", json!({ "connection": 1 }))
    }

    #[test]
    fn it_tells_what_the_journal_has() {
        let failed =
            json!({ "connection": 1, "alert": "UnknownCA", "error": "received fatal alert" });
        let refused = seen(&[accepted(), ("tls_failed", failed)]);
        assert_eq!(refused.in_words(), "tls_failed(UnknownCA)");
        let finished = json!({ "connection": 1, "version": "TLSv1_3" });
        let closed = json!({ "connection": 1, "requests": 0 });
        let left = seen(&[
            accepted(),
            ("tls_finished", finished.clone()),
            ("closed", closed),
        ]);
        assert!(left.refused);
        assert_eq!(
            left.in_words(),
            "tls_finished(TLSv1_3), closed without a request"
        );
        let outcome = json!({ "request": 1, "status": 200, "end": "cut", "condition": "hung_up" });
        let cut = seen(&[
            accepted(),
            ("tls_finished", finished),
            ("request", json!({ "request": 1 })),
            ("outcome", outcome),
        ]);
        assert_eq!(cut.in_words(), "outcome(200, cut, hung_up)");
        assert_eq!(seen(&[accepted()]).in_words(), "a connection, nothing more");
        assert_eq!(Sight::default().in_words(), "nothing");
    }

    #[test]
    fn a_request_belies_a_refused_certificate() {
        let failed = json!({ "connection": 1, "alert": "UnknownCA" });
        let mut sight = seen(&[accepted(), ("tls_failed", failed)]);
        let expired = [Class::TlsExpired];
        let read = Some(Class::TlsExpired);
        assert_eq!(sight.belies(true, &expired, read), None);
        // Nothing is said where all is well, and that takes a request.
        assert!(sight.belies(true, &expired, None).is_some());
        sight.add("request", &json!({ "request": 1 }));
        assert!(sight.belies(true, &expired, read).is_some());
        assert_eq!(sight.belies(true, &expired, None), None);
    }

    #[test]
    fn what_nobody_met_is_not_what_a_stack_spoke_of() {
        let (nothing, connected) = (Sight::default(), seen(&[accepted()]));
        let of = |sight: &Sight, watched: bool, class: Class| {
            sight.belies(watched, &[class], Some(class)).is_none()
        };
        assert!(!of(&nothing, true, Class::NetReadTimeout));
        assert!(of(&connected, true, Class::NetReadTimeout));
        assert!(of(&nothing, true, Class::NetRefused));
        assert!(!of(&connected, true, Class::NetRefused));
        assert!(of(&nothing, false, Class::NetProxy));
        assert!(!of(&connected, false, Class::NetProxy));
        assert!(!of(&connected, true, Class::ThrottleRateLimit));
        assert!(of(&connected, true, Class::TlsHandshake));
    }
}
