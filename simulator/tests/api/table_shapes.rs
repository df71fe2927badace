//! Every kind of value in every shape (wire-core 1.5, 5): what a sync reads.

use http::Method;
use serde_json::{Value, json};

use crate::instance::{BASE, Instance, result};

const CALLER: &str = "62826bf03710200044e0bfc8bcbe5df1";
const INCIDENT: &str = "1c741bd70b2322007518478d83673af3";
const SERVER: &str = "109562a3c611227500a7b7ff98cc0dc7";

/// One record of each kind that matters, and an agent in New York.
async fn desk() -> Instance {
    let instance = Instance::new(json!({
        "users": {"agent": {"roles": ["itil", "cmdb_read"], "time_zone": "America/New_York"}},
    }));
    let caller = json!({
        "sys_id": CALLER, "user_name": "joe.employee", "first_name": "Joe", "last_name": "Employee",
        "user_password": "hunter2hunter2",
    });
    instance.made("admin", "sys_user", caller).await;
    let incident = json!({
        "sys_id": INCIDENT, "number": "INC0000060", "short_description": "Cannot \"print\"",
        "impact": "2", "urgency": "2", "caller_id": CALLER, "opened_by": "glide.maint",
        "watch_list": format!("{CALLER},someone@example.com"), "reassignment_count": "28800",
        "business_duration": "1970-01-01 08:00:00", "calendar_duration": "1970-01-02 04:23:17",
        "opened_at": "2026-01-02 03:04:05", "sla_due": "", "work_notes": "Restarted the spooler",
        "comments": "On it",
    });
    instance.made("admin", "incident", incident).await;
    let server = json!({
        "sys_id": SERVER, "name": "lnx-1", "cost": "45557.5",
        "warranty_expiration": "2026-12-31",
    });
    instance.made("admin", "cmdb_ci_linux_server", server).await;
    instance
}

async fn record(instance: &Instance, user: &str, path: &str) -> Value {
    result(
        &instance
            .get(user, &format!("/api/now/v2/table/{path}"))
            .await,
    )
}

#[tokio::test]
async fn each_kind_of_value_has_its_six_shapes() {
    let instance = desk().await;
    let tables = [
        (
            "agent",
            format!("incident/{INCIDENT}"),
            "sys_id,number,short_description,priority,state,hold_reason,caller_id,assigned_to,\
             opened_by,sys_domain,watch_list,group_list,work_notes,comments,\
             comments_and_work_notes,approval_history,reassignment_count,business_duration,\
             calendar_duration,opened_at,closed_at,sla_due,active,sys_class_name,caller_id.name,\
             caller_id.manager,caller_id.manager.name,parent.comments",
        ),
        (
            "agent",
            format!("cmdb_ci/{SERVER}"),
            "name,cost,warranty_expiration,sys_class_name",
        ),
        (
            "admin",
            format!("sys_user/{CALLER}"),
            "user_name,user_password,sys_created_on",
        ),
    ];
    let mut shapes = String::new();
    for display in ["false", "true", "all"] {
        for exclude in ["false", "true"] {
            let heading = ["display ", display, ", exclude link ", exclude, "\n"];
            shapes.push_str(&heading.concat());
            for (user, path, fields) in &tables {
                let path = format!(
                    "{path}?sysparm_fields={fields}&sysparm_display_value={display}\
                     &sysparm_exclude_reference_link={exclude}"
                );
                let row = record(&instance, user, &path).await;
                for (key, value) in row.as_object().unwrap() {
                    shapes.push_str(&["  ", key, " ", &value.to_string(), "\n"].concat());
                }
            }
        }
    }
    insta::assert_snapshot!(shapes);
}

#[tokio::test]
async fn a_reference_by_name_is_linked_and_displayed_by_it() {
    let instance = desk().await;
    let path = "sys_dictionary?sysparm_query=name=cmdb_ci^element=company\
                &sysparm_fields=internal_type,reference&sysparm_display_value=all";
    let row = &record(&instance, "admin", path).await[0];
    let link = format!("{BASE}/api/now/v2/table/sys_db_object?name=core_company");
    assert_eq!(
        row["reference"],
        json!({"display_value": "Company", "link": link, "value": "core_company"})
    );
    assert_eq!(
        row["internal_type"]["link"],
        format!("{BASE}/api/now/v2/table/sys_glide_object?name=reference")
    );
}

#[tokio::test]
async fn dates_are_displayed_in_the_users_zone_and_format() {
    let instance = desk().await;
    let shown = async || {
        let fields = "sysparm_fields=opened_at&sysparm_display_value=true";
        record(&instance, "agent", &format!("incident/{INCIDENT}?{fields}")).await["opened_at"]
            .clone()
    };
    assert_eq!(shown().await, "2026-01-01 22:04:05");
    let property = json!({"name": "glide.sys.time_format", "value": "HH:mm"});
    instance.made("admin", "sys_properties", property).await;
    assert_eq!(shown().await, "2026-01-01 22:04");
    let agent = instance.policy().user("agent").unwrap().sys_id.clone();
    let formats = r#"{"date_format":"dd/MM/yyyy","time_format":"hh:mm:ss a"}"#;
    let path = format!("/api/now/table/sys_user/{agent}");
    instance
        .call("admin", Method::PATCH, &path, &[], formats)
        .await;
    assert_eq!(shown().await, "01/01/2026 10:04:05 PM");
    let formats = r#"{"date_format":"EEE, MMM","time_format":"'at' HH"}"#;
    instance
        .call("admin", Method::PATCH, &path, &[], formats)
        .await;
    assert_eq!(shown().await, "2026-01-01 22:04:05");
}

#[tokio::test]
async fn a_journal_displays_its_log_newest_first() {
    let instance = desk().await;
    let path = format!("/api/now/table/incident/{INCIDENT}");
    let parent = json!({"parent": INCIDENT});
    let child = instance.made("agent", "incident", parent).await;
    let child = child["sys_id"].as_str().unwrap();
    let walked = record(
        &instance,
        "agent",
        &format!("incident/{child}?sysparm_fields=parent.work_notes&sysparm_display_value=all"),
    )
    .await;
    let log = "2026-07-01 08:00:00 - System Administrator (Work notes)\nRestarted the spooler\n\n";
    assert_eq!(
        walked["parent.work_notes"],
        json!({"display_value": log, "value": ""})
    );
    // A second entry, by somebody whose user record is gone.
    let entry = r#"{"work_notes":"Second"}"#;
    let changed = instance
        .call("agent", Method::PATCH, &path, &[], entry)
        .await;
    assert_eq!(result(&changed)["sys_mod_count"], "1");
    assert_eq!(result(&changed)["work_notes"], "");
    let agent = instance.policy().user("agent").unwrap().sys_id.clone();
    let shown = async || {
        let fields = "sysparm_fields=work_notes,comments_and_work_notes&sysparm_display_value=true";
        record(&instance, "admin", &format!("incident/{INCIDENT}?{fields}")).await
    };
    let log = shown().await["work_notes"].as_str().unwrap().to_owned();
    assert_eq!(log.matches("(Work notes)\n").count(), 2);
    assert!(log.contains(" - agent (Work notes)\nSecond\n\n"), "{log}");
    let path = format!("/api/now/table/sys_user/{agent}");
    let named = r#"{"name":"Abel Tuter"}"#;
    instance
        .call("admin", Method::PATCH, &path, &[], named)
        .await;
    let both = shown().await["comments_and_work_notes"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        both.contains(" - Abel Tuter (Work notes)\nSecond\n\n"),
        "{both}"
    );
    assert!(both.contains("(Additional comments)\nOn it\n\n"), "{both}");
}

#[tokio::test]
async fn an_empty_choice_may_display_as_null() {
    let mut instance = desk().await;
    let fields = "sysparm_fields=contact_type,hold_reason,close_notes,category";
    let path = |display| format!("incident/{INCIDENT}?{fields}&sysparm_display_value={display}");
    let empty = json!({
        "contact_type": "", "hold_reason": "", "close_notes": "", "category": "Inquiry / Help",
    });
    assert_eq!(record(&instance, "agent", &path("true")).await, empty);
    instance.switches = serde_json::from_value(json!({"empty_choice": "null_value"})).unwrap();
    let row = record(&instance, "agent", &path("true")).await;
    assert_eq!(
        row,
        json!({
            "contact_type": null, "hold_reason": "", "close_notes": "", "category": "Inquiry / Help",
        })
    );
    let row = record(&instance, "agent", &path("all")).await;
    assert_eq!(
        row["contact_type"],
        json!({"display_value": null, "value": ""})
    );
    let row = record(&instance, "agent", &path("false")).await;
    assert_eq!(row["contact_type"], "");
}

#[tokio::test]
async fn references_may_come_in_one_shape_whatever_is_asked_for() {
    let mut instance = desk().await;
    for (shape, asked, plain) in [
        ("as_asked", "false", false),
        ("as_asked", "true", true),
        ("linked", "true", false),
        ("plain", "false", true),
    ] {
        instance.switches = serde_json::from_value(json!({"reference_shape": shape})).unwrap();
        let path = format!(
            "incident/{INCIDENT}?sysparm_fields=caller_id&sysparm_exclude_reference_link={asked}"
        );
        let row = record(&instance, "agent", &path).await;
        assert_eq!(
            row["caller_id"].is_string(),
            plain,
            "{shape} {asked}: {row}"
        );
    }
}
