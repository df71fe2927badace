//! PySNC 1.2.1 writes many records at once: its batches against an instance of its own.

use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::json;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Change, Event};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Simulator};

use super::{Needs, environment};

const SCRIPT: &str = r#"
import os
from pysnc import ServiceNowClient

client = ServiceNowClient(os.environ["INSTANCE"], ("writer", os.environ["PASSWORD"]))
record = client.GlideRecord("cmdb_ci_server", batch_size=10)
record.add_query("name", "!=", "srv-00001")
record.query()
while record.next():
    record.short_description = "moved"
print("updated", record.update_multiple())
gone = client.GlideRecord("cmdb_ci_server")
gone.add_query("short_description", "moved")
print("deleted", gone.delete_multiple())
left = client.GlideRecord("cmdb_ci_server")
left.query()
print("left", left.get_row_count())
"#;

#[test]
fn pysnc_updates_and_deletes_in_batches() {
    use std::io::Write;
    let needs = Needs::Installed("bin/python");
    if !needs.are_met() {
        assert!(
            std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none(),
            "PySNC is not installed"
        );
        let skipped = "SKIPPED pysnc_updates_and_deletes_in_batches: PySNC is not installed";
        writeln!(std::io::stderr(), "{skipped}").unwrap();
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let authority = Arc::new(Authority::generate().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, authority.ca_pem()).unwrap();
        let main = json!({
            "tables": { "cmdb_ci_server": { "rows": 25 } },
            "users": { "writer": { "roles": ["itil"] } },
        });
        let setup = Setup {
            instances: [("main".to_owned(), serde_json::from_value(main).unwrap())].into(),
            passwords: [("writer".to_owned(), "Xq7-secret-Zt9".to_owned())].into(),
            ..Setup::default()
        };
        let running = Simulator::start(setup, &authority, Options::default()).await;
        let running = running.unwrap();
        let instance = running.addresses["main"].base_url();
        let python = environment().join("bin/python");
        let asked = tokio::task::spawn_blocking(move || {
            Command::new(python)
                .args(["-c", SCRIPT])
                .env("INSTANCE", instance)
                .env("PASSWORD", "Xq7-secret-Zt9")
                .env("REQUESTS_CA_BUNDLE", ca)
                .stdin(Stdio::null())
                .output()
                .unwrap()
        });
        let output = asked.await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "updated True\ndeleted True\nleft 1\n", "{errors}");
        let entries = running.journal.entries();
        let count = |change| {
            let made = entries.iter().filter(|entry| {
                matches!(&entry.event, Event::RecordChanged(it) if it.change == change && it.request.is_some())
            });
            made.count()
        };
        assert_eq!((count(Change::Updated), count(Change::Deleted)), (24, 24));
        running.shutdown().await.unwrap();
    });
}
