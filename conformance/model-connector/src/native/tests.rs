//! Whole runs over the native protocol against a local responder.

mod batches;
mod consent;
mod data;
mod deeds;
mod faults;
mod parallel;
mod protocol;
mod provisioning;
mod several_runs;
mod tokens;
mod variations;
mod writes;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snowproof_protocol::{FromConnector, RunResult};

use super::*;
use crate::policy::{Checkpoints, Delivery, FailedPage};
use crate::responder::{Act, Responder, answer, parameter, refusal, table};

/// One run with ready settings; what was said, in order.
async fn run_with(policy: &Policy, settings: Settings, verb: Verb, state: Option<Value>) -> Said {
    let mut out = Vec::new();
    let stopper = Stopper::new();
    let voice = Voice::new(&mut out, "r1", policy);
    let client = Client::new(&settings, policy).await.unwrap();
    let ended = conduct(verb, state.as_ref(), &client, &voice, &stopper.watch())
        .await
        .unwrap();
    Said::read(&out, ended)
}

async fn run_against(policy: &Policy, responder: &Responder, verb: Verb) -> Said {
    run_with(policy, Settings::for_test(&responder.url), verb, None).await
}

struct Said {
    text: String,
    keys: Vec<String>,
    states: Vec<Value>,
    logs: usize,
    authorize: Option<String>,
    result: Option<RunResult>,
    outcome: Outcome,
}

impl Said {
    fn read(out: &[u8], outcome: Outcome) -> Self {
        let text = String::from_utf8(out.to_vec()).unwrap();
        let mut said = Self {
            keys: Vec::new(),
            states: Vec::new(),
            logs: 0,
            authorize: None,
            result: None,
            outcome,
            text,
        };
        for line in said.text.lines() {
            assert!(said.result.is_none(), "spoke after the result: {line}");
            match serde_json::from_str(line).unwrap() {
                FromConnector::Record(record) => {
                    said.keys
                        .push(record.record["sys_id"].as_str().unwrap().to_owned());
                }
                FromConnector::State(state) => said.states.push(state.state),
                FromConnector::Log(_) => said.logs += 1,
                FromConnector::Result(result) => said.result = Some(result),
                FromConnector::Authorize(authorize) => said.authorize = Some(authorize.url),
                FromConnector::Hello(_) => panic!("a second hello"),
                FromConnector::Deleted(_) => panic!("nothing went"),
            }
        }
        said
    }

    fn class(&self) -> Option<&str> {
        let diagnosis = self.result.as_ref()?.diagnosis.as_ref()?;
        Some(&diagnosis.class)
    }
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n:032x}")).collect()
}

/// A policy that does not make the tests wait.
fn brisk() -> Policy {
    Policy {
        backoff: crate::policy::Backoff {
            floor: Duration::from_millis(1),
            base: Duration::from_millis(2),
            cap: Duration::from_millis(4),
            first_at_once: false,
            jitter: true,
        },
        ..Policy::default()
    }
}

fn sin(name: &str) -> Policy {
    SINS.iter().find(|sin| sin.name == name).unwrap().policy()
}
