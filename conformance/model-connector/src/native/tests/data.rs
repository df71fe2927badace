//! Which records are delivered, and how often.

use super::*;

#[tokio::test]
async fn a_healthy_check_and_sync_say_nothing_but_success() {
    let all = keys(25);
    let served = all.clone();
    let responder = Responder::start(move |_, head| table(head, &served, |_| true)).await;
    let check = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert_eq!((check.outcome, check.class()), (Outcome::Success, None));
    assert_eq!(responder.heads().len(), 1);
    let sync = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!((sync.outcome, sync.class()), (Outcome::Success, None));
    assert_eq!(sync.keys, all);
    assert_eq!((sync.states.len(), sync.logs), (3, 0));
    for head in responder.heads() {
        assert!(
            head.to_ascii_lowercase()
                .contains("\r\nauthorization: basic ")
        );
        assert!(!head.to_ascii_lowercase().contains("cookie"));
    }
}

#[tokio::test]
async fn hidden_rows_shorten_pages_and_lose_nothing() {
    let all = keys(95);
    let served = all.clone();
    let visible = |at: usize| !(20..60).contains(&at) && at % 10 != 3;
    let responder = Responder::start(move |_, head| table(head, &served, visible)).await;
    let expected: Vec<String> = all
        .into_iter()
        .enumerate()
        .filter(|(at, _)| visible(*at))
        .map(|(_, key)| key)
        .collect();
    for policy in [
        Policy::default(),
        Policy {
            paging: crate::policy::Paging::Offset,
            ..Policy::default()
        },
    ] {
        let said = run_against(&policy, &responder, Verb::Sync).await;
        assert_eq!(said.keys, expected);
        assert_eq!(
            (said.outcome, said.class()),
            (Outcome::Partial, Some("data.partial"))
        );
        assert!(said.text.contains("46 of 95 records"), "{}", said.text);
    }
}

#[tokio::test]
async fn a_check_looks_twice_before_it_claims_that_nothing_is_visible() {
    let served = keys(30);
    let responder = Responder::start({
        let served = served.clone();
        move |_, head| table(head, &served, |at| at == 4)
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert_eq!(said.outcome, Outcome::Success);
    let blind = Responder::start(move |_, head| table(head, &served, |_| false)).await;
    for verb in [Verb::Check, Verb::Sync] {
        let said = run_against(&Policy::default(), &blind, verb).await;
        assert_eq!(
            (said.outcome, said.class()),
            (Outcome::Failure, Some("authz.nothing_visible"))
        );
    }
    let empty = Responder::start(|_, head| table(head, &[], |_| true)).await;
    for verb in [Verb::Check, Verb::Sync] {
        let said = run_against(&Policy::default(), &empty, verb).await;
        assert_eq!((said.outcome, said.class()), (Outcome::Success, None));
    }
}

#[tokio::test]
async fn a_cancelled_query_is_repeated_with_fewer_rows() {
    let served = keys(25);
    let responder = Responder::start(move |_, head| {
        if parameter(head, "sysparm_limit").is_some_and(|limit| limit.len() > 1) {
            let cut = r#"{"result":[{"sys_id":"0"},],"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#;
            answer("200 OK", &["content-type: application/json"], cut)
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!((said.outcome, said.keys), (Outcome::Success, keys(25)));
    let hopeless = Responder::start(|_, _| {
        let cut =
            r#"{"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#;
        answer("200 OK", &["content-type: application/json"], cut)
    })
    .await;
    let said = run_against(&Policy::default(), &hopeless, Verb::Sync).await;
    assert_eq!(said.class(), Some("throttle.execution_quota"));
    assert_eq!(hopeless.heads().len(), 4);
}

#[tokio::test]
async fn a_resumed_sync_delivers_the_rest_and_nothing_twice() {
    let all = keys(47);
    let served = all.clone();
    let responder = Responder::start(move |_, head| table(head, &served, |at| at != 30)).await;
    let settings = Settings::for_test(&responder.url);
    let whole = run_with(&Policy::default(), settings.clone(), Verb::Sync, None).await;
    let (end, states) = whole.states.split_last().unwrap();
    for (page, state) in states.iter().enumerate() {
        let rest = run_with(
            &Policy::default(),
            settings.clone(),
            Verb::Sync,
            Some(state.clone()),
        )
        .await;
        let delivered = whole.keys.len() - rest.keys.len();
        assert_eq!(whole.keys[delivered..], rest.keys, "after page {page}");
        assert!(page == 0 || delivered > 10, "page {page}: {delivered}");
        assert_eq!(rest.class(), Some("data.partial"));
    }
    // Behind the end begins the next run; without a date of the instance's it reads everything.
    let end = Some(end.clone());
    let next = run_with(&Policy::default(), settings.clone(), Verb::Sync, end).await;
    assert_eq!(next.keys, whole.keys);
    let foreign = Some(json!({"cursor": 7}));
    let refused = run_with(&Policy::default(), settings, Verb::Sync, foreign).await;
    assert_eq!(refused.outcome, Outcome::Failure);
}

#[tokio::test]
async fn an_instance_that_ignores_the_key_does_not_loop() {
    let responder = Responder::start(|_, _| crate::responder::rows(&keys(10), 100)).await;
    let said = run_against(&Policy::default(), &responder, Verb::Sync).await;
    assert_eq!(said.outcome, Outcome::Failure);
    assert_eq!(responder.heads().len(), 2);
}
