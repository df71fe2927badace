//! What the instance does not know is refused as such: with a status of its own, never with a 500,
//! and written down so that nobody is judged by it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use snowproof_simulator::journal::{Entry, Event};

use super::{SECRET, finished, post, setup, start, text};
use crate::client::Client;
use crate::stage::{self, LIST};
use snowproof_simulator::simulator::Options;

fn unmodelled(entries: &[Entry]) -> Vec<&str> {
    let of = |entry: &'_ Entry| matches!(entry.event, Event::Unmodelled(_));
    let told = entries.iter().filter(|entry| of(entry));
    told.filter_map(|entry| match &entry.event {
        Event::Unmodelled(it) => Some(it.what.as_str()),
        _ => None,
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_implicit_grant_goes_back_to_the_application_as_unsupported() {
    let client = json!({ "redirect_url": "https://app.test/callback" });
    let running = stage::try_start(setup(json!({}), client, json!({})), Options::default())
        .await
        .unwrap();
    let mut client = stage::secure(&running).await;
    let asked = "/oauth_auth.do?response_type=token&client_id=c11ent&state=s&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback";
    let sent_on = client.get(asked, "").await;
    assert_eq!(sent_on.status, 302, "{}", sent_on.text());
    let location = sent_on.header("Location").unwrap();
    assert!(
        location.starts_with("https://app.test/callback?"),
        "{location}"
    );
    assert!(
        location.contains("error=unsupported_response_type"),
        "{location}"
    );
    assert!(
        !location.contains('#') && !location.contains("access_token"),
        "{location}"
    );
    let entries = finished(running).await;
    assert_eq!(unmodelled(&entries), ["response_type=token"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_assertion_proves_no_client() {
    let running = start(json!({}), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let form = "grant_type=client_credentials&client_id=c11ent&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let refused = post(&mut client, form).await;
    assert_eq!(
        (refused.status, text(&refused, "error").as_str()),
        (401, "server_error")
    );
    let entries = finished(running).await;
    assert_eq!(
        unmodelled(&entries),
        ["client_assertion of a token request"]
    );
}

fn jwt(header: &str) -> String {
    let claims = r#"{"iss":"c11ent","aud":"c11ent","sub":"sync.user","exp":4000000000}"#;
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(header), part(claims), part("signature"))
}

async fn read(client: &mut Client, header: &str) -> u16 {
    client.get(LIST, &format!("{header}\r\n")).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_by_a_shared_key_and_keys_by_a_url_prove_nothing() {
    let running = start(json!({}), json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    for header in [
        r#"{"alg":"HS256","kid":"k","typ":"JWT"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"RS256","kid":"k","jku":"https://elsewhere.test/keys"}"#,
        r#"{"alg":"RS256","x5u":"https://elsewhere.test/keys"}"#,
    ] {
        let token = jwt(header);
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=c11ent&client_secret={SECRET}&assertion={token}"
        );
        let refused = post(&mut client, &form).await;
        assert_eq!(
            (refused.status, text(&refused, "error").as_str()),
            (401, "server_error"),
            "{header}"
        );
        assert_eq!(
            read(&mut client, &format!("Authorization: Bearer {token}")).await,
            401
        );
    }
    // The schemes of other products, and what no scheme is.
    for scheme in [
        "HMAC key:signature",
        "hmac-sha256 abc",
        "Digest username=\"x\"",
        "AWS4-HMAC-SHA256 x",
        "Negotiate YII=",
    ] {
        assert_eq!(
            read(&mut client, &format!("Authorization: {scheme}")).await,
            401,
            "{scheme}"
        );
    }
    drop(finished(running).await);
}
