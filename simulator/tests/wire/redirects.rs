//! Requests that the edge sends on: in a circle, to another host, to http.

use std::net::SocketAddr;

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition};
use snowproof_simulator::setup::{Action, InstanceSetup};
use snowproof_simulator::simulator::{Options, Running, Simulator};

use crate::client::Answer;
use crate::stage::{self, LIST, credentials};

async fn redirected(redirects: Value) -> Running {
    stage::start(json!({ "redirects": redirects }), json!({})).await
}

fn location(answer: &Answer) -> &str {
    answer.header("Location").unwrap()
}

/// The path of a URL at this address.
fn path_at<'a>(location: &'a str, origin: &str) -> &'a str {
    location.strip_prefix(origin).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_leads_to_the_login_page_and_back() {
    let running = redirected(json!({ "to": "loop" })).await;
    let mut client = stage::secure(&running).await;
    let answer = client.get(LIST, "").await;
    assert_eq!(answer.status, 302);
    insta::assert_snapshot!(answer.text());
    let own = format!(
        "https://dev.instance.test:{}",
        running.addresses["main"].https.port()
    );
    let login = path_at(location(&answer), &own).to_owned();
    assert_eq!(login, format!("/login_redirect.do?sysparm_stack={LIST}"));
    let back = client.get(&login, &credentials()).await;
    assert_eq!(path_at(location(&back), &own), LIST);
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::Redirected));
    let entries = running.journal.entries();
    let (_, entry) = stage::outcomes(&entries).pop().unwrap();
    assert_eq!(entry.cause, Some(Cause::Setup));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_comes_to_an_end() {
    let running = redirected(json!({ "to": "chain", "status": 307 })).await;
    let mut client = stage::secure(&running).await;
    for status in [307, 307, 200, 307] {
        assert_eq!(client.get(LIST, &credentials()).await.status, status);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_is_led_to_where_it_is_open() {
    let running = redirected(json!({ "to": "plain_http" })).await;
    let answer = stage::secure(&running).await.get(LIST, "").await;
    let port = running.addresses["main"].http.unwrap().port();
    let own = format!("http://dev.instance.test:{port}");
    assert_eq!(path_at(location(&answer), &own), LIST);
    let answered = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(answered.rows(), 10);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_has_another_name_and_a_step_begins_and_ends_it() {
    let steps = json!({
        "moves": { "when": { "request": "*", "nth": 2 }, "do": [{ "set_redirects": { "to": "another_instance" } }] },
        "returns": { "when": { "request": "*", "nth": 3 }, "do": [{ "set_redirects": {} }] },
    });
    let mut setup = stage::setup(json!({}), steps);
    setup
        .instances
        .insert("other".to_owned(), InstanceSetup::default());
    let running = Simulator::start(setup, stage::authority(), Options::default())
        .await
        .unwrap();
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let answer = client.get(LIST, &credentials()).await;
    let other = &running.addresses["other"];
    let origin = format!("https://{}:{}", other.host, other.https.port());
    assert_eq!(path_at(location(&answer), &origin), LIST);
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::Redirected));
    let entries = running.journal.entries();
    let (_, entry) = stage::outcomes(&entries).pop().unwrap();
    assert_eq!(entry.cause, Some(Cause::Step("moves".to_owned())));
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    stage::outcome(&running, 3).await;
    let entries = running.journal.entries();
    let (_, entry) = stage::outcomes(&entries).pop().unwrap();
    assert_eq!(entry.cause, Some(Cause::Step("returns".to_owned())));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leads_nowhere_does_not_start() {
    for (redirects, why) in [
        (json!({ "to": "another_instance" }), "there is one alone"),
        (json!({ "to": "plain_http" }), "nobody listens"),
    ] {
        let setup = stage::setup(json!({ "redirects": redirects }), json!({}));
        let started = Simulator::start(setup, stage::authority(), Options::default()).await;
        let error = started.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_can_send_requests_on() {
    let running = stage::start(json!({}), json!({})).await;
    let action: Action =
        serde_json::from_value(json!({ "set_redirects": { "to": "loop", "status": 303 } }))
            .unwrap();
    running
        .director
        .apply("main", &action, Cause::Hand)
        .await
        .unwrap();
    let address: SocketAddr = running.addresses["main"].http.unwrap();
    let answer = crate::client::Client::plain(address)
        .await
        .get(LIST, "")
        .await;
    assert_eq!(answer.status, 303);
    assert!(location(&answer).starts_with(&format!(
        "http://dev.instance.test:{}/login",
        address.port()
    )));
    running.shutdown().await.unwrap();
}
