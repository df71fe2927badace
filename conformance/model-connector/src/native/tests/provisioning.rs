//! Setting an instance up to call back: once, whole, and again without a change.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;

/// An instance that keeps one record a table, but for the columns of `drops`.
async fn instance(drops: &'static [&'static str]) -> Responder {
    let kept: Mutex<BTreeMap<String, Value>> = Mutex::default();
    Responder::start(move |_, head| {
        let path = head.split(' ').nth(1).unwrap();
        let table = path.split(['?', '/']).nth(4).unwrap().to_owned();
        let mut kept = kept.lock().unwrap();
        if head.starts_with("GET") {
            let rows: Vec<Value> = kept.get(&table).cloned().into_iter().collect();
            return ok("200 OK", &json!({ "result": rows }));
        }
        let body: Value = serde_json::from_str(head.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let record = kept
            .entry(table)
            .or_insert_with(|| json!({ "sys_id": "a1" }));
        for (column, value) in body.as_object().unwrap() {
            let dropped = drops.contains(&column.as_str());
            record[column] = if dropped { "".into() } else { value.clone() };
        }
        ok("201 Created", &json!({ "result": record }))
    })
    .await
}

fn ok(status: &str, body: &Value) -> Act {
    answer(
        status,
        &["content-type: application/json"],
        &body.to_string(),
    )
}

async fn provision(policy: &Policy, responder: &Responder) -> Said {
    let settings = Settings {
        webhook_url: Some("https://hooks.example.com/x".into()),
        table: "incident".into(),
        ..Settings::for_test(&responder.url)
    };
    run_with(policy, settings, Verb::Provision, None).await
}

fn writes(responder: &Responder) -> usize {
    let heads = responder.heads();
    heads.iter().filter(|head| !head.starts_with("GET")).count()
}

#[tokio::test]
async fn what_is_there_is_left_alone() {
    let responder = instance(&[]).await;
    for written in [2, 2] {
        let said = provision(&brisk(), &responder).await;
        assert_eq!((said.outcome, said.class()), (Outcome::Success, None));
        assert_eq!(writes(&responder), written);
    }
}

#[tokio::test]
async fn a_script_that_was_left_out_is_noticed() {
    let responder = instance(&["script"]).await;
    let said = provision(&brisk(), &responder).await;
    assert_eq!(said.outcome, Outcome::Failure);
    assert_eq!(said.class(), Some("hook.denied"));
    assert_eq!(writes(&responder), 2);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_settled_by_a_look() {
    let looks = Mutex::new(0);
    let responder = Responder::start(move |_, head| {
        if !head.starts_with("GET") {
            return Act::CutAfter(String::new());
        }
        let wanted = if head.contains("sys_properties") {
            json!({"sys_id": "a", "name": "x_snowproof.callback_url", "type": "string",
                "value": "https://hooks.example.com/x"})
        } else {
            *looks.lock().unwrap() += 1;
            let mut rule = provision::rule_for_test("incident");
            rule["sys_id"] = "b".into();
            if *looks.lock().unwrap() == 1 {
                return ok("200 OK", &json!({ "result": [] }));
            }
            rule
        };
        ok("200 OK", &json!({ "result": [wanted] }))
    })
    .await;
    let said = provision(&brisk(), &responder).await;
    assert_eq!((said.outcome, writes(&responder)), (Outcome::Success, 1));
}
