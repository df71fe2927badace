//! What is closed to a caller stays closed by every way round: walked references, other tables in
//! a query, the parent table of a record.

use http::Method;
use serde_json::{Value, json};

use crate::instance::{Instance, column, json, result};

/// `reader` may read incidents and, of users and groups, those groups that are open; `desk` is an ordinary user.
fn closed() -> Instance {
    Instance::new(json!({
        "users": {
            "reader": {"roles": ["sn_incident_read"]},
            "desk": {"roles": ["itil"]},
        },
        "acls": {
            "no users": {"table": "sys_user", "roles": ["admin"]},
            "no members": {"table": "sys_user_grmember", "roles": ["admin"]},
            "own groups": {"table": "sys_user_group", "condition": "nameSTARTSWITHOpen"},
        },
    }))
}

async fn incident(instance: &Instance, body: Value) -> String {
    let made = instance.made("admin", "incident", body).await;
    made["sys_id"].as_str().unwrap().to_owned()
}

async fn record(instance: &Instance, table: &str, body: Value) -> String {
    let made = instance.made("admin", table, body).await;
    made["sys_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_walk_ends_at_a_table_that_is_closed() {
    let instance = closed();
    let caller = json!({"user_name": "eve", "email": "eve@example.test"});
    let caller = record(&instance, "sys_user", caller).await;
    let sys_id = incident(&instance, json!({"caller_id": caller})).await;
    let path = format!("/api/now/table/incident/{sys_id}?sysparm_fields=caller_id.email,sys_id");
    let to_admin = result(&instance.get("admin", &path).await);
    assert_eq!(to_admin["caller_id.email"], "eve@example.test");
    let to_reader = result(&instance.get("reader", &path).await);
    assert_eq!(to_reader, json!({"sys_id": sys_id}));
}

#[tokio::test]
async fn callers_who_ask_for_the_same_in_turn_each_get_their_own() {
    let instance = closed();
    let caller = json!({"user_name": "eve", "phone": "+49 30 1"});
    let caller = record(&instance, "sys_user", caller).await;
    let group = json!({"name": "Secret desk"});
    let group = record(&instance, "sys_user_group", group).await;
    let body = json!({"caller_id": caller, "assignment_group": group});
    let sys_id = incident(&instance, body).await;
    let fields = "sysparm_fields=caller_id.phone,assignment_group.name,sys_id";
    let whole = json!({
        "caller_id.phone": "+49 30 1",
        "assignment_group.name": "Secret desk",
        "sys_id": sys_id,
    });
    let part = json!({"assignment_group.name": "", "sys_id": sys_id});
    for order in [["reader", "admin"], ["admin", "reader"]] {
        // One that was not asked for before, so that each is once the first to ask.
        let fields = format!("{fields}&sysparm_view={}", order[0]);
        for user in order.repeat(2) {
            let expected = if user == "admin" { &whole } else { &part };
            let path = format!("/api/now/table/incident/{sys_id}?{fields}");
            let one = result(&instance.get(user, &path).await);
            assert_eq!(&one, expected, "{user} after {order:?}");
            let path = format!("/api/now/table/incident?sysparm_query=sys_id={sys_id}&{fields}");
            let list = result(&instance.get(user, &path).await);
            assert_eq!(list, json!([expected]), "{user} after {order:?}");
        }
    }
}

#[tokio::test]
async fn a_query_finds_out_nothing_about_a_closed_table() {
    let mut instance = closed();
    instance.switches = serde_json::from_value(json!({"invalid_query": "refused"})).unwrap();
    for line in [
        "table/incident?sysparm_query=caller_id.email=eve@example.test",
        "table/incident?sysparm_query=caller_idSAMEAScaller_id.manager",
        "table/incident?sysparm_query=ORDERBYcaller_id.email",
        "table/incident?sysparm_query=JOINincident.caller_id=sys_user.sys_id!email=eve",
        "table/sys_user_group?sysparm_query=RLQUERYsys_user_grmember.group,>=1^ENDRLQUERY",
        "stats/incident?sysparm_count=true&sysparm_query=caller_id.email=eve@example.test",
    ] {
        let path = format!("/api/now/{line}");
        let reply = instance.get("reader", &path).await;
        assert_eq!(reply.status, 403, "{line}");
        let detail = json(&reply)["error"]["detail"].take();
        let closed = "Field(s) present in the query do not have permission to be read";
        assert_eq!(detail, closed, "{line}");
        assert_eq!(instance.get("admin", &path).await.status, 200, "{line}");
    }
}

#[tokio::test]
async fn an_aggregate_groups_by_what_may_be_read() {
    let instance = closed();
    let caller = json!({"user_name": "eve", "email": "eve@example.test"});
    let caller = record(&instance, "sys_user", caller).await;
    incident(&instance, json!({"caller_id": caller})).await;
    let grouped = "/api/now/stats/incident?sysparm_count=true&sysparm_group_by=";
    for (walk, secret) in [
        ("caller_id.email", "eve@example.test"),
        ("assignment_group.name", "Open desk"),
    ] {
        let path = format!("{grouped}{walk}");
        let reply = instance.get("reader", &path).await;
        assert_eq!(reply.status, 200, "{walk}: {}", reply.reason);
        assert!(!json(&reply).to_string().contains(secret), "{walk}");
    }
    let path = format!("{grouped}caller_id.email");
    let to_admin = json(&instance.get("admin", &path).await).to_string();
    assert!(to_admin.contains("eve@example.test"), "{to_admin}");
}

#[tokio::test]
async fn a_walk_meets_the_row_conditions_of_the_table_it_leads_to() {
    let instance = closed();
    for name in ["Open desk", "Secret desk"] {
        let group = json!({"name": name, "description": "d"});
        let group = record(&instance, "sys_user_group", group).await;
        let body = json!({"assignment_group": group, "short_description": "walk"});
        incident(&instance, body).await;
    }
    let list = |query: &str| {
        format!(
            "/api/now/table/incident?sysparm_fields=assignment_group.name\
             &sysparm_query=short_description=walk{query}"
        )
    };
    let names = |user: &'static str, query: &'static str| {
        let instance = &instance;
        async move {
            let reply = instance.get(user, &list(query)).await;
            let mut names = column(&reply, "assignment_group.name");
            names.sort();
            names
        }
    };
    assert_eq!(names("admin", "").await, ["Open desk", "Secret desk"]);
    assert_eq!(names("reader", "").await, ["", "Open desk"]);
    // A part that comes to nothing leaves the walk before it whole.
    let broken = "^assignment_group.nameDATEPARTx";
    assert_eq!(names("reader", broken).await, ["", "Open desk"]);
    let secret = "^assignment_group.name=Secret desk";
    assert!(names("reader", secret).await.is_empty());
    let joined = "^JOINincident.assignment_group=sys_user_group.sys_id!name=Secret desk";
    assert!(names("reader", joined).await.is_empty());
    assert_eq!(names("admin", joined).await, ["Secret desk"]);
}

#[tokio::test]
async fn a_record_is_changed_by_the_controls_of_its_own_class() {
    let instance = Instance::new(json!({
        "users": {"u": {"roles": ["itil"]}},
        "acls": {
            "no change": {"table": "incident", "operation": "write", "roles": ["admin"]},
            "no end": {"table": "incident", "operation": "delete", "roles": ["admin"]},
        },
    }));
    let sys_id = incident(&instance, json!({"short_description": "mine"})).await;
    for method in [Method::PATCH, Method::PUT, Method::DELETE] {
        for table in ["incident", "task"] {
            let path = format!("/api/now/table/{table}/{sys_id}");
            let body = json!({"short_description": "yours"}).to_string();
            let reply = instance.call("u", method.clone(), &path, &[], body).await;
            assert_eq!(reply.status, 403, "{method} {path}");
        }
    }
    let path = format!("/api/now/table/incident/{sys_id}");
    let left = result(&instance.get("admin", &path).await);
    assert_eq!(left["short_description"], "mine");
}
