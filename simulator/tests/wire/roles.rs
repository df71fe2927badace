//! Roles and access controls point by point, over sockets: who holds a role, what is denied, and in
//! which words (wire-failures 4).

use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::simulator::Running;

use crate::client::{Answer, Client};
use crate::stage::{self, LIST, USER, credentials, requests};

const RECORD: &str = "/api/now/table/cmdb_ci_server";
/// Who may write configuration items, one role of many.
const WRITER: &str = "itil";

async fn call(client: &mut Client, method: &str, target: &str, body: &Value) -> Answer {
    let headers = credentials() + "Content-Type: application/json\r\n";
    client
        .send(method, target, &headers, &body.to_string())
        .await;
    client.answer().await.unwrap()
}

fn last(running: &Running) -> Option<Condition> {
    let request = requests(&running.journal.entries()).pop().unwrap();
    request.decision.condition
}

fn words(answer: &Answer) -> (u16, String, String) {
    let told = answer.json();
    let word = |key: &str| told["error"][key].as_str().unwrap_or_default().to_owned();
    (answer.status, word("message"), word("detail"))
}

fn refusal(status: u16, message: &str, detail: &str) -> (u16, String, String) {
    (status, message.to_owned(), detail.to_owned())
}

/// Rows that a user of this set-up sees, and how many there are said to be.
async fn seen(main: Value) -> (usize, String) {
    let running = stage::start(main, json!({})).await;
    let listed = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    running.shutdown().await.unwrap();
    let total = listed.header("X-Total-Count").unwrap_or("none").to_owned();
    (listed.rows(), total)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_comes_directly_by_a_group_or_within_another_role() {
    let group = json!({ "sync": { "roles": ["itil"] } });
    for (user, switches, rows) in [
        (json!({ "roles": ["itil"] }), json!({}), 10),
        (json!({ "groups": ["sync"] }), json!({}), 10),
        // `itil_admin` contains `itil`.
        (json!({ "roles": ["itil_admin"] }), json!({}), 10),
        (json!({ "roles": ["admin"] }), json!({}), 10),
        (json!({ "roles": [] }), json!({}), 0),
        // A user of web services alone, where groups do not count for such.
        (
            json!({ "groups": ["sync"], "web_service_access_only": true }),
            json!({ "web_service_roles": "direct" }),
            0,
        ),
        (
            json!({ "roles": ["itil"], "web_service_access_only": true }),
            json!({ "web_service_roles": "direct" }),
            10,
        ),
    ] {
        let main = json!({ "groups": group, "users": { USER: user }, "switches": switches });
        let (shown, total) = seen(main).await;
        // The total does not know who asks.
        assert_eq!((shown, total.as_str()), (rows, "30"), "{user}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_applied_before_rows_are_hidden() {
    let main = json!({
        "acls": { "some": {
            "table": "cmdb_ci_server", "operation": "read", "roles": ["itil"],
            "condition": "nameENDSWITH1^ORnameENDSWITH3",
        } },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    let mut pages = Vec::new();
    for offset in [0, 10, 20] {
        let page = client
            .get(&format!("{LIST}&sysparm_offset={offset}"), &credentials())
            .await;
        assert_eq!(page.header("X-Total-Count"), Some("30"));
        assert_eq!(last(&running), Some(Condition::RowsHidden));
        pages.push(page.rows());
    }
    assert_eq!(pages.iter().sum::<usize>(), 6, "{pages:?}");
    assert!(pages.iter().all(|rows| *rows < 10), "{pages:?}");
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_hidden_is_one_that_is_not_there() {
    let open = stage::start(json!({}), json!({})).await;
    let listed = stage::secure(&open).await.get(LIST, &credentials()).await;
    let id = listed.json()["result"][0]["sys_id"]
        .as_str()
        .unwrap()
        .to_owned();
    open.shutdown().await.unwrap();
    let running = stage::start(json!({ "users": { USER: { "roles": [] } } }), json!({})).await;
    let mut client = stage::secure(&running).await;
    let expected = refusal(
        404,
        "No Record found",
        "Record doesn't exist or ACL restricts the record retrieval",
    );
    for id in [id.as_str(), "00000000000000000000000000000000"] {
        let answer = client.get(&format!("{RECORD}/{id}"), &credentials()).await;
        assert_eq!(words(&answer), expected);
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_denied_says_which_and_why() {
    for (roles, reads) in [(json!([]), 404), (json!(["admin", "snc_read_only"]), 200)] {
        let running = stage::start(
            json!({ "users": { USER: { "roles": [WRITER] } } }),
            json!({}),
        )
        .await;
        let mut client = stage::secure(&running).await;
        let made = call(&mut client, "POST", RECORD, &json!({ "name": "made" })).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let listed = client.get(LIST, &credentials()).await;
        let id = listed.json()["result"][0]["sys_id"]
            .as_str()
            .unwrap()
            .to_owned();
        running.shutdown().await.unwrap();

        let running =
            stage::start(json!({ "users": { USER: { "roles": roles } } }), json!({})).await;
        let mut client = stage::secure(&running).await;
        let target = format!("{RECORD}/{id}");
        assert_eq!(client.get(&target, &credentials()).await.status, reads);
        for (method, target, what) in [
            ("POST", RECORD, "Insert"),
            ("PATCH", &target, "Update"),
            ("PUT", &target, "Update"),
            ("DELETE", &target, "Delete"),
        ] {
            let answer = call(&mut client, method, target, &json!({ "name": "x" })).await;
            let detail = format!("ACL Exception {what} Failed due to security constraints");
            // Who may not read a record is not told that it is there.
            if reads == 200 || method == "POST" {
                assert_eq!(
                    words(&answer),
                    refusal(403, "Operation Failed", &detail),
                    "{method}"
                );
                assert_eq!(last(&running), Some(Condition::WriteDenied), "{method}");
            } else {
                assert!(
                    [403, 404].contains(&answer.status),
                    "{method}: {}",
                    answer.text()
                );
            }
        }
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_write_can_be_worded_as_an_abort() {
    let main = json!({
        "users": { USER: { "roles": ["admin", "snc_read_only"] } },
        "switches": { "denied_write": "aborted" },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    let answer = call(&mut client, "POST", RECORD, &json!({ "name": "x" })).await;
    assert_eq!(answer.status, 403);
    let error = &answer.json()["error"];
    let table = RECORD.rsplit('/').next().unwrap();
    let message = format!("Operation against file '{table}' was aborted by ACL");
    assert_eq!(error, &json!({ "message": message, "detail": null }));
    assert_eq!(last(&running), Some(Condition::WriteDenied));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_closed_is_silent_and_may_not_be_asked_about() {
    let main = json!({
        "acls": { "secret": {
            "table": "cmdb_ci_server", "field": "serial_number", "operation": "read",
            "roles": ["admin"],
        } },
    });
    let running = stage::start(main, json!({})).await;
    let mut client = stage::secure(&running).await;
    let listed = client
        .get(
            &format!("{LIST}&sysparm_fields=name,serial_number"),
            &credentials(),
        )
        .await;
    assert_eq!((listed.status, listed.rows()), (200, 10));
    let row = listed.json()["result"][0].as_object().unwrap().clone();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["name"]);
    let asked = format!("{RECORD}?sysparm_query=serial_numberISNOTEMPTY");
    let refused = client.get(&asked, &credentials()).await;
    let expected = refusal(
        403,
        "Insufficient rights to query records",
        "Field(s) present in the query do not have permission to be read",
    );
    assert_eq!(words(&refused), expected);
    assert_eq!(last(&running), Some(Condition::FieldDenied));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_a_role_of_its_own_is_told_from_what_is_no_api() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    let message = json!({ "to": ["a@b.test"], "subject": "s", "text": "t" });
    let refused = call(&mut client, "POST", "/api/now/v1/email", &message).await;
    assert_eq!(
        (refused.status, last(&running)),
        (403, Some(Condition::ApiDenied)),
        "{}",
        refused.text()
    );
    running.shutdown().await.unwrap();
    let sender = json!({ "users": { USER: { "roles": ["itil", "email_api_send"] } } });
    let running = stage::start(sender, json!({})).await;
    let mut client = stage::secure(&running).await;
    let sent = call(&mut client, "POST", "/api/now/v1/email", &message).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    running.shutdown().await.unwrap();
}
