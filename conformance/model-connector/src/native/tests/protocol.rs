//! The conversation itself: hello, run, stop, end of input.

use super::*;

#[tokio::test]
async fn the_protocol_is_spoken_from_hello_to_the_end_of_input() {
    let (sender, mut lines) = mpsc::channel(4);
    let run = json!({"type": "run", "run_id": "r7", "verb": "check", "parameters": {
        "base_url": "http://plain.example", "user": "u", "password": "p"}});
    sender.send(Ok(run.to_string())).await.unwrap();
    drop(sender);
    let mut out = Vec::new();
    let code = converse(
        &Policy::default(),
        &mut lines,
        &mut out,
        std::future::pending(),
    )
    .await
    .unwrap();
    assert_eq!(code, 1);
    let said: Vec<FromConnector> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(matches!(&said[0], FromConnector::Hello(hello) if hello.capabilities.len() > 10));
    assert!(matches!(&said[1], FromConnector::Result(result)
        if result.run_id == "r7" && result.diagnosis.as_ref().unwrap().class == "config.url"));
    assert_eq!(said.len(), 2);
}

#[tokio::test]
async fn who_vanishes_leaves_at_once_and_without_a_result() {
    let (sender, mut lines) = mpsc::channel(4);
    let run = json!({"type": "run", "run_id": "r7", "verb": "check", "parameters": {
        "base_url": "http://plain.example", "user": "u", "password": "p"}});
    sender.send(Ok(run.to_string())).await.unwrap();
    let mut out = Vec::new();
    let code = converse(
        &sin("vanishes-on-failure"),
        &mut lines,
        &mut out,
        std::future::pending(),
    )
    .await
    .unwrap();
    // Its input is still open.
    drop(sender);
    assert_eq!(code, 1);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[tokio::test]
async fn unreadable_messages_end_it_without_repeating_them() {
    let (sender, mut lines) = mpsc::channel(4);
    sender
        .send(Ok("{\"password\":\"hunter2\"".to_owned()))
        .await
        .unwrap();
    let mut out = Vec::new();
    let error = converse(
        &Policy::default(),
        &mut lines,
        &mut out,
        std::future::pending(),
    )
    .await
    .unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_wish_to_stop_ends_waiting_with_a_result() {
    let responder = Responder::start(|_, _| {
        refusal(
            "429 Too Many Requests",
            &["retry-after: 50"],
            "Rate limit exceeded",
            "",
        )
    })
    .await;
    let policy = Policy::default();
    let settings = Settings::for_test(&responder.url);
    let client = Client::new(&settings, &policy).await.unwrap();
    let stopper = Stopper::new();
    let stop = stopper.watch();
    let mut out = Vec::new();
    let voice = Voice::new(&mut out, "r1", &policy);
    stopper.raise();
    let outcome = conduct(Verb::Sync, None, &client, &voice, &stop)
        .await
        .unwrap();
    let said = Said::read(&out, outcome);
    assert_eq!(
        (said.outcome, said.class()),
        (Outcome::Partial, Some("data.partial"))
    );
}

#[test]
fn unknown_sins_are_refused_with_the_known_ones() {
    let options = Options {
        sin: Some("sloth".into()),
        ..Options::default()
    };
    let refusal = policy(&options).unwrap_err();
    assert!(
        refusal.contains("`sloth`") && refusal.contains("hot-loop"),
        "{refusal}"
    );
    for name in SINS
        .iter()
        .chain(NEAR_MISSES)
        .map(|variation| variation.name)
    {
        assert!(listing().contains(name));
    }
}
