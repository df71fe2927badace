//! The Batch API: what its requests are answered, in which order, and where it stops.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;
use snowproof_simulator::setup::CancelledWrite;

use crate::instance::{BASE, Instance, json as body};

const PATH: &str = "/api/now/v1/batch";

fn desk() -> Instance {
    Instance::new(json!({
        "users": {"agent": {"roles": ["itil"]}, "nobody": {}},
        "tables": {"cmdb_ci_server": {"rows": 12}},
    }))
}

async fn send(instance: &Instance, user: &str, headers: &[(&str, &str)], batch: &Value) -> Reply {
    let text = batch.to_string();
    instance
        .call(user, Method::POST, PATH, headers, text.as_str())
        .await
}

async fn batch(instance: &Instance, user: &str, requests: Value) -> Reply {
    let batch = json!({"batch_request_id": 1, "rest_requests": requests});
    send(instance, user, &[], &batch).await
}

fn get(id: &str, url: &str) -> Value {
    json!({"id": id, "method": "GET", "url": url})
}

fn packed(text: &str) -> String {
    STANDARD.encode(text)
}

fn unpacked(serviced: &Value) -> String {
    let bytes = STANDARD.decode(serviced["body"].as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn statuses(reply: &Reply) -> Vec<u64> {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let serviced = body(reply)["serviced_requests"].take();
    let each = serviced.as_array().unwrap().iter();
    each.map(|each| each["status_code"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn an_answer_has_the_documented_shape() {
    let instance = desk();
    let mut long = packed(r#"{"urgency":"1","short_description":"Printer on fire"}"#);
    long.insert_str(20, "\n          ");
    let reply = batch(
        &instance,
        "agent",
        json!([
            {
                "id": "11", "method": "GET",
                "url": "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_fields=name&sysparm_query=ORDERBYname",
                "headers": [{"name": "Accept", "value": "application/json"}],
            },
            {
                "id": 12, "method": "POST", "url": "/api/now/table/incident?sysparm_fields=number,urgency",
                "exclude_response_headers": true, "body": long,
            },
            get("13", "/api/now/table/no_such_table"),
        ]),
    )
    .await;
    assert_eq!(reply.condition, Some(Condition::InvalidTable));
    let mut answer = body(&reply);
    for serviced in answer["serviced_requests"].as_array_mut().unwrap() {
        assert!(serviced["execution_time"].is_u64());
        serviced["execution_time"] = json!(0);
        serviced["body"] = json!(unpacked(serviced));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap());
}

#[tokio::test]
async fn requests_run_in_order_and_what_they_change_refers_to_the_batch() {
    let instance = desk();
    let id = "0123456789abcdef0123456789abcdef";
    let one = format!("/api/now/table/incident/{id}");
    let create = packed(&json!({"sys_id": id, "urgency": "3"}).to_string());
    let reply = batch(
        &instance,
        "agent",
        json!([
            get("before", &one),
            {"id": "create", "method": "POST", "url": "/api/now/table/incident", "body": create},
            {"id": "change", "method": "patch", "url": one, "body": packed(r#"{"urgency":"1"}"#)},
            get("after", &one),
            {"id": "delete", "method": "DELETE", "url": one},
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [404, 201, 200, 200, 204]);
    let serviced = body(&reply)["serviced_requests"].take();
    assert!(unpacked(&serviced[3]).contains(r#""urgency":"1""#));
    assert_eq!(serviced[4]["body"], "");
    let location = serviced[1]["headers"].as_array().unwrap().iter();
    let location = location.filter(|header| header["name"] == "Location");
    let location: Vec<&Value> = location.map(|header| &header["value"]).collect();
    assert_eq!(location, [&json!(format!("{BASE}{one}"))]);
    let changes = instance.committed.lock().unwrap();
    assert_eq!(changes.len(), 4, "a deletion is kept");
    assert!(changes.iter().all(|change| change.request == Some(1)));
}

#[tokio::test]
async fn each_request_meets_the_access_controls_and_the_state_of_its_table() {
    let mut instance = desk();
    instance.broken_tables.insert("problem".to_owned());
    instance.missing_apis = serde_json::from_value(json!(["stats"])).unwrap();
    let reply = batch(
        &instance,
        "nobody",
        json!([
            get("hidden", "/api/now/table/cmdb_ci_server"),
            get("refused", "/api/now/table/sys_db_object"),
            {"id": "write", "method": "POST", "url": "/api/now/table/incident", "body": packed("{}")},
            get("broken", "/api/now/table/problem"),
            get("missing", "/api/now/stats/incident?sysparm_count=true"),
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [200, 403, 403, 500, 400]);
    let serviced = body(&reply)["serviced_requests"].take();
    assert_eq!(unpacked(&serviced[0]), r#"{"result":[]}"#);
    assert!(unpacked(&serviced[2]).contains("ACL Exception Insert Failed"));
    assert!(instance.committed.lock().unwrap().is_empty());
    assert_eq!(reply.condition, Some(Condition::RowsHidden));
}

#[tokio::test]
async fn headers_of_a_request_choose_its_method_and_the_form_of_its_refusal() {
    let instance = desk();
    let xml = json!([{"name": "Accept", "value": "application/xml"}]);
    let get_by_post = json!([{"name": "X-HTTP-Method-Override", "value": "GET"}]);
    let list = "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_fields=name";
    let reply = batch(
        &instance,
        "nobody",
        json!([
            {"id": "refused", "method": "GET", "url": "/api/now/table/sys_db_object", "headers": xml},
            {"id": "unknown", "method": "GET", "url": "/api/now/v1/batch", "headers": xml},
            {"id": "read", "method": "POST", "url": list, "headers": get_by_post},
            {"id": "head", "method": "HEAD", "url": "/api/now/table/sys_db_object"},
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [403, 400, 200, 403]);
    let serviced = body(&reply)["serviced_requests"].take();
    for refusal in &serviced.as_array().unwrap()[..2] {
        let text = unpacked(refusal);
        assert!(text.starts_with("<?xml"), "{text}");
        let said = json!({"name": "Content-Type", "value": "application/xml; charset=UTF-8"});
        assert!(refusal["headers"].as_array().unwrap().contains(&said));
    }
    assert_eq!(unpacked(&serviced[2]), r#"{"result":[]}"#);
    assert_eq!(serviced[3]["body"], "");
    assert!(instance.committed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn bytes_go_through_a_batch_as_they_are() {
    let instance = desk();
    let one = "/api/now/table/incident?sysparm_limit=1&sysparm_fields=sys_id";
    let incident = crate::instance::column(&instance.get("agent", one).await, "sys_id").remove(0);
    let bytes: Vec<u8> = (0..=255).collect();
    let upload = format!(
        "/api/now/attachment/file?table_name=incident&table_sys_id={incident}&file_name=a.bin"
    );
    let kind = json!([{"name": "Content-Type", "value": "application/octet-stream"}]);
    let file = STANDARD.encode(&bytes);
    let reply = batch(
        &instance,
        "agent",
        json!([{"id": "1", "method": "POST", "url": upload, "headers": kind, "body": file}]),
    )
    .await;
    assert_eq!(statuses(&reply), [201]);
    let meta = unpacked(&body(&reply)["serviced_requests"][0]);
    let meta: Value = serde_json::from_str(&meta).unwrap();
    let id = meta["result"]["sys_id"].as_str().unwrap();
    let file = format!("/api/now/attachment/{id}/file");
    let reply = batch(&instance, "agent", json!([get("1", &file)])).await;
    let read = body(&reply)["serviced_requests"][0]["body"].take();
    assert_eq!(STANDARD.decode(read.as_str().unwrap()).unwrap(), bytes);
}

#[tokio::test]
async fn urls_lead_to_the_instance_alone() {
    let instance = desk();
    let reply = batch(
        &instance,
        "agent",
        json!([
            get("absolute", &format!("{BASE}/api/now/table/incident")),
            get("elsewhere", "https://example.com/"),
            get("relative", "api/now/table/incident"),
            get("unknown", "/api/now/nonsense"),
            get("nested", "/api/now/v1/batch"),
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [400; 5]);
    assert_eq!(reply.unmodelled, ["a batch within a batch"]);
    for serviced in body(&reply)["serviced_requests"].as_array().unwrap() {
        let text = unpacked(serviced);
        assert!(text.contains("Requested URI does not represent any resource"));
    }
}

#[tokio::test]
async fn a_request_over_a_size_ends_the_batch() {
    let instance = desk();
    let large = packed(&" ".repeat(5 * 1_048_576 + 1));
    let me = "/api/now/table/sys_user?sysparm_limit=1";
    let reply = batch(
        &instance,
        "agent",
        json!([
            get("1", me),
            {"id": "2", "method": "POST", "url": "/api/now/table/incident", "body": large},
            get("3", me),
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [200]);
    assert_eq!(body(&reply)["unserviced_requests"], json!(["2", "3"]));

    let text = "x".repeat(700_000);
    let create = json!({"description": text, "work_notes": "none"}).to_string();
    let wide =
        "/api/now/table/incident?sysparm_fields=description&sysparm_query=descriptionSTARTSWITHxx";
    let requests = json!([
        {"id": "1", "method": "POST", "url": "/api/now/table/incident?sysparm_fields=number", "body": packed(&create)},
        {"id": "2", "method": "POST", "url": "/api/now/table/incident?sysparm_fields=number", "body": packed(&create)},
        get("3", wide),
        get("4", me),
    ]);
    let asked = json!({"batch_request_id": "b", "rest_requests": requests});
    let headers = [("x-batchrequest-max-output-size", "1")];
    let reply = send(&instance, "agent", &headers, &asked).await;
    assert_eq!(statuses(&reply), [201, 201]);
    assert_eq!(body(&reply)["unserviced_requests"], json!(["3", "4"]));
    let whole = batch(&instance, "agent", json!([get("3", wide), get("4", me)])).await;
    assert_eq!(statuses(&whole), [200, 200]);
}

#[tokio::test]
async fn too_many_requests_and_too_many_rows_are_left_over() {
    let mut instance = desk();
    let one = "/api/now/table/sys_user?sysparm_limit=1";
    let many: Vec<Value> = (0..1003)
        .map(|id| get(&id.to_string(), "/api/now/x"))
        .collect();
    let reply = batch(&instance, "agent", json!(many)).await;
    assert_eq!(statuses(&reply).len(), 1000);
    assert_eq!(
        body(&reply)["unserviced_requests"],
        json!(["1000", "1001", "1002"])
    );

    // Sixty seconds are worth 20 rows, so the batch's thirty are worth 10.
    instance.query_quota = Some(20);
    let page = "/api/now/table/cmdb_ci_server?sysparm_limit=6";
    let requests = json!([get("1", page), get("2", page), get("3", one)]);
    let reply = batch(&instance, "agent", requests).await;
    assert_eq!(statuses(&reply), [200, 500]);
    let answer = body(&reply);
    assert_eq!(answer["unserviced_requests"], json!(["3"]));
    assert_eq!(reply.condition, Some(Condition::QueryCancelled));
    let cancelled = unpacked(&answer["serviced_requests"][1]);
    let cancelled: Value = serde_json::from_str(&cancelled).unwrap();
    let message = "Transaction cancelled: maximum execution time exceeded";
    assert_eq!(cancelled["error"]["message"], message);
    let detail = cancelled["error"]["detail"].as_str().unwrap();
    assert!(detail.starts_with(message), "{detail}");
}

#[tokio::test]
async fn a_batch_of_more_writes_than_it_has_time_for_is_cut_short() {
    let create = |id: u32| {
        let record = json!({"correlation_id": format!("late-{id}")}).to_string();
        json!({"id": id, "method": "POST", "url": "/api/now/table/incident", "body": packed(&record)})
    };
    for (becomes, found) in [(None, 2), (Some(CancelledWrite::Committed), 3)] {
        let mut instance = desk();
        instance.batch_quota = Some(2);
        instance.switches.cancelled_write = becomes;
        let me = get("me", "/api/now/ui/user/current_user");
        let requests = json!([me, create(1), create(2), create(3), create(4), create(5)]);
        let reply = batch(&instance, "agent", requests).await;
        assert_eq!(statuses(&reply), [200, 201, 201, 500]);
        assert_eq!(body(&reply)["unserviced_requests"], json!(["4", "5"]));
        assert_eq!(reply.condition, Some(Condition::QueryCancelled));
        let late = "/api/now/table/incident?sysparm_query=correlation_idSTARTSWITHlate-";
        let reply = instance.get("agent", late).await;
        assert_eq!(body(&reply)["result"].as_array().unwrap().len(), found);
    }
}

#[tokio::test]
async fn what_is_malformed_is_told_for_the_batch_or_for_its_request() {
    let instance = desk();
    for text in [
        "",
        "{",
        "[]",
        "3",
        "{}",
        r#"{"rest_requests":{}}"#,
        r#"{"rest_requests":[1]}"#,
        r#"{"rest_requests":[{"method":"GET","url":"/"}]}"#,
        &"[".repeat(100_000),
    ] {
        let reply = instance.call("agent", Method::POST, PATH, &[], text).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{text:.40}");
        let message = &body(&reply)["error"]["message"];
        assert_eq!(message, "Exception while reading request");
    }
    let reply = batch(
        &instance,
        "agent",
        json!([
            {"id": "1", "url": "/api/now/table/incident"},
            {"id": "2", "method": "GET"},
            {"id": "3", "method": "POST", "url": "/api/now/table/incident", "body": "***"},
            {"id": "4", "method": "BREW", "url": "/api/now/table/incident"},
            get("4", "/api/now/ui/user/current_user"),
        ]),
    )
    .await;
    assert_eq!(statuses(&reply)[..4], [400, 400, 400, 405]);
    let serviced = body(&reply)["serviced_requests"].take();
    assert_eq!(serviced[2]["error_message"], "The body is not Base64.");
    let reply = instance.get("agent", PATH).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// A call as anyone may make it.
fn calls() -> impl Strategy<Value = (Method, String, String)> {
    let write = |method: Method| {
        ("(incident|problem|sys_user|nosuch)", 0_u8..6).prop_map(move |(table, urgency)| {
            let record = match method {
                Method::PATCH => "/6816f79cc0a8016401c5a33be04be441",
                _ => "",
            };
            let path = format!("/api/now/table/{table}{record}");
            (
                method.clone(),
                path,
                format!(r#"{{"urgency":"{urgency}"}}"#),
            )
        })
    };
    let read = "(/v1|/v2|)/(table|stats)/(incident|cmdb_ci|sys_user_group|nosuch)(/[a-f0-9]{32})?\\?(sysparm_limit=[0-9]|sysparm_count=true|sysparm_query=ORDERBYDESCnumber)?(&sysparm_display_value=all)?"
        .prop_map(|rest| (Method::GET, format!("/api/now{rest}"), String::new()));
    prop_oneof![3 => read, 2 => write(Method::POST), 1 => write(Method::PATCH)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_batch_is_answered_as_its_requests_are(
        calls in proptest::collection::vec(calls(), 1..8),
        user in prop_oneof![Just("agent"), Just("nobody")],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (alone, together) = (desk(), desk());
            let requests: Vec<Value> = calls
                .iter()
                .map(|(method, url, text)| json!({
                    "id": "0", "method": method.as_str(), "url": url, "body": packed(text),
                }))
                .collect();
            let reply = batch(&together, user, json!(requests)).await;
            let answer = body(&reply);
            for (at, (method, url, text)) in calls.iter().enumerate() {
                let single = alone.call(user, method.clone(), url, &[], text.as_str()).await;
                let serviced = &answer["serviced_requests"][at];
                assert_eq!(serviced["status_code"], single.status.as_u16(), "{method} {url}");
                assert_eq!(unpacked(serviced), std::str::from_utf8(&single.body).unwrap());
                let headers = serviced["headers"].as_array().unwrap();
                for (name, value) in &single.headers {
                    let found = headers.iter().find(|header| {
                        header["name"].as_str().unwrap().eq_ignore_ascii_case(name.as_str())
                    });
                    let found = found.unwrap()["value"].as_str().unwrap();
                    assert_eq!(found.replace("; charset", ";charset"), value.to_str().unwrap());
                }
            }
        });
    }
}
