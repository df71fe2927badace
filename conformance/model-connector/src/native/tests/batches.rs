//! Creating several records by one request: each once, whatever became of the others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

const JSON: &[&str] = &["content-type: application/json"];

async fn write(
    policy: &Policy,
    responder: &Responder,
    keys: &[&str],
    state: Option<Value>,
) -> Said {
    let record = |key: &&str| json!({"correlation_id": key}).as_object().cloned();
    let settings = Settings {
        records: keys.iter().map(record).collect(),
        ..Settings::for_test(&responder.url)
    };
    run_with(policy, settings, Verb::Write, state).await
}

/// The keys of the records that a batch is to create; none where a request is no batch.
fn wanted(head: &str) -> Vec<String> {
    let Some((_, body)) = head
        .split_once("\r\n\r\n")
        .filter(|_| head.starts_with("POST"))
    else {
        return Vec::new();
    };
    let batch: Value = serde_json::from_str(body).unwrap();
    let key = |request: &Value| {
        let body = STANDARD.decode(request["body"].as_str().unwrap()).unwrap();
        let record: Value = serde_json::from_slice(&body).unwrap();
        record["correlation_id"].as_str().unwrap().to_owned()
    };
    batch["rest_requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(key)
        .collect()
}

/// The batches that arrived, by their records.
fn batches(responder: &Responder) -> Vec<String> {
    let heads = responder.heads();
    let batches = heads.iter().map(|head| wanted(head).concat());
    batches.filter(|batch| !batch.is_empty()).collect()
}

/// An answer that creates the first records, has these statuses for those that follow, and leaves
/// out the rest.
fn services(head: &str, creates: usize, then: &[u16]) -> Act {
    let (ids, created) = (
        wanted(head).len(),
        json!({"result": {"sys_id": "a"}}).to_string(),
    );
    let run = ids.min(creates + then.len());
    let serviced = |id: usize| match id.checked_sub(creates) {
        None => {
            json!({"id": id.to_string(), "status_code": 201, "body": STANDARD.encode(&created)})
        }
        Some(at) => json!({"id": id.to_string(), "status_code": then[at], "body": ""}),
    };
    let serviced: Vec<Value> = (0..run).map(serviced).collect();
    let unserviced: Vec<String> = (run..ids).map(|id| id.to_string()).collect();
    let body = json!({"serviced_requests": serviced, "unserviced_requests": unserviced});
    answer("200 OK", JSON, &body.to_string())
}

fn found(keys: &[&str]) -> Act {
    let rows: Vec<Value> = keys
        .iter()
        .map(|key| json!({"sys_id": key, "correlation_id": key}))
        .collect();
    answer("200 OK", JSON, &json!({"result": rows}).to_string())
}

#[tokio::test]
async fn what_was_not_run_is_sent_again_and_that_alone() {
    let near = |it: &&Variation| it.name == "tells-unserviced";
    let tells = NEAR_MISSES.iter().find(near).unwrap().policy();
    for (policy, outcome, sent) in [
        (brisk(), Outcome::Success, vec!["abcde", "de"]),
        (sin("forgets-unserviced"), Outcome::Success, vec!["abcde"]),
        (tells, Outcome::Partial, vec!["abcde"]),
    ] {
        let responder = Responder::start(|_, head| services(head, 3, &[])).await;
        let said = write(&policy, &responder, &["a", "b", "c", "d", "e"], None).await;
        assert_eq!(said.outcome, outcome);
        assert_eq!(batches(&responder), sent);
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_for_a_limit_comes_back_smaller() {
    let responder = Responder::start(|_, head| match wanted(head).len() {
        0..=2 => services(head, 2, &[]),
        _ => refusal("429 Too Many Requests", &[], "Rate limit exceeded", ""),
    })
    .await;
    let said = write(&brisk(), &responder, &["a", "b", "c", "d"], None).await;
    assert_eq!(said.outcome, Outcome::Success);
    assert_eq!(batches(&responder), ["abcd", "ab", "cd"]);
}

#[tokio::test]
async fn what_may_have_happened_is_looked_up() {
    for (there, last) in [(vec!["b"], "c"), (vec![], "bc")] {
        let responder = Responder::start(move |number, head| match number {
            0 => services(head, 1, &[500]),
            _ if head.starts_with("GET") => found(&there),
            _ => services(head, 9, &[]),
        })
        .await;
        let said = write(&brisk(), &responder, &["a", "b", "c"], None).await;
        assert_eq!(said.outcome, Outcome::Success, "{}", said.text);
        let batches = batches(&responder);
        assert_eq!(batches[0], "abc");
        assert_eq!(batches[1..].concat(), last);
        let query = parameter(&responder.heads()[1], "sysparm_query");
        assert_eq!(query.as_deref(), Some("correlation_idINb"));
    }
}

#[tokio::test]
async fn what_is_refused_is_told_and_the_others_are_created() {
    let responder = Responder::start(|_, head| services(head, 1, &[403, 201])).await;
    let said = write(&brisk(), &responder, &["a", "b"], None).await;
    assert_eq!(said.outcome, Outcome::Partial);
    assert!(
        said.text.contains("1 of 2 records are there"),
        "{}",
        said.text
    );
    assert_eq!(batches(&responder), ["ab"]);
}

#[tokio::test]
async fn a_run_that_goes_on_looks_before_it_writes() {
    let responder = Responder::start(|_, head| match head.starts_with("GET") {
        true => found(&["a"]),
        false => services(head, 9, &[]),
    })
    .await;
    let state = Some(json!({"under_way": ["a", "b"]}));
    let said = write(&brisk(), &responder, &["a", "b"], state).await;
    assert_eq!(said.outcome, Outcome::Success);
    assert_eq!(batches(&responder), ["b"]);
}
