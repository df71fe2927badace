//! An instance's own tables on their way out of one simulated instance and into another, by the
//! binary and the wire.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

const PASSWORD: &str = "chosen for this test";

const MINE: &str = r#"
schema: snowproof.instance/1
instance:
  dictionary:
    u_vendor_server:
      label: Vendor Server
      extends: cmdb_ci_server
      columns:
        u_rack: { max_length: 4 }
        u_tier: { type: integer, choices: { "1": Gold, "2": Silver }, default: "2" }
        u_maker: { reference: core_company, mandatory: true }
    u_lease:
      columns:
        u_name: { label: "Lease: #1 – \"Köln\"" }
        u_server: { reference: u_vendor_server }
        u_portal: { type: url, read_only: true }
        u_watchers: { type: glide_list, reference: sys_user }
    incident:
      columns:
        u_site: { default: Köln }
  tables:
    u_vendor_server: { rows: 3 }
"#;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowproof"));
    command.args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A served instance that ends with the test.
struct Served {
    child: Child,
    client: reqwest::Client,
    url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start(file: &Path) -> Self {
        let mut child = command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ready-json",
            "--instance",
        ])
        .arg(file)
        .env("SNOWPROOF_PASSWORD", PASSWORD)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let line = lines.lines().next().unwrap().unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let ca = std::fs::read(PathBuf::from(ready["ca_file"].as_str().unwrap())).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
            .build()
            .unwrap();
        Self {
            child,
            client,
            url: ready["https"].as_str().unwrap().to_owned(),
        }
    }

    async fn get(&self, rest: &str) -> String {
        let url = format!("{}/api/now/table/{rest}", self.url);
        let request = self.client.get(url).basic_auth("admin", Some(PASSWORD));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{rest}");
        answer.text().await.unwrap()
    }

    /// The exports of its dictionary in one form, as files of a folder.
    async fn export(&self, folder: &Path, form: &str) {
        for table in ["sys_db_object", "sys_dictionary", "sys_choice"] {
            let body = self
                .get(&format!("{table}?sysparm_limit=100000&{form}"))
                .await;
            std::fs::write(folder.join(table), body).unwrap();
        }
    }

    /// What its own tables are said to be.
    async fn described(&self) -> Value {
        let own = "nameSTARTSWITHu_^ORname=incident";
        let mut said = Vec::new();
        for list in [
            "sys_db_object?sysparm_query=nameSTARTSWITHu_^ORDERBYname&sysparm_fields=name,label,super_class.name".to_owned(),
            format!("sys_dictionary?sysparm_query={own}^elementSTARTSWITHu_^ORDERBYname^ORDERBYelement&sysparm_fields=name,element,column_label,internal_type,max_length,reference,default_value,mandatory,read_only,display,choice&sysparm_exclude_reference_link=true"),
            "sys_choice?sysparm_query=nameSTARTSWITHu_^ORDERBYsequence&sysparm_fields=name,element,value,label,sequence".to_owned(),
        ] {
            let body: Value = serde_json::from_str(&self.get(&list).await).unwrap();
            said.push(body["result"].clone());
        }
        Value::Array(said)
    }
}

fn make(folder: &Path) -> Output {
    let file = |table: &str| folder.join(table).display().to_string();
    command(&[
        "dictionary",
        "--objects",
        &file("sys_db_object"),
        "--dictionary",
        &file("sys_dictionary"),
        "--choices",
        &file("sys_choice"),
    ])
    .output()
    .unwrap()
}

#[tokio::test]
async fn tables_that_are_exported_can_be_had_again() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine.yaml");
    std::fs::write(&mine, MINE).unwrap();
    let served = Served::start(&mine);
    let rows = served
        .get("cmdb_ci_server?sysparm_query=sys_class_name=u_vendor_server&sysparm_fields=name")
        .await;
    let rows: Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows["result"].as_array().unwrap().len(), 3);

    let forms = [
        "",
        "sysparm_display_value=true",
        "sysparm_display_value=all",
        "sysparm_exclude_reference_link=true",
        "sysparm_display_value=true&sysparm_exclude_reference_link=true",
    ];
    let mut files = Vec::new();
    for form in forms {
        served.export(folder.path(), form).await;
        let made = make(folder.path());
        assert!(made.status.success(), "{form}: {}", text(&made.stderr));
        assert_eq!(text(&made.stderr), "", "{form}");
        files.push(text(&made.stdout));
    }
    assert!(files.iter().all(|file| *file == files[0]), "{files:#?}");

    let again = folder.path().join("again.yaml");
    std::fs::write(&again, &files[0]).unwrap();
    let other = Served::start(&again);
    assert_eq!(other.described().await, served.described().await);
    assert_eq!(
        serde_json::from_str::<Value>(&other.get("u_lease").await).unwrap(),
        json!({"result": []})
    );
}

#[test]
fn what_cannot_be_taken_is_said_and_what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: Value| {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    write(
        "sys_db_object",
        json!({"result": [
            {"sys_id": "1", "name": "u_a", "label": "A", "super_class": {"link": "https://h/api/now/table/sys_db_object/9", "value": "9"}},
            {"sys_id": "2", "name": "cmdb_ci_docker", "label": "Docker"},
        ]}),
    );
    write(
        "sys_dictionary",
        json!({"result": [
            {"name": "u_a", "element": "", "internal_type": "collection"},
            {"name": "u_a", "element": "u_odd", "internal_type": "holographic"},
            {"name": "u_a", "element": "u_host", "internal_type": "reference", "reference": "cmdb_ci_docker"},
            {"name": "u_a", "element": "u_now", "internal_type": "glide_date_time", "default_value": "javascript:gs.now()"},
            {"name": "u_a", "element": "u_count", "internal_type": "integer", "default_value": "many"},
            {"name": "u_a", "element": "Weird Name", "internal_type": "string"},
            {"name": "u_a", "element": "u_gone", "internal_type": "string", "active": "false"},
            {"name": "cmdb_ci", "element": "kernel_release", "internal_type": "integer"},
            {"name": "cmdb_ci", "element": "u_kept", "internal_type": "string"},
        ]}),
    );
    write("sys_choice", json!({"result": []}));
    let made = make(folder.path());
    assert!(made.status.success());
    insta::assert_snapshot!(text(&made.stdout));
    let warned = text(&made.stderr).lines().count();
    assert_eq!(warned, 6, "{}", text(&made.stderr));

    write(
        "sys_dictionary",
        json!({"error": {"message": "User Not Authenticated"}}),
    );
    let refused = make(folder.path());
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr).contains("sys_dictionary` is no list that the Table API answers")
    );
}
