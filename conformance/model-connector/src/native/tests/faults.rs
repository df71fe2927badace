//! What passing and lasting faults lead to: attempts, waits and causes.

use super::*;

#[tokio::test]
async fn refused_credentials_are_sent_once_and_a_near_miss_sends_them_twice() {
    for (policy, requests) in [
        (Policy::default(), 1),
        (
            Policy {
                replays_of_401: 1,
                ..brisk()
            },
            2,
        ),
    ] {
        for verb in [Verb::Check, Verb::Sync] {
            let responder = Responder::start(|_, _| {
                refusal("401 Unauthorized", &[], "User Not Authenticated", "x")
            })
            .await;
            let said = run_against(&policy, &responder, verb).await;
            assert_eq!(said.class(), Some("auth.invalid_credentials"));
            assert_eq!(responder.heads().len(), requests);
        }
    }
}

#[tokio::test]
async fn a_stated_wait_is_waited_for() {
    let served = keys(3);
    let responder = Responder::start(move |number, head| {
        if number == 0 {
            refusal(
                "429 Too Many Requests",
                &["retry-after: 1"],
                "Rate limit exceeded",
                "",
            )
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let begun = Instant::now();
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!((said.outcome, said.keys.len()), (Outcome::Success, 3));
    assert_eq!((said.class(), said.logs), (None, 1));
}

#[tokio::test]
async fn a_wait_beyond_patience_ends_the_run_with_one_request() {
    let responder = Responder::start(|_, _| {
        refusal(
            "429 Too Many Requests",
            &["retry-after: 3600"],
            "Rate limit exceeded",
            "",
        )
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!(said.class(), Some("throttle.rate_limit"));
    assert!(said.text.contains("3600 s"), "{}", said.text);
    assert_eq!(responder.heads().len(), 1);
}

#[tokio::test]
async fn passing_faults_are_passed_over_in_a_sync() {
    let served = keys(15);
    let responder = Responder::start(move |number, head| match number {
        0 => answer(
            "503 Service Unavailable",
            &["content-type: text/html"],
            "<html>",
        ),
        1 => Act::CutAfter("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"result\":[".into()),
        2 => Act::CutAfter(String::new()),
        4 => answer("202 Accepted", &[], ""),
        _ => table(head, &served, |_| true),
    })
    .await;
    let said = run_against(&brisk(), &responder, Verb::Sync).await;
    assert_eq!((said.outcome, said.keys), (Outcome::Success, keys(15)));
    assert_eq!(said.logs, 4);
}

#[tokio::test]
async fn attempts_end_and_the_cause_is_named() {
    for (verb, requests) in [(Verb::Sync, 5), (Verb::Check, 2)] {
        let responder = Responder::start(|_, _| {
            Act::CutAfter("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".into())
        })
        .await;
        let said = run_against(&brisk(), &responder, verb).await;
        assert_eq!(said.class(), Some("net.truncated"));
        assert_eq!(responder.heads().len(), requests);
    }
}

#[tokio::test]
async fn silence_ends_with_the_attempt() {
    for (verb, requests) in [(Verb::Sync, 5), (Verb::Check, 1)] {
        let responder = Responder::start(|_, _| Act::Silence).await;
        let settings = Settings {
            timeout: Duration::from_millis(200),
            ..Settings::for_test(&responder.url)
        };
        let said = run_with(&brisk(), settings, verb, None).await;
        assert_eq!(said.class(), Some("net.read_timeout"));
        assert_eq!(responder.heads().len(), requests);
    }
}

#[tokio::test]
async fn nobody_there_is_a_refused_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let said = run_with(&brisk(), Settings::for_test(&url), Verb::Check, None).await;
    assert_eq!(said.class(), Some("net.refused"));
}

#[tokio::test]
async fn a_hibernating_instance_is_asked_once_and_named() {
    for verb in [Verb::Check, Verb::Sync] {
        let responder = Responder::start(|_, _| {
            answer(
                "200 OK",
                &["content-type: text/html"],
                "<html>\n<title>Instance Hibernating page</title>",
            )
        })
        .await;
        let said = run_against(&Policy::default(), &responder, verb).await;
        assert_eq!(said.class(), Some("instance.hibernating"));
        assert_eq!(responder.heads().len(), 1);
        assert!(said.text.contains("developer.servicenow.com"));
    }
}
