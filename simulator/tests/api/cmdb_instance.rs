//! The CMDB Instance and CMDB Meta APIs on the wire.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{Instance, column, json as body, result, wire};

const SERVERS: &str = "/api/now/cmdb/instance/cmdb_ci_linux_server";
const DEPENDS_ON: &str = "1a9cb166f1571100a92eb60da2bce5c5";

fn desk() -> Instance {
    Instance::new(json!({
        "users": {
            "agent": {"roles": ["itil"]},
            "reader": {"roles": ["cmdb_read"]},
            "nobody": {},
        },
    }))
}

async fn send(instance: &Instance, method: Method, path: &str, body: &Value) -> Reply {
    let text = body.to_string();
    instance
        .call("agent", method, path, &[], text.as_str())
        .await
}

async fn some_id(instance: &Instance, class: &str) -> String {
    let path = format!("/api/now/cmdb/instance/{class}?sysparm_query=ORDERBYname&sysparm_limit=1");
    let list = result(&instance.get("agent", &path).await);
    list[0]["sys_id"].as_str().unwrap().to_owned()
}

fn pretty(reply: &Reply) -> String {
    let value: Value = serde_json::from_slice(&reply.body).unwrap();
    format!(
        "{}\n{}",
        reply.status,
        serde_json::to_string_pretty(&value).unwrap()
    )
}

#[tokio::test]
async fn a_list_holds_ids_and_names() {
    let instance = desk();
    let path = format!("{SERVERS}?sysparm_query=ORDERBYDESCname&sysparm_limit=2&sysparm_offset=1");
    let list = instance.get("reader", &path).await;
    insta::assert_snapshot!(wire(&list));
    let served = list.served.clone().unwrap();
    assert_eq!((served.total, served.limit, served.offset), (4, 2, 1));
    assert_eq!(served.ordered_by_caller, ["name"]);
    let family = instance
        .get("reader", "/api/now/cmdb/instance/cmdb_ci_server")
        .await;
    assert_eq!(result(&family).as_array().unwrap().len(), 11);
    let unlimited = format!("{SERVERS}?sysparm_limit=many");
    let unlimited = instance.get("reader", &unlimited).await;
    assert_eq!(result(&unlimited).as_array().unwrap().len(), 4);
    let beyond = format!("{SERVERS}?sysparm_offset=99999999999999999999");
    assert_eq!(result(&instance.get("reader", &beyond).await), json!([]));
    let hidden = instance.get("nobody", SERVERS).await;
    assert_eq!(result(&hidden), json!([]));
    assert_eq!(hidden.condition, Some(Condition::RowsHidden));
}

#[tokio::test]
async fn an_item_lives_with_its_relations() {
    let instance = desk();
    let (application, service) = (
        some_id(&instance, "cmdb_ci_win_server").await,
        some_id(&instance, "cmdb_ci_service").await,
    );
    let created = send(
        &instance,
        Method::POST,
        SERVERS,
        &json!({
            "attributes": {
                "name": "lnux999", "firewall_status": "Extranet", "nosuch": "x",
                "discovery_source": "Elsewhere", "virtual": null, "cpu_count": "8",
            },
            "source": "ServiceNow",
            "outbound_relations": [{"type": DEPENDS_ON, "target": application}],
            "inbound_relations": [{"type": DEPENDS_ON, "target": service}],
        }),
    )
    .await;
    assert_eq!(created.status, StatusCode::OK);
    let item = result(&created);
    let id = item["attributes"]["sys_id"].as_str().unwrap().to_owned();
    for (name, value) in [
        ("discovery_source", "ServiceNow"),
        ("first_discovered", "2026-07-01 12:00:00"),
        ("last_discovered", "2026-07-01 12:00:00"),
        ("sys_class_name", "cmdb_ci_linux_server"),
        ("cpu_count", "8"),
        ("classification", "Production"),
    ] {
        assert_eq!(item["attributes"][name], value, "{name}");
    }
    let path = format!("{SERVERS}/{id}");
    let narrow = format!("{path}?sysparm_fields=sys_id,name,sys_domain,location,nosuch");
    insta::assert_snapshot!(
        "an_item_with_relations",
        pretty(&instance.get("agent", &narrow).await)
    );

    let changed = send(
        &instance,
        Method::PATCH,
        &path,
        &json!({"attributes": {"ram": "4096"}, "source": "Manual Entry"}),
    )
    .await;
    let item = result(&changed);
    assert_eq!(item["attributes"]["ram"], "4096");
    assert_eq!(item["attributes"]["firewall_status"], "Extranet");
    assert_eq!(item["attributes"]["discovery_source"], "Manual Entry");
    assert_eq!(item["outbound_relations"].as_array().unwrap().len(), 1);

    // The rules identify the item by its name: it is not made twice.
    let again = json!({"attributes": {"name": "LNUX999", "ram": "1"}, "source": "ServiceNow"});
    let again = result(&send(&instance, Method::POST, SERVERS, &again).await);
    assert_eq!(again["attributes"]["sys_id"], id.as_str());
    assert_eq!(again["attributes"]["ram"], "1");

    let more = json!({
        "source": "ServiceNow",
        "outbound_relations": [
            {"type": DEPENDS_ON, "target": service},
            {"type": DEPENDS_ON, "target": application},
        ],
    });
    let related = result(&send(&instance, Method::POST, &format!("{path}/relation"), &more).await);
    let outbound = related["outbound_relations"].as_array().unwrap();
    assert_eq!(outbound.len(), 2, "the one that exists is not made again");
    let one = result(
        &instance
            .get("agent", &format!("{path}?sysparm_relation_limit=1"))
            .await,
    );
    assert_eq!(one["outbound_relations"].as_array().unwrap().len(), 1);

    let relation = outbound[0]["sys_id"].as_str().unwrap();
    let elsewhere = format!("{SERVERS}/{application}/relation/{relation}");
    let gone = format!("{path}/relation/{relation}");
    let wrong = instance
        .call("agent", Method::DELETE, &elsewhere, &[], "")
        .await;
    assert_eq!(
        wrong.status,
        StatusCode::NOT_FOUND,
        "an item of another class"
    );
    let left = result(&instance.call("agent", Method::DELETE, &gone, &[], "").await);
    assert_eq!(left["outbound_relations"].as_array().unwrap().len(), 1);
    let twice = instance.call("agent", Method::DELETE, &gone, &[], "").await;
    assert_eq!(twice.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_nothing_is_written() {
    let instance = desk();
    let id = some_id(&instance, "cmdb_ci_linux_server").await;
    let path = format!("{SERVERS}/{id}");
    let attributes = json!({"name": "x"});
    let mut told = Vec::new();
    for (method, path, body) in [
        (
            Method::POST,
            SERVERS,
            json!({"name": "flat", "source": "ServiceNow"}),
        ),
        (
            Method::POST,
            SERVERS,
            json!({"attributes": {"ram": 8}, "source": "ServiceNow"}),
        ),
        (
            Method::PATCH,
            &*path,
            json!({"attributes": {"ram": [1]}, "source": "ServiceNow"}),
        ),
        (Method::POST, SERVERS, json!({"attributes": attributes})),
        (
            Method::PUT,
            &*path,
            json!({"attributes": attributes, "source": "servicenow"}),
        ),
        (
            Method::POST,
            SERVERS,
            json!({"attributes": {"ram": "8"}, "source": "ServiceNow"}),
        ),
        (
            Method::POST,
            SERVERS,
            json!({
                "attributes": attributes, "source": "ServiceNow",
                "outbound_relations": [{"type": DEPENDS_ON, "target": "nowhere"}],
            }),
        ),
        (Method::POST, "/api/now/cmdb/instance/incident", json!({})),
        (Method::GET, "/api/now/cmdb/instance/nosuch", json!({})),
        (
            Method::GET,
            "/api/now/cmdb/instance/cmdb_ci/nowhere",
            json!({}),
        ),
        (
            Method::PATCH,
            "/api/now/cmdb/instance/cmdb_ci/nowhere",
            json!({"attributes": {}}),
        ),
        (Method::DELETE, &*path, json!({})),
        (Method::GET, &*format!("{path}/relation"), json!({})),
    ] {
        let reply = send(&instance, method.clone(), path, &body).await;
        assert!(
            reply.condition.is_some() && reply.unmodelled.is_empty(),
            "{reply:?}"
        );
        let answer = std::str::from_utf8(&reply.body).unwrap();
        let path = path.replace(&id, "ID");
        told.push(format!(
            "{method} {path} {body}\n{}\n{answer}\n",
            reply.status
        ));
    }
    insta::assert_snapshot!("wrong_writes", told.join("\n"));
    assert!(instance.committed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn roles_and_row_conditions_hold() {
    let instance = Instance::new(json!({
        "users": {"agent": {"roles": ["itil"]}, "reader": {"roles": ["cmdb_read"]}},
        "acls": {
            "no secrets": {"table": "cmdb_ci_linux_server", "operation": "create", "condition": "nameNOT LIKEsecret"},
            "no relations": {"table": "cmdb_rel_ci", "operation": "create", "roles": ["admin"]},
        },
    }));
    let id = some_id(&instance, "cmdb_ci_win_server").await;
    let post = json!({"attributes": {"name": "secret one"}, "source": "ServiceNow"});
    let refused = send(&instance, Method::POST, SERVERS, &post).await;
    assert_eq!(refused.condition, Some(Condition::WriteDenied));
    let related = json!({
        "attributes": {"name": "open one"}, "source": "ServiceNow",
        "outbound_relations": [{"type": DEPENDS_ON, "target": id}],
    });
    let refused = send(&instance, Method::POST, SERVERS, &related).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let text = json!({"attributes": {}, "source": "ServiceNow"}).to_string();
    let path = format!("/api/now/cmdb/instance/cmdb_ci_win_server/{id}");
    let refused = instance
        .call("reader", Method::PATCH, &path, &[], text.as_str())
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(instance.committed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_class_is_described_by_its_records() {
    let instance = desk();
    let meta = result(
        &instance
            .get("agent", "/api/now/cmdb/meta/cmdb_ci_computer")
            .await,
    );
    let mut shown = meta.clone();
    let attributes = meta["attributes"].as_array().unwrap();
    assert!(attributes.len() > 60);
    let some = [
        "os_address_width",
        "skip_sync",
        "purchase_date",
        "manufacturer",
        "name",
    ];
    let kept: Vec<&Value> = some
        .iter()
        .filter_map(|name| attributes.iter().find(|entry| entry["element"] == *name))
        .collect();
    shown["attributes"] = json!(kept);
    insta::assert_snapshot!("meta", serde_json::to_string_pretty(&shown).unwrap());
    let root = result(&instance.get("agent", "/api/now/cmdb/meta/cmdb_ci").await);
    assert_eq!(root["parent"], Value::Null);
    assert_eq!(root["identification_rules"]["applies_to"], "cmdb_ci");
    let unknown = instance.get("agent", "/api/now/cmdb/meta/incident").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let refused = instance.get("nobody", "/api/now/cmdb/meta/cmdb_ci").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let method = instance
        .call(
            "agent",
            Method::POST,
            "/api/now/cmdb/meta/cmdb_ci",
            &[],
            "{}",
        )
        .await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_rule_that_is_changed_is_shown_and_applied() {
    let instance = desk();
    let rules = "/api/now/table/cmdb_identifier_entry?sysparm_query=identifier.name=Hardware Rule^attributes=name";
    let entry = result(&instance.get("admin", rules).await)[0]["sys_id"].clone();
    assert_eq!(entry, "556eb250c3400200d8d4bea192d3ae92");
    let path = "/api/now/table/cmdb_identifier_entry/556eb250c3400200d8d4bea192d3ae92";
    let off = instance
        .call("admin", Method::PATCH, path, &[], r#"{"active":"false"}"#)
        .await;
    assert_eq!(off.status, StatusCode::OK);
    let meta = result(
        &instance
            .get("agent", "/api/now/cmdb/meta/cmdb_ci_server")
            .await,
    );
    let identifiers = meta["identification_rules"]["identifiers"]
        .as_array()
        .unwrap();
    assert_eq!(identifiers.len(), 3);
    let post = json!({"attributes": {"name": "a name alone"}, "source": "ServiceNow"});
    let rejected = send(&instance, Method::POST, SERVERS, &post).await;
    assert_eq!(rejected.status, StatusCode::BAD_REQUEST);
    let item = &body(&rejected)["result"]["items"][0];
    assert_eq!(item["errors"][0]["error"], "MISSING_MATCHING_ATTRIBUTES");
}

/// A creator may create items and change none; tables that no web service reaches stay closed.
#[tokio::test]
async fn a_create_changes_no_item_that_the_caller_may_not_change() {
    let instance = Instance::new(json!({
        "users": {"creator": {"roles": ["asset"]}, "agent": {"roles": ["itil"]}},
        "acls": {
            "create": {"table": "cmdb_ci", "roles": ["itil", "asset"], "operation": "create"},
            "read": {"table": "cmdb_ci", "roles": ["itil", "asset"]},
        },
        "tables": {"cmdb_ci_win_server": {"web_service_access": false}},
    }));
    let post = async |attributes: Value| {
        let body = json!({"attributes": attributes, "source": "ServiceNow"}).to_string();
        instance
            .call("creator", Method::POST, SERVERS, &[], body.as_str())
            .await
    };
    let made = post(json!({"name": "lnux777", "short_description": "mine"})).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.reason);
    let again = post(json!({"name": "lnux777", "short_description": "yours"})).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(again.condition, Some(Condition::WriteDenied));
    let path = "/api/now/table/cmdb_ci_linux_server?sysparm_query=name=lnux777";
    let kept = column(&instance.get("agent", path).await, "short_description");
    assert_eq!(kept, ["mine"]);
    let elsewhere = json!({"name": "win777", "sys_class_name": "cmdb_ci_win_server"});
    let closed = post(elsewhere).await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    assert_eq!(closed.condition, Some(Condition::TableNotExposed));
}
