//! OAuth over sockets: tokens that are asked for, shown, revoked and outlived.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Entry, Event, TokenEnd};
use snowproof_simulator::setup::{Given, Setup};
use snowproof_simulator::simulator::{Options, Running};

use crate::client::{Answer, Client};
use crate::stage::{self, LIST, PASSWORD, USER, outcomes, requests};

mod bearer;
mod canary;
mod cookies;
mod records;
mod steps;
mod storm;
mod unmodelled;

const SECRET: &str = "Cl1ent-s3cret-canary";
const ACCESS: &str = "Acc3ss-given-canary";
const REFRESH: &str = "R3fresh-given-canary";

/// An instance with one application, `client`, and what the caller was given for it.
fn setup(main: Value, client: Value, steps: Value) -> Setup {
    let mut main = main;
    main["oauth_clients"] = json!({ "app": client });
    Setup {
        given: Given {
            client_id: "c11ent".to_owned(),
            client_secret: SECRET.to_owned(),
            access_token: ACCESS.to_owned(),
            refresh_token: REFRESH.to_owned(),
            user: USER.to_owned(),
            ..Given::default()
        },
        ..stage::setup(main, steps)
    }
}

async fn start(main: Value, client: Value, steps: Value) -> Running {
    let setup = setup(main, client, steps);
    stage::try_start(setup, Options::default()).await.unwrap()
}

async fn post(client: &mut Client, form: &str) -> Answer {
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    client.send("POST", "/oauth_token.do", headers, form).await;
    client.answer().await.unwrap()
}

fn password() -> String {
    format!(
        "grant_type=password&client_id=c11ent&client_secret={SECRET}&username={USER}&password={PASSWORD}"
    )
}

fn refresh(token: &str) -> String {
    format!(
        "grant_type=refresh_token&client_id=c11ent&client_secret={SECRET}&refresh_token={token}"
    )
}

fn bearer_of(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn text(answer: &Answer, key: &str) -> String {
    answer.json()[key].as_str().unwrap().to_owned()
}

/// Ends of tokens: number, how, and by which request.
fn ends(entries: &[Entry]) -> Vec<(u64, TokenEnd, Option<u64>)> {
    let of = |entry: &Entry| match &entry.event {
        Event::TokenEnded(ended) => Some((ended.token, ended.how, ended.request)),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

/// The conditions that callers met, request by request, with who brought them about.
fn met(entries: &[Entry]) -> Vec<(Option<Condition>, Option<String>)> {
    let cause = |entry: &Entry| entry.cause.as_ref().map(|cause| format!("{cause:?}"));
    // Answers on different connections end in any order.
    let mut outcomes = outcomes(entries);
    outcomes.sort_by_key(|(outcome, _)| outcome.request);
    outcomes
        .into_iter()
        .map(|(outcome, entry)| (outcome.condition, cause(&entry)))
        .collect()
}

async fn finished(running: Running) -> Vec<Entry> {
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    journal.entries()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_asked_for_and_opens_the_apis() {
    let running = start(json!({}), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let given = post(&mut client, &password()).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let kind = given.header("Content-Type");
    assert_eq!(kind, Some("application/json;charset=UTF-8"));
    assert_eq!(given.header("X-Is-Logged-In"), Some("false"));
    let list = client
        .get(LIST, &bearer_of(&text(&given, "access_token")))
        .await;
    assert_eq!((list.status, list.rows()), (200, 10));
    assert_eq!(list.header("X-Is-Logged-In"), Some("true"));

    let entries = finished(running).await;
    let [asked, called] = &requests(&entries)[..] else {
        panic!("two requests were made");
    };
    let call = asked.token_call.as_ref().unwrap();
    assert_eq!(
        (call.grant.as_str(), call.client.as_deref()),
        ("password", Some("app"))
    );
    assert_eq!(
        call.access_token.as_ref().map(|token| token.number),
        Some(1)
    );
    assert_eq!(
        call.refresh_token.as_ref().map(|token| token.number),
        Some(2)
    );
    assert_eq!((asked.scheme.as_deref(), asked.token), (Some("none"), None));
    assert_eq!(
        (called.scheme.as_deref(), called.token),
        (Some("bearer"), Some(1))
    );
    assert_eq!(called.user.as_deref(), Some(USER));
    let resolved = entries.iter().find_map(|entry| match &entry.event {
        Event::IdentityResolved(resolved) => Some(resolved.method.clone()),
        _ => None,
    });
    assert_eq!(resolved.as_deref(), Some("bearer"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edge_and_the_semaphores_stand_before_the_token_endpoint() {
    let running = start(json!({ "state": "hibernating" }), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let asleep = post(&mut client, &password()).await;
    assert_eq!(asleep.status, 200);
    assert!(asleep.text().contains("Hibernating"), "{}", asleep.text());
    drop(finished(running).await);

    let full = json!({ "semaphores": { "slots": 1, "queue": 0, "occupied": 1 } });
    let running = start(full, json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let refused = post(&mut client, &password()).await;
    assert_eq!((refused.status, refused.body.len()), (429, 0));
    let entries = finished(running).await;
    assert_eq!(met(&entries)[0].0, Some(Condition::QueueFull));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_json_body_is_not_read_and_xml_is_not_answered() {
    let running = start(json!({}), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let headers = "Content-Type: application/json\r\nAccept: application/xml\r\n";
    let body = json!({ "grant_type": "password", "client_secret": SECRET }).to_string();
    client.send("POST", "/oauth_token.do", headers, &body).await;
    let refused = client.answer().await.unwrap();
    assert_eq!(
        (refused.status, text(&refused, "error").as_str()),
        (400, "invalid_request")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_grants_lock_the_account_for_everyone() {
    let running = start(json!({}), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let wrong = password().replace(PASSWORD, "wrong");
    for _ in 0..5 {
        assert_eq!(post(&mut client, &wrong).await.status, 401);
    }
    assert_eq!(post(&mut client, &password()).await.status, 401);
    let refused = client.get(LIST, &stage::credentials()).await;
    assert_eq!(refused.status, 401);
    let entries = finished(running).await;
    let conditions: Vec<_> = met(&entries)
        .into_iter()
        .map(|(it, _)| it.unwrap())
        .collect();
    let mut expected = vec![Condition::PasswordRefused; 5];
    expected.extend([Condition::AccountLocked; 2]);
    assert_eq!(conditions, expected);
}
