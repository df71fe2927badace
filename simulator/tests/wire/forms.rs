//! Forms of which more is sent than is read: refused, and not carried out.

use serde_json::json;
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Given, Setup};
use snowproof_simulator::simulator::{Options, Running};

use crate::client::{Answer, Client};
use crate::stage::{self, LIST, PASSWORD, USER, requests};

const ACCESS: &str = "Acc3ss-given-canary";
const LARGEST: usize = 64 * 1024;

async fn start() -> Running {
    let main = json!({ "oauth_clients": { "app": { "access_token": "valid" } } });
    let setup = Setup {
        given: Given {
            client_id: "c11ent".to_owned(),
            client_secret: "Cl1ent-s3cret-canary".to_owned(),
            access_token: ACCESS.to_owned(),
            user: USER.to_owned(),
            ..Given::default()
        },
        ..stage::setup(main, json!({}))
    };
    stage::try_start(setup, Options::default()).await.unwrap()
}

/// Sends a form that is as long as this, and what is asked for in front.
async fn sent(client: &mut Client, target: &str, form: &str, bytes: usize) -> Answer {
    let form = format!("{form}&x=");
    let form = format!("{form}{}", "a".repeat(bytes - form.len()));
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    client.send("POST", target, kind, &form).await;
    client.answer().await.unwrap()
}

/// Nothing came of it, and whoever sent it can see so.
fn refused(running: &Running, answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.header("Location"), None);
    let last = requests(&running.journal.entries()).pop().unwrap();
    assert_eq!(last.decision.condition, Some(Condition::InvalidRequest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_form_is_read_whole_or_refused() {
    let running = start().await;
    let mut client = stage::secure(&running).await;
    let form = format!("user_name={USER}&user_password={PASSWORD}&sys_action=sysverb_login");
    let answer = sent(&mut client, "/login.do", &form, LARGEST + 1).await;
    refused(&running, &answer);
    assert!(answer.text().contains("The form is too large."));
    assert_eq!(answer.header("X-Is-Logged-In"), Some("false"));
    let answer = sent(&mut client, "/login.do", &form, LARGEST).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_form_is_read_whole_or_refused() {
    let running = start().await;
    let mut client = stage::secure(&running).await;
    let form = "sysparm_goto_url=%2Fnavpage.do";
    let answer = sent(&mut client, "/logout.do", form, LARGEST + 1).await;
    refused(&running, &answer);
    let answer = sent(&mut client, "/logout.do", form, LARGEST).await;
    assert_eq!(answer.header("Location"), Some("/navpage.do"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_form_is_read_whole_or_refused() {
    let running = start().await;
    let mut client = stage::secure(&running).await;
    let form = "response_type=code&client_id=another&state=s&consent=allow";
    let answer = sent(&mut client, "/oauth_auth.do", form, LARGEST + 1).await;
    refused(&running, &answer);
    assert!(answer.text().contains("The form is too large."));
    let answer = sent(&mut client, "/oauth_auth.do", form, LARGEST).await;
    assert!(answer.text().contains("No application has this client ID"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_read_whole_or_refused() {
    let running = start().await;
    let mut client = stage::secure(&running).await;
    let form = format!("token={ACCESS}");
    let bearer = format!("Authorization: Bearer {ACCESS}\r\n");
    let target = "/oauth_revoke_token.do";
    let answer = sent(&mut client, target, &form, LARGEST + 1).await;
    refused(&running, &answer);
    assert_eq!(client.get(LIST, &bearer).await.status, 200);
    let answer = sent(&mut client, target, &form, LARGEST).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(client.get(LIST, &bearer).await.status, 401);
    running.shutdown().await.unwrap();
}
