//! An instance with many servers, over plain HTTP.

use std::future::pending;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Simulator};

use crate::LOOPBACK;

/// Entries of the journal that stay in memory: few enough that a bench meets what lasts, which is
/// that old ones go as new ones come.
const KEPT_ENTRIES: usize = 10_000;

/// Starts a simulator that lives as long as its runtime, with so many rows of `cmdb_ci_server`,
/// journal, authentication and limits on. Of the journal the newest entries stay in memory.
pub async fn serve(rows: u32) -> SocketAddr {
    serve_with(rows, serde_json::json!({})).await
}

/// As [`serve`], with these steps.
pub async fn serve_with(rows: u32, steps: serde_json::Value) -> SocketAddr {
    let instance = serde_json::json!({
        "rate_rules": { "all": { "limit": 4_000_000, "window": "1h" } },
        "tables": { "cmdb_ci_server": { "rows": rows } },
    });
    let setup = Setup {
        instances: [("main".to_owned(), serde_json::from_value(instance).unwrap())].into(),
        steps: serde_json::from_value(steps).unwrap(),
        passwords: [("admin".to_owned(), "bench-password".to_owned())].into(),
        ..Setup::default()
    };
    let options = Options {
        journal_kept: NonZeroUsize::new(KEPT_ENTRIES),
        listen_http: Some(LOOPBACK),
        ..Options::default()
    };
    let authority = Arc::new(Authority::generate().unwrap());
    let running = Simulator::start(setup, &authority, options).await.unwrap();
    let address = running.addresses["main"].http.unwrap();
    tokio::spawn(async move {
        let _running = running;
        pending::<()>().await;
    });
    address
}
