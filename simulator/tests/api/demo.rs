//! The demo instance: records that clients know, references that lead somewhere, and made-up rows
//! that are unique and plausible.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use snowproof_simulator::setup::InstanceSetup;
use snowproof_simulator::store::{Store, seed};

use crate::instance::{Instance, column, result};

async fn rows(instance: &Instance, path: &str) -> Vec<Value> {
    let list = instance.get("admin", path).await;
    result(&list).as_array().unwrap().clone()
}

#[tokio::test]
async fn records_with_ids_of_their_own_are_there() {
    let instance = Instance::new(json!({}));
    for (path, name) in [
        (
            "sys_user/6816f79cc0a8016401c5a33be04be441",
            "System Administrator",
        ),
        (
            "sys_user_group/d625dccec0a8016700a222a0f7900d06",
            "Service Desk",
        ),
        ("sys_user_group/287ebd7da9fe198100f92cc8d1d2154e", "Network"),
        (
            "cmdb_rel_type/1a9cb166f1571100a92eb60da2bce5c5",
            "Depends on::Used by",
        ),
    ] {
        let reply = instance
            .get("admin", &format!("/api/now/table/{path}"))
            .await;
        assert_eq!(result(&reply)["name"], name);
    }
}

#[tokio::test]
async fn there_is_enough_of_everything() {
    let instance = Instance::new(json!({}));
    let classes = |table: &'static str| {
        let path = format!("/api/now/table/{table}?sysparm_fields=sys_class_name");
        let instance = &instance;
        async move {
            let classes = column(&instance.get("admin", &path).await, "sys_class_name");
            classes.into_iter().collect::<BTreeSet<_>>()
        }
    };
    assert!(classes("cmdb_ci").await.len() >= 8);
    for task in [
        "incident",
        "problem",
        "change_request",
        "sc_request",
        "sc_req_item",
        "sc_task",
        "task",
    ] {
        assert!(classes("task").await.contains(task), "{task}");
        let open = format!("/api/now/table/{task}?active=true&sys_class_name={task}");
        let closed = format!("/api/now/table/{task}?active=false&sys_class_name={task}");
        assert!(!rows(&instance, &open).await.is_empty(), "{task}");
        assert!(!rows(&instance, &closed).await.is_empty(), "{task}");
    }
    for table in ["syslog", "sys_metadata"] {
        assert!(
            rows(&instance, &format!("/api/now/table/{table}"))
                .await
                .len()
                > 100
        );
    }
    for table in [
        "sys_email",
        "sys_attachment",
        "sys_script",
        "sys_journal_field",
        "cmdb_rel_ci",
        "kb_knowledge",
    ] {
        let found = rows(&instance, &format!("/api/now/table/{table}")).await;
        assert!(!found.is_empty(), "{table}");
    }
    let attachment = rows(&instance, "/api/now/attachment").await;
    let file = attachment[0]["download_link"].as_str().unwrap();
    let path = file.trim_start_matches(crate::instance::BASE);
    let bytes = instance.get("admin", path).await.body;
    assert_eq!(
        bytes.len().to_string(),
        attachment[0]["size_bytes"].as_str().unwrap()
    );
    for (at, property) in [
        "glide.buildname",
        "glide.buildtag",
        "glide.war",
        "instance_name",
    ]
    .iter()
    .enumerate()
    {
        let path = format!("/api/now/table/sys_properties?name={property}");
        assert_eq!(rows(&instance, &path).await.len(), 1, "{at}");
    }
}

/// Every record of every table, by table and id.
async fn everything(instance: &Instance) -> BTreeMap<(String, String), Value> {
    let tables = column(
        &instance
            .get(
                "admin",
                "/api/now/table/sys_db_object?sysparm_query=super_classISEMPTY&sysparm_fields=name",
            )
            .await,
        "name",
    );
    let mut all = BTreeMap::new();
    for table in tables {
        for row in rows(instance, &format!("/api/now/table/{table}")).await {
            let id = row["sys_id"].as_str().unwrap().to_owned();
            all.insert((table.clone(), id), row);
        }
    }
    all
}

/// References that lead nowhere, with the record they stand in; odd ones by word are left out.
async fn dangling(instance: &Instance) -> Vec<String> {
    let all = everything(instance).await;
    let ids: BTreeSet<&str> = all.keys().map(|(_, id)| id.as_str()).collect();
    let mut lost = Vec::new();
    for ((table, id), row) in &all {
        for (name, value) in row.as_object().unwrap() {
            let Some(to) = value["value"].as_str() else {
                continue;
            };
            let is_id = to.len() == 32 && to.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_id && !ids.contains(to) {
                lost.push(format!("{table} {id} {name} {to}"));
            }
        }
        let owner = match table.as_str() {
            "sys_journal_field" => row["element_id"].as_str(),
            "sys_attachment" => row["table_sys_id"].as_str(),
            "sys_email" => row["instance"].as_str(),
            _ => None,
        };
        if let Some(owner) = owner.filter(|owner| !owner.is_empty())
            && !ids.contains(owner)
        {
            lost.push(format!("{table} {id} of {owner}"));
        }
    }
    lost
}

#[tokio::test]
async fn references_lead_somewhere_whichever_table_is_filled_anew() {
    assert_eq!(dangling(&Instance::new(json!({}))).await, [""; 0]);
    for tables in [
        json!({"cmdb_ci_server": {"rows": 25}}),
        json!({"task": {"rows": 0}, "sys_user_group": {"rows": 2}}),
        json!({"sys_user": {"rows": 5}, "core_company": {"rows": 0}}),
        json!({"cmn_location": {}, "cmdb_model": {"rows": 1}, "cmn_department": {"rows": 0}}),
        json!({"incident": {"rows": 12}, "cmdb_ci": {"rows": 30}, "cmdb_rel_ci": {"rows": 9}}),
    ] {
        let instance = Instance::new(json!({ "tables": tables }));
        assert_eq!(dangling(&instance).await, [""; 0], "{tables}");
    }
}

#[tokio::test]
async fn a_table_named_without_rows_has_as_many_as_before() {
    let usual = Instance::new(json!({}));
    let usual = rows(&usual, "/api/now/table/incident").await.len();
    let dealt = Instance::new(json!({"tables": {"incident": {"set": {"category": ["network"]}}}}));
    let found = column(
        &dealt.get("admin", "/api/now/table/incident").await,
        "category",
    );
    assert_eq!(found, vec!["network"; usual]);
}

fn ids(seed: u64) -> Vec<String> {
    let store = Store::open(None).unwrap();
    let setup: InstanceSetup =
        serde_json::from_value(json!({"tables": {"cmdb_ci_server": {"rows": 3}}})).unwrap();
    seed::populate(
        &store,
        &setup,
        &Default::default(),
        &Default::default(),
        10,
        seed,
    )
    .unwrap();
    let policy = snowproof_simulator::policy::Policy::compile(&store, 1).unwrap();
    let now = crate::instance::now().unix;
    let seen =
        |table| snowproof_simulator::store::visible(&store, &policy, "admin", table, now).unwrap();
    let both = [
        seen("cmdb_ci_server").visible,
        seen("sys_user_group").visible,
    ];
    both.concat().into_iter().map(|(id, _)| id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_seed_says_what_the_made_up_ids_are_and_no_others(one: u64, other: u64) {
        prop_assume!(one != other);
        prop_assert_eq!(ids(one), ids(one));
        let (one, other) = (ids(one), ids(other));
        prop_assert_eq!(&one[3..], &other[3..]);
        prop_assert!(one[..3].iter().all(|id| !other[..3].contains(id)));
    }

    #[test]
    fn made_up_items_are_unique_over_their_classes(counts in [0_u32..40, 0..40, 0..40]) {
        let instance = Instance::new(json!({"tables": {
            "cmdb_ci": {"rows": counts.iter().sum::<u32>()},
            "cmdb_ci_linux_server": {"rows": counts[0]},
            "cmdb_ci_win_server": {"rows": counts[1]},
        }}));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let all = runtime.block_on(rows(&instance, "/api/now/table/cmdb_ci"));
        for name in ["name", "ip_address", "mac_address", "serial_number", "asset_tag"] {
            let given: Vec<&str> = all
                .iter()
                .map(|row| row[name].as_str().unwrap())
                .filter(|value| !value.is_empty())
                .collect();
            let once: BTreeSet<&str> = given.iter().copied().collect();
            prop_assert_eq!(once.len(), given.len(), "{}", name);
        }
        for row in &all {
            let windows = row["sys_class_name"] == "cmdb_ci_win_server";
            let system = row.get("os").and_then(Value::as_str).unwrap_or_default();
            prop_assert!(system.is_empty() || system.starts_with("Windows") == windows);
        }
    }

    #[test]
    fn numbers_are_unique(incidents in 0_u32..30, tasks in 60_u32..90) {
        let instance = Instance::new(json!({"tables": {
            "task": {"rows": tasks}, "incident": {"rows": incidents}, "change_task": {"rows": 3},
        }}));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let numbers = runtime.block_on(async {
            column(&instance.get("admin", "/api/now/table/task").await, "number")
        });
        let once: BTreeSet<&String> = numbers.iter().collect();
        prop_assert_eq!(once.len(), numbers.len());
        prop_assert_eq!(numbers.len(), tasks as usize);
    }
}
