//! Set-ups become records, and actions change them.

use serde_json::{Value, json};
use snowproof_simulator::journal::Change;
use snowproof_simulator::policy::{Access, Identity};
use snowproof_simulator::setup::{Operation, RateRuleSetup};
use snowproof_simulator::store::{Store, seed, visible};

use crate::instance::{Instance, author, column, now};

fn refusal(setup: Value) -> String {
    Instance::try_new(setup).err().unwrap()
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let table = refusal(json!({"tables": {"cmdb_ci_servr": {"rows": 1}}}));
    assert!(table.starts_with("unknown table `cmdb_ci_servr`; the nearest are `cmdb_ci_server`"));
    let column = refusal(json!({"tables": {"incident": {"set": {"urgencyy": ["1"]}}}}));
    assert!(column.starts_with("unknown column `urgencyy`; the nearest are `urgency`"));
    let role = refusal(json!({"users": {"u": {"roles": ["cmdb_reed"]}}}));
    assert!(role.starts_with("unknown role `cmdb_reed`; the nearest are `cmdb_read`"));
    let condition = refusal(json!({"acls": {"a": {"table": "incident", "condition": "nosuch=1"}}}));
    assert_eq!(
        condition,
        "access control `a`: `nosuch=1` is no condition on table `incident`"
    );
    let rows = refusal(json!({"tables": {"sys_user_role": {"rows": 1}}}));
    assert!(rows.contains("rows of its own"), "{rows}");
    let group = refusal(json!({"users": {"u": {"groups": ["none"]}}}));
    assert!(group.starts_with("unknown group `none`"));
}

#[tokio::test]
async fn rows_are_counted_in_pages_and_values_dealt_in_turn() {
    let instance = Instance::new(json!({
        "tables": {"incident": {"rows": "1.5 pages", "set": {"category": ["network", "software"]}}},
    }));
    let list = instance
        .get(
            "admin",
            "/api/now/table/incident?sysparm_query=ORDERBYnumber",
        )
        .await;
    let categories = column(&list, "category");
    assert_eq!(categories.len(), 15);
    assert_eq!(categories[..3], ["network", "software", "network"]);
    assert_eq!(column(&list, "number")[0], "INC0000001");
    let users = Instance::new(json!({"tables": {"sys_user": {"rows": 12}}, "users": {"u": {}}}));
    let list = users.get("admin", "/api/now/table/sys_user").await;
    assert_eq!(list.headers["x-total-count"], "12");
}

#[test]
fn the_same_seed_makes_the_same_records() {
    let setup = || json!({"tables": {"cmdb_ci_server": {"rows": 30}}, "users": {"u": {}}});
    let ids = || {
        let instance = Instance::new(setup());
        let policy = instance.policy();
        visible(
            &instance.store,
            &policy,
            "admin",
            "cmdb_ci_server",
            now().unix,
        )
        .unwrap()
    };
    assert_eq!(ids().visible.len(), 30);
    assert_eq!(ids(), ids());
}

#[test]
fn users_roles_and_groups_become_policy() {
    let instance = Instance::new(json!({
        "groups": {"Operators": {"roles": ["itil"]}},
        "users": {
            "direct": {"roles": ["cmdb_read"]},
            "member": {"groups": ["Operators"], "time_zone": "Europe/Berlin"},
            "away": {"active": false, "locked_out": true, "password": "another"},
        },
        "properties": {"glide.user.max_unlock_attempts": "3"},
    }));
    let policy = instance.policy();
    let member = policy.user("Member").unwrap();
    assert!(member.roles.contains("itil"), "by group");
    assert!(member.roles.contains("cmdb_read"), "contained in itil");
    assert_eq!(member.time_zone, "Europe/Berlin");
    assert!(policy.password_matches("direct", "secret"));
    let away = policy.user("away").unwrap();
    assert!(!away.active && away.locked_out);
    assert!(!policy.password_matches("away", "secret"));
    assert!(!policy.password_matches("admin", ""));
    assert!(policy.user("stranger").is_none());
    assert_eq!(policy.max_unlock_attempts(), 3);
    assert!(
        !format!("{policy:?}").contains('$'),
        "no digest in debug output"
    );
}

#[test]
fn rate_rules_bind_user_before_role_before_all() {
    let instance = Instance::new(json!({
        "users": {"u": {"roles": ["itil"]}, "v": {"roles": ["itil"]}, "w": {}},
        "rate_rules": {
            "all": {"limit": 100},
            "itil": {"limit": 200, "role": "itil"},
            "itil low": {"limit": 150, "role": "itil", "window": "1h as 5s"},
            "u": {"limit": 300, "user": "u"},
            "stats": {"limit": 7, "api": "Aggregate API"},
        },
    }));
    let policy = instance.policy();
    let rule = |user: &str, api: &str| {
        let identity = Identity::from(policy.user(user).unwrap());
        policy.rate_rule(&identity, api).map(|rule| rule.limit)
    };
    assert_eq!(rule("u", "Table API"), Some(300));
    assert_eq!(rule("v", "Table API"), Some(150));
    assert_eq!(rule("w", "Table API"), Some(100));
    assert_eq!(rule("w", "Aggregate API"), Some(7));
    assert_eq!(rule("w", "Attachment API"), None);
    let identity = Identity::from(policy.user("v").unwrap());
    let bound = policy.rate_rule(&identity, "Table API").unwrap();
    assert_eq!(bound.window.to_string(), "1h as 5s");

    instance
        .store
        .remove_rate_rule(&author(), "itil low")
        .unwrap();
    let changed = RateRuleSetup {
        limit: Some(5),
        ..RateRuleSetup::default()
    };
    instance
        .store
        .set_rate_rule(&author(), "all", &changed)
        .unwrap();
    let policy = instance.policy();
    assert_eq!(policy.rate_rule(&identity, "Table API").unwrap().limit, 200);
    let stranger = Identity::from(policy.user("w").unwrap());
    assert_eq!(policy.rate_rule(&stranger, "Table API").unwrap().limit, 5);
    assert!(instance.store.remove_rate_rule(&author(), "none").is_err());
}

#[test]
fn actions_change_records_and_are_handed_on() {
    let instance = Instance::new(json!({
        "tables": {"cmdb_ci_server": {"rows": 6, "set": {"category": ["a", "b"]}}},
        "users": {"u": {"roles": ["cmdb_read"]}},
    }));
    let store = &instance.store;
    let seen = || {
        let found = visible(store, &instance.policy(), "u", "cmdb_ci_server", now().unix).unwrap();
        (found.visible.len(), found.hidden)
    };
    assert_eq!(seen(), (6, 0));
    assert_eq!(
        store
            .insert_rows(&author(), "cmdb_ci_server", 4)
            .unwrap()
            .len(),
        4
    );
    assert_eq!(seen(), (10, 0));
    assert_eq!(
        store
            .delete_where(&author(), "cmdb_ci_server", "category=a")
            .unwrap(),
        3
    );
    let set = [("category".to_owned(), "c".to_owned())]
        .into_iter()
        .collect();
    assert_eq!(
        store
            .update_where(&author(), "cmdb_ci_server", "category=b", &set)
            .unwrap(),
        3
    );
    assert_eq!(
        store
            .update_where(&author(), "cmdb_ci_server", "category=c", &set)
            .unwrap(),
        0
    );
    store.revoke_role(&author(), "u", "cmdb_read").unwrap();
    assert_eq!(seen(), (0, 7));
    store.grant_role(&author(), "u", "itil").unwrap();
    store.grant_role(&author(), "u", "itil").unwrap();
    assert_eq!(seen(), (7, 0));
    store
        .set_user_field(&author(), "u", "active", "false")
        .unwrap();
    assert!(!instance.policy().user("u").unwrap().active);
    store.rotate_password(&author(), "u").unwrap();
    assert!(!instance.policy().password_matches("u", "secret"));

    let count = |wanted| {
        let committed = instance.committed.lock().unwrap();
        committed
            .iter()
            .filter(|change| change.change == wanted)
            .count()
    };
    assert_eq!(count(Change::Inserted), 4 + 1 + 3, "deletions are kept");
    assert_eq!(count(Change::Updated), 3 + 2);
    assert_eq!(count(Change::Deleted), 3 + 1);
    assert!(
        store
            .delete_where(&author(), "cmdb_ci_server", "nosuch=1")
            .is_err()
    );
    assert!(store.update_where(&author(), "nosuch", "", &set).is_err());
    assert!(
        store
            .set_user_field(&author(), "stranger", "active", "true")
            .is_err()
    );
}

#[test]
fn a_control_of_the_set_up_replaces_the_shipped_one() {
    let instance = Instance::new(json!({
        "users": {"u": {"roles": ["itil"]}},
        "acls": {"closed": {"table": "cmdb_ci", "roles": ["admin"], "denial": "refuse"}},
    }));
    let policy = instance.policy();
    let identity = Identity::from(policy.user("u").unwrap());
    let access = |operation| policy.access(&identity, operation, "cmdb_ci_server");
    assert_eq!(access(Operation::Read), Access::Refused);
    assert!(matches!(access(Operation::Write), Access::Granted { .. }));
}

#[test]
fn a_kept_file_opens_again_and_a_foreign_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.db");
    let store = Store::open(Some(&file)).unwrap();
    assert!(store.was_made());
    seed::populate(
        &store,
        &Default::default(),
        &Default::default(),
        &Default::default(),
        10,
        1,
    )
    .unwrap();
    let before = store.insert_rows(&author(), "incident", 1).unwrap();
    drop(store);
    let store = Store::open(Some(&file)).unwrap();
    assert!(!store.was_made());
    store.seed_ids(1);
    let after = store.insert_rows(&author(), "incident", 1).unwrap();
    assert_ne!(before, after);
    let foreign = folder.path().join("foreign.db");
    std::fs::write(&foreign, "not a database, and long enough to be looked at").unwrap();
    let error = Store::open(Some(&foreign)).unwrap_err().to_string();
    assert!(
        error.contains("is not a database of this version"),
        "{error}"
    );
}

#[test]
fn a_temporary_database_goes_with_the_store() {
    let store = Store::open(None).unwrap();
    let path = format!("{store:?}");
    let path = path.split('"').nth(1).unwrap().to_owned();
    assert!(std::path::Path::new(&path).exists());
    drop(store);
    assert!(!std::path::Path::new(&path).exists());
}
