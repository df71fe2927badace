//! The Email API: what is kept, who may, and what is refused.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{Instance, column, json as body, result, wire};

fn desk() -> Instance {
    Instance::new(json!({
        "users": {
            "mailer": {"roles": ["itil", "email_api_send"]},
            "blind": {"roles": ["email_api_send"]},
            "agent": {"roles": ["itil"]},
        },
    }))
}

async fn post(instance: &Instance, user: &str, message: &Value) -> Reply {
    let (path, text) = ("/api/now/email", message.to_string());
    instance
        .call(user, Method::POST, path, &[], text.as_str())
        .await
}

async fn an_incident(instance: &Instance) -> String {
    let path = "/api/now/table/incident?sysparm_limit=1&sysparm_fields=sys_id";
    column(&instance.get("agent", path).await, "sys_id").remove(0)
}

#[tokio::test]
async fn a_message_is_kept_and_shown_and_never_sent() {
    let instance = desk();
    let incident = an_incident(&instance).await;
    let message = json!({
        "to": ["User1 <user1@example.com>", "User2 <user2@example.com>"],
        "cc": ["user3@example.com"],
        "subject": "Hello There",
        "text": "Test Message",
        "html": "<b>Test Message</b>",
        "table_name": "incident",
        "table_record_id": incident,
        "headers": {"X-Custom": "header"},
        "unknown": {"is": "ignored"},
    });
    let reply = post(&instance, "mailer", &message).await;
    let id = result(&reply)["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!("posted", wire(&reply).replace(&id, "ID"));
    let shown = instance
        .get("mailer", &format!("/api/now/email/{id}"))
        .await;
    insta::assert_snapshot!("shown", wire(&shown).replace(&id, "ID"));
    let status = format!("/api/now/v1/email/{id}?sysparm_fields=id,type,state,error,nosuch");
    let status = result(&instance.get("mailer", &status).await);
    assert_eq!(
        status,
        json!({"id": id, "type": "send-ready", "state": "ready", "error": ""})
    );
    let kept = instance
        .get("admin", &format!("/api/now/table/sys_email/{id}"))
        .await;
    let kept = result(&kept);
    assert_eq!(kept["target_table"], "incident");
    assert_eq!(kept["instance"], json!(incident));
    assert_eq!(kept["sys_created_by"], "mailer");
}

#[tokio::test]
async fn a_version_is_echoed_in_the_links() {
    let instance = desk();
    let text = json!({"to": ["a@example.com"]}).to_string();
    let path = "/api/now/v2/email";
    let reply = instance
        .call("admin", Method::POST, path, &[], text.as_str())
        .await;
    let link = result(&reply)["links"][0]["href"].take();
    assert!(link.as_str().unwrap().starts_with("/now/v2/email/"));
}

#[tokio::test]
async fn who_lacks_role_or_record_is_refused_alike() {
    let instance = desk();
    let incident = an_incident(&instance).await;
    let about = |record: &str| json!({"to": ["a@example.com"], "table_name": "incident", "table_record_id": record});
    let plain = json!({"to": ["a@example.com"]});
    let id = result(&post(&instance, "mailer", &plain).await)["id"].take();
    let own = format!("/api/now/email/{}", id.as_str().unwrap());
    instance.committed.lock().unwrap().clear();
    for (reply, condition) in [
        (post(&instance, "agent", &plain).await, Condition::ApiDenied),
        (
            post(&instance, "blind", &about(&incident)).await,
            Condition::RecordNotFound,
        ),
        (
            post(&instance, "mailer", &about("0' OR 1=1 --")).await,
            Condition::RecordNotFound,
        ),
        (instance.get("agent", &own).await, Condition::RecordNotFound),
        (
            instance.get("mailer", "/api/now/email/none").await,
            Condition::RecordNotFound,
        ),
    ] {
        assert_eq!(
            (reply.status, reply.condition),
            (StatusCode::FORBIDDEN, Some(condition))
        );
        assert_eq!(
            body(&reply),
            json!({
                "error": {"message": "User Not Authorized", "detail": "Failed API level ACL Validation"},
                "status": "failure",
            })
        );
    }
    assert!(instance.committed.lock().unwrap().is_empty());
    let closed = Instance::new(json!({
        "users": {"mailer": {"roles": ["email_api_send"]}},
        "acls": {"closed": {"table": "sys_email", "operation": "create", "roles": ["admin"]}},
    }));
    let reply = post(&closed, "mailer", &plain).await;
    assert_eq!(reply.condition, Some(Condition::WriteDenied));
}

#[tokio::test]
async fn what_is_no_message_is_400() {
    let instance = desk();
    let unknown = json!({"to": ["a"], "table_name": "no_such", "table_record_id": "x"});
    let reply = post(&instance, "mailer", &unknown).await;
    assert_eq!(body(&reply)["error"]["message"], "Invalid table no_such");
    for text in ["", "[]", "{\"to\":", "{}", "{\"to\":[]}", "\"to\""] {
        let path = "/api/now/v1/email";
        let reply = instance.call("mailer", Method::POST, path, &[], text).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{text}");
    }
    let list = instance.get("mailer", "/api/now/email").await;
    assert_eq!(list.status, StatusCode::METHOD_NOT_ALLOWED);
}
