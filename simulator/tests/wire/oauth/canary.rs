//! No token, code or secret is ever written down, in whatever place a caller puts it.

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
