//! Tokens as records: who reads them, what changing one does, and that they outlive a restart.

use std::path::Path;

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition, Event, TokenEnd};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running};

use super::{bearer_of, ends, finished, met, password, post, refresh, setup, text};
use crate::client::{Answer, Client, basic};
use crate::stage::{self, LIST, PASSWORD, USER};

const TABLE: &str = "/api/now/table/oauth_credential";
const FIELDS: &str = "sysparm_query=ORDERBYtype&sysparm_display_value=all";

/// With an administrator beside the user.
fn setup_with(client: Value, steps: Value) -> Setup {
    let users = json!({
        USER: { "roles": ["itil"] },
        "boss": { "roles": ["admin"] },
    });
    let mut setup = setup(json!({ "users": users }), client, steps);
    setup
        .passwords
        .insert("boss".to_owned(), PASSWORD.to_owned());
    setup
}

async fn start(steps: Value) -> Running {
    let setup = setup_with(json!({}), steps);
    stage::try_start(setup, Options::default()).await.unwrap()
}

async fn start_on(file: &Path, seed: u64) -> Running {
    let mut setup = setup_with(json!({}), json!({}));
    setup.seed = seed;
    let options = Options {
        data: Some(file.to_owned()),
        ..Options::default()
    };
    stage::try_start(setup, options).await.unwrap()
}

fn boss() -> String {
    basic("boss", PASSWORD)
}

/// The records, access token first.
async fn records(client: &mut Client) -> Vec<Value> {
    let listed = client.get(&format!("{TABLE}?{FIELDS}"), &boss()).await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    listed.json()["result"].as_array().unwrap().clone()
}

async fn change(client: &mut Client, method: &str, record: &Value, body: &Value) -> Answer {
    let target = format!("{TABLE}/{}", record["sys_id"]["value"].as_str().unwrap());
    let headers = boss() + "Content-Type: application/json\r\n";
    client
        .send(method, &target, &headers, &body.to_string())
        .await;
    client.answer().await.unwrap()
}

/// What the password grant gives: access and refresh token.
async fn asked(client: &mut Client) -> (String, String) {
    let given = post(client, &password()).await;
    assert_eq!(given.status, 200, "{}", given.text());
    (text(&given, "access_token"), text(&given, "refresh_token"))
}

async fn opens(client: &mut Client, token: &str) -> bool {
    client.get(LIST, &bearer_of(token)).await.status == 200
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_reads_them_and_nobody_reads_a_value() {
    let running = start(json!({})).await;
    let mut client = stage::secure(&running).await;
    let (access, refresh) = asked(&mut client).await;
    let listed = records(&mut client).await;
    let shown = |record: &Value, name: &str| {
        let field = &record[name]["display_value"];
        field
            .as_str()
            .unwrap_or_else(|| panic!("{name}: {record}"))
            .to_owned()
    };
    for (record, kind) in listed.iter().zip(["Access Token", "Refresh Token"]) {
        assert_eq!(shown(record, "type"), kind);
        assert_eq!(shown(record, "peer"), "app");
        assert_eq!(shown(record, "user"), USER);
        assert_eq!(shown(record, "scopes"), "useraccount");
        assert_eq!(record["token"]["value"], "");
    }
    assert_eq!(listed.len(), 2);
    assert!(shown(&listed[0], "expires") < shown(&listed[1], "expires"));
    let all = serde_json::to_string(&listed).unwrap();
    assert!(!all.contains(&access) && !all.contains(&refresh), "{all}");
    // The digest is no way in either.
    let by_token = format!("{TABLE}?sysparm_query=tokenSTARTSWITH1:");
    let by_token = client.get(&by_token, &boss()).await;
    assert_eq!(by_token.rows(), 2, "the term is passed over");
    let refused = client.get(TABLE, &bearer_of(&access)).await;
    assert_eq!(refused.status, 403);
    drop(finished(running).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_deletes_the_record_ends_the_token() {
    let running = start(json!({})).await;
    let mut client = stage::secure(&running).await;
    let (access, renewing) = asked(&mut client).await;
    let listed = records(&mut client).await;
    assert!(opens(&mut client, &access).await);
    assert_eq!(
        change(&mut client, "DELETE", &listed[0], &json!({}))
            .await
            .status,
        204
    );
    assert!(!opens(&mut client, &access).await);
    // The other token of the grant lives on, and gives a token with a record of its own.
    let fresh = post(&mut client, &refresh(&renewing)).await;
    assert!(opens(&mut client, &text(&fresh, "access_token")).await);
    assert_eq!(
        change(&mut client, "DELETE", &listed[1], &json!({}))
            .await
            .status,
        204
    );
    assert_eq!(post(&mut client, &refresh(&renewing)).await.status, 401);
    assert_eq!(records(&mut client).await.len(), 1);
    // A new grant is a new token: the dead one does not come back.
    assert_ne!(asked(&mut client).await.0, access);
    let entries = finished(running).await;
    let revoked: Vec<_> = ends(&entries)
        .into_iter()
        .map(|(token, how, _)| (token, how))
        .collect();
    assert_eq!(revoked, [(1, TokenEnd::Revoked), (2, TokenEnd::Revoked)]);
    let met: Vec<_> = met(&entries)
        .into_iter()
        .filter(|(it, _)| it.is_some())
        .collect();
    let hand = Some(format!("{:?}", Cause::Hand));
    let expected = [
        (Some(Condition::AccessTokenRevoked), hand.clone()),
        (Some(Condition::RefreshTokenRevoked), hand),
        // The one that was refreshed lives on.
        (Some(Condition::TokenGivenAgain), None),
    ];
    assert_eq!(met, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_record_says_of_its_end_holds() {
    let running = start(json!({})).await;
    let mut client = stage::secure(&running).await;
    let (access, _) = asked(&mut client).await;
    let record = records(&mut client).await.remove(0);
    for (expires, open) in [
        ("2020-01-01 00:00:00", false),
        ("2999-12-31 23:59:59", true),
        ("soon", false),
        ("9999-12-31 23:59:59", true),
    ] {
        let body = json!({ "expires": expires });
        assert_eq!(
            change(&mut client, "PATCH", &record, &body).await.status,
            200
        );
        assert_eq!(opens(&mut client, &access).await, open, "{expires}");
    }
    // What else is changed ends nothing.
    let body = json!({ "name": "mine", "scopes": "" });
    assert_eq!(
        change(&mut client, "PATCH", &record, &body).await.status,
        200
    );
    assert!(opens(&mut client, &access).await);
    // A grant that renews the token says so in its record.
    assert_eq!(asked(&mut client).await.0, access);
    let renewed = records(&mut client).await.remove(0);
    assert!(renewed["expires"]["value"].as_str().unwrap() < "2999");
    let entries = finished(running).await;
    let expired: Vec<_> = ends(&entries)
        .into_iter()
        .map(|(token, how, _)| (token, how))
        .collect();
    assert_eq!(expired, [(1, TokenEnd::Expired); 2]);
    let refused = |it: &&(Option<Condition>, _)| it.0 == Some(Condition::AccessTokenExpired);
    assert_eq!(met(&entries).iter().filter(refused).count(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_marks_the_record_as_expired() {
    let running = start(json!({})).await;
    let mut client = stage::secure(&running).await;
    let (access, _) = asked(&mut client).await;
    let before = records(&mut client).await.remove(0);
    let target = format!("/oauth_revoke_token.do?token={access}");
    assert_eq!(client.get(&target, "").await.status, 200);
    let after = records(&mut client).await.remove(0);
    assert!(after["expires"]["value"].as_str() < before["expires"]["value"].as_str());
    assert!(!opens(&mut client, &access).await);
    let entries = finished(running).await;
    assert_eq!(ends(&entries).len(), 1);
    let last = met(&entries).pop().unwrap().0;
    assert_eq!(last, Some(Condition::AccessTokenRevoked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_changes_the_record_is_the_cause() {
    let steps = json!({
        "cleans-up": {
            "when": { "request": "*", "nth": 2 },
            "do": [{ "delete_records": {
                "table": "oauth_credential", "query": "type=access_token",
            } }],
        },
    });
    let running = start(steps).await;
    let mut client = stage::secure(&running).await;
    let (access, _) = asked(&mut client).await;
    assert!(!opens(&mut client, &access).await);
    let entries = finished(running).await;
    let cause = Some("Step(\"cleans-up\")".to_owned());
    assert_eq!(
        met(&entries)[1],
        (Some(Condition::AccessTokenRevoked), cause)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_outlive_a_restart_of_an_instance_that_keeps_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let running = start_on(&file, 7).await;
    let mut client = stage::secure(&running).await;
    let (access, renewing) = asked(&mut client).await;
    let second = post(&mut client, &refresh(&renewing)).await;
    let second = text(&second, "access_token");
    let third = post(&mut client, &refresh(&renewing)).await;
    let third = text(&third, "access_token");
    let target = format!("/oauth_revoke_token.do?token={second}");
    assert_eq!(client.get(&target, "").await.status, 200);
    let listed = client.get(&format!("{TABLE}?sysparm_query=ORDERBYDESCexpires^type=access_token&sysparm_display_value=all"), &boss()).await;
    assert_eq!(listed.rows(), 3);
    drop(finished(running).await);
    for secret in [&access, &renewing] {
        let kept = std::fs::read(&file).unwrap();
        let found = kept
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "the file holds a token");
    }

    // As the same instance, and as one that makes other values.
    for seed in [7, 8] {
        let running = start_on(&file, seed).await;
        let mut client = stage::secure(&running).await;
        assert!(opens(&mut client, &access).await, "{seed}");
        assert!(opens(&mut client, &third).await, "{seed}");
        assert!(!opens(&mut client, &second).await, "{seed}");
        let fresh = post(&mut client, &refresh(&renewing)).await;
        assert_eq!(text(&fresh, "refresh_token"), renewing);
        let fresh = text(&fresh, "access_token");
        assert!(![&access, &second, &third].contains(&&fresh));
        assert!(opens(&mut client, &fresh).await);
        drop(finished(running).await);
    }

    // The record of the newest token is deleted: its value is never made again.
    let running = start_on(&file, 7).await;
    let mut client = stage::secure(&running).await;
    let newest = text(
        &post(&mut client, &refresh(&renewing)).await,
        "access_token",
    );
    let all = records(&mut client).await;
    for record in all
        .iter()
        .filter(|it| it["type"]["value"] == "access_token")
    {
        assert_eq!(
            change(&mut client, "DELETE", record, &json!({}))
                .await
                .status,
            204
        );
    }
    drop(finished(running).await);
    let running = start_on(&file, 7).await;
    let mut client = stage::secure(&running).await;
    for dead in [&access, &newest, &third] {
        assert!(!opens(&mut client, dead).await);
    }
    assert_ne!(asked(&mut client).await.0, newest);
    let entries = finished(running).await;
    let unmodelled = |it: &&_| matches!(it, Event::Unmodelled(_));
    assert_eq!(
        entries
            .iter()
            .map(|it| &it.event)
            .filter(unmodelled)
            .count(),
        0
    );
}
