//! Client certificates at the edge, shown by a hand-written client.

use serde_json::{Value, json};
use snowproof_simulator::connection::certificates::ClientLeaf;
use snowproof_simulator::journal::{Condition, Event};
use snowproof_simulator::setup::GivenCertificate;
use snowproof_simulator::simulator::{Options, Running};

use crate::client::Client;
use crate::stage::{self, LIST, USER, authority, credentials, requests};

pub(crate) async fn start(
    mutual_tls: &str,
    mapping: Value,
    kind: GivenCertificate,
) -> (Running, ClientLeaf) {
    let leaf = authority().client_leaf(kind, USER).unwrap();
    let main = json!({
        "mutual_tls": mutual_tls,
        "client_certificates": { "sync": mapping },
    });
    let mut setup = stage::setup(main, json!({}));
    setup.given.client_certificate = leaf.certificate_pem.clone();
    let running = stage::try_start(setup, Options::default()).await.unwrap();
    (running, leaf)
}

async fn as_client(running: &Running, leaf: &ClientLeaf) -> Client {
    let address = &running.addresses["main"];
    Client::tls_as(address.https, &address.host, authority().ca_pem(), leaf)
        .await
        .unwrap()
}

pub(crate) fn own() -> Value {
    json!({ "user": USER })
}

fn met(running: &Running) -> Option<Condition> {
    let request = requests(&running.journal.entries()).pop().unwrap();
    request.decision.condition
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_mapped_to_a_user_stands_for_it() {
    let (running, leaf) = start("asks", own(), GivenCertificate::Valid).await;
    let mut client = as_client(&running, &leaf).await;
    for _ in 0..2 {
        let answer = client.get(LIST, "").await;
        assert_eq!((answer.status, answer.rows()), (200, 10));
    }
    let identified = |event: &Event| matches!(event, Event::IdentityResolved(it) if it.method == "mutual_tls" && it.user == USER);
    stage::entry(&running, identified).await;
    let shown = |event: &Event| matches!(event, Event::TlsFinished(it) if it.client_certificate.as_deref() == Some("accepted"));
    stage::entry(&running, shown).await;
    // Whoever shows none goes on with other credentials, or without any.
    let mut other = stage::secure(&running).await;
    assert_eq!(other.get(LIST, &credentials()).await.status, 200);
    assert_eq!(other.get(LIST, "").await.status, 401);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_the_edge_cannot_verify_is_answered_with_its_page() {
    for kind in [
        GivenCertificate::Expired,
        GivenCertificate::UnknownAuthority,
        GivenCertificate::SelfSigned,
    ] {
        let (running, leaf) = start("asks", own(), kind).await;
        // Right credentials do not help: nobody behind the edge sees them.
        let answer = as_client(&running, &leaf)
            .await
            .get(LIST, &credentials())
            .await;
        assert_eq!(answer.status, 400, "{kind:?}");
        assert_eq!(answer.header("Server"), Some("snow_adc"));
        assert_eq!(answer.header("Content-Type"), Some("text/html"));
        insta::assert_snapshot!("refused", answer.text());
        assert_eq!(met(&running), Some(Condition::ClientCertificateRefused));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_stands_for_nobody_is_a_stranger() {
    for mapping in [
        json!({ "user": USER, "active": false }),
        json!({ "user": USER, "certificate": "another" }),
    ] {
        let (running, leaf) = start("requires", mapping, GivenCertificate::Valid).await;
        let answer = as_client(&running, &leaf).await.get(LIST, "").await;
        assert_eq!(answer.status, 401);
        assert_eq!(met(&running), Some(Condition::ClientCertificateRefused));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_one_is_refused_where_one_is_required() {
    let (running, _) = start("requires", own(), GivenCertificate::Valid).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.status, 400);
    insta::assert_snapshot!("missing", answer.text());
    assert_eq!(met(&running), Some(Condition::ClientCertificateRefused));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_asks_for_none_is_shown_none() {
    let (running, leaf) = start("off", own(), GivenCertificate::SelfSigned).await;
    let answer = as_client(&running, &leaf)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.status, 200);
    running.shutdown().await.unwrap();
}
