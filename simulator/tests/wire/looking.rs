//! Records that are looked at from outside, whoever may see them.

use serde_json::json;

use crate::stage::{self, credentials};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_record_is_found_and_answered_like_an_absent_one() {
    let main = json!({
        "tables": { "incident": { "rows": 20 } },
        "acls": { "some": { "table": "incident", "roles": ["itil"], "condition": "sys_id>=8" } },
    });
    let running = stage::start(main, json!({})).await;
    let journalled = running.journal.entries().len();
    let all = running.matching("main", "incident", "").await.unwrap();
    assert_eq!(all.len(), 20);
    assert!(all.is_sorted() && all[0].as_str() < "8");
    let query = format!("sys_id={}", all[0]);
    let one = running.matching("main", "incident", &query).await.unwrap();
    assert_eq!(one, all[..1]);
    assert!(running.matching("main", "incidnt", "").await.is_err());
    let elsewhere = running.matching("other", "incident", "").await.unwrap();
    assert!(elsewhere.is_empty());
    assert_eq!(running.journal.entries().len(), journalled);

    let mut client = stage::plain(&running).await;
    let head = format!("{}Content-Type: application/json\r\n", credentials());
    let mut answers = Vec::new();
    for sys_id in [all[0].as_str(), "0123456789abcdef0123456789abcdef"] {
        let path = format!("/api/now/table/incident/{sys_id}");
        client
            .send("PATCH", &path, &head, r#"{"short_description":"x"}"#)
            .await;
        let answer = client.answer().await.unwrap();
        answers.push((answer.status, answer.text()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 404);
    assert!(answers[0].1.contains("No Record found"));
    running.shutdown().await.unwrap();
}
