//! Batches over sockets: answered as their requests alone are, and written down as one exchange.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Event};

use crate::client::Client;
use crate::stage::{self, USER, credentials, requests};

const PATH: &str = "/api/now/v1/batch";

async fn send(client: &mut Client, batch: &Value) -> Value {
    client
        .send("POST", PATH, &credentials(), &batch.to_string())
        .await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn gets(urls: &[&str]) -> Value {
    let request = |(at, url): (usize, &&str)| json!({"id": at, "method": "GET", "url": url});
    let requests: Vec<Value> = urls.iter().enumerate().map(request).collect();
    json!({"batch_request_id": "b", "rest_requests": requests})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_call_meets_its_request_meets_within_a_batch() {
    let main = json!({
        "users": { USER: { "roles": ["cmdb_read"] } },
        "broken_tables": ["problem"],
        "missing_apis": ["email"],
        "tables": {
            "cmdb_ci_server": { "rows": 12 },
            "sys_user_group": { "web_service_access": false },
        },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let urls = [
        stage::LIST,
        "/api/now/v2/table/cmdb_ci_server?sysparm_limit=2&sysparm_query=ORDERBYname",
        "/api/now/table/incident",
        "/api/now/table/sys_security_acl",
        "/api/now/stats/sys_security_acl?sysparm_count=true",
        "/api/now/table/sys_user_group",
        "/api/now/table/problem",
        "/api/now/v1/email/1",
        "/api/now/nonsense",
        "/api/now/table/nosuch",
        "/api/now/v1/table/incident",
        "/api/now/table/cmdb_ci_server?sysparm_limit=0",
    ];
    let answer = send(&mut client, &gets(&urls)).await;
    let mut statuses = Vec::new();
    for (url, serviced) in urls
        .iter()
        .zip(answer["serviced_requests"].as_array().unwrap())
    {
        let alone = client.get(url, &credentials()).await;
        assert_eq!(serviced["status_code"], alone.status, "{url}");
        let body = STANDARD.decode(serviced["body"].as_str().unwrap()).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), alone.text(), "{url}");
        for name in ["X-Total-Count", "Link"] {
            let mut headers = serviced["headers"].as_array().unwrap().iter();
            let header = headers.find(|header| header["name"] == name);
            let value = header.map(|header| header["value"].as_str().unwrap());
            assert_eq!(value, alone.header(name), "{url}");
        }
        statuses.push(alone.status);
    }
    assert_eq!(
        statuses,
        [200, 200, 200, 403, 403, 403, 500, 400, 400, 400, 404, 400]
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_one_exchange_and_tells_what_it_read() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::plain(&running).await;
    let body = STANDARD.encode(r#"{"short_description":"x"}"#);
    let one = "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_query=ORDERBYsys_id";
    let mut batch = gets(&[one, "/api/now/table/nosuch", stage::LIST]);
    batch["rest_requests"].as_array_mut().unwrap().push(json!({
        "id": "create", "method": "POST", "url": "/api/now/table/incident", "body": body,
    }));
    send(&mut client, &batch).await;
    let entries = running.journal.entries();
    let asked = requests(&entries);
    let [request] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(request.user.as_deref(), Some(USER));
    assert_eq!(request.decision.condition, Some(Condition::InvalidTable));
    assert!(
        request
            .decision
            .reason
            .starts_with("4 serviced, 0 not; request `1`")
    );
    let changed: Vec<Option<u64>> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::RecordChanged(changed) => Some(changed.request),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [Some(request.request)]);
    let outcome = stage::outcome(&running, request.request).await;
    assert!(outcome.served.is_none());
    let served = outcome.served_in_batch.iter();
    let read: Vec<_> = served
        .map(|served| (served.sys_ids.len(), served.total))
        .collect();
    assert_eq!(read, [(1, 30), (10, 30)]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_requests_count_is_refused_where_they_do_not_fit() {
    // A window that outlasts the test: nothing here waits for it.
    let rule = json!({ "limit": 4, "window": "1h", "api": "Batch API" });
    let main =
        json!({ "rate_rules": { "all": rule }, "switches": { "batch_counts": "each_request" } });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::plain(&running).await;
    let mut statuses = Vec::new();
    for size in [5, 3, 2, 1] {
        let batch = gets(
            &[
                stage::LIST,
                stage::LIST,
                stage::LIST,
                stage::LIST,
                stage::LIST,
            ][..size],
        );
        client
            .send("POST", PATH, &credentials(), &batch.to_string())
            .await;
        let answer = client.answer().await.unwrap();
        let waits = answer.header("Retry-After").is_some();
        assert_eq!(waits, answer.status == 429, "{}", answer.head);
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [429, 200, 429, 200]);
    assert_eq!(client.get(stage::LIST, &credentials()).await.status, 200);
    running.shutdown().await.unwrap();
}
