//! The tables that describe an instance: what discovery reads.

use http::Method;
use serde_json::{Value, json};
use snowproof_simulator::setup::InstanceSetup;
use snowproof_simulator::store::Store;

use crate::instance::{Instance, column, json, result};

#[tokio::test]
async fn application_files_of_every_kind_are_listed_by_their_parent() {
    let instance = Instance::new(json!({}));
    let list = instance
        .get(
            "admin",
            "/api/now/table/sys_metadata?sysparm_query=sys_class_nameINsys_user_role,sys_properties^sys_nameINitil,glide.war&sysparm_fields=sys_name,sys_class_name,sys_scope&sysparm_display_value=true",
        )
        .await;
    let mut rows = result(&list);
    rows.as_array_mut()
        .unwrap()
        .sort_by_key(|row| row["sys_name"].to_string());
    let scope = json!({"display_value": "Global", "link": "https://dev00001.instance.test/api/now/table/sys_scope/global"});
    assert_eq!(
        rows,
        json!([
            {"sys_name": "glide.war", "sys_class_name": "System Property", "sys_scope": scope},
            {"sys_name": "itil", "sys_class_name": "Role", "sys_scope": scope},
        ])
    );
}

#[tokio::test]
async fn a_table_is_found_by_name_though_its_columns_share_its_physical_table() {
    let instance = Instance::new(json!({}));
    let list = instance
        .get(
            "admin",
            "/api/now/table/sys_dictionary?sysparm_query=name=incident^element=caller_id&sysparm_fields=reference,reference.label,internal_type,max_length",
        )
        .await;
    assert_eq!(
        result(&list),
        json!([{
            "reference": {"link": "https://dev00001.instance.test/api/now/table/sys_db_object?name=sys_user", "value": "sys_user"},
            "reference.label": "User",
            "internal_type": {"link": "https://dev00001.instance.test/api/now/table/sys_glide_object?name=reference", "value": "reference"},
            "max_length": "32",
        }])
    );
}

#[tokio::test]
async fn whoever_may_read_some_application_files_reads_those() {
    let instance = Instance::new(json!({"users": {"reader": {"roles": ["itil"]}}}));
    let list = instance
        .get(
            "reader",
            "/api/now/table/sys_metadata?sysparm_query=nameSTARTSWITHx^NQsys_nameINitil,Incident^ORDERBYsys_class_name&sysparm_fields=sys_class_name&sysparm_limit=10000",
        )
        .await;
    let mut classes = column(&list, "sys_class_name");
    classes.dedup();
    assert_eq!(
        classes,
        ["sys_db_object", "sys_dictionary", "sys_user_role"]
    );
}

#[tokio::test]
async fn a_scope_that_is_given_is_stored_as_global_and_a_file_is_named() {
    let instance = Instance::new(json!({}));
    let made = instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/sys_properties?sysparm_fields=sys_name,sys_scope,sys_update_name,sys_id&sysparm_exclude_reference_link=true",
            &[],
            r#"{"name":"u.retries","value":"3","sys_scope":"x_acme"}"#,
        )
        .await;
    let made: Value = json(&made)["result"].take();
    let sys_id = made["sys_id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "sys_name": "u.retries",
            "sys_scope": "global",
            "sys_update_name": format!("sys_properties_{sys_id}"),
            "sys_id": sys_id,
        })
    );
}

/// A class of configuration items of the instance's own, a table that refers to it, and a column of
/// its own in `incident`.
fn own_tables() -> Value {
    json!({
        "dictionary": {
            "u_vendor_server": {
                "label": "Vendor Server",
                "extends": "cmdb_ci_server",
                "columns": {
                    "u_rack": {"max_length": 4},
                    "u_tier": {"type": "integer", "choices": {"1": "Gold", "2": "Silver"}, "default": "2"},
                    "u_maker": {"reference": "core_company", "mandatory": true},
                },
            },
            "u_lease": {
                "columns": {
                    "u_name": {"label": "Lease"},
                    "u_server": {"reference": "u_vendor_server"},
                    "u_portal": {"type": "url", "read_only": true},
                },
            },
            "incident": {"columns": {"u_site": {"default": "Köln"}}},
        },
        "tables": {"u_vendor_server": {"rows": 3}, "incident": {"rows": 1}},
    })
}

#[tokio::test]
async fn own_tables_are_tables_like_any_other() {
    let instance = Instance::new(own_tables());
    let list = instance
        .get(
            "admin",
            "/api/now/table/cmdb_ci?sysparm_query=sys_class_name=u_vendor_server&sysparm_fields=name,sys_class_name",
        )
        .await;
    assert_eq!(column(&list, "sys_class_name"), ["u_vendor_server"; 3]);
    let made = instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/u_vendor_server?sysparm_fields=u_rack,u_tier,os,sys_id&sysparm_display_value=true",
            &[],
            r#"{"u_rack":"R42-17","os":"ESX","u_none":"x"}"#,
        )
        .await;
    let made = result(&made);
    let sys_id = made["sys_id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({"u_rack": "R42-", "u_tier": "Silver", "os": "ESX", "sys_id": sys_id})
    );
    let lease = instance
        .call(
            "admin",
            Method::POST,
            "/api/now/table/u_lease?sysparm_fields=u_server.u_tier,u_server.name",
            &[],
            json!({"u_name": "L1", "u_server": sys_id}).to_string(),
        )
        .await;
    assert_eq!(
        result(&lease),
        json!({"u_server.u_tier": "2", "u_server.name": ""})
    );
    let incidents = instance
        .get("admin", "/api/now/table/incident?u_site=k%C3%B6ln")
        .await;
    assert_eq!(column(&incidents, "u_site"), ["Köln"]);
}

#[tokio::test]
async fn own_tables_are_described_like_any_other() {
    let instance = Instance::new(own_tables());
    let get = async |path: &str| result(&instance.get("admin", path).await);
    let described = json!({
        "tables": get("/api/now/table/sys_db_object?sysparm_query=nameSTARTSWITHu_^ORDERBYname&sysparm_fields=name,label,super_class.name,is_extendable").await,
        "columns": get("/api/now/table/sys_dictionary?sysparm_query=elementSTARTSWITHu_^nameINu_lease,u_vendor_server,incident^ORDERBYelement&sysparm_fields=name,element,column_label,internal_type,max_length,reference,default_value,mandatory,read_only,display,choice&sysparm_exclude_reference_link=true").await,
        "choices": get("/api/now/table/sys_choice?sysparm_query=name=u_vendor_server^ORDERBYsequence&sysparm_fields=element,value,label").await,
        "collections": get("/api/now/table/sys_dictionary?sysparm_query=internal_type=collection^nameSTARTSWITHu_^ORDERBYname&sysparm_fields=name,element").await,
    });
    insta::assert_json_snapshot!(described);
}

#[tokio::test]
async fn instances_with_other_tables_do_not_share_them() {
    let own = Instance::new(own_tables());
    let plain = Instance::new(json!({}));
    let path = "/api/now/table/u_lease";
    assert_eq!(own.get("admin", path).await.status, 200);
    assert_eq!(plain.get("admin", path).await.status, 400);
    let refused = Instance::try_new(json!({"dictionary": {"u_a": {"extends": "u_b"}}}));
    assert!(refused.err().unwrap().contains("unknown table `u_b`"));
}

#[test]
fn a_kept_database_is_one_of_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("instance.db");
    let setup: InstanceSetup = serde_json::from_value(own_tables()).unwrap();
    assert!(Store::open_for(&setup, Some(&file)).unwrap().was_made());
    assert!(!Store::open_for(&setup, Some(&file)).unwrap().was_made());
    let error = Store::open(Some(&file)).unwrap_err().to_string();
    assert!(error.contains("with these tables"), "{error}");
}

#[tokio::test]
async fn no_record_is_called_by_a_password() {
    let with = |column: Value| {
        json!({
            "users": {"u": {"roles": ["itil"]}},
            "dictionary": {
                "u_vault": {"columns": {"u_name": column}},
                "u_door": {"columns": {"u_vault": {"reference": "u_vault"}}},
            },
        })
    };
    for (kind, marked) in [("password", true), ("password2", false)] {
        let instance = Instance::new(with(json!({"type": kind, "display": marked})));
        let vault = instance.made("admin", "u_vault", json!({"u_name": "s3cret"}));
        let vault = vault.await["sys_id"].take();
        let made = instance.made("admin", "u_door", json!({"u_vault": vault}));
        let made = made.await["sys_id"].take();
        let id = made.as_str().unwrap();
        let path = format!("/api/now/table/u_door/{id}?sysparm_display_value=true");
        let shown = instance.get("admin", &path);
        assert_eq!(
            result(&shown.await)["u_vault"]["display_value"],
            vault,
            "{kind}"
        );
    }
}
