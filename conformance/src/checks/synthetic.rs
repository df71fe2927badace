//! Evidence made by hand, for tests of checks: a run is told as a story and its clock is turned.

use snowproof_protocol::{Outcome as SaidOutcome, Verb};
use snowproof_simulator::journal::{
    Accepted, ActEnded, ActStarted, Actor, Caller, Cause, Condition, Decided, Entry, Event, Header,
    Request, StepFired, Unlisted, Unmodelled, VERSION,
};
use snowproof_simulator::setup::{Action, Step};

mod asked;
mod deeds;
mod handshakes;
mod scenario;
mod tokens;

use crate::diagnosis::Class;
use crate::evidence::{
    ActEvidence, Delivered, Evidence, Lag, ProcessEnding, ReadBy, Said, SubjectFacts, TableTruth,
    Truth,
};
use crate::scenario::Act;
use crate::subject::{Capability, Declares};
pub(crate) use asked::Asked;

pub(crate) const MS: u64 = 1_000_000;

/// A run in the telling.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) evidence: Evidence,
    pub(crate) now: u64,
    connection: u64,
    requests: u64,
}

impl Run {
    pub(crate) fn sync() -> Self {
        Self::of(Verb::Sync)
    }

    pub(crate) fn check() -> Self {
        Self::of(Verb::Check)
    }

    pub(crate) fn write() -> Self {
        Self::of(Verb::Write)
    }

    fn of(verb: Verb) -> Self {
        let mut run = Self {
            evidence: Evidence {
                scenario: scenario::empty(),
                subject: SubjectFacts {
                    name: "synthetic".into(),
                    version: None,
                    adapter: "native".into(),
                    capabilities: vec![
                        Capability::Check,
                        Capability::Sync,
                        Capability::Resume,
                        Capability::Write,
                    ],
                    declares: Declares::default(),
                    has_words: true,
                    has_records: true,
                    route: Default::default(),
                    out_of_scope: Default::default(),
                },
                header: Header {
                    journal: VERSION.into(),
                    started: "2026-06-27T10:00:00Z".into(),
                    seed: 1,
                    instances: [("main".to_owned(), "dev00001.instance.test".to_owned())].into(),
                },
                journal: Vec::new(),
                acts: Vec::new(),
                truth: Truth::default(),
                lag: Lag {
                    p99_ms: 2,
                    max_ms: 5,
                    samples: 100,
                },
            },
            now: 0,
            connection: 0,
            requests: 0,
        };
        run.begin(verb, false);
        run
    }

    fn begin(&mut self, verb: Verb, resumed: bool) {
        let act = u32::try_from(self.evidence.acts.len()).unwrap() + 1;
        if self.evidence.scenario.acts.len() < act as usize {
            self.evidence.scenario.acts.push(Act {
                verb,
                resume: resumed,
                killed_at: None,
                credentials: None,
                person: None,
                instance: None,
                outcome: None,
                any_of: None,
                changes: false,
            });
        }
        self.evidence.acts.push(ActEvidence {
            resumed,
            first_contact_ns: Some(self.now),
            ending: ProcessEnding::Exited,
            exit_code: Some(0),
            said: Said {
                outcome: Some(SaidOutcome::Success),
                ..Said::default()
            },
            ..ActEvidence::begun(act, verb, self.now)
        });
        self.log(
            None,
            Event::ActStarted(ActStarted {
                act,
                verb: verb.to_string(),
            }),
        );
        self.wait(1);
        self.connect(true);
    }

    /// Ends the act and begins another.
    pub(crate) fn next_act(&mut self, verb: Verb, resumed: bool) -> &mut Self {
        let last = self.evidence.journal.last();
        if !matches!(last.map(|last| &last.event), Some(Event::ActEnded(_))) {
            self.end();
        }
        self.wait(10);
        self.begin(verb, resumed);
        self
    }

    pub(crate) fn log(&mut self, cause: Option<Cause>, event: Event) -> u64 {
        let actor = match event {
            Event::ActStarted(_) | Event::ActEnded(_) => Actor::Runner,
            _ => Actor::Subject,
        };
        self.log_as(actor, cause, event)
    }

    pub(crate) fn log_as(&mut self, actor: Actor, cause: Option<Cause>, event: Event) -> u64 {
        let seq = self.evidence.journal.len() as u64 + 1;
        self.evidence.journal.push(Entry {
            seq,
            at_ns: self.now,
            act: u32::try_from(self.evidence.acts.len()).unwrap(),
            actor,
            instance: "main".into(),
            cause,
            event,
        });
        seq
    }

    /// Turns the clock.
    pub(crate) fn wait(&mut self, millis: u64) -> &mut Self {
        self.now += millis * MS;
        self
    }

    pub(crate) fn connect(&mut self, tls: bool) -> u64 {
        self.accepted(tls, false)
    }

    fn accepted(&mut self, tls: bool, proxy: bool) -> u64 {
        self.connection += 1;
        let connection = self.connection;
        self.log(
            None,
            Event::Accepted(Accepted {
                connection,
                peer: "127.0.0.1:50000".into(),
                tls,
                proxy,
            }),
        );
        connection
    }

    pub(crate) fn get(&mut self, target: &str) -> Asked<'_> {
        self.ask("GET", target, None)
    }

    pub(crate) fn ask(&mut self, method: &str, target: &str, body: Option<&str>) -> Asked<'_> {
        self.requests += 1;
        let path = target.split('?').next().unwrap_or_default();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let table = parts
            .by_ref()
            .any(|part| part == "table" || part == "stats")
            .then(|| parts.next().map(str::to_owned))
            .flatten();
        let sys_id = parts.next().map(str::to_owned);
        let request = Request {
            request: self.requests,
            connection: self.connection,
            caller: Caller::Subject,
            started_ns: self.now,
            method: method.into(),
            target: target.into(),
            headers: vec![("authorization".into(), "Basic <secret:basic-pair>".into())],
            body_bytes: 0,
            body: body.map(str::to_owned),
            user: Some("sync.user".into()),
            credentials: Some("digest-1".into()),
            decision: Decided {
                stage: "api".into(),
                status: Some(200),
                condition: None,
                reason: String::new(),
                refused_until: None,
            },
            table,
            sys_id,
            scheme: None,
            token: None,
            token_call: None,
        };
        Asked {
            run: self,
            request,
            cause: None,
            takes: 5,
            served_in_batch: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// `count` refusals of the password, `gap` milliseconds apart.
    pub(crate) fn refused_passwords(&mut self, count: u32, gap: u64) -> &mut Self {
        for _ in 0..count {
            self.get("/api/now/table/t?sysparm_limit=1")
                .fails(401, Condition::PasswordRefused);
            self.wait(gap);
        }
        self
    }

    pub(crate) fn fire(&mut self, step: &str) -> &mut Self {
        self.log_as(
            Actor::Instance,
            None,
            Event::StepFired(StepFired {
                step: step.into(),
                times: 1,
                request: None,
            }),
        );
        self
    }

    pub(crate) fn unmodelled(&mut self, what: &str) -> &mut Self {
        self.log(
            None,
            Event::Unmodelled(Unmodelled {
                request: None,
                what: what.into(),
            }),
        );
        self
    }

    /// Adds a step of the scenario.
    pub(crate) fn step(&mut self, name: &str, actions: Vec<Action>) -> &mut Self {
        self.evidence.scenario.steps.insert(
            name.into(),
            Step {
                actions: Some(actions),
                ..Step::default()
            },
        );
        self
    }

    pub(crate) fn act(&mut self) -> &mut ActEvidence {
        self.evidence.acts.last_mut().unwrap()
    }

    /// What the connector says at this moment.
    pub(crate) fn says(
        &mut self,
        outcome: SaidOutcome,
        class: Option<Class>,
        text: &str,
    ) -> &mut Self {
        let now = self.now;
        self.act().said = Said {
            outcome: Some(outcome),
            class,
            text: text.into(),
            read_by: class.map(|_| ReadBy::Native),
            at_ns: Some(now),
            ..Said::default()
        };
        self
    }

    pub(crate) fn delivers(&mut self, sys_ids: &[&str]) -> &mut Self {
        self.act()
            .delivered
            .extend(sys_ids.iter().map(|sys_id| Delivered {
                sys_id: (*sys_id).into(),
                mod_count: Some(0),
            }));
        self
    }

    pub(crate) fn truth(&mut self, must: &[&str], may: &[&str]) -> &mut Self {
        self.evidence.truth.tables.insert(
            "t".into(),
            TableTruth {
                must: must.iter().map(|id| (*id).into()).collect(),
                may: may.iter().map(|id| (*id).into()).collect(),
            },
        );
        self
    }

    pub(crate) fn unlisted(&mut self, count: u64) -> &mut Self {
        let unlisted = Unlisted {
            count,
            listed_at_most: 20_000,
            digest: String::new(),
        };
        self.evidence.truth.unlisted.insert("t".into(), unlisted);
        self
    }

    pub(crate) fn end(&mut self) -> &mut Self {
        self.wait(5);
        self.act().exited_ns = self.now;
        let act = self.act().act;
        self.log(None, Event::ActEnded(ActEnded { act }));
        self
    }

    pub(crate) fn evidence(&self) -> Evidence {
        self.evidence.clone()
    }
}
