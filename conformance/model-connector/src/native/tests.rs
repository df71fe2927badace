//! Whole runs over the native protocol against a local responder.

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
    let mut voice = Voice {
        out: &mut out,
        run_id: "r1",
        policy,
    };
    let client = Client::new(&settings, policy).await.unwrap();
    let ended = conduct(verb, state.as_ref(), &client, &mut voice, &stopper.watch())
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
                FromConnector::Hello(_) => panic!("a second hello"),
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
        },
        ..Policy::default()
    }
}

#[tokio::test]
async fn a_healthy_check_and_sync_say_nothing_but_success() {
    let all = keys(25);
    let served = all.clone();
    let responder = Responder::start(move |_, head| table(head, &served, |_| true)).await;
    let check = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert_eq!((check.outcome, check.class()), (Outcome::Success, None));
    assert_eq!(responder.heads().len(), 1);
    let sync = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!((sync.outcome, sync.class()), (Outcome::Success, None));
    assert_eq!(sync.keys, all);
    assert_eq!((sync.states.len(), sync.logs), (3, 0));
    for head in responder.heads() {
        assert!(
            head.to_ascii_lowercase()
                .contains("\r\nauthorization: basic ")
        );
        assert!(!head.to_ascii_lowercase().contains("cookie"));
    }
}

#[tokio::test]
async fn hidden_rows_shorten_pages_and_lose_nothing() {
    let all = keys(95);
    let served = all.clone();
    let visible = |at: usize| !(20..60).contains(&at) && at % 10 != 3;
    let responder = Responder::start(move |_, head| table(head, &served, visible)).await;
    let expected: Vec<String> = all
        .into_iter()
        .enumerate()
        .filter(|(at, _)| visible(*at))
        .map(|(_, key)| key)
        .collect();
    for policy in [
        Policy::default(),
        Policy {
            paging: crate::policy::Paging::Offset,
            ..Policy::default()
        },
    ] {
        let said = run_against(&policy, &responder, Verb::Sync).await;
        assert_eq!(said.keys, expected);
        assert_eq!(
            (said.outcome, said.class()),
            (Outcome::Partial, Some("data.partial"))
        );
        assert!(said.text.contains("46 of 95 records"), "{}", said.text);
    }
}

#[tokio::test]
async fn a_check_looks_twice_before_it_claims_that_nothing_is_visible() {
    let served = keys(30);
    let responder = Responder::start({
        let served = served.clone();
        move |_, head| table(head, &served, |at| at == 4)
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert_eq!(said.outcome, Outcome::Success);
    let blind = Responder::start(move |_, head| table(head, &served, |_| false)).await;
    for verb in [Verb::Check, Verb::Sync] {
        let said = run_against(&Policy::default(), &blind, verb).await;
        assert_eq!(
            (said.outcome, said.class()),
            (Outcome::Failure, Some("authz.nothing_visible"))
        );
    }
    let empty = Responder::start(|_, head| table(head, &[], |_| true)).await;
    for verb in [Verb::Check, Verb::Sync] {
        let said = run_against(&Policy::default(), &empty, verb).await;
        assert_eq!((said.outcome, said.class()), (Outcome::Success, None));
    }
}

#[tokio::test]
async fn refused_credentials_are_sent_once_and_a_near_miss_sends_them_twice() {
    for (policy, requests) in [
        (Policy::default(), 1),
        (
            Policy {
                replays_of_401: 1,
                ..brisk()
            },
            2,
        ),
    ] {
        for verb in [Verb::Check, Verb::Sync] {
            let responder = Responder::start(|_, _| {
                refusal("401 Unauthorized", &[], "User Not Authenticated", "x")
            })
            .await;
            let said = run_against(&policy, &responder, verb).await;
            assert_eq!(said.class(), Some("auth.invalid_credentials"));
            assert_eq!(responder.heads().len(), requests);
        }
    }
}

#[tokio::test]
async fn a_stated_wait_is_waited_for() {
    let served = keys(3);
    let responder = Responder::start(move |number, head| {
        if number == 0 {
            refusal(
                "429 Too Many Requests",
                &["retry-after: 1"],
                "Rate limit exceeded",
                "",
            )
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let begun = Instant::now();
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!((said.outcome, said.keys.len()), (Outcome::Success, 3));
    assert_eq!((said.class(), said.logs), (None, 1));
}

#[tokio::test]
async fn a_wait_beyond_patience_ends_the_run_with_one_request() {
    let responder = Responder::start(|_, _| {
        refusal(
            "429 Too Many Requests",
            &["retry-after: 3600"],
            "Rate limit exceeded",
            "",
        )
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!(said.class(), Some("throttle.rate_limit"));
    assert!(said.text.contains("3600 s"), "{}", said.text);
    assert_eq!(responder.heads().len(), 1);
}

#[tokio::test]
async fn passing_faults_are_passed_over_in_a_sync() {
    let served = keys(15);
    let responder = Responder::start(move |number, head| match number {
        0 => answer(
            "503 Service Unavailable",
            &["content-type: text/html"],
            "<html>",
        ),
        1 => Act::CutAfter("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"result\":[".into()),
        2 => Act::CutAfter(String::new()),
        4 => answer("202 Accepted", &[], ""),
        _ => table(head, &served, |_| true),
    })
    .await;
    let said = run_against(&brisk(), &responder, Verb::Sync).await;
    assert_eq!((said.outcome, said.keys), (Outcome::Success, keys(15)));
    assert_eq!(said.logs, 4);
}

#[tokio::test]
async fn a_cancelled_query_is_repeated_with_fewer_rows() {
    let served = keys(25);
    let responder = Responder::start(move |_, head| {
        if parameter(head, "sysparm_limit").is_some_and(|limit| limit.len() > 1) {
            let cut = r#"{"result":[{"sys_id":"0"},],"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#;
            answer("200 OK", &["content-type: application/json"], cut)
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!((said.outcome, said.keys), (Outcome::Success, keys(25)));
    let hopeless = Responder::start(|_, _| {
        let cut =
            r#"{"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#;
        answer("200 OK", &["content-type: application/json"], cut)
    })
    .await;
    let said = run_against(&Policy::default(), &hopeless, Verb::Sync).await;
    assert_eq!(said.class(), Some("throttle.execution_quota"));
    assert_eq!(hopeless.heads().len(), 4);
}

#[tokio::test]
async fn attempts_end_and_the_cause_is_named() {
    for (verb, requests) in [(Verb::Sync, 5), (Verb::Check, 2)] {
        let responder = Responder::start(|_, _| {
            Act::CutAfter("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".into())
        })
        .await;
        let said = run_against(&brisk(), &responder, verb).await;
        assert_eq!(said.class(), Some("net.truncated"));
        assert_eq!(responder.heads().len(), requests);
    }
}

#[tokio::test]
async fn silence_ends_with_the_attempt() {
    for (verb, requests) in [(Verb::Sync, 5), (Verb::Check, 1)] {
        let responder = Responder::start(|_, _| Act::Silence).await;
        let settings = Settings {
            timeout: Duration::from_millis(200),
            ..Settings::for_test(&responder.url)
        };
        let said = run_with(&brisk(), settings, verb, None).await;
        assert_eq!(said.class(), Some("net.read_timeout"));
        assert_eq!(responder.heads().len(), requests);
    }
}

#[tokio::test]
async fn nobody_there_is_a_refused_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let said = run_with(&brisk(), Settings::for_test(&url), Verb::Check, None).await;
    assert_eq!(said.class(), Some("net.refused"));
}

#[tokio::test]
async fn a_hibernating_instance_is_asked_once_and_named() {
    for verb in [Verb::Check, Verb::Sync] {
        let responder = Responder::start(|_, _| {
            answer(
                "200 OK",
                &["content-type: text/html"],
                "<html>\n<title>Instance Hibernating page</title>",
            )
        })
        .await;
        let said = run_against(&Policy::default(), &responder, verb).await;
        assert_eq!(said.class(), Some("instance.hibernating"));
        assert_eq!(responder.heads().len(), 1);
        assert!(said.text.contains("developer.servicenow.com"));
    }
}

#[tokio::test]
async fn a_resumed_sync_delivers_the_rest_and_nothing_twice() {
    let all = keys(47);
    let served = all.clone();
    let responder = Responder::start(move |_, head| table(head, &served, |at| at != 30)).await;
    let settings = Settings::for_test(&responder.url);
    let whole = run_with(&Policy::default(), settings.clone(), Verb::Sync, None).await;
    for (page, state) in whole.states.iter().enumerate() {
        let rest = run_with(
            &Policy::default(),
            settings.clone(),
            Verb::Sync,
            Some(state.clone()),
        )
        .await;
        let delivered = whole.keys.len() - rest.keys.len();
        assert_eq!(whole.keys[delivered..], rest.keys, "after page {page}");
        assert!(page == 0 || delivered > 10, "page {page}: {delivered}");
        assert_eq!(rest.class(), Some("data.partial"));
    }
    let last = whole.states.last().unwrap().clone();
    let before = responder.heads().len();
    let nothing = run_with(&Policy::default(), settings.clone(), Verb::Sync, Some(last)).await;
    assert!(nothing.keys.is_empty());
    assert_eq!(responder.heads().len(), before);
    let foreign = Some(json!({"cursor": 7}));
    let refused = run_with(&Policy::default(), settings, Verb::Sync, foreign).await;
    assert_eq!(refused.outcome, Outcome::Failure);
}

#[tokio::test]
async fn an_instance_that_ignores_the_key_does_not_loop() {
    let responder = Responder::start(|_, _| crate::responder::rows(&keys(10), 100)).await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!(said.outcome, Outcome::Failure);
    assert_eq!(responder.heads().len(), 2);
}

#[tokio::test]
async fn no_secret_is_said_unless_that_is_the_sin() {
    let echo = |_: usize, head: &str| refusal("403 Forbidden", &[], "not for correct horse", head);
    let responder = Responder::start(echo).await;
    let said = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert!(!said.text.contains("correct horse"), "{}", said.text);
    assert!(
        responder
            .heads()
            .iter()
            .all(|head| !head.contains("correct"))
    );
    let careless = sin("prints-password");
    let said = run_against(&careless, &responder, Verb::Check).await;
    assert!(said.text.contains("correct horse"));
    run_against(&sin("password-in-url"), &responder, Verb::Check).await;
    let last = responder.heads().pop().unwrap();
    assert_eq!(
        parameter(&last, "password").as_deref(),
        Some("correct horse")
    );
}

fn sin(name: &str) -> Policy {
    SINS.iter().find(|sin| sin.name == name).unwrap().policy()
}

#[tokio::test]
async fn sins_of_delivery_do_what_they_say() {
    let served = keys(25);
    let responder = Responder::start({
        let served = served.clone();
        move |_, head| table(head, &served, |at| at != 3)
    })
    .await;
    let twice = Policy {
        delivery: Delivery::LastPageTwice,
        ..Policy::default()
    };
    let said = run_against(&twice, &responder, Verb::Sync).await;
    assert_eq!(said.keys.len(), 24 + 5);
    let short = run_against(&sin("stops-on-short-page"), &responder, Verb::Sync).await;
    assert_eq!(short.keys.len(), 9);
    let late = Policy {
        checkpoints: Checkpoints::OnePageBehind,
        ..Policy::default()
    };
    let said = run_against(&late, &responder, Verb::Sync).await;
    let settings = Settings::for_test(&responder.url);
    let again = run_with(&late, settings, Verb::Sync, Some(said.states[1].clone())).await;
    assert_eq!(again.keys[0], said.keys[9]);

    let broken = Responder::start(move |number, head| {
        if number == 1 {
            Act::CutAfter(String::new())
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let skips = Policy {
        failed_page: FailedPage::Skip,
        ..Policy::default()
    };
    let said = run_against(&skips, &broken, Verb::Sync).await;
    assert_eq!(said.keys.len(), 15);
}

#[tokio::test]
async fn sins_of_speech_do_what_they_say() {
    let responder =
        Responder::start(|_, _| refusal("401 Unauthorized", &[], "User Not Authenticated", ""))
            .await;
    for (name, outcome, class) in [
        ("says-success-on-failure", Some(Outcome::Success), true),
        ("silent-failure", Some(Outcome::Success), false),
        ("vanishes-on-failure", None, false),
    ] {
        let said = run_against(&sin(name), &responder, Verb::Check).await;
        assert_eq!(
            said.result.as_ref().map(|result| result.outcome),
            outcome,
            "{name}"
        );
        assert_eq!(said.class().is_some(), class, "{name}");
    }
    let before = responder.heads().len();
    run_against(&sin("keeps-talking-after-result"), &responder, Verb::Check).await;
    assert_eq!(responder.heads().len(), before + 3);
}

#[tokio::test]
async fn the_protocol_is_spoken_from_hello_to_the_end_of_input() {
    let (sender, mut lines) = mpsc::channel(4);
    let run = json!({"type": "run", "run_id": "r7", "verb": "check", "parameters": {
        "base_url": "http://plain.example", "user": "u", "password": "p"}});
    sender.send(Ok(run.to_string())).await.unwrap();
    drop(sender);
    let mut out = Vec::new();
    let code = converse(
        &Policy::default(),
        &mut lines,
        &mut out,
        std::future::pending(),
    )
    .await
    .unwrap();
    assert_eq!(code, 1);
    let said: Vec<FromConnector> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(matches!(&said[0], FromConnector::Hello(hello) if hello.capabilities.len() == 5));
    assert!(matches!(&said[1], FromConnector::Result(result)
        if result.run_id == "r7" && result.diagnosis.as_ref().unwrap().class == "config.url"));
    assert_eq!(said.len(), 2);
}

#[tokio::test]
async fn unreadable_messages_end_it_without_repeating_them() {
    let (sender, mut lines) = mpsc::channel(4);
    sender
        .send(Ok("{\"password\":\"hunter2\"".to_owned()))
        .await
        .unwrap();
    let mut out = Vec::new();
    let error = converse(
        &Policy::default(),
        &mut lines,
        &mut out,
        std::future::pending(),
    )
    .await
    .unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_wish_to_stop_ends_waiting_with_a_result() {
    let responder = Responder::start(|_, _| {
        refusal(
            "429 Too Many Requests",
            &["retry-after: 50"],
            "Rate limit exceeded",
            "",
        )
    })
    .await;
    let policy = Policy::default();
    let settings = Settings::for_test(&responder.url);
    let client = Client::new(&settings, &policy).await.unwrap();
    let stopper = Stopper::new();
    let stop = stopper.watch();
    let mut out = Vec::new();
    let mut voice = Voice {
        out: &mut out,
        run_id: "r1",
        policy: &policy,
    };
    stopper.raise();
    let outcome = conduct(Verb::Sync, None, &client, &mut voice, &stop)
        .await
        .unwrap();
    let said = Said::read(&out, outcome);
    assert_eq!(
        (said.outcome, said.class()),
        (Outcome::Partial, Some("data.partial"))
    );
}

#[test]
fn unknown_sins_are_refused_with_the_known_ones() {
    let options = Options {
        sin: Some("sloth".into()),
        ..Options::default()
    };
    let refusal = policy(&options).unwrap_err();
    assert!(
        refusal.contains("`sloth`") && refusal.contains("hot-loop"),
        "{refusal}"
    );
    for name in SINS
        .iter()
        .chain(NEAR_MISSES)
        .map(|variation| variation.name)
    {
        assert!(listing().contains(name));
    }
}
