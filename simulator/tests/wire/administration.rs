//! What an administrator changes by REST holds from the very next request on, on a connection that
//! was open before: roles, access controls, API keys, access policies and OAuth applications are
//! records, and no step has a hand in it.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, Condition};
use snowproof_simulator::setup::{Given, Setup};
use snowproof_simulator::simulator::{Options, Running};

use crate::client::{Client, basic};
use crate::stage::{self, LIST, USER, credentials, requests};

const ADMIN: &str = "admin-secret-Xk3";
const KEY: &str = "now_Kq7-secret-Vt9-canary";
const TOKEN: &str = "Acc3ss-given-canary";

/// An instance, its administrator, and a caller whose connection stays open.
struct Office {
    running: Running,
    admin: Client,
    caller: Client,
    /// How the caller says who it is.
    shows: String,
}

impl Office {
    async fn open(main: Value, shows: String) -> Self {
        let mut setup = Setup {
            given: Given {
                client_id: "c11ent".to_owned(),
                client_secret: "Cl1ent-s3cret".to_owned(),
                access_token: TOKEN.to_owned(),
                api_key: KEY.to_owned(),
                user: USER.to_owned(),
                ..Given::default()
            },
            ..stage::setup(main, json!({}))
        };
        setup.passwords.insert("admin".to_owned(), ADMIN.to_owned());
        let running = stage::try_start(setup, Options::default()).await.unwrap();
        let (admin, caller) = (stage::secure(&running).await, stage::secure(&running).await);
        Self {
            running,
            admin,
            caller,
            shows,
        }
    }

    /// The only record that matches.
    async fn find(&mut self, table: &str, query: &str) -> String {
        let target = format!("/api/now/table/{table}?sysparm_query={query}&sysparm_fields=sys_id");
        let answer = self.admin.get(&target, &basic("admin", ADMIN)).await;
        let rows = answer.json()["result"].as_array().unwrap().clone();
        assert_eq!(rows.len(), 1, "{table} {query}: {}", answer.text());
        rows[0]["sys_id"].as_str().unwrap().to_owned()
    }

    /// A write of the administrator's; the `sys_id` of what is answered.
    async fn write(&mut self, method: &str, path: &str, body: &Value) -> String {
        let headers = format!(
            "{}Content-Type: application/json\r\n",
            basic("admin", ADMIN)
        );
        let target = format!("/api/now/table/{path}");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.admin.send(method, &target, &headers, &body).await;
        let answer = self.admin.answer().await.unwrap();
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        if answer.status == 204 {
            return String::new();
        }
        answer.json()["result"]["sys_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Switches a record off or on.
    async fn switch(&mut self, path: &str, active: bool) {
        self.write("PATCH", path, &json!({ "active": active.to_string() }))
            .await;
    }

    /// What the caller meets now.
    async fn meets(&mut self, status: u16, condition: Option<Condition>) {
        let answer = self.caller.get(LIST, &self.shows).await;
        let entries = self.running.journal.entries();
        let request = requests(&entries).pop().unwrap();
        assert_eq!(
            (answer.status, request.decision.condition),
            (status, condition),
            "{}",
            answer.text()
        );
    }

    /// Every refusal and every cure was put down to the administrator's hand.
    async fn close(self) {
        let entries = self.running.journal.entries();
        let stepped = entries
            .iter()
            .any(|entry| matches!(entry.cause, Some(Cause::Step(_))));
        assert!(!stepped);
        self.running.shutdown().await.unwrap();
    }
}

fn closed_to_all_but(role: &str) -> Value {
    json!({ "needs-role": {
        "table": "cmdb_ci_server", "operation": "read", "roles": [role], "denial": "refuse",
    } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_given_opens_the_table_and_one_that_is_taken_closes_it() {
    let main = json!({ "acls": closed_to_all_but("asset") });
    let mut office = Office::open(main, credentials()).await;
    office.meets(403, Some(Condition::TableDenied)).await;
    let user = office.find("sys_user", &format!("user_name={USER}")).await;
    let role = office.find("sys_user_role", "name=asset").await;
    let given = json!({ "user": user, "role": role });
    let given = office.write("POST", "sys_user_has_role", &given).await;
    office.meets(200, None).await;
    let path = format!("sys_user_has_role/{given}");
    office.write("DELETE", &path, &Value::Null).await;
    office.meets(403, Some(Condition::TableDenied)).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_control_that_asks_for_another_role_closes_the_table() {
    let main = json!({ "acls": closed_to_all_but("itil") });
    let mut office = Office::open(main, credentials()).await;
    office.meets(200, None).await;
    let control = "name=cmdb_ci_server%5Eoperation=read";
    let control = office.find("sys_security_acl", control).await;
    let asked = format!("sys_security_acl={control}");
    let asked = office.find("sys_security_acl_role", &asked).await;
    let path = format!("sys_security_acl_role/{asked}");
    for (role, status, condition) in [
        ("asset", 403, Some(Condition::TableDenied)),
        ("itil", 200, None),
    ] {
        let role = office.find("sys_user_role", &format!("name={role}")).await;
        office
            .write("PATCH", &path, &json!({ "sys_user_role": role }))
            .await;
        office.meets(status, condition).await;
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_a_policy_and_an_application_are_switched_off_and_on() {
    let key = json!({
        "api_keys": { "sync": { "user": USER } },
        "api_access_policies": {
            "tables": { "api": "Table API", "schemes": ["basic", "api_key"] },
        },
    });
    // One for reads alone, so that the administrator is not locked out.
    let policy = json!({ "api_access_policies": {
        "reads": { "api": "Table API", "method": "GET", "schemes": ["oauth"], "active": false },
    } });
    let application = json!({ "oauth_clients": { "app": { "access_token": "valid" } } });
    for (main, shows, table, name, off, refused) in [
        (
            key,
            format!("x-sn-apikey: {KEY}\r\n"),
            "api_key",
            "sync",
            false,
            Condition::ApiKeyRefused,
        ),
        (
            policy,
            credentials(),
            "sys_api_access_policy",
            "reads",
            true,
            Condition::PolicyExcludesScheme,
        ),
        (
            application,
            format!("Authorization: Bearer {TOKEN}\r\n"),
            "oauth_entity",
            "app",
            false,
            Condition::ClientInactive,
        ),
    ] {
        let mut office = Office::open(main, shows).await;
        let record = office.find(table, &format!("name={name}")).await;
        let path = format!("{table}/{record}");
        for _ in 0..2 {
            office.meets(200, None).await;
            office.switch(&path, off).await;
            office.meets(401, Some(refused)).await;
            office.switch(&path, !off).await;
        }
        office.meets(200, None).await;
        office.close().await;
    }
}
