//! The stages over sockets: the edge, 401, 429, 403, and how they count.

use std::time::Duration;

use serde_json::json;
use snowproof_simulator::journal::{Cause, Condition, Event};

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

/// Everything but what differs from run to run.
fn shown(answer: &Answer) -> String {
    let head: Vec<String> = answer
        .head
        .lines()
        .map(|line| match line.split_once(": ") {
            Some(("Date", _)) => "Date: …".to_owned(),
            Some(("X-RateLimit-Reset", _)) => "X-RateLimit-Reset: …".to_owned(),
            Some(("Retry-After", _)) => "Retry-After: …".to_owned(),
            Some(("X-RateLimit-Rule", _)) => "X-RateLimit-Rule: …".to_owned(),
            Some((name, value)) if value.starts_with("JSESSIONID=") => {
                let (_, after) = value.split_once("; ").unwrap();
                format!("{name}: JSESSIONID=…; {after}")
            }
            Some((name, value)) if value.contains("Expires=") && !value.contains("1970") => {
                let (before, _) = value.split_once("Expires=").unwrap();
                format!("{name}: {before}Expires=…")
            }
            _ => line.to_owned(),
        })
        .collect();
    format!("{}\n\n{}", head.join("\n"), answer.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hibernating_instance_answers_everything_with_one_page() {
    let running = stage::start(json!({ "state": "hibernating" }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let first = client.get(LIST, &basic(USER, "wrong")).await;
    insta::assert_snapshot!(shown(&first));
    client
        .send("POST", "/oauth_token.do", "", "grant_type=password")
        .await;
    let second = client.answer().await.unwrap();
    assert_eq!((second.status, second.body), (200, first.body));
    for request in requests(&running.journal.entries()) {
        assert_eq!(request.decision.stage, "edge");
        assert_eq!(request.decision.condition, Some(Condition::Hibernating));
        assert_eq!(request.user, None);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_a_name_without_an_instance_the_edge_answers() {
    let running = stage::start(json!({ "state": "absent" }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let first = client.get(LIST, &credentials()).await;
    insta::assert_snapshot!(shown(&first));
    client.send("POST", "/oauth_token.do", "", "").await;
    assert_eq!(client.answer().await.unwrap().body, first.body);
    for request in requests(&running.journal.entries()) {
        assert_eq!(request.decision.stage, "edge");
        assert_eq!(request.decision.condition, Some(Condition::NoInstance));
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_tls_the_edge_sends_on_to_https() {
    let running = stage::start(json!({ "plain_http": "redirect" }), json!({})).await;
    let port = running.addresses["main"].https.port();
    let mut client = stage::plain(&running).await;
    let sent_on = client.get(LIST, &basic(USER, "wrong")).await;
    insta::assert_snapshot!(shown(&sent_on).replace(&port.to_string(), "PORT"));
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.status, 200);
    let entries = running.journal.entries();
    let first = &requests(&entries)[0].decision;
    assert_eq!(first.stage, "https_only");
    assert_eq!(first.condition, Some(Condition::PlainHttp));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_api_is_answered_like_a_path_that_names_none() {
    let absent = json!({ "missing_apis": ["table"] });
    let running = stage::start(absent, json!({})).await;
    let mut client = stage::plain(&running).await;
    let refused = client
        .get("/api/now/table/incident", &basic(USER, "wrong"))
        .await;
    assert_eq!(refused.status, 401);
    let missing = client.get(LIST, &credentials()).await;
    let nonsense = client.get("/api/now/nonsense", &credentials()).await;
    assert_eq!((missing.status, missing.text()), (400, nonsense.text()));
    let counted = client
        .get("/api/now/stats/incident?sysparm_count=true", &credentials())
        .await;
    assert_eq!(counted.status, 200);
    let entries = running.journal.entries();
    let decided: Vec<_> = requests(&entries)
        .into_iter()
        .map(|request| request.decision.condition)
        .collect();
    let unknown = Some(Condition::UnknownApi);
    assert_eq!(decided[1..], [unknown, unknown, None]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_of_credentials_looks_the_same() {
    let users = json!({
        USER: { "roles": ["itil"] },
        "locked.user": { "locked_out": true },
        "idle.user": { "active": false },
    });
    let running = stage::start(json!({ "users": users }), json!({})).await;
    let mut bodies = Vec::new();
    let mut conditions = Vec::new();
    for headers in [
        String::new(),
        basic(USER, "wrong"),
        basic("nobody", "wrong"),
        basic("locked.user", "wrong"),
        basic("idle.user", "wrong"),
    ] {
        let answer = stage::plain(&running).await.get(LIST, &headers).await;
        assert_eq!(answer.status, 401);
        if bodies.is_empty() {
            insta::assert_snapshot!(shown(&answer));
        }
        bodies.push(answer.text());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    for request in requests(&running.journal.entries()) {
        conditions.push(request.decision.condition.unwrap());
    }
    assert_eq!(
        conditions,
        [
            Condition::NoCredentials,
            Condition::PasswordRefused,
            Condition::PasswordRefused,
            Condition::AccountLocked,
            Condition::AccountInactive,
        ]
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fifth_wrong_password_locks_the_account_and_its_record_says_so() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    for _ in 0..5 {
        assert_eq!(client.get(LIST, &basic(USER, "wrong")).await.status, 401);
    }
    assert_eq!(client.get(LIST, &credentials()).await.status, 401);
    let last = requests(&running.journal.entries()).pop().unwrap();
    assert_eq!(last.decision.condition, Some(Condition::AccountLocked));
    let unlock = serde_json::from_value(json!({ "unlock_user": USER })).unwrap();
    running
        .director
        .apply("main", &unlock, Cause::Hand)
        .await
        .unwrap();
    let answer = client
        .get(
            "/api/now/table/sys_user?sysparm_query=user_name=sync.user&sysparm_fields=locked_out",
            &credentials(),
        )
        .await;
    assert_eq!(answer.json()["result"][0]["locked_out"], "false");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_success_clears_the_count() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(client.get(LIST, &basic(USER, "wrong")).await.status, 401);
        }
        assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_admits_its_limit_and_opens_again_when_it_says() {
    let rules = json!({ "tables": { "limit": 3, "window": "1h as 3s" } });
    let running = stage::start(json!({ "rate_rules": rules }), json!({})).await;
    let mut client = stage::plain(&running).await;
    for _ in 0..3 {
        let answer = client.get(LIST, &credentials()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("X-RateLimit-Limit"), Some("3"));
        assert!(answer.header("X-RateLimit-Reset").is_some());
        assert_eq!(answer.header("X-RateLimit-Rule").unwrap().len(), 32);
        assert_eq!(answer.header("X-RateLimit-Remaining"), None);
        assert_eq!(answer.header("Retry-After"), None);
    }
    let refused = client.get(LIST, &credentials()).await;
    assert_eq!(refused.status, 429);
    insta::assert_snapshot!(shown(&refused));
    let retry_after: u64 = refused.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=3).contains(&retry_after), "{retry_after}");
    // What the caller was told to do is what is waited for.
    tokio::time::sleep(Duration::from_secs(retry_after)).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let refusal = requests(&entries).remove(3).decision;
    let until = refusal.refused_until.unwrap();
    assert_eq!(until.rule, "tables");
    assert_eq!(until.retry_after, Some(retry_after.to_string()));
    let (outcome, entry) = stage::outcomes(&entries).remove(4);
    assert_eq!(outcome.status, Some(200));
    assert!(entry.at_ns >= until.window_ends_ns);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_never_get_one_answer_too_many() {
    let rules = json!({ "tables": { "limit": 5, "window": "1h as 1h" } });
    let running = stage::start(json!({ "rate_rules": rules }), json!({})).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let address = running.addresses["main"].http.unwrap();
        tasks.spawn(async move {
            let mut client = crate::client::Client::plain(address).await;
            client.get(LIST, &credentials()).await.status
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 5].as_slice(), &[429; 7]].concat());
    let opened = running
        .journal
        .entries()
        .iter()
        .filter(|entry| matches!(entry.event, Event::WindowOpened(_)))
        .count();
    assert_eq!(opened, 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_table_is_a_403_in_the_words_of_the_operation() {
    let users = json!({ USER: { "roles": [] } });
    let running = stage::start(json!({ "users": users }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let read = client
        .get("/api/now/table/sys_dictionary", &credentials())
        .await;
    assert_eq!(
        (read.status, read.text().as_str()),
        (
            403,
            r#"{"error":{"message":"Insufficient rights to query records","detail":null},"status":"failure"}"#
        )
    );
    client
        .send(
            "POST",
            "/api/now/table/cmdb_ci_server",
            &credentials(),
            "{}",
        )
        .await;
    let write = client.answer().await.unwrap();
    assert_eq!(write.status, 403);
    assert!(
        write
            .text()
            .contains("ACL Exception Insert Failed due to security constraints")
    );
    let conditions: Vec<_> = requests(&running.journal.entries())
        .into_iter()
        .map(|request| request.decision.condition.unwrap())
        .collect();
    assert_eq!(conditions, [Condition::TableDenied, Condition::WriteDenied]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_ten_mebibytes_is_a_400_and_not_a_reset() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let body = "x".repeat(10 * 1024 * 1024 + 1);
    client
        .send(
            "POST",
            "/api/now/table/cmdb_ci_server",
            &credentials(),
            &body,
        )
        .await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["error"]["detail"],
        "Rejected large REST payload with content-length = 10485761 bytes. Max allowed: 10485760 bytes."
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_appears_nowhere_in_the_journal() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    client.get(LIST, &credentials()).await;
    client
        .get(
            &format!("/api/now/table/incident?pw={PASSWORD}"),
            &basic("x", PASSWORD),
        )
        .await;
    client
        .send(
            "POST",
            "/api/now/table/incident",
            &credentials(),
            &format!("{{\"a\":\"{PASSWORD}\"}}"),
        )
        .await;
    client.answer().await.unwrap();
    let text = serde_json::to_string(&running.journal.entries()).unwrap();
    assert!(!text.contains("Zt9-canary"), "{text}");
    let pair = credentials();
    let payload = pair.trim().rsplit(' ').next().unwrap();
    assert!(!text.contains(&payload[8..20]), "{text}");
    assert!(text.contains("Basic <secret:password>"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_leaves_after_its_answer_is_not_asked_to_stay() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let headers = credentials() + "Connection: close\r\n";
    let answer = client.get(LIST, &headers).await;
    assert_eq!(
        (answer.status, answer.header("Connection")),
        (200, Some("close"))
    );
    client.answer().await.unwrap_err();
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_request_line_is_refused_by_the_edge_in_html() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let long = format!("{LIST}&sysparm_fields={}", "x".repeat(8200));
    let answer = client.get(&long, &credentials()).await;
    assert_eq!(answer.status, 414);
    assert!(answer.text().starts_with("<html>"));
    assert_eq!(answer.header("Set-Cookie"), None);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_call_counts_and_says_so_in_its_headers() {
    let main = json!({
        "rate_rules": { "tables": { "limit": 2, "window": "1h" } },
        "users": { USER: { "roles": ["snc_read_only"] } },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let headers = format!("{}Content-Type: application/json\r\n", credentials());
    for expected in [403, 403, 429] {
        client
            .send("POST", "/api/now/table/incident", &headers, "{}")
            .await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("X-RateLimit-Limit"), Some("2"));
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_node_challenges_in_capitals_and_closes() {
    let main = json!({ "switches": { "server_header": "service_now" } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let answer = client.get(LIST, "").await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("WWW-Authenticate");
    assert_eq!(challenge, Some("BASIC realm=\"Service-now\""));
    assert_eq!(answer.header("Connection"), Some("close"));
    assert!(client.answer().await.is_err(), "the connection stays open");
    running.shutdown().await.unwrap();
}
