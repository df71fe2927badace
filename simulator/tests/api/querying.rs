//! Encoded queries as clients send them: what is found, and what an invalid part does.

use http::{Method, StatusCode};
use serde_json::json;
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{Instance, column, json as body};

/// Asked on 2026-07-01 at 8:00 in New York, where the caller is.
async fn instance() -> Instance {
    instance_with(json!({})).await
}

async fn instance_with(properties: serde_json::Value) -> Instance {
    let instance = Instance::new(json!({
        "properties": properties,
        "users": {
            "sync.user": {"roles": ["itil", "admin"], "groups": ["net"], "time_zone": "America/New_York"},
            "boss": {"roles": ["itil"]},
        },
        "groups": {"net": {}, "idle": {}},
    }));
    for (number, opened, due, text) in [
        (
            "QRY1",
            "2026-07-01 03:59:59",
            "2026-07-04 12:00:00",
            "Mail server down",
        ),
        (
            "QRY2",
            "2026-07-01 04:00:00",
            "2026-07-01 23:00:00",
            "No e-mail today",
        ),
        ("QRY3", "2026-07-01 11:30:00", "", "Printer"),
        (
            "QRY4",
            "2025-12-31 23:30:00",
            "2026-12-31 23:30:00",
            "mailserver",
        ),
    ] {
        let parent = if number == "QRY1" {
            String::new()
        } else {
            id(&instance, "QRY1").await
        };
        let body = json!({
            "number": number, "opened_at": opened, "due_date": due,
            "short_description": text, "parent": parent,
        });
        let created = instance
            .call(
                "sync.user",
                Method::POST,
                "/api/now/table/incident",
                &[],
                body.to_string(),
            )
            .await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.reason);
    }
    instance
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn ask(instance: &Instance, table: &str, query: &str) -> Reply {
    let path = format!("/api/now/table/{table}?sysparm_query={}", encoded(query));
    instance.get("sync.user", &path).await
}

async fn id(instance: &Instance, number: &str) -> String {
    let found = ask(instance, "incident", &format!("number={number}")).await;
    column(&found, "sys_id").remove(0)
}

/// The numbers of the incidents found, all of whose conditions are modelled.
async fn numbers(instance: &Instance, query: &str) -> String {
    let reply = ask(instance, "incident", &format!("{query}^ORDERBYnumber")).await;
    assert_eq!(reply.unmodelled, [""; 0], "{query}");
    assert!(
        !reply.reason.contains("invalid"),
        "{query}: {}",
        reply.reason
    );
    column(&reply, "number").join(" ")
}

#[tokio::test]
async fn days_are_those_of_the_caller() {
    let instance = instance().await;
    for (query, expected) in [
        ("opened_at>=javascript:gs.beginningOfToday()", "QRY2 QRY3"),
        (
            "opened_atONToday@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)",
            "QRY2 QRY3",
        ),
        (
            "opened_atONYesterday@javascript:gs.beginningOfYesterday()@javascript:gs.endOfYesterday()",
            "QRY1",
        ),
        (
            "opened_atBETWEENjavascript:gs.dateGenerate('2026-06-30','00:00:00')@javascript:gs.daysAgoEnd(1)",
            "QRY1",
        ),
        ("opened_atRELATIVEGT@hour@ago@1", "QRY3"),
        ("opened_atRELATIVEEE@dayofweek@ago@1", "QRY1"),
        (
            "opened_atDATEPARTTuesday@javascript:gs.datePart('dayofweek','tuesday','EE')",
            "QRY1",
        ),
        (
            "opened_atDATEPART2025@javascript:gs.datePart('year','2025','EE')",
            "QRY4",
        ),
        ("opened_atSAMEASdue_date@month", "QRY2 QRY4"),
        ("opened_atSAMEASdue_date@day", "QRY2 QRY4"),
        ("opened_atNSAMEASdue_date@day", "QRY1"),
        ("opened_atMORETHANdue_date@day@before@1", "QRY1 QRY4"),
        ("opened_atLESSTHANdue_date@day@before@1", "QRY2"),
    ] {
        assert_eq!(numbers(&instance, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn other_records_decide_whether_one_is_found() {
    let instance = instance().await;
    for (query, expected) in [
        ("RLQUERYincident.parent,>=1^ENDRLQUERY", "QRY1"),
        (
            "RLQUERYtask.parent,>=3,short_descriptionLIKEmail^ENDRLQUERY",
            "",
        ),
        (
            "RLQUERYtask.parent,=2,m2m^short_descriptionLIKEmail^ENDRLQUERY",
            "QRY1",
        ),
        (
            "number!=QRY3^numberSTARTSWITHQRY^RLQUERYincident.parent,=0^ENDRLQUERY",
            "QRY2 QRY4",
        ),
        ("RLQUERYincident.parent,<1^ENDRLQUERY^number=QRY4", "QRY4"),
        (
            "JOINincident.sys_id=task.parent!short_description=Printer",
            "QRY1",
        ),
        (
            "JOINincident.parent=incident.sys_id!^number>QRY2",
            "QRY3 QRY4",
        ),
        (
            "number=QRY1^ORJOINincident.sys_id=task.parent!number=QRY9",
            "QRY1",
        ),
        ("123TEXTQUERY321=MAIL", "QRY1 QRY2"),
        ("GOTO123TEXTQUERY321=server mail", "QRY1"),
        ("GOTOnumber>=QRY3", "QRY3 QRY4"),
        ("parent.ref_incident.number=QRY1^number<QRY4", "QRY2 QRY3"),
        (
            "opened_byDYNAMIC90d1921e5f510100a9ad2572f2b477fe^numberINQRY1,QRY9",
            "QRY1",
        ),
    ] {
        assert_eq!(numbers(&instance, query).await, expected, "{query}");
    }
    let groups = ask(
        &instance,
        "sys_user_group",
        "sys_idDYNAMICd6435e965f510100a9ad2572f2b47744",
    )
    .await;
    assert_eq!(column(&groups, "name"), ["net"]);
    let empty = ask(
        &instance,
        "sys_user_group",
        "nameINnet,idle^RLQUERYsys_user_grmember.group,=0^ENDRLQUERY",
    )
    .await;
    assert_eq!(column(&empty, "name"), ["idle"]);
    let roles =
        "JOINsys_user.sys_id=sys_user_has_role.user!role.name=admin^user_nameINsync.user,boss";
    let users = ask(&instance, "sys_user", roles).await;
    assert_eq!(column(&users, "user_name"), ["sync.user"]);
}

#[tokio::test]
async fn an_invalid_part_does_the_same_everywhere() {
    let mut instance = instance().await;
    let queries = [
        "nosuch=1^numberSTARTSWITHQRY",
        "numberSTARTSWITHQRY^ORDERBYnosuch",
        "opened_atSAMEASnosuch^numberSTARTSWITHQRY",
        "numberSTARTSWITHQRY^JOINincident.sys_id=task.parent!nosuch=1",
        "numberSTARTSWITHQRY^JOINincident.nosuch=task.parent!",
        "numberSTARTSWITHQRY^JOINnosuch.sys_id=task.parent!",
        "numberSTARTSWITHQRY^RLQUERYtask.parent,>=1^nosuch=1^ENDRLQUERY",
        "numberSTARTSWITHQRY^RLQUERYtask.nosuch,>=1^ENDRLQUERY",
        "numberSTARTSWITHQRY^RLQUERYsys_user.manager,>=1^ENDRLQUERY",
    ];
    for query in queries {
        let reply = ask(&instance, "incident", query).await;
        let rows = column(&reply, "number");
        // Of a join or a related list, what is valid still holds.
        let expected = if query.contains("nosuch=1^ENDRL") || query.ends_with("!nosuch=1") {
            1
        } else {
            4
        };
        assert_eq!(rows.len(), expected, "{query}");
        assert!(
            reply.reason.contains("nosuch") || query.contains("manager"),
            "{query}"
        );
        assert_eq!(reply.unmodelled, [""; 0], "{query}");
    }
    instance.switches = serde_json::from_value(json!({"invalid_query": "no_rows"})).unwrap();
    for query in queries {
        let reply = ask(&instance, "incident", query).await;
        assert_eq!(body(&reply), json!({"result": []}), "{query}");
    }
    let by_property = json!({"glide.invalid_query.returns_no_rows": "true"});
    let other = instance_with(by_property).await;
    for query in queries {
        let reply = ask(&other, "incident", query).await;
        assert_eq!(body(&reply), json!({"result": []}), "{query}");
    }
    instance.switches = serde_json::from_value(json!({"invalid_query": "refused"})).unwrap();
    for query in queries {
        let reply = ask(&instance, "incident", query).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{query}");
        assert_eq!(reply.condition, Some(Condition::InvalidRequest));
    }
}

#[tokio::test]
async fn what_is_no_date_is_not_found_and_another_form_is_not_judged() {
    let instance = instance().await;
    for query in [
        "opened_at>yesterday",
        "opened_at<yesterday",
        "opened_atBETWEENa@b",
    ] {
        assert_eq!(numbers(&instance, query).await, "", "{query}");
    }
    let query = "opened_at>2026-07-01^number=QRY3";
    assert_eq!(numbers(&instance, query).await, "QRY3");
    for query in [
        "opened_at>2026-07-01T00:00:00Z",
        "opened_atRELATIVEGT@fortnight@ago@1",
        "opened_at>javascript:new GlideDateTime()",
        "opened_atBETWEEN2026-07-01@javascript:gs.unknown()",
        "stateVALCHANGES",
        "opened_byIN_HIERARCHY00000000000000000000000000000000@x",
        "123TEXTQUERY321=mail*",
        "JOINtask_sla.task=incident.sys_id!^JOINsys_user.sys_id=task.opened_by!",
    ] {
        let reply = ask(&instance, "incident", query).await;
        assert_eq!(reply.status, StatusCode::OK, "{query}: {}", reply.reason);
        assert_ne!(reply.unmodelled, [""; 0], "{query}");
    }
}

#[tokio::test]
async fn a_query_as_long_as_a_clients_own_tests_send_is_read_to_its_end() {
    let instance = instance().await;
    let query = format!("{}number=QRY3", "AAAA=BBBB^".repeat(2300));
    let reply = ask(&instance, "incident", &query).await;
    assert_eq!(column(&reply, "number"), ["QRY3"]);
    assert_eq!(reply.unmodelled, [""; 0]);
    let query = vec!["number=QRY3"; 2500].join("^OR");
    assert_eq!(numbers(&instance, &query).await, "QRY3");
}
