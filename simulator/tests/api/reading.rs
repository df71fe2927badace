//! Lists and records on the wire.

use http::{Method, StatusCode};
use serde_json::json;
use snowproof_simulator::journal::Condition;

use crate::instance::{BASE, Instance, column, json as body, result, wire};

fn five_servers() -> Instance {
    Instance::new(json!({
        "tables": {"cmdb_ci_server": {"rows": 5}},
        "users": {
            "sync.user": {"roles": ["cmdb_read"], "time_zone": "America/New_York"},
            "nobody": {},
        },
    }))
}

#[tokio::test]
async fn a_list_says_where_its_pages_are() {
    let instance = five_servers();
    let list = instance
        .get(
            "sync.user",
            "/api/now/v2/table/cmdb_ci_server?sysparm_query=ORDERBYname&sysparm_fields=name,location,install_status&sysparm_limit=2&sysparm_offset=2",
        )
        .await;
    insta::assert_snapshot!(wire(&list));
}

#[tokio::test]
async fn no_links_where_one_page_holds_all() {
    let instance = five_servers();
    let list = instance
        .get("sync.user", "/api/now/table/cmdb_ci_server?sysparm_limit=5")
        .await;
    assert_eq!(list.headers["x-total-count"], "5");
    assert!(!list.headers.contains_key("link"));
    let suppressed =
        "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_suppress_pagination_header=true";
    let list = instance.get("sync.user", suppressed).await;
    assert_eq!(list.headers["x-total-count"], "5");
    assert!(!list.headers.contains_key("link"));
    let uncounted = "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_no_count=true";
    let list = instance.get("sync.user", uncounted).await;
    assert!(!list.headers.contains_key("x-total-count"));
}

#[tokio::test]
async fn every_shape_of_a_value_is_as_documented() {
    let instance = five_servers();
    let mut shapes = String::new();
    for display in ["false", "true", "all"] {
        for exclude in ["false", "true"] {
            let list = instance
                .get(
                    "sync.user",
                    &format!(
                        "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_query=ORDERBYname\
                         &sysparm_fields=name,install_status,location,assigned_to,vendor,\
                         sys_created_on,sys_class_name,sys_domain,ram,location.name\
                         &sysparm_display_value={display}&sysparm_exclude_reference_link={exclude}"
                    ),
                )
                .await;
            let row = serde_json::to_string_pretty(&result(&list)[0]).unwrap();
            shapes.push_str(
                &[
                    "display ",
                    display,
                    ", exclude link ",
                    exclude,
                    "\n",
                    &row,
                    "\n",
                ]
                .concat(),
            );
        }
    }
    insta::assert_snapshot!(shapes);
}

#[tokio::test]
async fn errors_speak_the_instances_words() {
    let instance = five_servers();
    let mut errors = String::new();
    for (user, path) in [
        ("sync.user", "/api/now/table/sys_user_list"),
        (
            "sync.user",
            "/api/now/table/cmdb_ci_server/00000000000000000000000000000000",
        ),
        ("sync.user", "/api/now/table/cmdb_ci_server?sysparm_limit=0"),
        (
            "sync.user",
            "/api/now/v1/table/cmdb_ci_server?sysparm_query=name=none",
        ),
        (
            "sync.user",
            "/api/now/v2/table/cmdb_ci_server?sysparm_query=name=none",
        ),
        ("sync.user", "/api/now/nonsense"),
        ("sync.user", "/api/now/stats/cmdb_ci_server"),
        ("nobody", "/api/now/table/sys_db_object"),
        ("nobody", "/api/now/stats/cmdb_ci_server?sysparm_count=true"),
    ] {
        let reply = instance.get(user, path).await;
        let condition = reply.condition.map_or("none", Condition::name);
        let text = std::str::from_utf8(&reply.body).unwrap();
        let status = reply.status.as_str();
        errors.push_str(&[path, "\n  ", status, " ", condition, " ", text, "\n"].concat());
    }
    insta::assert_snapshot!(errors);
}

#[tokio::test]
async fn a_denied_list_is_empty_and_counts_all() {
    let instance = five_servers();
    let list = instance
        .get("nobody", "/api/now/table/cmdb_ci_server?sysparm_limit=3")
        .await;
    assert_eq!(list.status, StatusCode::OK);
    assert_eq!(list.headers["x-total-count"], "5");
    assert_eq!(body(&list), json!({"result": []}));
    assert_eq!(list.condition, Some(Condition::RowsHidden));
    let v1 = instance
        .get("nobody", "/api/now/v1/table/cmdb_ci_server")
        .await;
    assert_eq!(v1.status, StatusCode::NOT_FOUND);
    let id = column(
        &instance
            .get("sync.user", "/api/now/table/cmdb_ci_server?sysparm_limit=1")
            .await,
        "sys_id",
    );
    let hidden = instance
        .get(
            "nobody",
            &format!("/api/now/table/cmdb_ci_server/{}", id[0]),
        )
        .await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let seen = instance
        .get("sync.user", &format!("/api/now/table/cmdb_ci/{}", id[0]))
        .await;
    assert_eq!(result(&seen)["sys_class_name"], "cmdb_ci_server");
}

#[tokio::test]
async fn a_parent_table_returns_its_children() {
    let instance = Instance::new(json!({"users": {"sync.user": {"roles": ["itil"]}}}));
    let all = instance
        .get(
            "sync.user",
            "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_class_name",
        )
        .await;
    let classes: std::collections::BTreeSet<String> =
        column(&all, "sys_class_name").into_iter().collect();
    let expected = [
        "cmdb_ci_esx_server",
        "cmdb_ci_linux_server",
        "cmdb_ci_server",
        "cmdb_ci_storage_server",
        "cmdb_ci_win_server",
    ];
    assert!(classes.iter().map(String::as_str).eq(expected));
    let exact = instance
        .get(
            "sync.user",
            "/api/now/table/cmdb_ci?sysparm_query=sys_class_name=cmdb_ci_server",
        )
        .await;
    assert_eq!(column(&exact, "sys_class_name"), ["cmdb_ci_server"]);
    let instances = instance
        .get(
            "sync.user",
            "/api/now/table/cmdb_ci?sysparm_query=sys_class_nameINSTANCEOFcmdb_ci_server",
        )
        .await;
    assert_eq!(
        instances.headers["x-total-count"],
        all.headers["x-total-count"]
    );
}

#[tokio::test]
async fn a_reader_of_incidents_sees_only_incidents_among_tasks() {
    let instance = Instance::new(json!({"users": {"reader": {"roles": ["sn_incident_read"]}}}));
    let tasks = instance.get("reader", "/api/now/table/task").await;
    let classes = column(&tasks, "sys_class_name");
    assert_eq!(classes.len(), 10);
    assert!(classes.iter().all(|class| class == "incident"));
    assert_eq!(tasks.headers["x-total-count"], "36");
    let problems = instance.get("reader", "/api/now/table/problem").await;
    assert_eq!(body(&problems), json!({"result": []}));
    assert_eq!(problems.headers["x-total-count"], "4");
}

#[tokio::test]
async fn queries_select_walk_and_know_the_caller() {
    let instance = five_servers();
    let names = async |query: &str| {
        let encoded = query.replace(' ', "%20");
        let list = instance
            .get(
                "sync.user",
                &format!("/api/now/table/cmdb_ci_server?sysparm_query={encoded}^ORDERBYname"),
            )
            .await;
        column(&list, "name").join(" ")
    };
    assert_eq!(names("nameLIKE0003").await, "srv-00003");
    assert_eq!(
        names("name=SRV-00001^ORname=srv-00002^ram>1").await,
        "srv-00001 srv-00002"
    );
    assert_eq!(
        names("nameIN srv-1,srv-00004,srv-00005").await,
        "srv-00004 srv-00005"
    );
    assert_eq!(
        names("department.nameENDSWITHOperations").await,
        "srv-00002"
    );
    assert_eq!(names("departmentLIKEFINAN").await, "srv-00004");
    assert_eq!(names("ramBETWEEN8192@12288").await, "srv-00001 srv-00002");
    assert_eq!(
        names("nameSTARTSWITHsrv^ram>=20480^NQname=srv-00001").await,
        "srv-00001 srv-00004 srv-00005"
    );
    assert_eq!(names("short_descriptionLIKEKÖLN").await, "srv-00005");
    let own = "/api/now/table/sys_user?sysparm_query=user_name=javascript:gs.getUserName()";
    let own = instance.get("sync.user", own).await;
    assert_eq!(column(&own, "user_name"), ["sync.user"]);
    let own = "/api/now/table/sys_user?sysparm_query=sys_id=javascript:gs.getUserID()";
    assert_eq!(
        column(&instance.get("nobody", own).await, "user_name"),
        ["nobody"]
    );
    let named = instance
        .get("nobody", "/api/now/table/sys_user?user_name=nobody&x=y")
        .await;
    assert_eq!(column(&named, "user_name"), ["nobody"]);
    assert_eq!(column(&named, "user_password"), [""]);
}

#[tokio::test]
async fn an_invalid_field_widens_empties_or_refuses() {
    let mut instance = five_servers();
    let path = "/api/now/table/cmdb_ci_server?sysparm_query=nosuch=1^name=srv-00001";
    assert_eq!(
        column(&instance.get("sync.user", path).await, "name").len(),
        1
    );
    let only = "/api/now/table/cmdb_ci_server?sysparm_query=nosuch=1";
    assert_eq!(
        column(&instance.get("sync.user", only).await, "name").len(),
        5
    );
    instance.switches = serde_json::from_value(json!({"invalid_query": "no_rows"})).unwrap();
    let none = instance.get("sync.user", path).await;
    assert_eq!(body(&none), json!({"result": []}));
    instance.switches = serde_json::from_value(json!({"invalid_query": "refused"})).unwrap();
    let refused = instance.get("sync.user", path).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.condition, Some(Condition::InvalidRequest));
}

#[tokio::test]
async fn what_is_not_modelled_is_said() {
    let instance = five_servers();
    for (path, what) in [
        (
            "/api/now/table/cmdb_ci_server?sysparm_query=managed_byDYNAMIC90d1",
            "DYNAMIC",
        ),
        (
            "/api/now/table/cmdb_ci_server?sysparm_query=SUBQUERYsys_id,parent,task^ENDSUBQUERY",
            "SUBQUERY",
        ),
        (
            "/api/now/table/cmdb_ci_server?sysparm_query=name=javascript:new Foo()",
            "javascript",
        ),
    ] {
        let reply = instance.get("sync.user", path).await;
        assert!(
            reply.unmodelled.iter().any(|line| line.contains(what)),
            "{path}: {:?}",
            reply.unmodelled
        );
    }
    let nonsense = instance.get("sync.user", "/api/v2/tickets").await;
    assert_eq!(nonsense.unmodelled, [""; 0]);
    assert_eq!(nonsense.condition, Some(Condition::UnknownApi));
    let plain = instance
        .get("sync.user", "/api/now/table/cmdb_ci_server")
        .await;
    assert_eq!(plain.unmodelled, [""; 0]);
}

#[tokio::test]
async fn head_is_get_without_a_body_and_an_unknown_form_is_refused() {
    let instance = five_servers();
    let path = "/api/now/table/cmdb_ci_server?sysparm_limit=2";
    let head = instance
        .call("sync.user", Method::HEAD, path, &[], "")
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers["x-total-count"], "5");
    let accept = [("accept", "image/png")];
    let png = instance
        .call("sync.user", Method::GET, path, &accept, "")
        .await;
    assert_eq!(png.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn aggregates_count_and_group() {
    let instance = Instance::new(json!({"users": {"sync.user": {"roles": ["itil"]}}}));
    let count = instance
        .get(
            "sync.user",
            "/api/now/stats/cmdb_ci_server?sysparm_count=true",
        )
        .await;
    assert_eq!(body(&count), json!({"result": {"stats": {"count": "11"}}}));
    let grouped = instance
        .get(
            "sync.user",
            "/api/now/v1/stats/cmdb_ci_server?sysparm_count=true&sysparm_group_by=sys_class_name",
        )
        .await;
    assert_eq!(
        body(&grouped)["result"][2],
        json!({
            "stats": {"count": "1"},
            "groupby_fields": [{"field": "sys_class_name", "value": "cmdb_ci_server"}],
        })
    );
}

#[tokio::test]
async fn the_schema_is_described_by_records() {
    let instance = Instance::new(json!({"users": {"sync.user": {"roles": ["itil"]}}}));
    let path = "/api/now/table/sys_dictionary?sysparm_query=name=cmdb_ci^element=company";
    let company = instance.get("sync.user", path).await;
    let row = &result(&company)[0];
    assert_eq!(row["reference"]["value"], "core_company");
    assert_eq!(
        row["internal_type"],
        json!({
            "link": format!("{BASE}/api/now/table/sys_glide_object?name=reference"),
            "value": "reference",
        })
    );
    let path = "/api/now/table/sys_db_object?sysparm_query=name=incident&sysparm_fields=super_class.name,label";
    let incident = instance.get("sync.user", path).await;
    assert_eq!(
        result(&incident),
        json!([{"super_class.name": "task", "label": "Incident"}])
    );
}
