//! Instances that are not there, over sockets: what each state answers, on which paths, and until
//! when.

use serde_json::json;
use snowproof_simulator::journal::{Cause, Condition, Event, ReplyEnd};
use snowproof_simulator::simulator::Running;

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, USER, credentials, entry, outcomes, requests};

/// Everything but the date.
fn shown(answer: &Answer) -> String {
    let head = answer.head.lines().map(|line| match line.split_once(": ") {
        Some(("Date", _)) => "Date: …",
        _ => line,
    });
    let head: Vec<&str> = head.collect();
    format!("{}\n\n{}", head.join("\n"), answer.text())
}

async fn apply(running: &Running, action: serde_json::Value) {
    let action = serde_json::from_value(action).unwrap();
    let director = &running.director;
    director.apply("main", &action, Cause::Hand).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_of_the_edge_has_one_page_for_every_path() {
    for (state, status, condition) in [
        ("hibernating", 200, Condition::Hibernating),
        ("waking", 200, Condition::Waking),
        ("down", 503, Condition::Down),
        ("restarting", 502, Condition::Restarting),
        ("overloaded", 504, Condition::Overloaded),
    ] {
        let running = stage::start(json!({ "state": state }), json!({})).await;
        let mut client = stage::plain(&running).await;
        let first = client.get(LIST, &basic(USER, "wrong")).await;
        assert_eq!(first.status, status, "{state}");
        insta::assert_snapshot!(format!("edge_{state}"), shown(&first));
        for (method, path) in [("POST", "/oauth_token.do"), ("GET", "/stats.do")] {
            client.send(method, path, "", "").await;
            let other = client.answer().await.unwrap();
            assert_eq!((other.status, &other.body), (status, &first.body), "{path}");
        }
        for request in requests(&running.journal.entries()) {
            assert_eq!(request.decision.stage, "edge");
            assert_eq!(request.decision.condition, Some(condition));
        }
        apply(&running, json!({ "enter": "awake" })).await;
        assert_eq!(client.get(LIST, &credentials()).await.status, 200);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_documented_can_be_switched() {
    let switches = json!({
        "hibernation": "redirect",
        "offline_status": "service_unavailable",
        "unavailable_retry_after": "2m as 1500ms",
    });
    let running = stage::start(json!({ "switches": switches }), json!({})).await;
    let mut client = stage::plain(&running).await;
    apply(&running, json!("hibernate")).await;
    let asleep = client.get(LIST, "").await;
    assert_eq!(asleep.status, 302);
    let site = "https://developer.servicenow.com/dev.do#!/home?wu=true";
    assert_eq!(asleep.header("location"), Some(site));
    for state in ["waking", "down"] {
        apply(&running, json!({ "enter": state })).await;
        let away = client.get(LIST, "").await;
        assert_eq!(away.status, 503, "{state}");
        assert_eq!(away.header("retry-after"), Some("2"), "{state}");
        let last = requests(&running.journal.entries()).pop().unwrap();
        let until = last.decision.refused_until.unwrap();
        assert_eq!((until.rule.as_str(), until.reset_unix), ("edge", None));
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maintenance_mixes_failures_with_nodes_that_work() {
    let steps = json!({ "upgrade": {
        "when": { "request": "GET /api/now/*", "nth": 1 },
        "do": [{ "enter": "maintenance" }],
    }});
    let running = stage::start(json!({}), steps).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let mut client = stage::plain(&running).await;
        client.send("GET", LIST, &credentials(), "").await;
        let answer = client.answer().await.ok();
        for answer in answer.iter().filter(|answer| answer.status != 200) {
            let bare = [
                "set-cookie",
                "server-timing",
                "x-is-logged-in",
                "x-transaction-id",
            ];
            assert!(bare.into_iter().all(|name| answer.header(name).is_none()));
            assert_eq!(answer.header("server"), Some("snow_adc"));
        }
        seen.push(answer.map(|answer| answer.status));
    }
    assert_eq!(seen, [Some(502), Some(503), None, Some(200)]);
    for request in 1..=4 {
        stage::ending(&running, request).await;
    }
    let entries = running.journal.entries();
    let upgrade = Some(Cause::Step("upgrade".to_owned()));
    let mut bad = outcomes(&entries);
    bad.retain(|(outcome, _)| outcome.condition.is_some());
    assert_eq!(bad.len(), 3);
    assert!(bad.iter().all(|(_, entry)| entry.cause == upgrade));
    let reset = bad.iter().find(|(outcome, _)| outcome.end == ReplyEnd::Cut);
    assert_eq!(reset.unwrap().0.condition, Some(Condition::HungUp));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_page_comes_with_a_session_and_a_good_password_does_not_help() {
    let running = stage::start(json!({ "state": "login_page" }), json!({})).await;
    let answer = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("JSESSIONID="), "{}", answer.head);
    assert_eq!(answer.header("X-Is-Logged-In"), Some("false"));
    assert!(!answer.head.contains("glide_session_store"));
    let page = answer.text();
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    insta::assert_snapshot!(format!("{head}{body}"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_script_concerns_its_table_alone_and_can_be_mended() {
    let main = json!({ "broken_tables": ["cmdb_ci_server"] });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let answer = client.get(LIST, &credentials()).await;
    assert_eq!(answer.status, 500);
    insta::assert_snapshot!(answer.text());
    assert_eq!(client.get(LIST, &basic(USER, "wrong")).await.status, 401);
    let other = "/api/now/table/incident?sysparm_limit=1";
    assert_eq!(client.get(other, &credentials()).await.status, 200);
    apply(&running, json!({ "mend_table": "cmdb_ci_server" })).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let mended = entry(
        &running,
        |event| matches!(event, Event::Outcome(outcome) if outcome.request == 4),
    );
    assert_eq!(mended.await.cause, Some(Cause::Hand));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_interface_shows_the_login_and_an_api_does_not() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    for path in [
        "/nav_to.do?uri=%2Fhome.do",
        "/now/nav/ui/home/api/now/table/cmdb_ci_server",
        "/",
    ] {
        let page = client.get(path, &credentials()).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains("action=\"/login.do\""), "{path}");
        let last = requests(&running.journal.entries()).pop().unwrap();
        assert_eq!(last.decision.stage, "user_interface");
        assert_eq!(last.decision.condition, Some(Condition::LoginPage));
    }
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    assert_eq!(client.get("/incident.do", "").await.status, 401);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_can_send_to_the_login_instead_which_ends_there() {
    let main = json!({ "switches": { "page_without_session": "redirect" } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let sent = client.get("/nav_to.do", "").await;
    assert_eq!(sent.status, 302);
    let to = sent.header("location").unwrap();
    assert_eq!(to, "/login_redirect.do?sysparm_goto_url=%2Fnav_to.do");
    let login = client.get(to, "").await;
    assert_eq!(login.status, 200);
    assert!(login.text().contains("user_password"));
    running.shutdown().await.unwrap();
}
