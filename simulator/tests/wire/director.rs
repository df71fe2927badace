//! Steps over sockets: when they fire and what follows.

use serde_json::json;
use snowproof_simulator::journal::{Actor, Cause, Condition, Entry, Event, ReplyEnd};
use snowproof_simulator::simulator::{Options, StartError};

use crate::stage::{self, LIST, USER, credentials, outcomes};

fn page(number: usize) -> String {
    format!("{LIST}&sysparm_offset={}", (number - 1) * 10)
}

fn fired(entries: &[Entry]) -> Vec<String> {
    let of = |entry: &Entry| match &entry.event {
        Event::StepFired(fired) => Some(fired.step.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_at_page_three_counts_delivered_pages_and_not_repeated_ones() {
    let steps = json!({
        "cut": {
            "when": { "read": "cmdb_ci_server", "page": 3 },
            "do": [{ "hang_up": { "after_body_bytes": 10 } }],
        }
    });
    let running = stage::start(json!({}), steps).await;
    running.start_act(1, "sync").await;
    let mut client = stage::plain(&running).await;
    for number in [1, 1, 1, 2] {
        assert_eq!(client.get(&page(number), &credentials()).await.rows(), 10);
    }
    assert!(fired(&running.journal.entries()).is_empty());
    let third = client.get(&page(3), &credentials()).await;
    assert!(third.broken.is_some());
    // It fires once: the page can be read again.
    let mut client = stage::plain(&running).await;
    assert_eq!(client.get(&page(3), &credentials()).await.rows(), 10);
    running.end_act().await;
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    assert_eq!(fired(&entries), ["cut"]);
    let cut: Vec<_> = outcomes(&entries)
        .into_iter()
        .filter(|(outcome, _)| outcome.end == ReplyEnd::Cut)
        .collect();
    assert_eq!(cut.len(), 1);
    assert_eq!(cut[0].1.cause, Some(Cause::Step("cut".to_owned())));
    assert_eq!(cut[0].1.act, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_counted_per_act() {
    let steps = json!({ "third": { "when": { "read": "cmdb_ci_server", "page": 2 } } });
    let running = stage::start(json!({}), steps).await;
    for act in [1, 2] {
        running.start_act(act, "sync").await;
        let mut client = stage::plain(&running).await;
        client.get(&page(1), &credentials()).await;
        assert_eq!(
            fired(&running.journal.entries()).len(),
            usize::from(act == 2)
        );
        client.get(&page(2), &credentials()).await;
        running.end_act().await;
    }
    // `nth` is 1 by default, counted over the whole run.
    assert_eq!(fired(&running.journal.entries()), ["third"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_user_meets_the_lock_at_once_and_the_step_is_the_cause() {
    let steps = json!({
        "lock": {
            "when": { "request": "GET /api/now/table/*", "nth": 2 },
            "do": [{ "lock_user": "sync.user" }],
        },
        "unlock": { "when": { "request": "*", "nth": 4 }, "do": [{ "unlock_user": "sync.user" }] },
    });
    let running = stage::start(json!({}), steps).await;
    let mut client = stage::plain(&running).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.get(LIST, &credentials()).await.status);
    }
    assert_eq!(statuses, [200, 401, 401, 200]);
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let causes: Vec<_> = outcomes(&entries)
        .into_iter()
        .map(|(outcome, entry)| (outcome.condition, entry.cause))
        .collect();
    let step = |name: &str| Some(Cause::Step(name.to_owned()));
    assert_eq!(
        causes[..3],
        [
            (None, None),
            (Some(Condition::AccountLocked), step("lock")),
            (Some(Condition::AccountLocked), step("lock")),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_delivery_means_before_the_next_request() {
    let steps = json!({
        "sleep": { "when": { "request": "*" }, "at": "delivered", "do": ["hibernate"] },
    });
    let running = stage::start(json!({}), steps).await;
    assert_eq!(
        stage::plain(&running)
            .await
            .get(LIST, &credentials())
            .await
            .rows(),
        10
    );
    // Another connection: nothing but the delivery orders the two.
    let second = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(second.header("Content-Type"), Some("text/html"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_a_step_changes_are_visible_and_journalled_with_their_cause() {
    let steps = json!({
        "grow": {
            "when": { "read": "cmdb_ci_server", "page": 2 },
            "do": [{ "insert_records": { "table": "cmdb_ci_server", "rows": 4 } }],
        },
        "then": { "when": { "event": "grow" }, "do": [] },
    });
    let running = stage::start(json!({}), steps).await;
    running.start_act(1, "sync").await;
    let mut client = stage::plain(&running).await;
    let total = |answer: crate::client::Answer| -> u32 {
        answer.header("X-Total-Count").unwrap().parse().unwrap()
    };
    let first = total(client.get(&page(1), &credentials()).await);
    let second = total(client.get(&page(2), &credentials()).await);
    assert_eq!(second, first + 4);
    running.end_act().await;
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    assert_eq!(fired(&entries), ["grow", "then"]);
    let grow = Some(Cause::Step("grow".to_owned()));
    let inserted = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::RecordChanged(_)) && entry.cause == grow)
        .count();
    assert_eq!(inserted, 4);
    let seen: Vec<usize> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Visibility(seen) if seen.user == USER => Some(seen.visible.len()),
            _ => None,
        })
        .collect();
    assert_eq!(seen.len(), 3, "at the start, after the change, at the end");
    assert_eq!((seen[1] - seen[0], seen[2] - seen[1]), (4, 0));
    let (_, answered) = outcomes(&entries).pop().unwrap();
    assert_eq!(answered.cause, grow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_fires_some_time_after_first_contact() {
    let steps = json!({ "later": { "when": { "after": "10ms" }, "do": ["hibernate"] } });
    let running = stage::start(json!({}), steps).await;
    running.start_act(1, "check").await;
    let _contact = stage::plain(&running).await;
    stage::entry(&running, |event| {
        matches!(event, Event::ConditionChanged(_))
    })
    .await;
    let answer = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(answer.header("Content-Type"), Some("text/html"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_makes_no_sense_is_refused_at_the_start() {
    let steps = json!({ "odd": { "when": { "event": "other" } } });
    let error = stage::try_start(stage::setup(json!({}), steps), Options::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Step(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "step `odd`: `when.event` names no step: `other`; the steps are `odd`"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_action_changes_what_the_caller_meets() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    for (action, status) in [
        (json!({ "deactivate_user": "sync.user" }), 401),
        (json!({ "activate_user": "sync.user" }), 200),
        (
            json!({ "set_rate_rule": { "name": "r", "rule": { "limit": 0 } } }),
            429,
        ),
        (json!({ "remove_rate_rule": "r" }), 200),
        (json!("hibernate"), 200),
        (json!("wake"), 200),
        (json!({ "rotate_password": "sync.user" }), 401),
    ] {
        let parsed = serde_json::from_value(action.clone()).unwrap();
        running
            .director
            .apply("main", &parsed, Cause::Hand)
            .await
            .unwrap();
        let answer = client.get(LIST, &credentials()).await;
        assert_eq!(answer.status, status, "{action}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_steps_that_script_one_exchange_the_first_listed_wins() {
    let hang_up = json!([{ "hang_up": { "after_body_bytes": 10 } }]);
    let steps = json!({
        "late but listed first": {
            "when": { "request": "*", "nth": 1 }, "at": "decided", "do": hang_up,
        },
        "answers": {
            "when": { "request": "*", "nth": 1 },
            "do": [{ "respond": { "status": 503, "body": "scripted" } }],
        },
        "second answer": {
            "when": { "request": "*", "nth": 2 },
            "do": [
                { "respond": { "status": 502, "body": "0123456789abcdef" } },
                { "hang_up": { "after_body_bytes": 4, "manner": "close" } },
            ],
        },
        "hangs up too": { "when": { "request": "*", "nth": 2 }, "do": [{ "hang_up": {} }] },
    });
    let running = stage::start(json!({}), steps).await;
    let first = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!((first.status, first.body.len()), (200, 10));
    assert!(first.broken.is_some());
    let second = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!((second.status, &*second.body), (502, &b"0123"[..]));
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    assert_eq!(fired(&entries).len(), 4);
    let mut ended = outcomes(&entries);
    ended.sort_by_key(|(outcome, _)| outcome.request);
    let causes: Vec<_> = ended
        .into_iter()
        .map(|(outcome, entry)| (outcome.end, entry.cause))
        .collect();
    let cut_by = |step: &str| (ReplyEnd::Cut, Some(Cause::Step(step.to_owned())));
    assert_eq!(
        causes,
        [cut_by("late but listed first"), cut_by("second answer")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_changed_is_put_down_to_a_hand() {
    let main = json!({ "users": { USER: { "roles": ["admin"] }, "other": {} } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let found = client
        .get(
            "/api/now/table/sys_user?sysparm_query=user_name=sync.user&sysparm_fields=sys_id",
            &credentials(),
        )
        .await
        .json();
    let sys_id = found["result"][0]["sys_id"].as_str().unwrap().to_owned();
    let headers = format!("{}Content-Type: application/json\r\n", credentials());
    let target = format!("/api/now/table/sys_user/{sys_id}");
    client
        .send("PATCH", &target, &headers, r#"{"locked_out":"true"}"#)
        .await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert_eq!(client.get(LIST, &credentials()).await.status, 401);
    let journal = running.journal.clone();
    let changes = running.director.conditions().remove(0).changes;
    running.shutdown().await.unwrap();
    assert_eq!(changes[0].what, "lock of sync.user");
    assert_eq!(changes[0].by, Cause::Hand);
    let entries = journal.entries();
    let changed = entries
        .iter()
        .find(|entry| matches!(&entry.event, Event::RecordChanged(c) if c.request == Some(2)))
        .unwrap();
    assert_eq!(changed.cause, Some(Cause::Hand));
    assert_eq!(changed.actor, Actor::Subject);
    let (refused, entry) = outcomes(&entries).pop().unwrap();
    assert_eq!(refused.condition, Some(Condition::AccountLocked));
    assert_eq!(entry.cause, Some(Cause::Hand));
}
