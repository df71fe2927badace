//! Access controls of single fields: what an answer shows of a field that is closed, and what a
//! query that names it is told (wire-failures 4.3 and 4.9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;

use crate::instance::{Instance, column, json as body, result, wire};

/// `desk` may not read descriptions of incidents and names of users, and closing notes of those
/// alone that are urgent; `admin` may read all.
fn closed() -> Instance {
    Instance::new(json!({
        "users": {"desk": {"roles": ["itil"]}},
        "acls": {
            "description": {"table": "incident", "field": "description", "roles": ["admin"]},
            "name": {"table": "sys_user", "field": "name", "roles": ["admin"]},
            "urgent": {"table": "incident", "field": "close_notes", "condition": "urgency=1"},
            "urgent for others": {"table": "incident", "field": "close_notes", "roles": ["admin"]},
            "notes": {"table": "task", "field": "work_notes", "roles": ["admin"]},
        },
        "tables": {"incident": {"rows": 0}},
    }))
}

async fn incident(instance: &Instance, urgency: &str) -> String {
    let caller = instance
        .made(
            "admin",
            "sys_user",
            json!({"user_name": "eve", "first_name": "Canary"}),
        )
        .await;
    let made = json!({
        "short_description": "shown", "description": "secret", "close_notes": "urgent alone",
        "urgency": urgency, "caller_id": caller["sys_id"], "work_notes": "noted", "comments": "said",
    });
    let made = instance.made("admin", "incident", made).await;
    made["sys_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_closed_field_has_no_key_or_is_empty() {
    let mut instance = closed();
    let sys_id = incident(&instance, "3").await;
    let fields = "sysparm_fields=short_description,description,close_notes";
    for path in [
        format!("/api/now/table/incident/{sys_id}?{fields}"),
        format!("/api/now/table/incident/{sys_id}?{fields}&sysparm_display_value=true"),
        format!("/api/now/table/incident/{sys_id}"),
    ] {
        let shown = result(&instance.get("desk", &path).await);
        assert_eq!(shown["short_description"], "shown", "{path}");
        assert!(shown.get("description").is_none(), "{path}: {shown}");
        assert_eq!(shown["close_notes"], "", "{path}");
        let all = result(&instance.get("admin", &path).await);
        assert_eq!(all["description"], "secret", "{path}");
    }
    instance.switches = serde_json::from_value(json!({"closed_fields": "empty"})).unwrap();
    let path = format!("/api/now/table/incident/{sys_id}?{fields}&sysparm_display_value=all");
    insta::assert_snapshot!(wire(&instance.get("desk", &path).await));
    instance.switches = serde_json::from_value(json!({"closed_fields": "refused"})).unwrap();
    insta::assert_snapshot!(wire(&instance.get("desk", &path).await));
    let whole = format!("/api/now/table/incident/{sys_id}");
    assert_eq!(instance.get("desk", &whole).await.status, 200);
}

#[tokio::test]
async fn the_journal_is_told_which_fields_are_closed_and_which_of_them_are_left_out() {
    let mut instance = closed();
    let sys_id = incident(&instance, "3").await;
    let fields = "sysparm_fields=short_description,description,close_notes";
    for (switch, left_out) in [("absent", vec!["description"]), ("empty", vec![])] {
        instance.switches = serde_json::from_value(json!({"closed_fields": switch})).unwrap();
        for path in [
            format!("/api/now/table/incident?{fields}"),
            format!("/api/now/table/incident/{sys_id}?{fields}"),
        ] {
            let reply = instance.get("desk", &path).await;
            assert_eq!(reply.condition, Some(Condition::FieldsHidden), "{path}");
            assert_eq!(reply.reason, "the user may not read description");
            assert_eq!(reply.served.unwrap().left_out, left_out, "{path}");
            let all = instance.get("admin", &path).await;
            assert_eq!(
                (all.condition, all.served.unwrap().left_out.len()),
                (None, 0)
            );
        }
    }
}

#[tokio::test]
async fn a_field_may_be_open_in_some_records() {
    let instance = closed();
    let urgent = [incident(&instance, "1").await];
    incident(&instance, "3").await;
    let notes = |query: &str| {
        format!(
            "/api/now/table/task?sysparm_fields=sys_id&sysparm_query=sys_class_name=incident{query}"
        )
    };
    let incidents = |query: &str| {
        format!("/api/now/table/incident?sysparm_fields=sys_id,close_notes&sysparm_query={query}")
    };
    let list = incidents("ORDERBYurgency");
    let list = column(&instance.get("desk", &list).await, "close_notes");
    assert_eq!(list, ["urgent alone", ""]);
    // What a query finds out is no more than what is shown.
    let found = incidents("close_notesLIKEalone");
    assert_eq!(
        column(&instance.get("desk", &found).await, "sys_id"),
        urgent
    );
    assert_eq!(
        column(&instance.get("admin", &found).await, "sys_id").len(),
        2
    );
    let of_parent = notes("^close_notesLIKEalone");
    let found = column(&instance.get("desk", &of_parent).await, "sys_id");
    assert_eq!(found, urgent);
    let grouped = "/api/now/stats/incident?sysparm_count=true&sysparm_group_by=close_notes";
    let groups = result(&instance.get("desk", grouped).await);
    let counts: Vec<&Value> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["stats"]["count"])
        .collect();
    assert_eq!(counts, ["1", "1"]);
}

#[tokio::test]
async fn a_query_that_names_a_closed_field_is_refused_in_every_regime() {
    let mut instance = closed();
    incident(&instance, "3").await;
    for regime in ["ignored", "no_rows", "refused"] {
        instance.switches = serde_json::from_value(json!({"invalid_query": regime})).unwrap();
        for line in [
            "table/incident?sysparm_query=descriptionLIKEsecret",
            "table/incident?sysparm_query=state=1^NQdescription=secret",
            "table/incident?sysparm_query=ORDERBYdescription",
            "table/incident?sysparm_query=short_descriptionSAMEASdescription",
            "table/incident?sysparm_query=caller_id.name=Canary",
            "table/incident?description=secret",
            "table/incident?sysparm_query=JOINincident.caller_id=sys_user.sys_id!name=Canary",
            "table/sys_user?sysparm_query=RLQUERYincident.caller_id,>=1^description=secret^ENDRLQUERY",
            "cmdb/instance/cmdb_ci_server?sysparm_query=assigned_to.name=Canary",
            "attachment?sysparm_query=ORDERBYfile_name^JOINsys_attachment.table_sys_id=incident.sys_id!description=secret",
            "stats/incident?sysparm_count=true&sysparm_query=description=secret",
            "stats/incident?sysparm_count=true&sysparm_query=ORDERBYdescription",
            "stats/incident?sysparm_count=true&sysparm_group_by=description",
            "stats/incident?sysparm_max_fields=description",
            "stats/incident?sysparm_count=true&sysparm_group_by=state&sysparm_having=max^description^=^secret",
        ] {
            let path = format!("/api/now/{line}");
            let reply = instance.get("desk", &path).await;
            assert_eq!(reply.status, 403, "{regime} {line}");
            let condition = reply.condition.map(|condition| condition.name());
            assert_eq!(condition, Some("field_denied"), "{regime} {line}");
            let error = body(&reply)["error"].take();
            assert_eq!(error["message"], "Insufficient rights to query records");
            let detail = "Field(s) present in the query do not have permission to be read";
            assert_eq!(error["detail"], detail);
            assert_eq!(
                instance.get("admin", &path).await.status,
                200,
                "{regime} {line}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_that_is_closed_is_displayed_nowhere() {
    let instance = closed();
    let sys_id = incident(&instance, "3").await;
    for line in [
        format!("table/incident/{sys_id}?sysparm_display_value=all"),
        format!("table/incident/{sys_id}?sysparm_fields=caller_id.name,caller_id"),
        "stats/incident?sysparm_count=true&sysparm_group_by=caller_id&sysparm_display_value=true"
            .to_owned(),
        "table/incident?caller_id=Canary".to_owned(),
        "table/sys_user?sysparm_query=user_name=eve&sysparm_fields=user_name,name".to_owned(),
    ] {
        let path = format!("/api/now/{line}");
        let to_admin = body(&instance.get("admin", &path).await).to_string();
        assert!(
            to_admin.contains("Canary") || line.contains("?caller_id"),
            "{line}: {to_admin}"
        );
        let to_desk = body(&instance.get("desk", &path).await).to_string();
        assert!(!to_desk.contains("Canary"), "{line}: {to_desk}");
    }
    // Neither can it be ordered by, or found.
    let path = "/api/now/table/incident?sysparm_query=caller_idLIKECanary";
    assert!(column(&instance.get("desk", path).await, "sys_id").is_empty());
    assert_eq!(
        column(&instance.get("admin", path).await, "sys_id").len(),
        1
    );
}

#[tokio::test]
async fn entries_of_a_closed_journal_are_read_nowhere() {
    let instance = closed();
    let sys_id = incident(&instance, "3").await;
    for line in [
        format!("table/incident/{sys_id}?sysparm_display_value=true"),
        format!(
            "table/incident/{sys_id}?sysparm_display_value=all&sysparm_fields=comments_and_work_notes"
        ),
        "table/sys_journal_field".to_owned(),
        "stats/sys_journal_field?sysparm_count=true&sysparm_group_by=value".to_owned(),
    ] {
        let path = format!("/api/now/{line}");
        let to_admin = body(&instance.get("admin", &path).await).to_string();
        assert!(to_admin.contains("noted"), "{line}: {to_admin}");
        let to_desk = body(&instance.get("desk", &path).await).to_string();
        assert!(
            !to_desk.contains("noted") && to_desk.contains("said"),
            "{line}: {to_desk}"
        );
    }
}

#[tokio::test]
async fn a_batch_and_xml_show_no_more() {
    let instance = closed();
    let sys_id = incident(&instance, "3").await;
    let path = format!("/api/now/table/incident/{sys_id}");
    let xml = [("accept", "application/xml")];
    let reply = instance.call("desk", Method::GET, &path, &xml, "").await;
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(text.contains("<short_description>shown") && !text.contains("secret"));
    let batch = json!({"batch_request_id": "1", "rest_requests": [{
        "id": "a", "method": "GET", "url": path, "headers": [],
    }]});
    let reply = instance
        .call(
            "desk",
            Method::POST,
            "/api/now/v1/batch",
            &[],
            batch.to_string(),
        )
        .await;
    let answer = body(&reply)["serviced_requests"][0]["body"].take();
    let answer = STANDARD.decode(answer.as_str().unwrap()).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.contains("shown") && !answer.contains("secret"),
        "{answer}"
    );
}
