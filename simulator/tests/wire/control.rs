//! The control plane over sockets.

use serde_json::{Value, json};
use snowproof_simulator::control::{ControlPlane, Further, Token};
use snowproof_simulator::simulator::Running;

use crate::stage::{self, LIST, credentials};

async fn plane(running: &Running) -> (ControlPlane, reqwest::Client, String) {
    let token = Token::random();
    let secret = token.reveal().to_owned();
    let plane = ControlPlane::start(running, None, token).await.unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    (plane, client, secret)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_needs_the_token_and_leaves_no_trace() {
    let running = stage::start(json!({}), json!({})).await;
    let (plane, client, _) = plane(&running).await;
    let url = |path: &str| format!("http://{}{path}", plane.address);
    let health = client.get(url("/health")).send().await.unwrap();
    assert_eq!(health.status(), 200);
    for path in ["/journal", "/conditions"] {
        let without = client.get(url(path)).send().await.unwrap();
        assert_eq!(without.status(), 401);
        let wrong = client
            .get(url(path))
            .bearer_auth("wrong")
            .send()
            .await
            .unwrap();
        assert_eq!(wrong.status(), 401);
        let body: Value = serde_json::from_str(&wrong.text().await.unwrap()).unwrap();
        assert_eq!(body["error"], "this is not the token");
    }
    assert_eq!(running.journal.entries(), []);
    plane.shutdown().await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_changes_conditions_and_fires_steps() {
    let steps = json!({ "wake": { "when": { "request": "NEVER /" }, "do": ["wake"] } });
    let running = stage::start(json!({}), steps).await;
    let (plane, client, token) = plane(&running).await;
    let url = |path: &str| format!("http://{}{path}", plane.address);
    let post = |path: &str, body: &str| {
        client
            .post(url(path))
            .bearer_auth(&token)
            .body(body.to_owned())
            .send()
    };
    assert_eq!(
        post("/conditions", "\"hibernate\"").await.unwrap().status(),
        200
    );
    let asleep = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(asleep.header("Content-Type"), Some("text/html"));
    let conditions = client
        .get(url("/conditions"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let conditions: Value = serde_json::from_str(&conditions.text().await.unwrap()).unwrap();
    assert_eq!(conditions[0]["state"], "hibernating");
    assert_eq!(
        conditions[0]["changes"],
        json!([{ "what": "state", "by": "hand" }])
    );

    assert_eq!(post("/steps/wake/fire", "").await.unwrap().status(), 200);
    let awake = stage::plain(&running).await.get(LIST, &credentials()).await;
    assert_eq!(awake.rows(), 10);

    for (path, body, status, words) in [
        (
            "/steps/nap/fire",
            "",
            404,
            "there is no step `nap`; the steps are `wake`",
        ),
        (
            "/conditions",
            "\"explode\"",
            400,
            "unknown variant `explode`",
        ),
        (
            "/conditions?instance=x",
            "\"wake\"",
            422,
            "there is no instance `x`; the instances are `main`",
        ),
        ("/conditions", "{\"lock_user\":\"nobody\"}", 422, "nobody"),
        (
            "/conditions",
            "{\"stall\":{}}",
            422,
            "`stall` concerns a request",
        ),
        ("/elsewhere", "", 404, "no such path"),
    ] {
        let answer = post(path, body).await.unwrap();
        assert_eq!(answer.status(), status, "{path} {body}");
        let text = answer.text().await.unwrap();
        let said: Value = serde_json::from_str(&text).unwrap();
        assert!(said["error"].as_str().unwrap().contains(words), "{text}");
    }
    plane.shutdown().await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_can_be_read_from_any_entry() {
    let running = stage::start(json!({}), json!({})).await;
    let (plane, client, token) = plane(&running).await;
    stage::plain(&running).await.get(LIST, &credentials()).await;
    let read = |from: &str| {
        client
            .get(format!("http://{}/journal{from}", plane.address))
            .bearer_auth(&token)
            .send()
    };
    let whole = read("").await.unwrap().text().await.unwrap();
    let first: Value = serde_json::from_str(whole.lines().next().unwrap()).unwrap();
    assert_eq!(first["journal"], "snowproof.journal/1");
    let later = read("?from=2").await.unwrap().text().await.unwrap();
    let second: Value = serde_json::from_str(later.lines().next().unwrap()).unwrap();
    assert_eq!(second["seq"], 2);
    plane.shutdown().await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_answer_their_own_paths_and_the_plane_turns_to_another_simulator() {
    let (first, second) = (
        stage::start(json!({}), json!({})).await,
        stage::start(json!({}), json!({})).await,
    );
    let (calls, mut called) = tokio::sync::mpsc::channel(1);
    let names = &["weigh", "refuse", "ignore"];
    let further = Further { names, calls };
    let token = Token::random();
    let secret = token.reveal().to_owned();
    let plane = ControlPlane::start_with(&first, None, token, Some(further));
    let plane = plane.await.unwrap();
    let answering = tokio::spawn(async move {
        while let Some(call) = called.recv().await {
            match call.name {
                "weigh" => call.grant(json!({ "grams": 3 })),
                "refuse" => call.fail("the scales are broken"),
                _ => drop(call),
            }
        }
    });
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let client = client.build().unwrap();
    let post = async |path: &str, token: &str| {
        let url = format!("http://{}{path}", plane.address);
        let answer = client.post(url).bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        (status, body)
    };
    assert_eq!(post("/weigh", "wrong").await.0, 401);
    assert_eq!(post("/weigh", &secret).await, (200, json!({ "grams": 3 })));
    let (status, body) = post("/refuse", &secret).await;
    assert_eq!(
        (status, &body["error"]),
        (500, &json!("the scales are broken"))
    );
    assert_eq!(post("/ignore", &secret).await.0, 503);
    let (status, body) = post("/measure", &secret).await;
    assert_eq!(status, 404);
    assert!(
        body["error"].as_str().unwrap().ends_with("`POST /ignore`"),
        "{body}"
    );

    plane.turn_to(&second);
    assert_eq!(post("/steps/nap/fire", &secret).await.0, 404);
    stage::plain(&second).await.get(LIST, &credentials()).await;
    let journal = client.get(format!("http://{}/journal", plane.address));
    let journal = journal.bearer_auth(&secret).send().await.unwrap();
    let journal = journal.text().await.unwrap();
    assert!(journal.contains("\"request\""), "{journal}");
    plane.shutdown().await;
    answering.await.unwrap();
    first.shutdown().await.unwrap();
    second.shutdown().await.unwrap();
}
