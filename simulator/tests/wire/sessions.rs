//! Sessions by cookie, the login form, and the pages that need no session.

use serde_json::json;
use snowproof_simulator::journal::{Condition, Event};

use crate::client::{Answer, Client, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

const RECORD: &str = "/api/now/table/incident";

/// The cookies that an answer sets, as a jar would send them back.
fn jar(answer: &Answer) -> String {
    let cookies: Vec<&str> = answer
        .head
        .lines()
        .filter_map(|line| line.strip_prefix("Set-Cookie: "))
        .filter(|cookie| !cookie.contains("Max-Age=0"))
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    format!("Cookie: {}\r\n", cookies.join("; "))
}

fn sets_session(answer: &Answer) -> bool {
    answer.head.contains("Set-Cookie: JSESSIONID=")
}

async fn post(client: &mut Client, headers: &str) -> Answer {
    client.send("POST", RECORD, headers, "{}").await;
    client.answer().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_stands_for_its_user_and_changes_need_the_token() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let first = client.get(LIST, &credentials()).await;
    assert!(sets_session(&first));
    let cookies = jar(&first);

    let second = client.get(LIST, &cookies).await;
    assert_eq!((second.status, second.rows()), (200, 10));
    assert!(!sets_session(&second));
    assert_eq!(second.header("X-Is-Logged-In"), Some("true"));
    assert!(second.head.contains("glide_session_store="));

    let refused = post(&mut client, &cookies).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("X-Is-Logged-In"), Some("true"));
    assert_eq!(refused.header("Connection"), Some("close"));
    assert_eq!(refused.header("X-Transaction-ID"), None);
    let message = &refused.json()["error"]["message"];
    assert_eq!(message, "User is not authenticated");
    let token = refused.header("X-UserToken-Response").unwrap().to_owned();
    assert_eq!(token.len(), 72);

    let wrong = format!("{cookies}X-UserToken: {}\r\n", "0".repeat(72));
    assert_eq!(post(&mut client, &wrong).await.status, 401);
    let shown = format!("{cookies}X-UserToken: {token}\r\n");
    assert_eq!(post(&mut client, &shown).await.status, 201);
    let overriding = format!("{cookies}X-HTTP-Method-Override: DELETE\r\n");
    assert_eq!(post(&mut client, &overriding).await.status, 401);

    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let users: Vec<Option<String>> = requests(&entries).into_iter().map(|r| r.user).collect();
    let user = Some(USER.to_owned());
    assert_eq!(users, [user.clone(), user.clone(), None, None, user, None]);
    let methods: Vec<String> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::IdentityResolved(resolved) => Some(resolved.method.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(methods, ["basic", "session", "session"]);
    // Nobody can take a session over who reads the journal.
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains(&token));
    let (_, id) = cookies.split_once("JSESSIONID=").unwrap();
    assert!(!text.contains(&id[..32]));
    assert!(text.contains("JSESSIONID=<cookie:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_and_an_unknown_one_is_nobody_s() {
    let main = json!({ "switches": { "session_lifetime": "30m as 1ms" } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    let cookies = jar(&client.get(LIST, &credentials()).await);
    for cookies in [cookies.as_str(), "Cookie: JSESSIONID=0123\r\n"] {
        // The two exchanges themselves take longer than the session lasts.
        let mut late = stage::secure(&running).await;
        let over = late.get(LIST, cookies).await;
        assert_eq!(over.status, 401);
        assert_eq!(over.header("X-Is-Logged-In"), Some("false"));
        assert_eq!(over.header("X-UserToken-Response"), None);
        assert!(sets_session(&over), "{}", over.head);
    }
    // Good credentials do not suffer from an old cookie.
    let stale = credentials() + "Cookie: JSESSIONID=0123\r\n";
    assert_eq!(client.get(LIST, &stale).await.status, 200);
    let none = client.get(LIST, "").await;
    assert_eq!(none.header("X-Is-Logged-In"), None);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_win_over_a_session_and_take_it() {
    let main = json!({ "users": { USER: { "roles": ["itil"] }, "other": {} } });
    let mut setup = stage::setup(main, json!({}));
    setup
        .passwords
        .insert("other".to_owned(), "0ther-pass".to_owned());
    let running = stage::try_start(setup, Default::default()).await.unwrap();
    let mut client = stage::secure(&running).await;
    let cookies = jar(&client.get(LIST, &credentials()).await);
    let wrong = basic(USER, "wrong") + &cookies;
    assert_eq!(client.get(LIST, &wrong).await.status, 401);
    let other = basic("other", "0ther-pass") + &cookies;
    assert!(!sets_session(&client.get(LIST, &other).await));
    client.get(LIST, &cookies).await;
    let users: Vec<Option<String>> = requests(&running.journal.entries())
        .into_iter()
        .map(|request| request.user)
        .collect();
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(users, [named(USER), None, named("other"), named("other")]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_user_s_session_is_over_and_every_call_can_need_the_token() {
    let main = json!({ "switches": { "user_token": "all_calls" } });
    let steps = json!({ "lock": {
        "when": { "request": "*", "nth": 4 }, "do": [{ "lock_user": USER }],
    } });
    let running = stage::start(main, steps).await;
    let mut client = stage::secure(&running).await;
    let cookies = jar(&client.get(LIST, &credentials()).await);
    let refused = client.get(LIST, &cookies).await;
    let token = refused.header("X-UserToken-Response").unwrap();
    let shown = format!("{cookies}X-UserToken: {token}\r\n");
    assert_eq!(client.get(LIST, &shown).await.status, 200);
    let locked = client.get(LIST, &shown).await;
    assert_eq!(locked.status, 401);
    assert_eq!(locked.header("X-Is-Logged-In"), Some("false"));
    let last = requests(&running.journal.entries()).pop().unwrap();
    assert_eq!(last.decision.condition, Some(Condition::AccountLocked));
    running.shutdown().await.unwrap();
}

async fn log_in(client: &mut Client, password: &str) -> Answer {
    let form = format!("user_name={USER}&user_password={password}&sys_action=sysverb_login");
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    client.send("POST", "/login.do", headers, &form).await;
    client.answer().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_login_form_begins_a_session_whose_page_tells_the_token() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let wrong = log_in(&mut client, "wr0ng-Qz7").await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.text().contains("action=\"/login.do\""));
    assert_eq!(wrong.header("X-Is-Logged-In"), Some("false"));

    let good = log_in(&mut client, PASSWORD).await;
    assert_eq!(good.status, 302);
    assert_eq!(good.header("X-Is-Logged-In"), Some("true"));
    let cookies = jar(&good);
    let page = client.get(good.header("Location").unwrap(), &cookies).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("X-Is-Logged-In"), Some("true"));
    let text = page.text();
    let (_, token) = text.split_once("g_ck = '").unwrap();
    let shown = format!("{cookies}X-UserToken: {}\r\n", &token[..72]);
    assert_eq!(post(&mut client, &shown).await.status, 201);

    let entries = running.journal.entries();
    let decided: Vec<_> = requests(&entries)
        .into_iter()
        .map(|request| (request.decision.stage, request.decision.condition))
        .collect();
    assert_eq!(
        decided[0],
        (
            "authentication".to_owned(),
            Some(Condition::PasswordRefused)
        )
    );
    assert_eq!(
        decided[1],
        ("authentication".to_owned(), Some(Condition::SignedIn))
    );
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains(PASSWORD) && !text.contains("wr0ng-Qz7"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_in_the_form_count_towards_the_lockout() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    for _ in 0..5 {
        log_in(&mut client, "wrong").await;
    }
    assert_eq!(log_in(&mut client, PASSWORD).await.status, 200);
    assert_eq!(client.get(LIST, &credentials()).await.status, 401);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn diagnostics_pages_are_open_until_a_property_closes_them() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    for path in ["/stats.do", "/xmlstats.do?include=memory", "/threads.do"] {
        let page = client.get(path, "").await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("X-Is-Logged-In"), Some("false"));
    }
    assert!(client.get("/stats.do", "").await.text().contains("glide-"));
    running.shutdown().await.unwrap();
    let main = json!({ "properties": { "glide.security.diag_txns_acl": "true" } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    let page = client.get("/stats.do", "").await;
    assert!(
        page.text().contains("action=\"/login.do\""),
        "{}",
        page.text()
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_said_in_xml_too() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let refused = client.get(LIST, "Accept: application/xml\r\n").await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("Content-Type"),
        Some("application/xml;charset=UTF-8")
    );
    assert!(refused.text().contains(
        "<error><detail>Required to provide Auth information</detail><message>User Not Authenticated</message></error>"
    ));
    running.shutdown().await.unwrap();
}
