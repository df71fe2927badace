//! Whatever listens is on loopback unless it is told otherwise: a fake instance is full of holes.

use serde_json::json;
use snowproof_simulator::control::{ControlPlane, Token};
use snowproof_simulator::simulator::Options;

use crate::stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_listener_is_on_loopback_unless_told_otherwise() {
    let setup = stage::setup(json!({ "proxy": "open" }), json!({}));
    let options = Options {
        listen_person: true,
        ..Options::default()
    };
    let running = stage::try_start(setup, options).await.unwrap();
    let control = ControlPlane::start(&running, None, Token::random())
        .await
        .unwrap();
    let main = &running.addresses["main"];
    let listening = [
        Some(main.https),
        main.http,
        Some(main.person.unwrap()),
        Some(running.proxy.unwrap()),
        Some(control.address),
    ];
    for address in listening.into_iter().flatten() {
        assert!(address.ip().is_loopback(), "{address}");
    }
    running.shutdown().await.unwrap();
}
