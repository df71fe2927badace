//! Who may call, from where, and what is closed to everybody: accounts, address ranges, APIs and
//! tables, over sockets.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition, Event, ReplyEnd};

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

/// The answer without what differs from run to run.
fn shown(answer: &Answer) -> String {
    let head: Vec<&str> = answer
        .head
        .lines()
        .filter(|line| !line.starts_with("Date: "))
        .collect();
    format!("{}\n\n{}", head.join("\n"), answer.text())
}

fn user(more: Value) -> Value {
    let mut user = json!({ "roles": ["itil"] });
    for (key, value) in more.as_object().unwrap() {
        user[key] = value.clone();
    }
    json!({ "users": { USER: user } })
}

/// Status and condition of one read of the server list.
async fn read(main: Value) -> (u16, Option<Condition>, String) {
    let running = stage::start(main, json!({})).await;
    let answer = stage::plain(&running).await.get(LIST, &credentials()).await;
    let request = requests(&running.journal.entries()).pop().unwrap();
    running.shutdown().await.unwrap();
    (answer.status, request.decision.condition, answer.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_password_that_cannot_be_used_is_refused_like_a_wrong_one() {
    let (wrong, _, refusal) = read(user(json!({ "password": "another" }))).await;
    assert_eq!(wrong, 401);
    let mut reset = user(json!({ "password_needs_reset": true }));
    assert_eq!(read(reset.clone()).await.0, 200);
    reset["properties"] = json!({ "glide.authenticate.api.user.reset_password.mandatory": "true" });
    for (main, condition) in [
        (reset, Condition::PasswordNeedsReset),
        (
            user(json!({ "password": "expired" })),
            Condition::PasswordExpired,
        ),
        (
            user(json!({ "password": "absent" })),
            Condition::PasswordRefused,
        ),
    ] {
        assert_eq!(read(main).await, (401, Some(condition), refusal.clone()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_of_a_group_counts_only_where_it_is_inherited() {
    for (inherits, web_services_only, switch, rows) in [
        (true, true, "inherited", 10),
        (false, true, "inherited", 0),
        (false, false, "inherited", 0),
        (true, true, "direct", 0),
        (true, false, "direct", 10),
    ] {
        let main = json!({
            "groups": { "sync": { "roles": ["itil"], "inherits": inherits } },
            "users": {
                USER: { "groups": ["sync"], "web_service_access_only": web_services_only },
            },
            "switches": { "web_service_roles": switch },
        });
        let running = stage::start(main, json!({})).await;
        let mut client = stage::plain(&running).await;
        let answer = client.get(LIST, &credentials()).await;
        let why = format!("{inherits} {web_services_only} {switch}");
        assert_eq!((answer.status, answer.rows()), (200, rows), "{why}");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_address_is_refused_with_a_page_before_anybody_is_asked_for_credentials() {
    let ranges = json!({ "everybody": { "from": "0.0.0.0", "to": "255.255.255.255" } });
    let running = stage::start(json!({ "ip_access": ranges }), json!({})).await;
    let mut client = stage::plain(&running).await;
    let first = client.get(LIST, &basic(USER, "wrong")).await;
    insta::assert_snapshot!(shown(&first));
    for _ in 0..6 {
        client.get(LIST, &basic(USER, "wrong")).await;
    }
    let answer = client.get(LIST, &basic(USER, PASSWORD)).await;
    assert_eq!((answer.status, answer.body), (403, first.body));
    for request in requests(&running.journal.entries()) {
        assert_eq!(request.decision.stage, "ip_access");
        assert_eq!(request.decision.condition, Some(Condition::AddressBlocked));
        assert_eq!(request.user, None);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allowing_wins_and_forwarded_addresses_are_tested_too() {
    let ranges = json!({
        "everybody": { "from": "0.0.0.0", "to": "255.255.255.255" },
        "here": { "kind": "allow", "from": "127.0.0.1" },
    });
    let running = stage::start(json!({ "ip_access": ranges }), json!({})).await;
    let mut client = stage::plain(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let forwarded = format!("{}X-Forwarded-For: 198.51.100.7\r\n", credentials());
    assert_eq!(client.get(LIST, &forwarded).await.status, 403);
    // The ranges are records: an administrator opens the instance again.
    let open = json!({ "update_records": {
        "table": "ip_access", "query": "type=deny", "set": { "active": "false" }
    } });
    running
        .director
        .apply("main", &serde_json::from_value(open).unwrap(), Cause::Hand)
        .await
        .unwrap();
    assert_eq!(client.get(LIST, &forwarded).await.status, 200);
    let let_in = |event: &Event| matches!(event, Event::Outcome(it) if it.request == 3);
    assert_eq!(
        stage::entry(&running, let_in).await.cause,
        Some(Cause::Hand)
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_changes_settings_through_their_records_is_their_cause() {
    let ranges = json!({ "here": { "from": "127.0.0.1" } });
    let set = |active: &str| {
        json!({ "update_records": {
            "table": "ip_access", "query": "type=deny", "set": { "active": active }
        } })
    };
    let steps = json!({
        "opens": { "when": { "request": "*", "nth": 2 }, "do": [set("false")] },
        "closes": { "when": { "request": "*", "nth": 3 }, "do": [set("true")] },
    });
    let running = stage::start(json!({ "ip_access": ranges }), steps).await;
    let mut client = stage::plain(&running).await;
    let step = |name: &str| Some(Cause::Step(name.to_owned()));
    for (request, status, cause) in [
        (1, 403, Some(Cause::Setup)),
        (2, 200, step("opens")),
        (3, 403, step("closes")),
    ] {
        assert_eq!(client.get(LIST, &credentials()).await.status, status);
        let over = |event: &Event| matches!(event, Event::Outcome(it) if it.request == request);
        assert_eq!(stage::entry(&running, over).await.cause, cause, "{request}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_address_may_meet_silence() {
    let main = json!({
        "ip_access": { "here": { "from": "127.0.0.0", "to": "127.255.255.255" } },
        "switches": { "ip_refusal": "silence" },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    client.send("GET", LIST, &credentials(), "").await;
    stage::entry(&running, |event| matches!(event, Event::Request(_))).await;
    drop(client);
    stage::entry(&running, |event| matches!(event, Event::Outcome(_))).await;
    let (outcome, _) = stage::outcomes(&running.journal.entries()).pop().unwrap();
    assert_eq!(outcome.condition, Some(Condition::AddressBlocked));
    assert_eq!((outcome.status, outcome.body_bytes), (None, 0));
    assert_eq!(outcome.end, ReplyEnd::Silent);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_api_and_a_closed_table_are_refused_with_one_envelope() {
    let (status, condition, body) = read(json!({
        "acls": { "endpoint": { "api": "Table API", "roles": ["rest_service"] } },
    }))
    .await;
    assert_eq!((status, condition), (403, Some(Condition::ApiDenied)));
    insta::assert_snapshot!(body, @r#"{"error":{"message":"User Not Authorized","detail":"Failed API level ACL Validation"},"status":"failure"}"#);
    let (status, condition, same) = read(json!({
        "tables": { "cmdb_ci_server": { "rows": 3, "web_service_access": false } },
    }))
    .await;
    assert_eq!((status, condition), (403, Some(Condition::TableNotExposed)));
    assert_eq!(same, body);
    let (status, ..) = read(json!({
        "acls": { "endpoint": { "api": "Aggregate API", "roles": ["rest_service"] } },
    }))
    .await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_fires_when_its_act_begins() {
    let steps = json!({
        "rotated": { "when": { "act": 2 }, "do": [{ "rotate_password": USER }] },
    });
    let running = stage::start(json!({}), steps).await;
    for (act, status) in [(1, 200), (2, 401)] {
        running.start_act(act, "check").await;
        let mut client = stage::plain(&running).await;
        assert_eq!(client.get(LIST, &credentials()).await.status, status);
        running.end_act().await;
    }
    running.shutdown().await.unwrap();
}
