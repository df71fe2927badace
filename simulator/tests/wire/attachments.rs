//! Attachments as public clients send and read them. Where a client is not installed, its test says
//! so on stderr and is skipped; with `SNOWPROOF_REQUIRE_SUBJECTS` set it fails instead.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::stage::{self, PASSWORD, USER, authority};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pysnc_adds_lists_reads_and_deletes_attachments() {
    let running = stage::start(json!({}), json!({})).await;
    let python = subjects().join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/pysnc_attachments.py");
    let mut command = Command::new(&python);
    command
        .arg(script)
        .env("PYSNC_INSTANCE", running.addresses["main"].base_url())
        .env("PYSNC_USER", USER)
        .env("PYSNC_PASSWORD", PASSWORD);
    if let Some(said) = said(command, &python).await {
        assert!(said.ends_with("done\n"), "{said}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_uploads_in_parts_and_downloads() {
    let running = stage::start(json!({}), json!({})).await;
    let base = running.addresses["main"].base_url();
    let mut client = stage::secure(&running).await;
    let record = json!({"short_description": "with attachments"}).to_string();
    let head = format!("{}Content-Type: application/json\r\n", stage::credentials());
    client
        .send("POST", "/api/now/table/incident", &head, &record)
        .await;
    let created = client.answer().await.unwrap();
    let record = created.json()["result"]["sys_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut file = tempfile::Builder::new().suffix(".bin").tempfile().unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    file.write_all(&bytes).unwrap();
    let upload = [
        "-F".to_owned(),
        "table_name=incident".to_owned(),
        "-F".to_owned(),
        format!("table_sys_id={record}"),
        "-F".to_owned(),
        format!("uploadFile=@{};type=image/png", file.path().display()),
        format!("{base}/api/now/attachment/upload"),
    ];
    let Some(said) = curl(&upload).await else {
        return;
    };
    let meta: Value = serde_json::from_str(&said).unwrap();
    let meta = &meta["result"];
    assert_eq!(
        (&meta["content_type"], &meta["size_bytes"]),
        (&json!("image/png"), &json!("200000"))
    );
    let down = file.path().with_extension("down");
    let download = [
        "-o".to_owned(),
        down.display().to_string(),
        meta["download_link"].as_str().unwrap().to_owned(),
    ];
    curl(&download).await.unwrap();
    assert_eq!(std::fs::read(&down).unwrap(), bytes);
    std::fs::remove_file(down).unwrap();
    running.shutdown().await.unwrap();
}

async fn curl(arguments: &[String]) -> Option<String> {
    let mut command = Command::new("curl");
    // Never on the command line.
    let mut configuration = tempfile::NamedTempFile::new().unwrap();
    writeln!(configuration, "user = \"{USER}:{PASSWORD}\"").unwrap();
    command
        .arg("-sS")
        .arg("-K")
        .arg(configuration.path())
        .args(arguments);
    said(command, Path::new("curl")).await
}

/// What a program prints when it trusts the run's authority; none, said on stderr, where it is not
/// installed.
async fn said(mut command: Command, program: &Path) -> Option<String> {
    let mut ca = tempfile::NamedTempFile::new().unwrap();
    ca.write_all(authority().ca_pem().as_bytes()).unwrap();
    let output = command
        .env("CURL_CA_BUNDLE", ca.path())
        .env("REQUESTS_CA_BUNDLE", ca.path())
        .stdin(Stdio::null())
        .output()
        .await;
    match output {
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {error}", program.display());
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) => {
            let line = format!("SKIPPED: {} cannot be run: {error}\n", program.display());
            assert!(
                std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none(),
                "{line}"
            );
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

/// Where `conformance/subjects/install` puts what it installs.
fn subjects() -> PathBuf {
    std::env::var_os("SNOWPROOF_SUBJECTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".venv-subjects"),
        PathBuf::from,
    )
}
