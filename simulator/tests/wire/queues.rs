//! Time in queues and in queries over sockets: who waits too long, who is dropped, what takes how
//! long.

use std::time::Duration;

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition};
use snowproof_simulator::setup::Action;
use snowproof_simulator::simulator::Running;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::Answer;
use crate::stage::{self, LIST, credentials, requests};

const TEN: &str = "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_limit=10";

async fn apply(running: &Running, action: Action) {
    let applied = running.director.apply("main", &action, Cause::Hand);
    applied.await.unwrap();
}

fn conditions(running: &Running) -> Vec<Option<Condition>> {
    requests(&running.journal.entries())
        .into_iter()
        .map(|request| request.decision.condition)
        .collect()
}

/// What `Server-Timing` says of a wait, in milliseconds.
fn waited(answer: &Answer, name: &str) -> u64 {
    let timing = answer.header("Server-Timing").unwrap();
    let (_, from) = timing.split_once(name).unwrap();
    let first = from.split(',').next().unwrap();
    let first: String = first.chars().filter(char::is_ascii_digit).collect();
    first.parse().unwrap()
}

fn session_of(answer: &Answer) -> String {
    let set = answer
        .head
        .lines()
        .find(|line| line.contains("JSESSIONID="));
    let cookie = set.unwrap().strip_prefix("Set-Cookie: ").unwrap();
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_for_a_semaphore_is_answered_500() {
    let pool = json!({ "slots": 1, "queue": 5, "occupied": 1, "longest_wait": "60s as 300ms" });
    let running = stage::start(json!({ "semaphores": pool }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let asked = Instant::now();
    // Nobody was asked for a password yet.
    let answer = client.get(LIST, "").await;
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert_eq!(answer.status, 500);
    insta::assert_snapshot!(answer.text());
    assert!(waited(&answer, "sem_wait") >= 300);
    assert_eq!(waited(&answer, "sesh_wait"), 0);
    apply(&running, Action::OccupySemaphores(0)).await;
    let answer = client.get(LIST, &credentials()).await;
    assert_eq!((answer.status, waited(&answer, "sem_wait")), (200, 0));
    assert_eq!(conditions(&running), [Some(Condition::QueuedTooLong), None]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_calls_in_one_session_twelve_are_answered() {
    let main = json!({
        "session_queue": {},
        "semaphores": { "slots": 4, "queue": 50 },
    });
    let running = stage::start(main, json!({})).await;
    let mut first = stage::plain(&running).await;
    let session = session_of(&first.get(LIST, &credentials()).await);
    // The one that runs in the session waits for a semaphore.
    apply(&running, Action::OccupySemaphores(4)).await;
    let (answered, mut answers) = mpsc::channel(100);
    for _ in 0..100 {
        let mut client = stage::plain(&running).await;
        let (answered, session) = (answered.clone(), session.clone());
        tokio::spawn(async move {
            let answer = client.get(LIST, &session).await;
            answered.send(answer).await.unwrap();
        });
    }
    let mut next = async || {
        let answer = tokio::time::timeout(Duration::from_secs(60), answers.recv()).await;
        answer.expect("everybody is answered").unwrap()
    };
    for at in 0..88 {
        let dropped: Answer = next().await;
        assert_eq!((dropped.status, dropped.text().as_str()), (202, ""));
        if at == 0 {
            insta::assert_snapshot!(
                dropped
                    .head
                    .lines()
                    .filter(|line| !line.starts_with("Date"))
                    .collect::<Vec<_>>()
                    .join("\n")
            );
        }
    }
    // Who shows no cookie has a session of its own, and stands in no session's queue.
    let mut alone = stage::plain(&running).await;
    alone.send("GET", LIST, &credentials(), "").await;
    apply(&running, Action::OccupySemaphores(0)).await;
    assert_eq!(alone.answer().await.unwrap().status, 200);
    let mut in_queue = 0;
    for _ in 0..12 {
        let answer = next().await;
        assert_eq!((answer.status, answer.rows()), (200, 10));
        in_queue += usize::from(waited(&answer, "sesh_wait") > 0);
    }
    assert!(in_queue >= 1, "nobody waited for the session");
    let ran = requests(&running.journal.entries());
    let ran = ran.iter().filter(|request| request.decision.stage == "api");
    assert_eq!(ran.count(), 14, "what was dropped was not carried out");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_work_in_the_session_drops_calls_and_a_new_session_is_free() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let session = session_of(&client.get(LIST, &credentials()).await);
    apply(&running, Action::OccupySessions(12)).await;
    assert_eq!(client.get(LIST, &session).await.status, 202);
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    apply(&running, Action::OccupySessions(0)).await;
    assert_eq!(client.get(LIST, &session).await.status, 200);
    let dropped = Some(Condition::SessionQueueFull);
    assert_eq!(conditions(&running), [None, dropped, None, None]);
    running.shutdown().await.unwrap();
}

fn slow(time: Value) -> Value {
    json!({ "query_quota": 10, "query_time": time })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_take_their_time_and_the_quota_ends_it() {
    let running = stage::start(slow(json!({ "quota": "60s as 1s" })), json!({})).await;
    let mut client = stage::plain(&running).await;
    for (limit, least, condition) in [
        (5, 500, None),
        (10, 1000, None),
        (30, 1000, Some(Condition::QueryCancelled)),
    ] {
        let asked = Instant::now();
        let list = TEN.replace("limit=10", &format!("limit={limit}"));
        let answer = client.get(&list, &credentials()).await;
        assert_eq!(answer.status, 200);
        let took = asked.elapsed();
        assert!(took >= Duration::from_millis(least), "{limit}: {took:?}");
        let last = requests(&running.journal.entries()).pop().unwrap();
        assert_eq!(last.decision.condition, condition, "{limit}");
        if condition.is_some() {
            assert!(answer.text().contains("maximum execution time exceeded"));
        }
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_longer_than_the_edge_waits_is_answered_by_the_edge() {
    let time = json!({ "quota": "10m as 1s", "edge_waits": "5m as 500ms" });
    let running = stage::start(slow(time), json!({})).await;
    let mut client = stage::plain(&running).await;
    let asked = Instant::now();
    let answer = client.get(TEN, &credentials()).await;
    assert!(asked.elapsed() >= Duration::from_millis(500));
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("Content-Type"), Some("text/html"));
    assert_eq!(answer.header("X-Is-Logged-In"), None);
    let smaller = client
        .get(&TEN.replace("limit=10", "limit=5"), &credentials())
        .await;
    assert_eq!((smaller.status, smaller.rows()), (200, 5));
    assert_eq!(conditions(&running), [Some(Condition::Overloaded), None]);
    running.shutdown().await.unwrap();
}
