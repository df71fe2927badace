//! Creating a record: once, whatever becomes of the answer.

use super::*;
use crate::responder::rows;

const KEY: &str = "5f0c";

async fn write(policy: &Policy, responder: &Responder) -> Said {
    let record = json!({"correlation_id": KEY, "short_description": "x"});
    let settings = Settings {
        record: record.as_object().cloned(),
        ..Settings::for_test(&responder.url)
    };
    run_with(policy, settings, Verb::Write, None).await
}

/// How many of the requests create something.
fn creates(responder: &Responder) -> usize {
    let heads = responder.heads();
    heads.iter().filter(|head| head.starts_with("POST")).count()
}

fn created() -> Act {
    answer(
        "201 Created",
        &["content-type: application/json"],
        &json!({"result": {"sys_id": "a", "correlation_id": KEY}}).to_string(),
    )
}

/// Rows that a look-up shows, with this `correlation_id`.
fn found(key: &str) -> Act {
    answer(
        "200 OK",
        &["content-type: application/json", "x-total-count: 1"],
        &json!({"result": [{"sys_id": "a", "correlation_id": key}]}).to_string(),
    )
}

fn lost() -> Act {
    Act::CutAfter(String::new())
}

#[tokio::test]
async fn a_record_is_sent_as_it_was_given_and_once() {
    let responder = Responder::start(|_, _| created()).await;
    let said = write(&brisk(), &responder).await;
    assert_eq!((said.outcome, said.class()), (Outcome::Success, None));
    let heads = responder.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].contains("content-type: application/json"));
    assert!(heads[0].ends_with(r#"{"correlation_id":"5f0c","short_description":"x"}"#));
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_a_look_up() {
    for there in [true, false] {
        let responder = Responder::start(move |number, head| match (number, there) {
            (0, _) => lost(),
            (_, true) => found(KEY),
            (_, false) if head.starts_with("GET") => rows(&[], 0),
            (_, false) => created(),
        })
        .await;
        let said = write(&brisk(), &responder).await;
        assert_eq!(said.outcome, Outcome::Success);
        assert_eq!(creates(&responder), if there { 1 } else { 2 });
        let query = parameter(&responder.heads()[1], "sysparm_query");
        assert_eq!(query.as_deref(), Some("correlation_id=5f0c"));
    }
}

#[tokio::test]
async fn a_gateway_does_not_know_and_a_busy_instance_does() {
    for (status, looks) in [("502 Bad Gateway", 1), ("503 Service Unavailable", 0)] {
        let responder = Responder::start(move |number, head| match number {
            0 => answer(status, &["content-type: text/html"], "<html>"),
            _ if head.starts_with("GET") => rows(&[], 0),
            _ => created(),
        })
        .await;
        let said = write(&brisk(), &responder).await;
        assert_eq!((said.outcome, creates(&responder)), (Outcome::Success, 2));
        assert_eq!(responder.heads().len(), 2 + looks, "{status}");
    }
}

#[tokio::test]
async fn what_cannot_be_found_out_is_said() {
    // The look-up is refused, shows rows of others, or counts a row that it hides.
    for look_up in [0, 1, 2] {
        let responder = Responder::start(move |number, _| match (number, look_up) {
            (0, _) => lost(),
            (_, 0) => refusal("403 Forbidden", &[], "Insufficient rights to query", ""),
            (_, 1) => found("another"),
            _ => rows(&[], 1),
        })
        .await;
        let said = write(&brisk(), &responder).await;
        assert_eq!(said.class(), Some("data.unknown_outcome"));
        assert!(said.text.contains(KEY), "{}", said.text);
        assert_eq!(creates(&responder), 1);
    }
}

#[tokio::test]
async fn what_is_known_to_be_refused_is_named_and_not_looked_up() {
    for (policy, class) in [
        (brisk(), "authz.role"),
        (sin("replays-post-blindly"), "authz.role"),
    ] {
        let responder =
            Responder::start(|_, _| refusal("403 Forbidden", &[], "Operation Failed", "")).await;
        let said = write(&policy, &responder).await;
        assert_eq!(said.class(), Some(class));
        assert!(
            said.text.contains("creating a record in table"),
            "{}",
            said.text
        );
        assert_eq!(responder.heads().len(), 1);
    }
}

#[tokio::test]
async fn a_page_or_a_list_is_no_record() {
    for list in [true, false] {
        let responder = Responder::start(move |_, head| match list {
            true if head.starts_with("POST") => found("another"),
            true => rows(&[], 0),
            false => answer(
                "200 OK",
                &["content-type: text/html"],
                "<html>\n<title>Instance Hibernating page</title>",
            ),
        })
        .await;
        let said = write(&brisk(), &responder).await;
        assert_eq!(said.outcome, Outcome::Failure);
        assert_eq!(creates(&responder), 1);
    }
}

#[tokio::test]
async fn sins_and_near_misses_differ_where_the_answer_is_lost() {
    let near = |name: &str| {
        let near = NEAR_MISSES.iter().find(|near| near.name == name).unwrap();
        near.policy()
    };
    for (policy, sent, outcome) in [
        (sin("replays-post-blindly"), 2, Outcome::Success),
        (sin("claims-write"), 1, Outcome::Success),
        (near("leaves-unknown-writes"), 1, Outcome::Failure),
    ] {
        let responder = Responder::start(|number, _| match number {
            0 => lost(),
            _ => created(),
        })
        .await;
        let said = write(&policy, &responder).await;
        assert_eq!((creates(&responder), said.outcome), (sent, outcome));
    }
}

#[tokio::test]
async fn a_record_without_a_plain_key_is_not_sent() {
    for key in ["", "a^b", "a=b"] {
        let responder = Responder::start(|_, _| created()).await;
        let settings = Settings {
            record: json!({"correlation_id": key}).as_object().cloned(),
            ..Settings::for_test(&responder.url)
        };
        let said = run_with(&brisk(), settings, Verb::Write, None).await;
        assert_eq!(said.class(), Some("config.request_invalid"));
        assert_eq!(responder.heads().len(), 0);
    }
}

#[tokio::test]
async fn a_run_that_goes_on_looks_before_it_writes() {
    for (policy, there, sent) in [
        (brisk(), true, 0),
        (brisk(), false, 1),
        (sin("restarts-from-zero"), true, 1),
    ] {
        let responder = Responder::start(move |_, head| match there {
            _ if head.starts_with("POST") => created(),
            true => found(KEY),
            false => rows(&[], 0),
        })
        .await;
        let settings = Settings {
            record: json!({"correlation_id": KEY}).as_object().cloned(),
            ..Settings::for_test(&responder.url)
        };
        let state = Some(json!({"under_way": KEY}));
        let said = run_with(&policy, settings, Verb::Write, state).await;
        assert_eq!(
            (said.outcome, creates(&responder)),
            (Outcome::Success, sent)
        );
    }
}
