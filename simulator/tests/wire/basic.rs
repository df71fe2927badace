//! Basic credentials: the second factor, lockouts and their end, and the upload that is not
//! challenged, over sockets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snowproof_simulator::journal::{Actor, Cause, Change, Condition, Event};
use snowproof_simulator::simulator::{Options, Running};

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

/// `12345678901234567890` in base32.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// The code of the authenticator so many seconds from now.
fn code(seconds_ahead: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(SECRET).unwrap();
    let codes = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let unix = jiff::Timestamp::now().as_second() + seconds_ahead;
    codes.generate(unix.unsigned_abs()).to_string()
}

/// Six digits that are no code that is accepted about now.
fn wrong_code() -> String {
    let near: [String; 4] = [-30, 0, 30, 60].map(code);
    let earlier = |digits: &&str| !near.contains(&(*digits).to_owned());
    let all = ["000000", "111111", "222222", "333333", "444444"];
    all.iter().copied().find(earlier).unwrap().to_owned()
}

fn user(more: Value) -> Value {
    let mut user = json!({ "roles": ["itil"] });
    for (key, value) in more.as_object().unwrap() {
        user[key] = value.clone();
    }
    json!({ "users": { USER: user } })
}

async fn asked(running: &Running, password: &str) -> (Answer, Option<Condition>) {
    let mut client = stage::plain(running).await;
    let answer = client.get(LIST, &basic(USER, password)).await;
    let request = requests(&running.journal.entries()).pop().unwrap();
    (answer, request.decision.condition)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_code_is_told_from_a_wrong_password() {
    let main = user(json!({ "mfa": "required", "mfa_secret": SECRET }));
    let running = stage::start(main, json!({})).await;
    let (missing, condition) = asked(&running, PASSWORD).await;
    assert_eq!(
        (missing.status, condition),
        (401, Some(Condition::MfaRequired))
    );
    assert!(
        missing.head.contains("X-MFA_TOKEN: invalid"),
        "{}",
        missing.head
    );
    let (wrong_code, condition) = asked(&running, &format!("{PASSWORD}{}", wrong_code())).await;
    assert_eq!(condition, Some(Condition::MfaRequired));
    assert_eq!(wrong_code.body, missing.body);
    let (wrong, condition) = asked(&running, &format!("wrong{}", code(0))).await;
    assert_eq!(
        (wrong.status, condition),
        (401, Some(Condition::PasswordRefused))
    );
    assert_eq!(wrong.header("X-MFA_TOKEN"), None);
    assert_eq!(wrong.body, missing.body);
    // The current code and the next one open, each as often as it is shown.
    for ahead in [0, 0, 30, 0] {
        let (right, _) = asked(&running, &format!("{PASSWORD}{}", code(ahead))).await;
        assert_eq!((right.status, right.rows()), (200, 10));
    }
    let (early, condition) = asked(&running, &format!("{PASSWORD}{}", code(90))).await;
    assert_eq!(
        (early.status, condition),
        (401, Some(Condition::MfaRequired))
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_nobody_asks_for_makes_the_password_wrong() {
    let running = stage::start(user(json!({ "mfa_secret": SECRET })), json!({})).await;
    let (answer, condition) = asked(&running, &format!("{PASSWORD}{}", code(0))).await;
    assert_eq!(
        (answer.status, condition),
        (401, Some(Condition::PasswordRefused))
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_may_be_good_for_one_call() {
    let mut main = user(json!({ "mfa": "required", "mfa_secret": SECRET }));
    main["switches"] = json!({ "mfa_codes": "once" });
    let running = stage::start(main, json!({})).await;
    // The next step's code is accepted through the whole of the test, whenever it begins.
    let shown = basic(USER, &format!("{PASSWORD}{}", code(30)));
    let calls = (0..16).map(|_| async {
        let mut client = stage::plain(&running).await;
        client.get(LIST, &shown).await.status
    });
    let mut statuses = futures_util::future::join_all(calls).await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[401; 15][..]));
    // It locks nobody out.
    let refused = requests(&running.journal.entries());
    let refused = refused
        .iter()
        .filter(|it| it.decision.condition == Some(Condition::MfaRequired));
    assert_eq!(refused.count(), 15);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_tells_no_codes_is_refused_at_the_start() {
    for secret in ["JBSWY3DP", "0189", "not base32"] {
        let main = user(json!({ "mfa": "required", "mfa_secret": secret }));
        let refused = stage::try_start(stage::setup(main, json!({})), Options::default()).await;
        let said = refused.unwrap_err().to_string();
        assert!(
            said.contains("mfa_secret") && !said.contains(secret),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_may_ask_for_the_code_later() {
    let steps = json!({
        "asks": { "when": { "request": "*", "nth": 2 }, "do": [{ "require_mfa": USER }] },
    });
    let running = stage::start(json!({}), steps).await;
    assert_eq!(asked(&running, PASSWORD).await.0.status, 200);
    assert_eq!(
        asked(&running, PASSWORD).await.1,
        Some(Condition::MfaRequired)
    );
    let second = |event: &Event| matches!(event, Event::Outcome(it) if it.request == 2);
    let cause = stage::entry(&running, second).await.cause;
    assert_eq!(cause, Some(Cause::Step("asks".to_owned())));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_failures_at_once_lock_once() {
    let running = stage::start(json!({}), json!({})).await;
    let attempts = (0..32).map(|_| async {
        let mut client = stage::plain(&running).await;
        client.get(LIST, &basic(USER, "wrong")).await.status
    });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses, [401; 32]);
    let entries = running.journal.entries();
    let met = |condition| {
        let requests = requests(&entries).into_iter();
        requests
            .filter(|request| request.decision.condition == Some(condition))
            .count()
    };
    assert_eq!(met(Condition::PasswordRefused), 5);
    assert_eq!(met(Condition::AccountLocked), 27);
    let locks = entries.iter().filter(|entry| {
        matches!(&entry.event, Event::RecordChanged(it) if it.table == "sys_user" && it.change == Change::Updated)
            && entry.actor == Actor::Instance
    });
    assert_eq!(locks.count(), 1);
    assert_eq!(
        asked(&running, PASSWORD).await.1,
        Some(Condition::AccountLocked)
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lockout_ends_by_itself_and_an_administrators_does_not() {
    let main = json!({ "unlock_after": "15m as 1ms" });
    let running = stage::start(main, json!({})).await;
    for _ in 0..5 {
        asked(&running, "wrong").await;
    }
    // The lockout is over by the next request, however soon it comes after the fifth.
    let answer = loop {
        let (answer, condition) = asked(&running, PASSWORD).await;
        if condition != Some(Condition::AccountLocked) {
            break answer;
        }
    };
    assert_eq!(answer.status, 200);
    let over = |event: &Event| matches!(event, Event::ConditionChanged(it) if it.what.ends_with("is over"));
    stage::entry(&running, over).await;
    let lock = serde_json::from_value(json!({ "lock_user": USER })).unwrap();
    running
        .director
        .apply("main", &lock, Cause::Hand)
        .await
        .unwrap();
    for _ in 0..3 {
        assert_eq!(
            asked(&running, PASSWORD).await.1,
            Some(Condition::AccountLocked)
        );
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_may_end_by_an_administrator_alone_or_never_begin() {
    let auto = "nameENDSWITHwith Auto Unlock";
    let plain = "name=SNC User Lockout Check";
    for (in_force, locked) in [(&[auto][..], false), (&[plain], true), (&[], false)] {
        let main = json!({ "unlock_after": "15m as 1ms" });
        let running = stage::start(main, json!({})).await;
        for (query, active) in [(auto, "false"), (plain, "false")] {
            let active = if in_force.contains(&query) {
                "true"
            } else {
                active
            };
            let set = json!({ "update_records": {
                "table": "sysevent_script_action", "query": query, "set": { "active": active },
            } });
            let set = serde_json::from_value(set).unwrap();
            running
                .director
                .apply("main", &set, Cause::Hand)
                .await
                .unwrap();
        }
        for _ in 0..5 {
            asked(&running, "wrong").await;
        }
        // A millisecond is over when the next answer has come.
        let over = Instant::now() + Duration::from_millis(2);
        while Instant::now() < over {
            asked(&running, PASSWORD).await;
        }
        let last = asked(&running, PASSWORD).await.1;
        assert_eq!(
            last == Some(Condition::AccountLocked),
            locked,
            "{in_force:?}"
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_after_an_unlock_over_rest_does_not_end_at_the_old_time() {
    const ADMIN: &str = "admin-secret-Bq4";
    let lasts = Duration::from_millis(200);
    let main = json!({ "unlock_after": "15m as 200ms" });
    let mut setup = stage::setup(main, json!({}));
    setup.passwords.insert("admin".to_owned(), ADMIN.to_owned());
    let running = stage::try_start(setup, Default::default()).await.unwrap();
    let mut admin = stage::plain(&running).await;
    let headers = format!(
        "Content-Type: application/json\r\n{}",
        basic("admin", ADMIN)
    );
    let of_user = format!("/api/now/table/sys_user?sysparm_query=user_name={USER}");
    let found = admin.get(&of_user, &headers).await.json();
    let id = found["result"][0]["sys_id"].as_str().unwrap();
    let record = format!("/api/now/table/sys_user/{id}");
    for _ in 0..5 {
        asked(&running, "wrong").await;
    }
    let locked = Instant::now();
    for state in ["false", "true"] {
        let body = json!({ "locked_out": state }).to_string();
        admin.send("PATCH", &record, &headers, &body).await;
        let changed = admin.answer().await.unwrap();
        assert_eq!(changed.json()["result"]["locked_out"], state);
    }
    loop {
        let is_later = locked.elapsed() > lasts;
        let (_, condition) = asked(&running, PASSWORD).await;
        assert_eq!(condition, Some(Condition::AccountLocked));
        if is_later {
            break;
        }
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn web_service_users_inherit_from_groups_unless_the_switch_says_otherwise() {
    for (roles, rows) in [("inherited", 10), ("direct", 0)] {
        let main = json!({
            "switches": { "web_service_roles": roles },
            "groups": { "sync": { "roles": ["itil"] } },
            "users": { USER: { "groups": ["sync"], "web_service_access_only": true } },
        });
        let running = stage::start(main, json!({})).await;
        let answer = stage::plain(&running).await.get(LIST, &credentials()).await;
        assert_eq!((answer.status, answer.rows()), (200, rows), "{roles}");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_without_credentials_is_challenged_unless_the_switch_says_otherwise() {
    const UPLOAD: &str =
        "/api/now/attachment/file?table_name=incident&table_sys_id=x&file_name=x.txt";
    for (challenge, status, condition) in [
        ("sent", 401, Condition::NoCredentials),
        ("left_out", 403, Condition::NoCredentials),
    ] {
        let main = json!({ "switches": { "attachment_challenge": challenge } });
        let running = stage::start(main, json!({})).await;
        let mut client = stage::plain(&running).await;
        client.send("POST", UPLOAD, "", "x").await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, status);
        let challenged = answer.header("WWW-Authenticate").is_some();
        assert_eq!(challenged, challenge == "sent");
        if !challenged {
            insta::assert_snapshot!(answer.text(), @r#"{"error":{"message":"User Not Authorized","detail":"Failed API level ACL Validation"},"status":"failure"}"#);
        }
        let request = requests(&running.journal.entries()).pop().unwrap();
        assert_eq!(request.decision.condition, Some(condition));
        // Reading is challenged as ever.
        let answer = client.get("/api/now/attachment", "").await;
        assert_eq!(answer.status, 401);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_has_two_spellings_and_one_form() {
    for (switch, message) in [
        ("user_not_authenticated", "User Not Authenticated"),
        ("user_is_not_authenticated", "User is not authenticated"),
    ] {
        let mut main = user(json!({}));
        main["switches"] = json!({ "unauthenticated_message": switch });
        let running = stage::start(main, json!({})).await;
        let (refused, condition) = asked(&running, "wrong").await;
        assert_eq!(
            (refused.status, condition),
            (401, Some(Condition::PasswordRefused))
        );
        let body: Value = serde_json::from_slice(&refused.body).unwrap();
        let detail = "Required to provide Auth information";
        assert_eq!(
            body,
            json!({ "error": { "message": message, "detail": detail }, "status": "failure" })
        );
        running.shutdown().await.unwrap();
    }
}
