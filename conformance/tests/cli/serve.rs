//! An instance that is served, from the line that it prints to Ctrl-C.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use super::command;
use super::process::Running;

#[tokio::test]
async fn a_served_instance_answers_the_line_it_prints() {
    let mut child = command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--control",
        "127.0.0.1:0",
        "--ready-json",
        "--proxy",
        "127.0.0.1:0",
    ])
    .env("SNOWPROOF_PASSWORD", "chosen in the environment")
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    let mut running = Running(child);
    let line = lines.lines().next().unwrap().unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let text = |key: &str| ready[key].as_str().unwrap().to_owned();
    assert_eq!(text("password"), "chosen in the environment");
    let ca = std::fs::read(PathBuf::from(text("ca_file"))).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .build()
        .unwrap();
    let url = format!(
        "{}/api/now/table/cmdb_ci_server?sysparm_limit=1",
        text("https")
    );
    let request = client
        .get(&url)
        .basic_auth(text("user"), Some(text("password")));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["result"].as_array().unwrap().len(), 1);
    let refused = client
        .get(&url)
        .basic_auth(text("user"), Some("wrong"))
        .send();
    assert_eq!(refused.await.unwrap().status(), 401);
    let by_name = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .proxy(reqwest::Proxy::https(text("proxy")).unwrap())
        .build()
        .unwrap();
    let request = by_name
        .get("https://dev12345.service-now.com/api/now/table/incident?sysparm_limit=1")
        .basic_auth(text("user"), Some(text("password")));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let control = format!("{}/conditions", text("control"));
    let token = text("control_token");
    let sleep = client
        .post(&control)
        .bearer_auth(&token)
        .body("\"hibernate\"");
    assert_eq!(sleep.send().await.unwrap().status(), 200);
    // Its owner wakes it on the developer site, as in life.
    let form = format!(
        "sys_action=sysverb_login&user_name={}&user_password=chosen+in+the+environment",
        text("user")
    );
    let sign_in = client
        .post(format!("{}/login.do", text("developer_site")))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    let page = sign_in.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Sign in to the developer site"), "{page}");
    let conditions = client.get(&control).bearer_auth(&token).send();
    let conditions = conditions.await.unwrap().text().await.unwrap();
    let conditions: Value = serde_json::from_str(&conditions).unwrap();
    assert_eq!(conditions[0]["state"], "waking");

    running.interrupt();
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
}
