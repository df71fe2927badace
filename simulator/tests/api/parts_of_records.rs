//! Entries of journals and attachments are visible as the record is that they belong to, whichever
//! API is asked; what the instance keeps for itself is an administrator's to read.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::instance::{Instance, column, json as body, result};

/// `reader` may read incidents of the category `network`; `nobody` may read none.
fn instance() -> Instance {
    Instance::new(json!({
        "users": {
            "reader": {"roles": ["sn_incident_read"]},
            "agent": {"roles": ["itil"]},
            "nobody": {},
        },
        "acls": {"open": {
            "table": "incident", "roles": ["sn_incident_read"], "condition": "category=network",
        }},
        "tables": {"incident": {"rows": 0}},
    }))
}

async fn incident(instance: &Instance, category: &str, note: &str) -> String {
    let made = json!({"category": category, "work_notes": note});
    let made = instance.made("admin", "incident", made).await;
    let sys_id = made["sys_id"].as_str().unwrap().to_owned();
    let path = format!(
        "/api/now/attachment/file?table_name=incident&table_sys_id={sys_id}&file_name={note}.txt"
    );
    let kind = [("content-type", "text/plain")];
    let reply = instance
        .call("admin", Method::POST, &path, &kind, "x")
        .await;
    assert_eq!(reply.status, StatusCode::CREATED);
    sys_id
}

async fn notes(instance: &Instance, user: &str) -> Vec<String> {
    let path = "/api/now/table/sys_journal_field?sysparm_query=ORDERBYvalue^valueINopen,closed";
    column(&instance.get(user, path).await, "value")
}

#[tokio::test]
async fn an_entry_is_read_as_its_record_is() {
    let instance = instance();
    incident(&instance, "network", "open").await;
    incident(&instance, "software", "closed").await;
    assert_eq!(notes(&instance, "admin").await, ["closed", "open"]);
    assert_eq!(notes(&instance, "reader").await, ["open"]);
    assert!(notes(&instance, "nobody").await.is_empty());
    let path = "/api/now/table/sys_journal_field?sysparm_query=value=closed";
    let entry = column(&instance.get("admin", path).await, "sys_id").remove(0);
    let path = format!("/api/now/table/sys_journal_field/{entry}");
    assert_eq!(instance.get("admin", &path).await.status, StatusCode::OK);
    assert_eq!(
        instance.get("reader", &path).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn sums_tell_nothing_of_entries_that_may_not_be_read() {
    let instance = instance();
    incident(&instance, "network", "open").await;
    incident(&instance, "software", "closed").await;
    for (table, field) in [
        ("sys_journal_field", "value"),
        ("sys_attachment", "file_name"),
    ] {
        let path = format!(
            "/api/now/stats/{table}?sysparm_count=true&sysparm_max_fields={field}\
             &sysparm_group_by={field}"
        );
        let text = |user: &'static str| {
            let (instance, path) = (&instance, path.as_str());
            async move { body(&instance.get(user, path).await).to_string() }
        };
        assert!(text("admin").await.contains("closed"));
        let told = text("reader").await;
        assert!(told.contains("open") && !told.contains("closed"), "{told}");
        let path = format!("/api/now/stats/{table}?sysparm_count=true");
        let count = result(&instance.get("reader", &path).await);
        assert_eq!(count["stats"]["count"], "1", "{table}");
    }
}

#[tokio::test]
async fn an_attachment_is_read_as_its_record_is_in_every_api() {
    let instance = instance();
    let open = incident(&instance, "network", "open").await;
    let closed = incident(&instance, "software", "closed").await;
    for path in [
        "/api/now/table/sys_attachment?sysparm_query=ORDERBYfile_name^file_nameENDSWITH.txt",
        "/api/now/attachment?sysparm_query=ORDERBYfile_name^file_nameENDSWITH.txt",
    ] {
        let names = |user: &'static str| {
            let instance = &instance;
            async move {
                let names = column(&instance.get(user, path).await, "file_name");
                let ours = |name: &String| name == "open.txt" || name == "closed.txt";
                names.into_iter().filter(ours).collect::<Vec<_>>()
            }
        };
        assert_eq!(names("admin").await, ["closed.txt", "open.txt"], "{path}");
        assert_eq!(names("reader").await, ["open.txt"], "{path}");
    }
    // A query that looks at entries or attachments finds no more.
    for (join, found) in [
        (
            "JOINincident.sys_id=sys_attachment.table_sys_id!",
            vec![open.clone()],
        ),
        (
            "JOINincident.sys_id=sys_journal_field.element_id!",
            vec![open],
        ),
    ] {
        let path = format!("/api/now/table/incident?sysparm_query={join}");
        assert_eq!(
            column(&instance.get("reader", &path).await, "sys_id"),
            found
        );
    }
    // Its attributes follow it.
    let path = "/api/now/attachment?sysparm_query=file_name=closed.txt";
    let attachment = column(&instance.get("admin", path).await, "sys_id").remove(0);
    let made = json!({"attachment": attachment, "key": "k", "value": "of the closed"});
    instance
        .made("admin", "sys_attachment_attribute", made)
        .await;
    let path = "/api/now/table/sys_attachment_attribute";
    assert_eq!(column(&instance.get("admin", path).await, "key"), ["k"]);
    assert!(column(&instance.get("reader", path).await, "key").is_empty());
    // What belongs to no record any more is an administrator's.
    let path = format!("/api/now/table/incident/{closed}");
    instance.call("admin", Method::DELETE, &path, &[], "").await;
    assert!(
        !notes(&instance, "reader")
            .await
            .contains(&"closed".to_owned())
    );
}

#[tokio::test]
async fn an_attachment_is_added_by_whoever_may_change_the_record() {
    let instance = instance();
    let record = incident(&instance, "network", "open").await;
    let made = json!({"table_name": "incident", "table_sys_id": record, "file_name": "a"});
    for (user, status) in [
        ("reader", 403),
        ("nobody", 404),
        ("agent", 201),
        ("admin", 201),
    ] {
        let path = "/api/now/table/sys_attachment";
        let reply = instance
            .call(user, Method::POST, path, &[], made.to_string())
            .await;
        assert_eq!(reply.status, status, "{user}");
    }
    let controlled = Instance::new(json!({
        "users": {"agent": {"roles": ["itil"]}},
        "acls": {"none": {"table": "sys_attachment", "operation": "create", "roles": ["admin"]}},
    }));
    let record = incident(&controlled, "network", "open").await;
    let path =
        format!("/api/now/attachment/file?table_name=incident&table_sys_id={record}&file_name=b");
    let kind = [("content-type", "text/plain")];
    for (user, status) in [("agent", 403), ("admin", 201)] {
        let reply = controlled.call(user, Method::POST, &path, &kind, "x").await;
        assert_eq!(reply.status, status, "{user}");
    }
    let path = "/api/now/attachment?sysparm_query=file_name=b";
    assert_eq!(
        column(&controlled.get("admin", path).await, "file_name").len(),
        1
    );
}

#[tokio::test]
async fn what_the_instance_keeps_for_itself_is_an_administrators() {
    let instance = instance();
    let url = json!({"url": "https://x/api/now/table/incident?sysparm_query=number=1"});
    let short = instance
        .call(
            "nobody",
            Method::POST,
            "/api/now/tinyurl",
            &[],
            url.to_string(),
        )
        .await;
    assert!(short.status.is_success());
    for table in ["sys_tiny_url", "syslog", "sys_script", "sys_security_acl"] {
        for path in [
            format!("/api/now/table/{table}"),
            format!("/api/now/stats/{table}?sysparm_count=true"),
        ] {
            for (user, status) in [("nobody", 403), ("agent", 403), ("admin", 200)] {
                assert_eq!(
                    instance.get(user, &path).await.status,
                    status,
                    "{user} {path}"
                );
            }
        }
    }
    let own = "/api/now/table/sys_email";
    assert_eq!(
        result(&instance.get("agent", own).await),
        Value::Array(Vec::new())
    );
}
