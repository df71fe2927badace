//! Other people's clients use the simulator as the instance that it stands for: a script per client
//! does what the client's documentation shows and tells what came back, as JSON on stdout, which is
//! compared with what an instance holds.
//!
//! The clients are installed by `conformance/subjects/install`. Where they are not, each test says
//! on stderr that it is skipped, by name; with `SNOWPROOF_REQUIRE_SUBJECTS=1` it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Change, Entry, Event};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Simulator};

mod aiosnow;
mod airbyte;
mod dlt;
mod ipfabric_snow;
mod langchain_snowloader;
mod llama_index;
mod mcp;
mod mfa_mcp;
mod n8n;
mod oauth;
mod pysnc;
mod pysnow;
mod servicenow_api;
mod servicenow_api_client;
mod servicenow_cli;
mod servicenow_rest;
mod servicenow_rest_api;
mod servicenowpy;
mod singer;
mod sn_restapi_wrapper;
mod snow;
mod snowloader;

/// The name that a client which takes no address is given; a proxy brings it here.
const HOST: &str = "dev10001.service-now.com";

const PASSWORD: &str = "Xq7-secret-Zt9";

/// A script in `tests/clients/rest/` and what runs it.
struct Script {
    /// The test, to name it where it is skipped.
    test: &'static str,
    /// What shows that the client is installed: a path in the script's environment, or a package of
    /// it.
    needs: &'static str,
    /// Its folder, where it is in one, is the name of the environment that it is run with.
    file: &'static str,
}

/// What a client did to an instance of its own.
struct Told {
    /// The one JSON document that the script printed.
    said: Value,
    entries: Vec<Entry>,
}

impl Told {
    /// How many records the client changed this way.
    fn changed(&self, change: Change) -> usize {
        let made = self.entries.iter().filter(|entry| {
            matches!(&entry.event, Event::RecordChanged(it)
                if it.change == change && it.request.is_some())
        });
        made.count()
    }
}

impl Script {
    /// Runs the script against an instance of its own; none where the client is not installed.
    #[expect(
        clippy::explicit_write,
        reason = "the test harness swallows what `eprintln` writes"
    )]
    fn run(&self) -> Option<Told> {
        if !self.is_installed() {
            let why = if self.is_optional() {
                "run `conformance/subjects/install` with SNOWPROOF_ALL_SUBJECTS=1 first"
            } else {
                "run `conformance/subjects/install` first"
            };
            assert!(
                !self.is_required(),
                "{} is not installed: {why}",
                self.needs
            );
            let (test, needs) = (self.test, self.needs);
            writeln!(
                std::io::stderr(),
                "SKIPPED {test}: {needs} is not installed; {why}"
            )
            .unwrap();
            return None;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Some(runtime.block_on(self.meets_an_instance()))
    }

    /// Whether the client is so large that it is installed only where all of them are asked for.
    fn is_optional(&self) -> bool {
        self.file.starts_with("apart/")
    }

    fn is_required(&self) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| value == "1");
        set("SNOWPROOF_REQUIRE_SUBJECTS") && (!self.is_optional() || set("SNOWPROOF_ALL_SUBJECTS"))
    }

    /// The environment of the script's client.
    fn environment(&self) -> PathBuf {
        let folder = Path::new(self.file).parent();
        folder.map_or_else(environment, |it| environment().join(it))
    }

    fn is_installed(&self) -> bool {
        let folder = self.environment();
        let versions = std::fs::read_dir(folder.join("lib")).into_iter().flatten();
        folder.join(self.needs).exists()
            || versions
                .flatten()
                .any(|it| it.path().join("site-packages").join(self.needs).exists())
    }

    async fn meets_an_instance(&self) -> Told {
        let authority = Arc::new(Authority::generate().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, authority.ca_pem()).unwrap();
        let options = Options {
            listen_proxy: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            extra_names: vec![HOST.to_owned()],
            ..Options::default()
        };
        let running = Simulator::start(instance(), &authority, options)
            .await
            .unwrap();
        let mut command = self.command();
        command
            .env("INSTANCE", running.addresses["main"].base_url())
            .env("HOST", HOST)
            .env("PROXY", format!("http://{}", running.proxy.unwrap()))
            .env("USERNAME", "connector")
            .env("PASSWORD", PASSWORD)
            .env("FOLDER", folder.path())
            .env("REQUESTS_CA_BUNDLE", &ca)
            .env("SSL_CERT_FILE", &ca)
            .env("NODE_EXTRA_CA_CERTS", &ca)
            .stdin(Stdio::null());
        let asked = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = asked.await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}\n{errors}");
        let last = text.lines().last().unwrap_or_default();
        let said = serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}\n{errors}"));
        let entries = running.journal.entries().into_iter().collect();
        running.shutdown().await.unwrap();
        Told { said, entries }
    }

    fn command(&self) -> Command {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/rest");
        let script = scripts.join(self.file);
        let bin = self.environment().join("bin");
        if script.extension().is_some_and(|it| it == "py") {
            let mut command = Command::new(bin.join("python"));
            command.arg(script).env("BIN", bin);
            command.env("PYTHONPATH", scripts);
            return command;
        }
        let mut command = Command::new("node");
        command
            .arg(script)
            .env("NODE_PATH", environment().join("node/node_modules"));
        command
    }
}

/// What the instance holds before a client comes: the demo data, and enough rows for pages.
fn instance() -> Setup {
    let main = json!({
        "tables": { "cmdb_ci_server": { "rows": 250 }, "problem": { "rows": 25 } },
        "users": { "connector": { "roles": ["admin"] } },
    });
    Setup {
        instances: [("main".to_owned(), serde_json::from_value(main).unwrap())].into(),
        passwords: [("connector".to_owned(), PASSWORD.to_owned())].into(),
        ..Setup::default()
    }
}

fn environment() -> PathBuf {
    std::env::var_os("SNOWPROOF_SUBJECTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".venv-subjects"),
        PathBuf::from,
    )
}
