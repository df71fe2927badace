//! Forms of throttling over sockets: Retry-After, semaphores, cancelled queries.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition, Event, ReplyEnd};
use snowproof_simulator::setup::Action;
use snowproof_simulator::simulator::Running;

use crate::client::Client;
use crate::stage::{self, LIST, credentials, outcomes, requests};

/// Columns that do not differ from run to run, few enough to be shown.
const NAMES: &str = "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYname&sysparm_fields=name,asset_tag&sysparm_limit=3";

/// One semaphore, which somebody else holds, and a queue of one.
fn full() -> Value {
    json!({ "slots": 1, "queue": 1, "occupied": 1 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_states_its_time_in_the_form_that_is_set() {
    for (form, date, absent) in [
        ("seconds", false, false),
        ("http_date", true, false),
        ("absent", false, true),
    ] {
        let main = json!({
            "rate_rules": { "tables": { "limit": 0, "window": "1h as 3s" } },
            "switches": { "retry_after": form },
        });
        let running = stage::start(main, json!({})).await;
        let answer = stage::plain(&running).await.get(LIST, &credentials()).await;
        assert_eq!(answer.status, 429);
        assert!(answer.header("X-RateLimit-Reset").is_some());
        let stated = answer.header("Retry-After").map(str::to_owned);
        assert_eq!(stated.is_none(), absent, "{form}");
        let is_date = |text: &str| text.ends_with(" GMT") && text.len() == 29;
        assert_eq!(stated.as_deref().is_some_and(is_date), date, "{form}");
        let [request] = &requests(&running.journal.entries())[..] else {
            panic!("one request was made");
        };
        let refused = request.decision.refused_until.as_ref().unwrap();
        assert_eq!(
            refused.retry_after, stated,
            "the journal says what was sent"
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_query_has_four_forms() {
    for form in ["trailing_comma", "cut_row", "both_keys", "error_only"] {
        let main = json!({
            "query_quota": 2,
            "tables": { "cmdb_ci_server": { "rows": 3, "set": { "name": ["a", "b", "c"], "asset_tag": ["1"] } } },
            "switches": { "cancelled_query": form },
        });
        let running = stage::start(main, json!({})).await;
        let mut client = stage::plain(&running).await;
        let answer = client.get(NAMES, &credentials()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("X-Total-Count"), Some("3"));
        insta::assert_snapshot!(format!("cancelled_{form}"), answer.text());
        let shorter = NAMES.replace("limit=3", "limit=2");
        assert_eq!(client.get(&shorter, &credentials()).await.rows(), 2);
        let conditions: Vec<_> = requests(&running.journal.entries())
            .into_iter()
            .map(|request| request.decision.condition)
            .collect();
        assert_eq!(conditions, [Some(Condition::QueryCancelled), None]);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_before_anybody_is_asked_for_a_password() {
    let pool = json!({ "slots": 2, "queue": 1, "occupied": 3 });
    let running = stage::start(json!({ "semaphores": pool }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let refused = client.get(LIST, "").await;
    insta::assert_snapshot!(
        refused
            .head
            .lines()
            .filter(|line| !line.starts_with("Date"))
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert_eq!((refused.status, refused.text().as_str()), (429, ""));
    let page = client.get("/login.do", &credentials()).await;
    assert_ne!(page.status, 429, "pages have a pool of their own");
    let leave = Action::OccupySemaphores(0);
    running
        .director
        .apply("main", &leave, Cause::Hand)
        .await
        .unwrap();
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    running.shutdown().await.unwrap();
}

/// Two calls where one place in the queue is left: the one that stands in it.
async fn waiting(running: &Running) -> Client {
    let (mut one, mut other) = (stage::plain(running).await, stage::plain(running).await);
    for client in [&mut one, &mut other] {
        client.send("GET", LIST, &credentials(), "").await;
    }
    // The one that is refused is the first to be answered.
    let (refused, waits) = tokio::select! {
        refused = one.answer() => (refused.unwrap(), other),
        refused = other.answer() => (refused.unwrap(), one),
    };
    assert_eq!(refused.status, 429);
    waits
}

async fn leave_it_to(running: &Running) {
    let leave = Action::OccupySemaphores(0);
    let applied = running.director.apply("main", &leave, Cause::Hand);
    applied.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_answered_when_a_semaphore_is_free() {
    let running = stage::start(json!({ "semaphores": full() }), json!({})).await;
    let mut waits = waiting(&running).await;
    leave_it_to(&running).await;
    assert_eq!(waits.answer().await.unwrap().status, 200);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_the_queue_is_still_served_and_gives_its_semaphore_back() {
    let running = stage::start(json!({ "semaphores": full() }), json!({})).await;
    drop(waiting(&running).await);
    leave_it_to(&running).await;
    let carried_out = |event: &Event| matches!(event, Event::Outcome(it) if it.status != Some(429));
    stage::entry(&running, carried_out).await;
    let mut client = stage::plain(&running).await;
    for _ in 0..2 {
        assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    }
    let ran = requests(&running.journal.entries());
    assert_eq!(
        ran.iter().filter(|it| it.decision.stage == "api").count(),
        3
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_stops_keeps_nobody_waiting() {
    let running = stage::start(json!({ "semaphores": full() }), json!({})).await;
    let _waits = waiting(&running).await;
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let made = requests(&entries);
    let waited: Vec<_> = made
        .iter()
        .filter(|it| it.decision.status.is_none())
        .collect();
    let [waited] = waited[..] else {
        panic!("one request waited: {made:?}");
    };
    assert_eq!(waited.decision.stage, "semaphore");
    let ends = outcomes(&entries);
    let (outcome, _) = ends
        .iter()
        .find(|(it, _)| it.request == waited.request)
        .unwrap();
    assert_ne!(outcome.end, ReplyEnd::Delivered);
}
