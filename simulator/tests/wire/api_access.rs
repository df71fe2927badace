//! API keys and API access policies, over sockets.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Event};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running};

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

const KEY: &str = "now_Kq7-secret-Vt9-canary";

const ADMIN: &str = "admin-secret-Xk3";

fn setup(main: Value, steps: Value) -> Setup {
    let mut setup = stage::setup(main, steps);
    setup.given.api_key = KEY.to_owned();
    setup.passwords.insert("admin".to_owned(), ADMIN.to_owned());
    setup
}

async fn start(main: Value, steps: Value) -> Running {
    stage::try_start(setup(main, steps), Options::default())
        .await
        .unwrap()
}

/// An instance with one key, and this policy.
fn keyed(key: Value, policy: Value) -> Value {
    let mut own = json!({ "user": USER });
    for (name, value) in key.as_object().unwrap() {
        own[name] = value.clone();
    }
    json!({ "api_keys": { "sync": own }, "api_access_policies": { "tables": policy } })
}

fn lets_in(schemes: &[&str]) -> Value {
    json!({ "api": "Table API", "schemes": schemes })
}

fn header(key: &str) -> String {
    format!("x-sn-apikey: {key}\r\n")
}

async fn asked(running: &Running, target: &str, headers: &str) -> (Answer, Option<Condition>) {
    let mut client = stage::plain(running).await;
    let answer = client.get(target, headers).await;
    let request = requests(&running.journal.entries()).pop().unwrap();
    (answer, request.decision.condition)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_opens_what_a_policy_lets_it_into_as_its_user() {
    let running = start(keyed(json!({}), lets_in(&["basic", "api_key"])), json!({})).await;
    let (answer, _) = asked(&running, LIST, &header(KEY)).await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    let (answer, _) = asked(&running, &format!("{LIST}&x-sn-apikey={KEY}"), "").await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    let identified = |event: &Event| matches!(event, Event::IdentityResolved(it) if it.method == "api_key" && it.user == USER);
    stage::entry(&running, identified).await;
    let (refused, condition) = asked(&running, LIST, &header("now_wrong")).await;
    assert_eq!(
        (refused.status, condition),
        (401, Some(Condition::ApiKeyRefused))
    );
    assert_eq!(
        refused.header("WWW-Authenticate"),
        Some("BASIC realm=\"Service-now\"")
    );
    // Basic is let in as well, and wins over a key that is sent along.
    let both = format!("{}{}", credentials(), header("now_wrong"));
    assert_eq!(asked(&running, LIST, &both).await.0.status, 200);
    // The policy is one of the Table API alone.
    let stats = "/api/now/stats/cmdb_ci_server?sysparm_count=true";
    let (refused, condition) = asked(&running, stats, &header(KEY)).await;
    assert_eq!(
        (refused.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_s_session_opens_no_more_than_the_key() {
    let main = keyed(json!({}), lets_in(&["api_key"]));
    let running = start(main, json!({})).await;
    let (first, _) = asked(&running, LIST, &header(KEY)).await;
    let cookie = session(&first);
    assert_eq!(asked(&running, LIST, &cookie).await.0.status, 200);
    // No policy lets keys into it; passwords need none.
    let stats = "/api/now/stats/incident?sysparm_count=true";
    let (refused, condition) = asked(&running, stats, &cookie).await;
    assert_eq!(
        (refused.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    let (open, _) = asked(&running, stats, &credentials()).await;
    assert_eq!(open.status, 200);
    // Nor does a password's session open what passwords do not.
    let cookie = session(&open);
    assert_eq!(asked(&running, stats, &cookie).await.0.status, 200);
    let (refused, condition) = asked(&running, LIST, &cookie).await;
    assert_eq!(
        (refused.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    running.shutdown().await.unwrap();
}

fn session(answer: &Answer) -> String {
    let mut lines = answer.head.lines();
    let set = lines.find_map(|line| line.strip_prefix("Set-Cookie: JSESSIONID="));
    let id = set.unwrap().split(';').next().unwrap();
    format!("Cookie: JSESSIONID={id}\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_and_no_part_of_it_is_ever_written_down() {
    let running = start(keyed(json!({}), lets_in(&["api_key"])), json!({})).await;
    for key in [KEY, "now_wrong-but-secret"] {
        asked(&running, LIST, &header(key)).await;
        asked(&running, &format!("{LIST}&x-sn-apikey={key}"), "").await;
        asked(&running, &format!("{LIST}&x%2Dsn-apikey={key}"), "").await;
    }
    let requests = requests(&running.journal.entries());
    for (at, request) in requests.iter().enumerate() {
        let shown = format!("{request:?}");
        assert!(
            !shown.contains("canary") && !shown.contains("wrong-but"),
            "{shown}"
        );
        let in_url = request.target.contains("x-sn-apikey=") || request.target.contains("x%2Dsn");
        assert_eq!(in_url, at % 3 > 0, "{}", request.target);
    }
    assert!(requests[1].target.contains("x-sn-apikey=<secret:api_key>"));
    // Equal ones can be told.
    assert_eq!(requests[0].credentials, requests[1].credentials);
    assert_ne!(requests[0].credentials, requests[3].credentials);
    assert!(requests.iter().all(|request| request.credentials.is_some()));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_not_in_force_is_refused_like_a_wrong_one() {
    for (key, user, condition) in [
        (
            json!({ "active": false }),
            json!({}),
            Condition::ApiKeyRefused,
        ),
        (
            json!({ "expired": true }),
            json!({}),
            Condition::ApiKeyRefused,
        ),
        (
            json!({ "key": "another" }),
            json!({}),
            Condition::ApiKeyRefused,
        ),
        (
            json!({}),
            json!({ "active": false }),
            Condition::AccountInactive,
        ),
        (
            json!({}),
            json!({ "locked_out": true }),
            Condition::AccountLocked,
        ),
    ] {
        let mut main = keyed(key.clone(), lets_in(&["api_key"]));
        main["users"] = json!({ USER: user });
        let running = start(main, json!({})).await;
        let (answer, met) = asked(&running, LIST, &header(KEY)).await;
        assert_eq!((answer.status, met), (401, Some(condition)), "{key}");
        // Nobody is challenged to show a key.
        assert_eq!(answer.header("WWW-Authenticate"), None);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_needs_a_policy_and_no_global_one_lets_it_in() {
    let main = json!({ "api_keys": { "sync": { "user": USER } } });
    let running = start(main.clone(), json!({})).await;
    let (answer, condition) = asked(&running, LIST, &header(KEY)).await;
    assert_eq!(
        (answer.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    // A published guide's steps, in records: activate the shipped policy, map profiles to it.
    let mut admin = stage::plain(&running).await;
    let mut change = async |method: &str, path: &str, body: Value| {
        let path = format!("/api/now/table/{path}");
        let headers = format!(
            "Content-Type: application/json\r\n{}",
            basic("admin", ADMIN)
        );
        admin.send(method, &path, &headers, &body.to_string()).await;
        let answer = admin.answer().await.unwrap();
        assert!(answer.status < 300, "{}", answer.text());
        answer.json()
    };
    let first = |found: &Value| found["result"][0]["sys_id"].as_str().unwrap().to_owned();
    let policy = first(
        &change(
            "GET",
            "sys_api_access_policy?sysparm_query=name=Table%20GET%20API%20Access%20Policy",
            json!({}),
        )
        .await,
    );
    change(
        "PATCH",
        &format!("sys_api_access_policy/{policy}"),
        json!({ "active": "true", "apply_all_tables": "true" }),
    )
    .await;
    let parameter = first(
        &change(
            "GET",
            "sys_token_auth_parameter?sysparm_query=parameter_name=x-sn-apikey^type=auth_header",
            json!({}),
        )
        .await,
    );
    let profile = change(
        "POST",
        "http_key_auth",
        json!({ "name": "Audit", "auth_parameter": parameter }),
    )
    .await;
    let profile = profile["result"]["sys_id"].as_str().unwrap();
    let mapping = json!({ "api_access_policy": policy, "inbound_auth_profile": profile });
    change("POST", "sys_auth_profile_mapping", mapping).await;
    let (answer, _) = asked(&running, LIST, &header(KEY)).await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    // From here on the policy keeps out what is not mapped, on GET alone.
    let (answer, condition) = asked(&running, LIST, &credentials()).await;
    assert_eq!(
        (answer.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    running.shutdown().await.unwrap();
    let mut global = main;
    global["api_access_policies"] = json!({ "all": { "schemes": ["api_key"] } });
    let refused = stage::try_start(setup(global, json!({})), Options::default()).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("lets no API keys in")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_whose_profiles_are_all_inactive_lets_nobody_in() {
    let main = json!({ "api_access_policies": { "tables": lets_in(&["basic"]) } });
    let running = start(main, json!({})).await;
    let mut admin = stage::plain(&running).await;
    let headers = format!(
        "Content-Type: application/json\r\n{}",
        basic("admin", ADMIN)
    );
    let profiles = "/api/now/table/std_http_auth";
    let of_basic = format!("{profiles}?sysparm_query=type=basic_auth");
    let found = admin.get(&of_basic, &headers).await.json();
    let id = found["result"][0]["sys_id"].as_str().unwrap();
    let body = json!({ "active": "false" }).to_string();
    admin
        .send("PATCH", &format!("{profiles}/{id}"), &headers, &body)
        .await;
    assert_eq!(admin.answer().await.unwrap().status, 200);
    let (answer, condition) = asked(&running, LIST, &credentials()).await;
    assert_eq!(
        (answer.status, condition),
        (401, Some(Condition::PolicyExcludesScheme))
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheme_that_is_not_let_in_is_refused_before_its_password_is_looked_at() {
    let main = json!({ "api_access_policies": { "tables": lets_in(&["oauth"]) } });
    let running = start(main, json!({})).await;
    for _ in 0..8 {
        let (answer, condition) = asked(&running, LIST, &basic(USER, "wrong")).await;
        assert_eq!(
            (answer.status, condition),
            (401, Some(Condition::PolicyExcludesScheme))
        );
        assert_eq!(
            answer.header("WWW-Authenticate"),
            Some("BEARER realm=\"Service-now\"")
        );
    }
    // Nothing was counted, and other APIs are as ever.
    let stats = "/api/now/stats/cmdb_ci_server?sysparm_count=true";
    assert_eq!(asked(&running, stats, &credentials()).await.0.status, 200);
    let (answer, condition) = asked(&running, LIST, "").await;
    assert_eq!(
        (answer.status, condition),
        (401, Some(Condition::NoCredentials))
    );
    assert_eq!(
        answer.header("WWW-Authenticate"),
        Some("BEARER realm=\"Service-now\"")
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_schemes_are_advertised_where_the_property_or_the_policy_says_so() {
    let challenges = |answer: &Answer| {
        let lines = answer.head.lines();
        let challenges = lines.filter_map(|line| line.strip_prefix("WWW-Authenticate: "));
        challenges.map(str::to_owned).collect::<Vec<_>>()
    };
    let both = [
        "BEARER realm=\"Service-now\"",
        "BASIC realm=\"Service-now\"",
    ];
    let mut policy = lets_in(&["basic", "oauth"]);
    let plain = json!({ "api_access_policies": { "tables": policy } });
    let running = start(plain.clone(), json!({})).await;
    assert_eq!(challenges(&asked(&running, LIST, "").await.0), both[..1]);
    running.shutdown().await.unwrap();
    let mut by_property = plain;
    by_property["properties"] = json!({
        "glide.security.response.authenticate.header.auth_profile.first_scheme_only": "false",
    });
    policy["advertises_all"] = json!(true);
    for main in [
        by_property,
        json!({ "api_access_policies": { "tables": policy } }),
    ] {
        let running = start(main, json!({})).await;
        assert_eq!(challenges(&asked(&running, LIST, "").await.0), both);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_of_a_version_leaves_the_path_without_one_open() {
    let mut policy = lets_in(&["oauth"]);
    policy["version"] = json!("v2");
    let main = json!({ "api_access_policies": { "second": policy } });
    let running = start(main, json!({})).await;
    let list = |base: &str| format!("{base}/table/cmdb_ci_server?sysparm_limit=1");
    for (base, status) in [
        ("/api/now", 200),
        ("/api/now/v1", 200),
        ("/api/now/v2", 401),
    ] {
        let answer = asked(&running, &list(base), &credentials()).await.0;
        assert_eq!(answer.status, status, "{base}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_hold_from_the_next_request_on() {
    let steps = json!({
        "closed": { "when": { "request": "*", "nth": 2 }, "do": [{ "deactivate_api_key": "sync" }] },
        "narrowed": { "when": { "request": "*", "nth": 4 }, "do": [{ "set_access_policy": {
            "name": "tables", "policy": lets_in(&["oauth"]),
        } }] },
    });
    let main = keyed(json!({}), lets_in(&["basic", "api_key"]));
    let running = start(main, steps).await;
    let first = asked(&running, LIST, &header(KEY)).await;
    assert_eq!(first.0.status, 200);
    let (_, condition) = asked(&running, LIST, &header(KEY)).await;
    assert_eq!(condition, Some(Condition::ApiKeyRefused));
    assert_eq!(
        asked(&running, LIST, &basic(USER, PASSWORD)).await.0.status,
        200
    );
    let (_, condition) = asked(&running, LIST, &credentials()).await;
    assert_eq!(condition, Some(Condition::PolicyExcludesScheme));
    running.shutdown().await.unwrap();
}
