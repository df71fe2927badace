//! The life of an instance over sockets: what follows by time from what somebody did, and whom the
//! journal names for it.

use serde_json::json;
use snowproof_simulator::journal::{Cause, Condition, ConditionChanged, Event, ReplyEnd};
use snowproof_simulator::setup::InstanceState;
use snowproof_simulator::simulator::Running;

use crate::client::basic;
use crate::stage::{self, LIST, USER, credentials, requests};

async fn apply(running: &Running, action: serde_json::Value) {
    let action = serde_json::from_value(action).unwrap();
    let director = &running.director;
    director.apply("main", &action, Cause::Hand).await.unwrap();
}

/// What is said of the state, with its cause, in order.
fn changes(running: &Running) -> Vec<(ConditionChanged, Option<Cause>)> {
    let entries = running.journal.entries();
    let changes = entries.iter().filter_map(|entry| match &entry.event {
        Event::ConditionChanged(change) => Some((change.clone(), entry.cause.clone())),
        _ => None,
    });
    changes.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sleeping_instance_is_offline_until_it_is_awake() {
    let main = json!({ "state": "hibernating", "wakes_in": "3m as 300ms" });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    for _ in 0..3 {
        assert!(
            client
                .get(LIST, &credentials())
                .await
                .text()
                .contains("hibernating")
        );
    }
    assert!(changes(&running).is_empty(), "a call wakes nobody");
    apply(&running, json!("sign_in")).await;
    let offline = client.get(LIST, &basic(USER, "wrong")).await;
    assert!(
        offline.text().contains("currently offline"),
        "{}",
        offline.text()
    );
    // The state comes with time and with nothing else: whoever asks meets the one or the other page.
    loop {
        let answer = client.get(LIST, &credentials()).await;
        assert_eq!(answer.status, 200);
        if !answer.text().contains("currently offline") {
            assert!(
                answer.text().starts_with("{\"result\""),
                "{}",
                answer.text()
            );
            break;
        }
    }
    let changes = changes(&running);
    let said: Vec<_> = changes
        .iter()
        .map(|(it, by)| (it.what.as_str(), by.clone()))
        .collect();
    assert_eq!(
        said,
        [
            (
                "the owner signs in to the developer site",
                Some(Cause::Hand)
            ),
            ("by now the instance is awake", Some(Cause::Hand)),
        ]
    );
    assert!(changes[0].0.since_ns.is_none() && changes[1].0.since_ns.is_some());
    assert_eq!(changes[1].0.action, "{\"enter\":\"awake\"}");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_fails_over_is_out_of_reach_and_loses_its_sessions() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let first = client.get(LIST, &credentials()).await;
    let (_, id) = first.head.split_once("JSESSIONID=").unwrap();
    let cookie = format!("Cookie: JSESSIONID={}\r\n", &id[..32]);
    assert_eq!(client.get(LIST, &cookie).await.status, 200);
    apply(&running, json!({ "fail_over": { "for": "2m as 200ms" } })).await;
    client.send("GET", LIST, &credentials(), "").await;
    assert!(client.answer().await.is_err());
    while running.director.conditions()[0].state != InstanceState::Awake {
        tokio::task::yield_now().await;
    }
    let mut client = stage::plain(&running).await;
    assert_eq!(client.get(LIST, &cookie).await.status, 401);
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let lost = stage::outcome(&running, 3).await;
    assert_eq!(lost.end, ReplyEnd::Cut);
    assert_eq!(lost.condition, Some(Condition::FailingOver));
    assert_eq!(stage::ending(&running, 3).await.cause, Some(Cause::Hand));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_fails_in_bursts_and_ends_by_itself() {
    let steps = json!({ "upgrade": {
        "when": { "request": "GET /api/now/*", "nth": 1 },
        "do": [{ "upgrade": { "for": "3h as 600ms" } }],
    }});
    let running = stage::start(json!({}), steps).await;
    let mut client = stage::plain(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 502);
    while changes(&running).len() < 6 {
        let _settles = running.director.conditions();
        tokio::task::yield_now().await;
    }
    assert_eq!(
        stage::plain(&running)
            .await
            .get(LIST, &credentials())
            .await
            .status,
        200
    );
    let upgrade = Some(Cause::Step("upgrade".to_owned()));
    let said: Vec<String> = changes(&running)
        .into_iter()
        .map(|(it, by)| {
            assert_eq!(by, upgrade);
            it.what
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let first = requests(&running.journal.entries()).remove(0);
    assert_eq!(first.decision.condition, Some(Condition::Maintenance));
    running.shutdown().await.unwrap();
}
