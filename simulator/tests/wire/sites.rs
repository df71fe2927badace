//! Hosts of a set-up that are no instance, and who leads to them.

use serde_json::json;
use snowproof_simulator::journal::{Cause, Condition};
use snowproof_simulator::setup::{InstanceSetup, InstanceState, Setup};
use snowproof_simulator::simulator::{Options, Running, Simulator};

use crate::client::{Answer, Client};
use crate::stage::{self, LIST, PASSWORD, USER, credentials};

/// `main` beside a site of this kind.
fn beside(site: &str, main: serde_json::Value, steps: serde_json::Value) -> Setup {
    let mut setup = stage::setup(main, steps);
    for (name, state) in [("other", "awake"), ("site", site)] {
        let state = serde_json::from_value(json!({ "state": state })).unwrap();
        setup.instances.insert(name.to_owned(), state);
    }
    setup
}

async fn start(setup: Setup) -> Running {
    Simulator::start(setup, stage::authority(), Options::default())
        .await
        .unwrap()
}

/// Where an answer leads, below the site.
fn below_site<'a>(answer: &'a Answer, running: &Running) -> &'a str {
    let site = &running.addresses["site"];
    let origin = format!("https://{}:{}", site.host, site.https.port());
    let location = answer.header("location").unwrap();
    location.strip_prefix(&origin).unwrap()
}

/// What the site itself shows, whatever is asked of it.
async fn shown_by_site(running: &Running) -> String {
    let site = &running.addresses["site"];
    let authority = stage::authority().ca_pem();
    let mut client = Client::tls(site.https, &site.host, authority)
        .await
        .unwrap();
    let answer = client.get("/anything", &credentials()).await;
    client.send("POST", LIST, "", "{}").await;
    assert_eq!(client.answer().await.unwrap().body, answer.body);
    assert_eq!(answer.status, 200);
    for absent in ["server", "set-cookie", "x-is-logged-in", "www-authenticate"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
    answer.text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sleeping_instance_leads_to_the_developer_site_of_the_set_up() {
    let main = json!({ "state": "hibernating", "switches": { "hibernation": "redirect" } });
    let running = start(beside("developer_site", main, json!({}))).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.status, 302);
    assert_eq!(below_site(&answer, &running), "/dev.do#!/home?wu=true");
    assert!(answer.header("set-cookie").is_none());
    let outcome = stage::outcome(&running, 1).await;
    assert_eq!(outcome.condition, Some(Condition::Hibernating));
    let page = shown_by_site(&running).await;
    assert!(page.contains("Sign in to the developer site"), "{page}");
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::AnotherSite));
    running.shutdown().await.unwrap();
}

/// The form of the developer site, sent with this password: where it leads, if anywhere.
async fn signs_in(running: &Running, password: &str) -> Option<String> {
    let site = &running.addresses["site"];
    let authority = stage::authority().ca_pem();
    let mut client = Client::tls(site.https, &site.host, authority)
        .await
        .unwrap();
    let form = format!(
        "sys_action=sysverb_login&sysparm_goto_url=/dev.do&user_name={USER}&user_password={password}"
    );
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    client.send("POST", "/login.do", kind, &form).await;
    let answer = client.answer().await.unwrap();
    let to = answer.header("location")?.to_owned();
    let id = answer.head.split_once("JSESSIONID=").unwrap().1;
    let cookie = format!("Cookie: JSESSIONID={}\r\n", &id[..32]);
    let shown = client.get(&to, &cookie).await.text();
    assert!(shown.contains("You are signed in"), "{shown}");
    Some(to)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_to_the_developer_site_wakes_what_sleeps() {
    let main = json!({ "state": "hibernating", "wakes_in": "1h" });
    let mut setup = beside("developer_site", main, json!({}));
    let owner = serde_json::from_value(json!({ USER: {} })).unwrap();
    setup.instances["site"].users = Some(owner);
    let running = start(setup).await;
    let mut client = stage::secure(&running).await;
    let asleep = client.get(LIST, &credentials()).await.text();
    let site = &running.addresses["site"];
    let button = format!(
        "location.href='https://{}:{}/dev.do#!/home?wu=true';",
        site.host,
        site.https.port()
    );
    assert!(asleep.contains(&button), "{asleep}");
    // Neither a wrong password nor a look at the site wakes anybody.
    assert_eq!(signs_in(&running, "wrong").await, None);
    assert!(shown_by_site(&running).await.contains("<form"));
    let still = client.get(LIST, &credentials()).await.text();
    assert_eq!(still, asleep);
    let state = |name: &str| {
        let all = running.director.conditions().into_iter();
        all.filter(|it| it.instance == name)
            .map(|it| it.state)
            .next()
    };
    assert_eq!(signs_in(&running, PASSWORD).await.unwrap(), "/dev.do");
    let waking = client.get(LIST, &credentials()).await.text();
    assert!(waking.contains("Your instance is currently offline"));
    let outcome = stage::outcome(&running, 8).await;
    assert_eq!(outcome.condition, Some(Condition::Waking));
    assert_eq!(stage::ending(&running, 8).await.cause, Some(Cause::Hand));
    assert_eq!(state("other"), Some(InstanceState::Awake));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forced_single_sign_on_leads_to_the_form_of_the_provider() {
    let main = json!({ "redirects": { "to": "identity_provider" } });
    let running = start(beside("identity_provider", main, json!({}))).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.status, 302);
    let expected = format!("/saml2/idp/sso?RelayState={LIST}");
    assert_eq!(below_site(&answer, &running), expected);
    let page = shown_by_site(&running).await;
    assert!(page.contains("type=\"password\""), "{page}");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_forces_single_sign_on_needs_a_provider() {
    let mut setup = stage::setup(
        json!({ "redirects": { "to": "identity_provider" } }),
        json!({}),
    );
    setup
        .instances
        .insert("other".to_owned(), InstanceSetup::default());
    let started = Simulator::start(setup, stage::authority(), Options::default()).await;
    let error = started.unwrap_err().to_string();
    assert!(error.contains("no instance stands for one"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_session_can_spoil_right_credentials_once() {
    let main = json!({ "switches": { "lost_session": "refused" } });
    let steps = json!({ "lose": {
        "when": { "request": "*", "nth": 2 }, "do": ["end_sessions"],
    }});
    let running = stage::start(main, steps).await;
    let cookie = |answer: &Answer| {
        let (_, id) = answer.head.split_once("JSESSIONID=").unwrap();
        format!("Cookie: JSESSIONID={}\r\n", &id[..32])
    };
    let begun = stage::plain(&running).await.get(LIST, &credentials()).await;
    let old = credentials() + &cookie(&begun);
    let refused = stage::plain(&running).await.get(LIST, &old).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("x-is-logged-in"), Some("false"));
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(outcome.condition, Some(Condition::SessionLost));
    let cause = stage::ending(&running, 2).await.cause;
    assert_eq!(cause, Some(Cause::Step("lose".to_owned())));
    // The same call without it, and with the new one, is answered.
    for headers in [credentials(), credentials() + &cookie(&refused)] {
        assert_eq!(
            stage::plain(&running)
                .await
                .get(LIST, &headers)
                .await
                .status,
            200
        );
    }
    running.shutdown().await.unwrap();
}
