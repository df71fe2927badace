//! No token, code or secret is ever written down, in whatever place a caller puts it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use snowproof_simulator::simulator::Options;

use super::{ACCESS, REFRESH, SECRET, bearer_of, password, post, refresh, setup, text};
use crate::stage::{self, LIST, PASSWORD};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_holds_no_token_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.jsonl");
    let given = json!({ "access_token": "valid", "refresh_token": "valid" });
    let setup = setup(json!({}), given, json!({}));
    let shown = format!("{setup:?}");
    let options = Options {
        journal_file: Some(file.clone()),
        ..Options::default()
    };
    let running = stage::try_start(setup, options).await.unwrap();
    let mut client = stage::secure(&running).await;
    let issued = post(&mut client, &refresh(REFRESH)).await;
    let issued = [
        text(&issued, "access_token"),
        text(&issued, "refresh_token"),
    ];
    let mut secrets: Vec<&str> = vec![SECRET, ACCESS, REFRESH, PASSWORD];
    secrets.extend(issued.iter().map(String::as_str));
    let _answers = (
        post(&mut client, &password()).await,
        post(
            &mut client,
            &json!({ "client_secret": issued[0] }).to_string(),
        )
        .await,
        post(
            &mut client,
            &format!("code={0}&assertion={0}&code_verifier={0}", issued[0]),
        )
        .await,
        client.get(LIST, &bearer_of(&issued[0])).await,
        client
            .get(
                &format!("{LIST}&access_token={}", issued[0]),
                &bearer_of("x"),
            )
            .await,
        client
            .get(
                &format!("/oauth_token.do?client_secret={0}&code={0}", issued[0]),
                "",
            )
            .await,
        client
            .get(&format!("/oauth_revoke_token.do?token={}", issued[0]), "")
            .await,
        client
            .get(LIST, &format!("Authentication: Bearer {}\r\n", issued[0]))
            .await,
    );
    let debug = format!("{running:?}{shown}");
    running.shutdown().await.unwrap();
    let journal = std::fs::read_to_string(file).unwrap();
    for secret in secrets {
        assert!(!journal.contains(secret), "{secret} is in the journal");
        assert!(!debug.contains(secret), "{secret} is in debug output");
    }
    assert!(journal.contains("<secret:client_secret>"));
    assert!(journal.contains("<secret:refresh_token>"));
}

/// Where nobody looks for one: headers of no meaning, parameters of no meaning, bodies of other calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_and_no_session_is_in_the_journal_wherever_it_was_sent() {
    let setup = setup(json!({}), json!({}), json!({}));
    let running = stage::try_start(setup, Options::default()).await.unwrap();
    let mut client = stage::secure(&running).await;
    let issued = post(&mut client, &password()).await;
    let token = text(&issued, "access_token");
    let begun = client.get(LIST, &bearer_of(&token)).await;
    let cookie = begun.header("set-cookie").unwrap();
    let session = cookie["JSESSIONID=".len()..].split(';').next().unwrap();
    assert_eq!(session.len(), 32, "{cookie}");
    for secret in [token.as_str(), session] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let lines = STANDARD.encode(format!("and so {secret}"));
        let (first, rest) = lines.split_at(31);
        for sent in [secret, &hex, &percent, &lines, &secret.replace('_', "%5F")] {
            let headers = format!(
                "X-Token: {sent}\r\nReferer: https://a.test/?code={sent}\r\n{}Content-Type: application/json\r\n",
                bearer_of(&token)
            );
            let target = format!("/api/now/table/incident?sysparm_fields={sent}");
            let body =
                json!({ "short_description": sent, "description": format!("{first}\n{rest}") });
            client
                .send("POST", &target, &headers, &body.to_string())
                .await;
            client.answer().await.unwrap();
            client
                .get(&format!("/api/now/table/{sent}/{sent}"), &headers)
                .await;
        }
        let said = format!("{:?}", running.journal.entries());
        for hidden in [secret, &hex, &percent, &lines, first, rest] {
            assert!(!said.contains(hidden), "{hidden}: {said}");
        }
    }
    let said = format!("{:?}", running.journal.entries());
    assert!(said.contains("<secret:token 1>") && said.contains("<secret:session "));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_issued_does_not_follow_from_the_seed() {
    let mut values = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let setup = setup(json!({}), json!({}), json!({}));
        let running = stage::try_start(setup, Options::default()).await.unwrap();
        let mut client = stage::secure(&running).await;
        let issued = post(&mut client, &password()).await;
        let cookie = issued.header("set-cookie").unwrap().to_owned();
        values.extend([
            text(&issued, "access_token"),
            text(&issued, "refresh_token"),
            cookie[..43].to_owned(),
        ]);
        running.shutdown().await.unwrap();
    }
    assert_eq!(values.len(), 6, "{values:?}");
}
