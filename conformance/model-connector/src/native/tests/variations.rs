//! Sins that are seen in what is delivered and said.

use super::*;

#[tokio::test]
async fn no_secret_is_said_unless_that_is_the_sin() {
    let echo = |_: usize, head: &str| refusal("403 Forbidden", &[], "not for correct horse", head);
    let responder = Responder::start(echo).await;
    let said = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert!(!said.text.contains("correct horse"), "{}", said.text);
    assert!(
        responder
            .heads()
            .iter()
            .all(|head| !head.contains("correct"))
    );
    let careless = sin("prints-password");
    let said = run_against(&careless, &responder, Verb::Check).await;
    assert!(said.text.contains("correct horse"));
    run_against(&sin("password-in-url"), &responder, Verb::Check).await;
    let last = responder.heads().pop().unwrap();
    assert_eq!(
        parameter(&last, "password").as_deref(),
        Some("correct horse")
    );
}

#[tokio::test]
async fn sins_of_delivery_do_what_they_say() {
    let served = keys(25);
    let responder = Responder::start({
        let served = served.clone();
        move |_, head| table(head, &served, |at| at != 3)
    })
    .await;
    let twice = Policy {
        delivery: Delivery::LastPageTwice,
        ..Policy::default()
    };
    let said = run_against(&twice, &responder, Verb::Sync).await;
    assert_eq!(said.keys.len(), 24 + 5);
    let short = run_against(&sin("stops-on-short-page"), &responder, Verb::Sync).await;
    assert_eq!(short.keys.len(), 9);
    let late = Policy {
        checkpoints: Checkpoints::OnePageBehind,
        ..Policy::default()
    };
    let said = run_against(&late, &responder, Verb::Sync).await;
    let settings = Settings::for_test(&responder.url);
    let again = run_with(&late, settings, Verb::Sync, Some(said.states[1].clone())).await;
    assert_eq!(again.keys[0], said.keys[9]);

    let broken = Responder::start(move |number, head| {
        if number == 1 {
            Act::CutAfter(String::new())
        } else {
            table(head, &served, |_| true)
        }
    })
    .await;
    let skips = Policy {
        failed_page: FailedPage::Skip,
        ..Policy::default()
    };
    let said = run_against(&skips, &broken, Verb::Sync).await;
    assert_eq!(said.keys.len(), 15);
}

#[tokio::test]
async fn sins_of_speech_do_what_they_say() {
    let responder =
        Responder::start(|_, _| refusal("401 Unauthorized", &[], "User Not Authenticated", ""))
            .await;
    for (name, outcome, class) in [
        ("says-success-on-failure", Some(Outcome::Success), true),
        ("silent-failure", Some(Outcome::Success), false),
        ("vanishes-on-failure", None, false),
    ] {
        let said = run_against(&sin(name), &responder, Verb::Check).await;
        assert_eq!(
            said.result.as_ref().map(|result| result.outcome),
            outcome,
            "{name}"
        );
        assert_eq!(said.class().is_some(), class, "{name}");
    }
    let said = run_against(&sin("vague-words"), &responder, Verb::Check).await;
    let diagnosis = said.result.unwrap().diagnosis.unwrap();
    assert_eq!(diagnosis.message, "the request failed");
    let before = responder.heads().len();
    run_against(&sin("keeps-talking-after-result"), &responder, Verb::Check).await;
    assert_eq!(responder.heads().len(), before + 3);
}

#[tokio::test]
async fn switched_off_checks_are_told_unless_that_is_the_sin() {
    let responder = Responder::start(|_, head| table(head, &keys(1), |_| true)).await;
    for (policy, class) in [
        (Policy::default(), Some("tls.verification_off")),
        (sin("hides-verify-off"), None),
    ] {
        let settings = Settings {
            verify: false,
            ..Settings::for_test(&responder.url)
        };
        let said = run_with(&policy, settings, Verb::Check, None).await;
        assert_eq!((said.outcome, said.class()), (Outcome::Success, class));
    }
}

#[tokio::test]
async fn a_recovered_run_is_quiet_unless_that_is_the_sin() {
    for (complains, class) in [(false, None), (true, Some("net.closed"))] {
        let served = keys(3);
        let responder = Responder::start(move |number, head| {
            if number == 0 {
                Act::CutAfter(String::new())
            } else {
                table(head, &served, |_| true)
            }
        })
        .await;
        let policy = Policy {
            tells_recovered: complains,
            ..brisk()
        };
        let said = run_against(&policy, &responder, Verb::Sync).await;
        assert_eq!((said.outcome, said.keys.len()), (Outcome::Success, 3));
        assert_eq!(said.class(), class);
    }
}
